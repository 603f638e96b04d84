// What an issue says.

import sentences from "./sentences.js";

/** What is wrong and what would be right, in English. */
export function sentence(issue) {
  const pattern = sentences[issue.code] ?? issue.code;
  return pattern.replace(/\{(\w+)\}/g, (_, name) => issue.params?.[name] ?? "");
}

/** The same for an issue's JSON, which is what the module has. */
export function reason(issue) {
  return sentence(JSON.parse(issue));
}
