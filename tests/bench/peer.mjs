// The job in the fastest JavaScript we could write: a validator by hand, the package's own table of numbers, and a count
// of segments that looks at each code unit once.

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

/** What bytes hold, judged and normalized. */
export function normalized(bytes) {
  const request = JSON.parse(decoder.decode(bytes));
  judge(request);
  return request;
}

/** The whole job; the bodies as strings. */
export function split(bytes, rows) {
  const { to, ...head } = normalized(bytes);
  const bodies = [];
  for (let at = 0; at < to.length; at += rows) bodies.push(JSON.stringify({ ...head, to: to.slice(at, at + rows) }));
  return bodies;
}

const SEPTETS = new Uint8Array(65_536);
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const SIGNS = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
for (const sign of LETTERS + SIGNS) SEPTETS[sign.charCodeAt(0)] = 1;
for (const sign of "\f^{}\\[~]|€") SEPTETS[sign.charCodeAt(0)] = 2;

/** Segments of a text in which nothing that takes two units is cut. */
function cut(text, most, width) {
  let [count, units] = [1, 0];
  for (let at = 0; at < text.length; ) {
    const [step, takes] = width(text, at);
    if (units + takes > most) [count, units] = [count + 1, 0];
    units += takes;
    at += step;
  }
  return count;
}

const septets = (text, at) => [1, SEPTETS[text.charCodeAt(at)]];
const pairs = (text, at) => (text.codePointAt(at) > 0xffff ? [2, 2] : [1, 1]);

/** How many segments of SMS a text takes. */
export function segments(text) {
  let units = 0;
  for (let at = 0; at < text.length; at += 1) {
    const takes = SEPTETS[text.charCodeAt(at)];
    if (takes === 0) return text.length <= 70 ? 1 : cut(text, 67, pairs);
    units += takes;
  }
  return units <= 160 ? 1 : cut(text, 153, septets);
}
