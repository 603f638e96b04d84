// What is given to the package, as the module takes it.

import { PostgateError } from "./error.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Lengths and offsets in the module are 32 bits wide. */
const ADDRESSABLE = 2 ** 32 - 1;

/** By tag and not by class, so that values from another frame or context count; and a promise or a map does not. */
function tag(value) {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** A request, as bytes. */
export function bytes(input) {
  if (typeof input === "string") return encoder.encode(input);
  if (["Object", "Array"].includes(tag(input))) return encoder.encode(JSON.stringify(input));
  return chunk(input, "Expected the request as a Uint8Array, a string or a plain object.");
}

/** Variables of a template, as JSON text; none where they are left out. */
export function json(variables) {
  if (variables === undefined) return "{}";
  if (typeof variables === "string") return variables;
  if (tag(variables) === "Object") return JSON.stringify(variables);
  throw new PostgateError("invalid-input", "Expected the variables as a plain object, or its JSON as a string.");
}

/** A table, as bytes. */
export function tableBytes(input) {
  if (typeof input === "string") return encoder.encode(input);
  return chunk(input, "Expected the table as a Uint8Array or a string.");
}

/** A text. */
export function string(input, what) {
  if (typeof input === "string") return input;
  throw new PostgateError("invalid-input", `Expected the ${what} as a string.`);
}

/** A piece of input. */
export function chunk(input, otherwise = "Expected the input in pieces that are Uint8Arrays.") {
  if (tag(input) !== "Uint8Array") throw new PostgateError("invalid-input", otherwise);
  if (input.length > ADDRESSABLE) throw new PostgateError("input-too-large", "The input has 4 GiB or more.");
  return input;
}

/** A place in `to`. */
export function index(input) {
  if (Number.isSafeInteger(input) && input >= 0) return input;
  throw new PostgateError("invalid-input", "Expected the recipient by its index in to, from 0.");
}

/** Options, with the time: the module has no clock. */
export function judged(options) {
  return { now: new Date().toISOString(), ...options };
}

/** A mapping, as JSON. */
export function mapped(mapping) {
  if (mapping === undefined || mapping === true) return "{}";
  if (tag(mapping) === "Object") return JSON.stringify(mapping);
  throw new PostgateError("invalid-option", "A mapping must be a plain object.");
}

/** What the module answers. */
export function parse(json) {
  return JSON.parse(decoder.decode(json));
}
