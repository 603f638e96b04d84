// What an issue says.

import { PostgateError } from "./error.js";
import sentences from "./sentences.js";

/** What is said in the place of the English sentences while a call runs that was given others. */
let others;

/** What is wrong and what would be right: in English, or as `own` has it by code. */
export function sentence(issue, own) {
  if (typeof issue?.code !== "string") throw new PostgateError("invalid-input", "Expected an issue, with its code and params.");
  // `map` gives an index there.
  const said = typeof own === "object" && own !== null && Object.hasOwn(own, issue.code) ? own : sentences;
  const pattern = said[issue.code];
  // A code of a later version has no sentence here.
  if (typeof pattern !== "string") return issue.code;
  return pattern.replace(/\{(\w+)\}/g, (_, name) => issue.params?.[name] ?? "");
}

/** The same for an issue's JSON, which is what the module has. */
export function reason(issue) {
  return sentence(JSON.parse(issue), others);
}

/** Runs a call of the module that may ask for reasons, which then are those of `own`. */
export function saying(own, run) {
  others = own;
  try {
    return run();
  } finally {
    others = undefined;
  }
}

/** The issue, where it names another recipient by its place in `to`, with the number that people know that one by. */
export function inRows(issue, row) {
  const first = issue?.params?.first;
  // Columns are named by their places, too, and stay as they are.
  if (first === undefined || !issue.code.startsWith("recipient/")) return issue;
  return { ...issue, params: { ...issue.params, first: row(first) ?? first } };
}
