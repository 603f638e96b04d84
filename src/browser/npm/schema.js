// The judgement as a Standard Schema, version 1 (https://standardschema.dev), which form libraries take.

import { check, normalize } from "./functions.js";
import { judged, parse } from "./input.js";
import { sentence } from "./sentence.js";

/** Where an issue is: indexes of arrays are numbers, and a field that is missing is where it would be. */
function path({ code, at, params }, value) {
  const names = at.split("/").slice(1);
  let inside = value;
  const keys = names.map((escaped) => {
    const name = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
    const key = Array.isArray(inside) ? Number(name) : name;
    inside = inside?.[key];
    return key;
  });
  return code === "request/missing-field" ? [...keys, params.field] : keys;
}

/** A schema of requests. Its value is the request, normalized; its issues are the errors. */
export function schema(options) {
  function validate(value) {
    // What is no request has an issue, too; JSON has no word for `undefined`.
    const text = JSON.stringify(value) ?? "null";
    const chosen = judged(options);
    const { ok, issues } = check(text, chosen);
    if (ok) return { value: parse(normalize(text, chosen)) };
    const errors = issues.filter(({ severity }) => severity === "error");
    return { issues: errors.map((issue) => ({ message: sentence(issue), path: path(issue, value) })) };
  }
  return { "~standard": { version: 1, vendor: "postgate", validate } };
}
