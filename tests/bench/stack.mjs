// The job as it is done with libraries: decode, JSON.parse, Ajv, libphonenumber-js with all its metadata, stringify.

import parsePhoneNumber from "libphonenumber-js/max";

import validate from "./generated/validate.cjs";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export const decode = (bytes) => decoder.decode(bytes);
export const parse = (text) => JSON.parse(text);

export function validated(request) {
  if (!validate(request)) throw new Error(validate.errors[0].message);
  return request;
}

/** The pointers of what Ajv finds. */
export function mistakes(request) {
  return validate(request) ? [] : validate.errors.map(({ instancePath }) => instancePath);
}

const numbered = (address) => parsePhoneNumber(address.startsWith("whatsapp:") ? address.slice(9) : address);

export function isNumber(address) {
  return numbered(address)?.isValid() ?? false;
}

/** A number in E.164 form; throws where it is none. */
export function e164(address) {
  const number = numbered(address);
  if (!number?.isValid()) throw new Error("not a number");
  return number.number;
}

export function normalized(request) {
  for (const recipient of request.to) recipient.address = e164(recipient.address);
  return request;
}

export function stringified({ to, ...head }, rows) {
  const bodies = [];
  for (let at = 0; at < to.length; at += rows) bodies.push(JSON.stringify({ ...head, to: to.slice(at, at + rows) }));
  return bodies;
}

export const encoded = (bodies) => bodies.map((body) => encoder.encode(body));

/** The whole job; the bodies as strings. */
export function split(bytes, rows) {
  return stringified(normalized(validated(parse(decode(bytes)))), rows);
}
