// What the package says to those who call it wrongly.

import assert from "node:assert/strict";
import test from "node:test";

import { postgate, refused } from "./installed.mjs";

test("misuse throws, and says how", () => {
  const misuses = [
    ["unknown-option", () => postgate.check("{}", { limit: "request" })],
    ["invalid-option", () => postgate.check("{}", { limits: "none" })],
    ["invalid-input", () => postgate.check(12)],
    ["invalid-input", () => postgate.check(Promise.resolve("{}"))],
    ["unknown-option", () => postgate.check("{}", { preview: [0] })],
    ["invalid-option", () => postgate.summarize("{}", { preview: [-1] })],
    ["invalid-option", () => postgate.summarize("{}", { prices: { currency: "USD", sms: -1 } })],
    ["invalid-option", () => postgate.summarize("{}", { mps: 0 })],
    ["invalid-input", () => postgate.preview("{}", -1)],
    ["invalid-input", () => postgate.segments(12)],
    ["invalid-option", () => postgate.segments("", { smartEncoding: "yes" })],
    ["unknown-option", () => postgate.segments("", { limits: "request" })],
    ["invalid-input", () => postgate.render(12, {})],
    ["invalid-input", () => postgate.render("", ["a"])],
    ["unknown-option", () => postgate.render("", {}, { limits: "request" })],
    ["invalid-input", () => postgate.variables(undefined)],
    ["invalid-input", () => postgate.phone(4155550100)],
    ["invalid-option", () => postgate.phone("", { defaultRegion: "XX" })],
    ["unknown-option", () => postgate.phone("", { now: "2026-01-01T00:00:00Z" })],
  ];
  for (const [code, call] of misuses) {
    assert.throws(call, (error) => error instanceof postgate.PostgateError && error.code === code, code);
  }
});

test("misuse is told with what would be right", async () => {
  const judging = "limits, batchRows, batchBytes, defaultRegion, duplicates, now, smartEncoding, prices, mps";
  const told = [
    [() => postgate.check("{}", { defaultregion: "US" }), "unknown-option", `There is no option named defaultregion here; expected one of ${judging}.`],
    [() => postgate.phone("1", { region: "US" }), "unknown-option", "There is no option named region here; expected defaultRegion."],
    [() => postgate.schema({ limit: 1 }), "unknown-option", `There is no option named limit here; expected one of ${judging}.`],
    [() => new postgate.Checker({ onBatch() {} }), "unknown-option", `There is no option named onBatch here; expected one of ${judging}, handling, preview, table, head, summary, reason, sentences, rejects, batches.`],
    [() => postgate.fromTable("", { adress: 0 }), "unknown-option", "A mapping has no adress; expected one of format, delimiter, header, address, channel, defaultChannel, variables."],
    [() => postgate.fromTable("", { defaultChannel: "SMS" }), "invalid-option", "In a mapping, defaultChannel must be PHONE or WHATSAPP."],
    [() => postgate.check("{}", { defaultRegion: "us" }), "invalid-option", "The option defaultRegion must be a region such as US or GB, in capitals."],
    [() => postgate.check("{}", { now: new Date(0) }), "invalid-option", "The option now must be an RFC 3339 instant such as 2026-12-01T09:00:00Z."],
    [() => postgate.summarize("{}", { preview: [0.5] }), "invalid-option", "The option preview must be up to 20 places in to, counted from 0."],
    [() => new postgate.Checker({ table: true, head: { to: [] } }), "invalid-option", "A head has no to: the rows of the table come in its place."],
  ];
  for (const [call, code, message] of told) assert.throws(call, { name: "PostgateError", code, message });
  const strayed = { code: "unknown-option", message: /signal here; expected one of .*, rejects, onBatch\.$/ };
  await assert.rejects(postgate.checkStream(() => [], { signal: AbortSignal.timeout(1) }), strayed);
});

