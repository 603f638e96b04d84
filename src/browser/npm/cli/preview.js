// postgate preview FILE

import { readFile } from "node:fs/promises";

import { check as judge, checkStream, preview as previewOne } from "../node.js";
import { printEstimate } from "./estimate.js";
import { printMessage } from "./message.js";
import { source } from "./source.js";
import { count, inJson, watched } from "./terminal.js";
import { json, JUDGING, JUDGING_HELP, judging, read, Usage } from "./usage.js";
import { isClean, print, printIssues } from "./verdict.js";

const OWN = {
  recipient: { type: "string" },
  json: { type: "boolean" },
  prices: { type: "string" },
  mps: { type: "string" },
};

export const preview = {
  summary: "tell what a request comes to, and what a recipient reads",
  help: `postgate preview [OPTIONS] FILE

Without --recipient, what all messages come to: segments, cost, duration, the longest; with it, the text as it appears
over each channel. A table needs --head.

  --recipient N            what the recipient at that place in to reads, counted from 0
  --prices FILE            a JSON file with prices
  --mps N                  messages a second
  --json                   print all that is known as JSON
${JUDGING_HELP}`,

  async run(words) {
    const { values, file } = read(words, { ...JUDGING, ...OWN });
    const options = judging(values, Object.keys(OWN), "previewed");
    if (values.recipient !== undefined) return one(file, Number(values.recipient), options, values.json);
    const more = {
      summary: true,
      prices: values.prices === undefined ? undefined : json(values.prices, "The table of prices"),
      mps: values.mps === undefined ? undefined : Number(values.mps),
    };
    return source(file, async (input) => {
      let pass = 0;
      const result = await checkStream(() => watched(input, (pass += 1)), { ...options, ...more });
      const { verdict, estimate } = result;
      if (values.json) console.log(inJson({ verdict, estimate, table: result.table }));
      else {
        print(input.name, result);
        if (estimate) printEstimate(estimate, result.table && result.row);
      }
      return isClean(result) ? 0 : 1;
    });
  },
};

async function one(file, recipient, options, asJson) {
  if (options.table !== undefined) throw new Usage("--recipient is for a request; a table has no message.");
  if (file === "-") throw new Usage("--recipient needs a file.");
  const request = await readFile(file);
  const result = previewOne(request, recipient, options);
  if (result === null) return nobody(file, recipient, judge(request, options));
  if (asJson) console.log(inJson(result));
  else {
    result.channels.forEach(printMessage);
    if (result.channels.length === 0) console.log("No channel of sender and content reaches this recipient.");
    printIssues(result);
  }
  return result.issues.some((issue) => issue.severity === "error") ? 1 : 0;
}

/** Why there is no such recipient: the request cannot be read, or has fewer. */
function nobody(file, recipient, verdict) {
  const { listed, groups } = verdict.totals.recipients;
  if (listed + groups === 0) {
    print(file, { verdict });
    return 1;
  }
  throw new Usage(`There is no recipient ${recipient}: the request has ${count(listed + groups, "recipient")}, counted from 0.`);
}
