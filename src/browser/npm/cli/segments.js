// postgate segments FILE

import { segments as analyze } from "../node.js";
import { text } from "./source.js";
import { count, paint, plain } from "./terminal.js";
import { read, Usage } from "./usage.js";

const OPTIONS = { text: { type: "string" }, "smart-encoding": { type: "boolean" }, json: { type: "boolean" } };

export const segments = {
  summary: "count what a text takes as SMS, and tell what makes it longer",
  help: `postgate segments [OPTIONS] FILE
postgate segments [OPTIONS] --text TEXT

FILE holds the text; a line end at its end is no part of it.

  --smart-encoding         count as for a messaging service that has smart encoding
  --json                   print all that is known as JSON`,

  async run(words) {
    const given = words.some((word) => word === "--text" || word.startsWith("--text="));
    const { values, file } = read(words, OPTIONS, { file: !given });
    if (!given && file === undefined) throw new Usage("Name a file, or give --text.");
    const result = analyze(values.text ?? (await text(file)), { smartEncoding: values["smart-encoding"] });
    if (values.json) {
      console.log(JSON.stringify(result));
      return 0;
    }
    const { min, max } = result.segments;
    const range = min === max ? count(min, "segment") : `${min} to ${max} segments`;
    console.log(`${range}, ${result.encoding}, ${count(result.units, "unit")}`);
    for (const { text: sign, start, replacement } of result.culprits) {
      const advice = replacement === undefined ? "" : `; ${plain(JSON.stringify(replacement))} would not`;
      console.log(`${paint("warning", "longer ")} at ${start}: ${plain(JSON.stringify(sign))} is not in GSM-7${advice}`);
    }
    return 0;
  },
};
