// postgate check FILE

import { writeFileSync } from "node:fs";

import { checkStream } from "../node.js";
import { source } from "./source.js";
import { watched } from "./terminal.js";
import { JUDGING, JUDGING_HELP, judging, read, Usage } from "./usage.js";
import { isClean, json, print } from "./verdict.js";

const OWN = { json: { type: "boolean" }, rejects: { type: "string" } };

export const check = {
  summary: "judge a request, or a table of recipients",
  help: `postgate check [OPTIONS] FILE

Prints every issue, and ends with 1 if one is an error. Files are read piece by piece, so they may be of any size.

  --json                   print the verdict as JSON, and in it what was found in a table
  --rejects FILE           write the rows of a table that cannot be read to a CSV file, with the reason
${JUDGING_HELP}`,

  async run(words) {
    const { values, file } = read(words, { ...JUDGING, ...OWN });
    const options = judging(values, Object.keys(OWN));
    if (values.rejects !== undefined && options.table === undefined) {
      throw new Usage("--rejects is for a table: say with --csv which column is what.");
    }
    return source(file, async (input) => {
      let pass = 0;
      const result = await checkStream(() => watched(input, (pass += 1)), options);
      if (values.json) console.log(json(result));
      else print(input.name, result);
      if (values.rejects !== undefined) writeFileSync(values.rejects, result.rejects);
      return isClean(result) ? 0 : 1;
    });
  },
};
