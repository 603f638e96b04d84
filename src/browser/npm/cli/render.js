// postgate render FILE

import { render as renderText, sentence } from "../node.js";
import { text } from "./source.js";
import { inJson, paint, plain, written } from "./terminal.js";
import { json, read, Usage } from "./usage.js";

const OPTIONS = {
  text: { type: "string" },
  variables: { type: "string" },
  now: { type: "string" },
  json: { type: "boolean" },
};

export const render = {
  summary: "render a template as a recipient reads it",
  help: `postgate render [OPTIONS] FILE
postgate render [OPTIONS] --text TEMPLATE

FILE holds the template; a line end at its end is no part of it. The text goes to standard output; issues go to
standard error, each with its line and column.

  --variables FILE         a JSON file with the recipient's variables
  --now INSTANT            the present instant, in RFC 3339
  --json                   print all that is known as JSON`,

  async run(words) {
    const { values, file } = read(words, OPTIONS);
    if (values.variables === "-") throw new Usage("Variables come from a file.");
    const variables = values.variables === undefined ? {} : json(values.variables, "What holds the variables");
    const options = values.now === undefined ? {} : { now: values.now };
    const template = values.text ?? (await text(file));
    const result = renderText(template, variables, options);
    if (values.json) {
      console.log(inJson(result));
    } else {
      if (result.text !== "") console.log(written(result.text));
      for (const issue of result.issues) {
        const severity = paint(issue.severity, issue.severity.padEnd(7));
        console.error(`${severity} ${place(template, issue)}${plain(sentence(issue))}  ${issue.code}`);
      }
    }
    return result.ok ? 0 : 1;
  },
};

/** Where an issue stands, as editors count; nothing for what is wrong with all of it. */
function place(template, { span }) {
  if (span === undefined) return "";
  const before = template.slice(0, span.start).split("\n");
  return `${before.length}:${before.at(-1).length + 1}  `;
}
