// What is given to the package, as the module takes it.

import { PostgateError } from "./error.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Throws where an array has lost its memory, as when it was posted to another thread. */
const { keys } = Uint8Array.prototype;

/** Lengths and offsets in the module are 32 bits wide. */
const ADDRESSABLE = 2 ** 32 - 1;

/** By tag and not by class, so that values from another frame or context count; and a promise or a map does not. */
export function tag(value) {
  try {
    return Object.prototype.toString.call(value).slice(8, -1);
  } catch {
    // A proxy that was revoked is nothing any more.
    return "";
  }
}

/** A value as JSON; what JSON has no word for is null. Writing runs what the value brings along, which may throw. */
export function text(value, what) {
  try {
    return JSON.stringify(value) ?? "null";
  } catch (cause) {
    const reasons = "a BigInt, a value that contains itself, too many levels, or a getter or toJSON that throws";
    throw new PostgateError("invalid-input", `The ${what} cannot be written as JSON; look for ${reasons}.`, { cause });
  }
}

/** A request, or what of it stands before its rows, as bytes. */
export function bytes(input, what = "request") {
  if (typeof input === "string") return encoder.encode(input);
  if (["Object", "Array"].includes(tag(input))) return encoder.encode(text(input, what));
  return chunk(input, `Expected the ${what} as a Uint8Array, a string or a plain object.`);
}

/** Variables of a template, as JSON text; none where they are left out. */
export function json(variables) {
  if (variables === undefined) return "{}";
  if (typeof variables === "string") return variables;
  if (tag(variables) === "Object") return text(variables, "variables");
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
  try {
    keys.call(input);
  } catch (cause) {
    throw new PostgateError("invalid-input", "The bytes are gone: their buffer was transferred, or made smaller.", { cause });
  }
  if (input.length > ADDRESSABLE) throw new PostgateError("input-too-large", "The input has 4 GiB or more.");
  // It is read twice, and other threads could write to memory that is shared.
  return tag(input.buffer) === "SharedArrayBuffer" ? input.slice() : input;
}

/** A place in `to`. */
export function index(input) {
  if (Number.isSafeInteger(input) && input >= 0) return input;
  throw new PostgateError("invalid-input", "Expected the recipient by its index in to, from 0.");
}

/** Options; none where they are left out. */
export function plain(options = {}) {
  if (tag(options) === "Object") return options;
  throw new PostgateError("invalid-option", "Expected the options as a plain object.");
}

/** Names of options: of judging a request, and of a summary. */
export const JUDGING = "limits batchRows batchBytes defaultRegion duplicates now smartEncoding prices mps".split(" ");
export const SUMMARY = [...JUDGING, "handling", "preview"];

/** Options that have only these names; one that is undefined counts as left out. */
export function named(options, names) {
  const given = plain(options);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || names.includes(name)) continue;
    throw new PostgateError("unknown-option", `There is no option named ${name} here; expected ${list(names)}.`);
  }
  return given;
}

function list(names) {
  return names.length === 1 ? names[0] : `one of ${names.join(", ")}`;
}

/** Options of judging a request, or those of these names, with the time: the module has no clock. */
export function judged(options, names = JUDGING) {
  const given = named(options, names);
  return given.now === undefined ? { ...given, now: new Date().toISOString() } : given;
}

/** An option that this side reads: one of `values`, the first of which stands for one that is left out. */
export function one(name, values, value = values[0]) {
  if (values.includes(value)) return value;
  throw new PostgateError("invalid-option", `The option ${name} must be one of ${values.join(", ")}.`);
}

/** An option that is called back. */
export function callback(name, value) {
  if (value === undefined || typeof value === "function") return value;
  throw new PostgateError("invalid-option", `The option ${name} must be a function.`);
}

const MAPPING = ["format", "delimiter", "header", "address", "channel", "defaultChannel", "variables"];

/** A mapping, as JSON. */
export function mapped(mapping) {
  if (mapping === undefined || mapping === true) return "{}";
  if (tag(mapping) === "Object") {
    const written = text(mapping, "mapping");
    const wrong = Object.keys(mapping).find((name) => mapping[name] !== undefined && !MAPPING.includes(name));
    if (wrong === undefined) return written;
    throw new PostgateError("unknown-option", `A mapping has no ${wrong}; expected ${list(MAPPING)}.`);
  }
  throw new PostgateError("invalid-option", "A mapping must be a plain object, or true to have all of it found out.");
}

/** What the module answers. */
export function parse(json) {
  return JSON.parse(decoder.decode(json));
}