test("an option that is undefined, or an empty list, counts as left out", () => {
  const request = { to: [{ address: "+14155550100", channel: "PHONE" }], content: { text: "Hi" }, schedule: { sendAt: ["2020-01-01T00:00:00Z"] } };
  const options = { now: undefined, limits: undefined, limit: undefined, preview: [] };
  assert.deepEqual(postgate.summarize(request, options), postgate.summarize(request));
  assert.equal(postgate.check(request, { now: undefined }).counts["schedule/in-the-past"], 1);
});

test("values that JSON has no words for are misuse, whatever takes them", () => {
  const round = {};
  round.round = round;
  let deep = {};
  for (let level = 0; level < 100_000; level += 1) deep = { deep };
  const { proxy, revoke } = Proxy.revocable({}, {});
  const throws = {
    get to() {
      throw new RangeError("of its own");
    },
  };
  for (const value of [round, deep, { to: [1n] }, throws]) {
    for (const name of ["check", "checkBytes", "split", "normalize", "summarize"]) {
      assert.throws(() => postgate[name](value), refused("invalid-input", /request cannot be written as JSON/), name);
    }
    assert.throws(() => postgate.preview(value, 0), refused("invalid-input", /request cannot be/));
    assert.throws(() => postgate.render("", value), refused("invalid-input", /variables cannot be/));
    assert.throws(() => postgate.fromTable("", value), refused("invalid-input", /mapping cannot be/));
    assert.throws(() => postgate.schema()["~standard"].validate(value), refused("invalid-input", /value cannot be/));
    assert.throws(() => new postgate.Checker({ table: true, head: value }), refused("invalid-input", /head cannot be/));
  }
  revoke();
  assert.throws(() => postgate.check(proxy), refused("invalid-input", /Expected the request/));
  assert.equal(postgate.render("", { toJSON: () => undefined }).issues[0].code, "request/wrong-type");
});

test("bytes whose buffer is gone are misuse and no trap", () => {
  const moved = new Uint8Array(8);
  structuredClone(moved.buffer, { transfer: [moved.buffer] });
  const buffer = new ArrayBuffer(8, { maxByteLength: 16 });
  const shrunk = new Uint8Array(buffer, 4);
  buffer.resize(2);
  const named = { [Symbol.toStringTag]: "Uint8Array", length: -1 };
  for (const value of [moved, shrunk, named]) {
    assert.throws(() => postgate.check(value), refused("invalid-input", /buffer was transferred/));
    assert.throws(() => postgate.fromTable(value), refused("invalid-input", /buffer was transferred/));
    assert.throws(() => new postgate.Checker().push(value), refused("invalid-input", /buffer was transferred/));
  }
});

test("memory that threads share is copied before it is read", () => {
  const text = new TextEncoder().encode(
    JSON.stringify({
      to: [{ address: "+14155550100", channel: "PHONE" }],
      from: { address: "+15017122661", channel: "SMS" },
      content: { text: "Soon" },
    }),
  );
  const shared = new Uint8Array(new SharedArrayBuffer(text.length));
  shared.set(text);
  assert.deepEqual(postgate.check(shared), postgate.check(text));
  assert.deepEqual(postgate.split(shared).batches, [text]);
  const slice = Uint8Array.prototype.slice;
  let copied = 0;
  Uint8Array.prototype.slice = function (...range) {
    copied += this === shared || this === text ? 1 : 0;
    return slice.apply(this, range);
  };
  try {
    postgate.check(shared);
    assert.equal(copied, 1);
    postgate.check(text);
    assert.equal(copied, 1);
  } finally {
    Uint8Array.prototype.slice = slice;
  }
});

