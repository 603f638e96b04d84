// postgate segments FILE

import { segments as analyze } from "../node.js";
import { text } from "./source.js";
import { count, inJson, paint } from "./terminal.js";
import { read } from "./usage.js";

const OPTIONS = { text: { type: "string" }, "smart-encoding": { type: "boolean" }, json: { type: "boolean" } };

export const segments = {
  summary: "count what a text takes as SMS, and tell what makes it longer",
  help: `postgate segments [OPTIONS] FILE
postgate segments [OPTIONS] --text TEXT

FILE holds the text; a line end at its end is no part of it.

  --smart-encoding         count as for a messaging service that has smart encoding
  --json                   print all that is known as JSON`,

  async run(words) {
    const { values, file } = read(words, OPTIONS);
    const result = analyze(values.text ?? (await text(file)), { smartEncoding: values["smart-encoding"] });
    if (values.json) {
      console.log(inJson(result));
      return 0;
    }
    const { min, max } = result.segments;
    const range = min === max ? count(min, "segment") : `${min} to ${max} segments`;
    console.log(`${range}, ${result.encoding}, ${count(result.units, "unit")}`);
    for (const culprit of result.culprits) {
      console.log(result.replaced ? replaced(culprit) : longer(culprit));
    }
    return 0;
  },
};

function replaced({ text, start, replacement }) {
  return `${paint("note", "replaced")} at ${start}: ${inJson(text)} by ${inJson(replacement)}`;
}

function longer({ text, start, replacement }) {
  const said = `${paint("warning", "longer ")} at ${start}: ${inJson(text)} is not in GSM-7`;
  if (replacement === undefined) return said;
  return replacement === "" ? `${said}; leave it out` : `${said}; ${inJson(replacement)} is`;
}
