// What an issue says.

import { PostgateError } from "./error.js";
import sentences from "./sentences.js";

/** What is wrong and what would be right, in English. */
export function sentence(issue) {
  if (typeof issue?.code !== "string") throw new PostgateError("invalid-input", "Expected an issue, with its code and params.");
  const pattern = sentences[issue.code];
  // A code of a later version has no sentence here.
  if (typeof pattern !== "string") return issue.code;
  return pattern.replace(/\{(\w+)\}/g, (_, name) => issue.params?.[name] ?? "");
}

/** The same for an issue's JSON, which is what the module has. */
export function reason(issue) {
  return sentence(JSON.parse(issue));
}
