// The judgement as a Standard Schema, version 1 (https://standardschema.dev), which form libraries take.

import { check, normalize } from "./functions.js";
import { JUDGING, judged, named, parse, text } from "./input.js";
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
  named(options, JUDGING);
  function validate(value) {
    // What is no request has an issue, too.
    const request = text(value, "value");
    const chosen = judged(options);
    const { ok, issues } = check(request, chosen);
    if (ok) return { value: parse(normalize(request, chosen)) };
    const errors = issues.filter(({ severity }) => severity === "error");
    return { issues: errors.map((issue) => ({ message: sentence(issue), path: path(issue, value) })) };
  }
  return { "~standard": { version: 1, vendor: "postgate", validate } };
}
