// postgate check FILE

import { statSync, writeFileSync } from "node:fs";

import { checkStream } from "../node.js";
import { source } from "./source.js";
import { count, plain, watched } from "./terminal.js";
import { JUDGING, JUDGING_HELP, judging, PRIVATE, read, Usage } from "./usage.js";
import { isClean, json, print } from "./verdict.js";

const OWN = { json: { type: "boolean" }, rejects: { type: "string" } };

export const check = {
  summary: "judge a request, or a table of recipients",
  help: `postgate check [OPTIONS] FILE

Prints every issue, and ends with 1 if one is an error. Files are read piece by piece, so they may be of any size.

  --json                   print the verdict as JSON, and in it what was found in a table
  --rejects FILE           write the rows of a table that have to be repaired to a CSV file, as they are, with the reasons
${JUDGING_HELP}`,

  async run(words) {
    const { values, file } = read(words, { ...JUDGING, ...OWN });
    const options = judging(values, Object.keys(OWN));
    if (values.rejects !== undefined) {
      if (options.table === undefined) throw new Usage("--rejects is for a table: say with --csv which column is what.");
      if ([file, values.head].some((read) => isSame(values.rejects, read))) {
        throw new Usage("--rejects names a file that is read; name another one, as it would be written over.");
      }
      options.rejects = "all";
    }
    return source(file, async (input) => {
      let pass = 0;
      const result = await checkStream(() => watched(input, (pass += 1)), options);
      if (values.json) console.log(json(result));
      else print(input.name, result);
      if (values.rejects !== undefined) {
        writeFileSync(values.rejects, result.rejects, { mode: PRIVATE });
        const missing = unnamed(result.verdict);
        if (missing > 0) console.error(`${count(missing, "row")} that repeat others are not in ${plain(values.rejects)}.`);
      }
      return isClean(result) ? 0 : 1;
    });
  },
};

/** Whether two names are of one file, by whatever way they lead there. */
function isSame(one, other) {
  const [here, there] = [one, other].map((name) => name && statSync(name, { bigint: true, throwIfNoEntry: false }));
  return Boolean(here && there) && here.dev === there.dev && here.ino === there.ino;
}

/** How many rows are refused as they repeat others, and not listed: those are not among the rejects. */
function unnamed({ issues, counts }) {
  const code = "recipient/duplicate-refused";
  return (counts[code] ?? 0) - issues.filter((issue) => issue.code === code).length;
}
