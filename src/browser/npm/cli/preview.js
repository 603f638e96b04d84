// postgate preview FILE

import { checkStream } from "../node.js";
import { printEstimate } from "./estimate.js";
import { printMessage } from "./message.js";
import { source } from "./source.js";
import { count, inJson, paint, watched } from "./terminal.js";
import { json, JUDGING, JUDGING_HELP, judging, read, Usage } from "./usage.js";
import { isClean, print, printIssues } from "./verdict.js";

const OWN = {
  recipient: { type: "string" },
  json: { type: "boolean" },
  prices: { type: "string" },
  mps: { type: "string" },
  lenient: { type: "boolean" },
};

export const preview = {
  summary: "tell what a request takes and costs, and what a recipient reads",
  help: `postgate preview [OPTIONS] FILE

Without --recipient, what all messages come to: segments, cost, duration, the longest. With it, what one recipient reads
over each channel. A table needs --head.

  --recipient N            which recipient: the place in to, or among the recipients of a table, counted from 0
  --prices FILE            what messages cost, as JSON: {"currency": "USD", "sms": {"US": "0.0079", "*": "0.1"}}
  --mps N                  what the sender sends a second: segments of SMS, or messages over other channels
  --lenient                leave out recipients with errors
  --json                   print everything, as JSON
${JUDGING_HELP}`,

  async run(words) {
    const { values, file } = read(words, { ...JUDGING, ...OWN });
    const { recipient } = values;
    const options = {
      ...judging(values, Object.keys(OWN), "previewed"),
      summary: true,
      prices: values.prices === undefined ? undefined : json(values.prices, "The table of prices"),
      handling: values.lenient ? "lenient" : undefined,
      mps: values.mps === undefined ? undefined : Number(values.mps),
      preview: recipient === undefined ? undefined : [place(recipient)],
    };
    return source(file, async (input) => {
      let pass = 0;
      const result = await checkStream(() => watched(input, (pass += 1)), options);
      return recipient === undefined ? all(input.name, result, values.json) : one(input.name, recipient, result, values.json);
    });
  },
};

/** A place in `to`, as it was typed. */
function place(recipient) {
  const index = /^\d+$/.test(recipient) ? Number(recipient) : NaN;
  if (!(index < 2 ** 32)) throw new Usage("--recipient must be a place in to: a whole number, counted from 0.");
  return index;
}

/** Prints what all messages come to. */
function all(name, result, asJson) {
  const { verdict, estimate, table } = result;
  if (asJson) console.log(inJson({ verdict, estimate, table }));
  else {
    print(name, result);
    if (estimate) printEstimate(estimate, table && result.row);
  }
  return isClean(result) ? 0 : 1;
}

/** Prints what one recipient reads. */
function one(name, recipient, result, asJson) {
  const [shown] = result.previews ?? [];
  if (shown === undefined) return nobody(name, recipient, result);
  const row = result.table && result.row;
  if (asJson) console.log(inJson(shown));
  else {
    if (row) console.log(paint("dim", `row ${row(shown.row)}`));
    shown.channels.forEach(printMessage);
    if (shown.channels.length === 0) console.log("No channel of sender and content reaches this recipient.");
    printIssues(shown, row, result.rowLines);
  }
  return shown.issues.some((issue) => issue.severity === "error") ? 1 : 0;
}

/** Why there is no such recipient: the request cannot be read, or has fewer. */
function nobody(name, recipient, result) {
  const { listed, groups } = result.verdict.totals.recipients;
  if (listed + groups === 0) {
    print(name, result);
    return 1;
  }
  throw new Usage(`There is no recipient ${recipient}: the request has ${count(listed + groups, "recipient")}, counted from 0.`);
}