test("options that are no plain object are refused", async () => {
  for (const wrong of [null, 5, "US", ["US"], () => {}, new Map()]) {
    const calls = {
      check: () => postgate.check("{}", wrong),
      preview: () => postgate.preview("{}", 0, wrong),
      segments: () => postgate.segments("", wrong),
      render: () => postgate.render("", {}, wrong),
      phone: () => postgate.phone("", wrong),
      schema: () => postgate.schema(wrong)["~standard"].validate({}),
      Checker: () => new postgate.Checker(wrong),
    };
    for (const [name, call] of Object.entries(calls)) {
      assert.throws(call, refused("invalid-option", /options as a plain object/), name);
    }
    await assert.rejects(postgate.checkStream(() => [], wrong), refused("invalid-option", /options as a plain object/));
  }
});

test("what is wrong with prices is said of the table", () => {
  for (const [prices, said] of [
    [{}, /prices must be a table whose currency is three capitals/],
    [{ currency: "USD", sms: -1 }, /prices must be a table of amounts below 100000/],
    [{ currency: "USD", sms: { XX: "1" } }, /prices must be a table by regions such as US/],
  ]) {
    assert.throws(() => postgate.summarize("{}", { prices }), refused("invalid-option", said));
  }
});

test("a checker's own options are refused where they are wrong", () => {
  for (const [options, said] of [
    [{ summary: "yes" }, /summary must be one of false, true/],
    [{ batches: "late" }, /batches must be one of false, true, early/],
    [{ preview: [0] }, /preview is for a summary/],
    [{ handling: "strict" }, /handling is for a summary/],
    [{ handling: "loose", summary: true }, /handling must be strict or lenient/],
    [{ table: false }, /plain object, or true/],
    [{ table: true, batches: true }, /Rows alone have neither batches/],
    [{ table: true, summary: true }, /Rows alone have neither batches/],
    [{ table: true, rejects: "some" }, /rejects must be one of unread, all/],
    [{ rejects: "all" }, /Rejects are those of a table/],
  ]) {
    assert.throws(() => new postgate.Checker(options), refused("invalid-option", said));
  }
  assert.throws(() => new postgate.Checker({ table: true, head: 5 }), refused("invalid-input", /Expected the head/));
});

test("checkStream says what it is called with, before it reads", async () => {
  const stream = () => new Blob(["{}"]).stream();
  const once = stream();
  const two = JSON.stringify({ to: [{ address: "+14155550100", channel: "PHONE" }], content: { text: "Hi {{ name }}" } });
  const twice = new Blob([two]).stream();
  await assert.rejects(postgate.checkStream(), refused("invalid-input", /Expected a function that opens/));
  await assert.rejects(postgate.checkStream(once), refused("invalid-input", /Expected a function that opens/));
  await assert.rejects(postgate.checkStream(stream, { onBatch: 5 }), refused("invalid-option", /onBatch must be a function/));
  await assert.rejects(postgate.checkStream(() => twice), refused("invalid-input", /a new one each time/));
  const own = new Error("of its own");
  await assert.rejects(postgate.checkStream(() => Promise.reject(own)), own);
});

test("a sentence is asked for with an issue", () => {
  for (const wrong of [undefined, null, 5, {}, "address/needs-region"]) {
    assert.throws(() => postgate.sentence(wrong), refused("invalid-input", /Expected an issue/));
  }
  for (const code of ["later/code", "toString", "__proto__"]) assert.equal(postgate.sentence({ code }), code);
  // Others by code; what `map` gives beside an issue is none.
  const own = { "request/missing-field": "Add {field}." };
  assert.equal(postgate.sentence({ code: "request/missing-field", params: { field: "to" } }, own), "Add to.");
  assert.equal(postgate.sentence({ code: "recipient/none" }, own), "There are no recipients; expected at least one.");
  const open = { code: "template/no-default", params: { name: "City" } };
  assert.equal(postgate.sentence(open), "City has no default here; write, for example, {{ City | default: 'friend' }}.");
  assert.deepEqual([{ code: "recipient/none" }].map(postgate.sentence), ["There are no recipients; expected at least one."]);
});
