// The job in the fastest JavaScript we could write: a validator by hand, and the package's own table of numbers.

import { isNumber } from "./plans.mjs";

const decoder = new TextDecoder();

function fail(what) {
  throw new Error(what);
}

export function e164(address) {
  if (isNumber(address)) return address;
  const digits = (address.startsWith("whatsapp:") ? address.slice(9) : address).replace(/[ ().-]/g, "");
  return isNumber(digits) ? digits : fail("not a number");
}

const TAG = /^[a-zA-Z0-9._~-]+$/;

function judge(request) {
  const { to, from, content, tags } = request;
  if (typeof from?.address !== "string" || !["SMS", "RCS", "WHATSAPP"].includes(from.channel)) fail("from");
  if (typeof content?.text !== "string" || content.text.length > 1600) fail("content");
  for (const key in tags) {
    const value = tags[key];
    if (key.length > 128 || !TAG.test(key) || typeof value !== "string" || value.length > 256 || !TAG.test(value)) fail("tags");
  }
  if (!Array.isArray(to) || to.length === 0 || to.length > 1_000_000) fail("to");
  for (const recipient of to) {
    if (typeof recipient.address !== "string") fail("address");
    if (recipient.channel !== "PHONE" && recipient.channel !== "WHATSAPP") fail("channel");
    for (const name in recipient.variables) if (typeof recipient.variables[name] !== "string") fail("variables");
    recipient.address = e164(recipient.address);
  }
}

/** The whole job; the bodies as strings. */
export function split(bytes, rows) {
  const request = JSON.parse(decoder.decode(bytes));
  judge(request);
  const { to, ...head } = request;
  const bodies = [];
  for (let at = 0; at < to.length; at += rows) bodies.push(JSON.stringify({ ...head, to: to.slice(at, at + rows) }));
  return bodies;
}
