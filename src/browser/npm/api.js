// What both entries offer. They differ in how the module is loaded.

import { PostgateError } from "./error.js";
import * as glue from "./glue.js";
import { call } from "./instance.js";
import sentences from "./sentences.js";

export { PostgateError };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Lengths and offsets in the module are 32 bits wide. */
const ADDRESSABLE = 2 ** 32 - 1;

/** The functions that need the module; `ready` is called in front of each call and throws when it is not there. */
export function functions(ready) {
  function checkBytes(input, options) {
    ready();
    const [request, chosen] = [bytes(input), judged(options)];
    return call(() => glue.check(request, chosen));
  }

  function check(input, options) {
    return parse(checkBytes(input, options));
  }

  function split(input, options) {
    ready();
    const [request, chosen, batches] = [bytes(input), judged(options), []];
    const verdict = parse(call(() => glue.split(request, chosen, batches)));
    return { verdict, batches };
  }

  function segments(text, options) {
    ready();
    const written = string(text, "text");
    return parse(call(() => glue.segments(written, { ...options })));
  }

  function phone(address, options) {
    ready();
    const written = string(address, "phone number");
    return parse(call(() => glue.phone(written, { ...options })));
  }

  return { check, checkBytes, split, segments, phone };
}

/** What is wrong and what would be right, in English. */
export function sentence(issue) {
  const pattern = sentences[issue.code] ?? issue.code;
  return pattern.replace(/\{(\w+)\}/g, (_, name) => issue.params?.[name] ?? "");
}

/** The module has no clock, so it is told the time. */
function judged(options) {
  return { now: new Date().toISOString(), ...options };
}

function parse(json) {
  return JSON.parse(decoder.decode(json));
}

function string(input, what) {
  if (typeof input === "string") return input;
  throw new PostgateError("invalid-input", `Expected the ${what} as a string.`);
}

/** By tag and not by class, so that values from another frame or context count; and a promise or a map does not. */
function bytes(input) {
  const tag = Object.prototype.toString.call(input);
  if (tag === "[object Uint8Array]") {
    if (input.length > ADDRESSABLE) throw new PostgateError("input-too-large", "The input has 4 GiB or more.");
    return input;
  }
  if (typeof input === "string") return encoder.encode(input);
  if (tag === "[object Object]" || tag === "[object Array]") return encoder.encode(JSON.stringify(input));
  throw new PostgateError("invalid-input", "Expected the request as a Uint8Array, a string or a plain object.");
}
