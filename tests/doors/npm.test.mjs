// The npm door: the packed package, installed as a user installs it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";

import { cases, given, others, report, sameAnswer, sha256 } from "./suite.mjs";

const packed = new URL("../../target/npm/", import.meta.url).pathname;
const tarball = readdirSync(packed).find((name) => name.endsWith(".tgz"));
const folder = mkdtempSync(join(tmpdir(), "postgate-npm-"));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "package.json"), '{"private":true,"type":"module"}');
const npm = ["install", "--offline", "--no-audit", "--no-fund", join(packed, tarball)];
execFileSync("npm", npm, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
writeFileSync(join(folder, "main.mjs"), 'export * from "postgate";');
const postgate = await import(join(folder, "main.mjs"));

test("every case through the package", () => {
  let count = 0;
  for (const entry of cases) {
    sameAnswer(postgate.checkBytes(entry.input, entry.options), entry);
    const { verdict, batches } = postgate.split(entry.input, entry.options);
    assert.deepEqual(verdict, JSON.parse(entry.verdict), entry.name);
    assert.deepEqual(batches.map(sha256), entry.batches, entry.name);
    count += 1;
  }
  for (const entry of others) {
    // The package gives an object: its members in the order of the native door's, which is what writing them shows.
    const result = postgate[entry.do](...given(entry));
    assert.equal(JSON.stringify(result), JSON.stringify(JSON.parse(entry.answer)), entry.name);
    count += 1;
  }
  report("npm", count);
});

test("bytes, text and object get the same verdict", () => {
  const request = { to: [{ address: "whatsapp:+14155550100", channel: "whatsapp" }], content: { text: "Zoë 🎉" } };
  const text = JSON.stringify(request);
  const verdict = postgate.check(request);
  assert.equal(verdict.ok, true);
  assert.deepEqual(postgate.check(text), verdict);
  assert.deepEqual(postgate.check(new TextEncoder().encode(text)), verdict);
});

test("a preview is that of the summary, and null where there is nobody", () => {
  const request = {
    to: [{ address: "+14155550100", channel: "PHONE" }],
    from: { address: "+15017122661", channel: "SMS" },
    content: { text: "Zoë 🎉" },
  };
  const options = { prices: { currency: "USD", sms: { US: 0.0079 } }, mps: 0.5 };
  const { verdict, estimate, previews } = postgate.summarize(request, { ...options, preview: [0, 1] });
  assert.deepEqual(verdict, postgate.check(request, options));
  assert.deepEqual(estimate.cost, { currency: "USD", min: "0.0079", max: "0.0079", unpriced: 0 });
  assert.deepEqual(estimate.seconds, { min: 2, max: 2 });
  assert.deepEqual(previews, [postgate.preview(request, 0)]);
  assert.deepEqual(previews[0].channels[0].segments, postgate.segments("Zoë 🎉"));
  assert.equal(postgate.preview(request, 1), null);
  assert.equal(postgate.preview("{", 0), null);

  const checker = new postgate.Checker({ summary: true, ...options });
  let again = true;
  while (again) {
    checker.push(new TextEncoder().encode(JSON.stringify(request)));
    ({ again } = checker.finish());
  }
  assert.deepEqual([checker.verdict, checker.estimate, checker.previews], [verdict, estimate, []]);
});

test("normalizing is splitting into one, and nothing where the verdict is not ok", () => {
  const to = Array.from({ length: 20_000 }, (_, row) => ({ address: `+1 (415) ${2_000_000 + row}`, channel: "phone" }));
  const request = { to: to.slice(0, 9_000), content: { text: "Hi" } };
  const once = postgate.normalize(request);
  assert.deepEqual(Buffer.from(once), Buffer.from(postgate.split(request).batches[0]));
  assert.deepEqual(postgate.normalize(once), once, "a second time changes nothing");
  const large = JSON.parse(Buffer.from(postgate.normalize({ ...request, to })));
  assert.equal(large.to.length, 20_000);
  assert.deepEqual(large.to[19_999], { address: "+14152019999", channel: "PHONE" });
  assert.equal(postgate.normalize({ ...request, to: [{ address: "+1", channel: "PHONE" }] }), null);
});

test("rows that are copied from the request come as those that are read, however they are written and cut", () => {
  // A row at a time: as it came; with a number to be written anew; larger than what the module reads at a time.
  const plain = (row) => `{"address":"+1415${2_000_000 + row}","channel":"PHONE"}`;
  const edited = (row) => `{"address":"+1 415 ${2_000_000 + row}","channel":"PHONE","variables":{"a":"é"}}`;
  const large = (row) => edited(row).replace("é", "x".repeat(300_000));
  const whole = (rows) => `{"content":{"text":"Hi"},"to":[${rows}],"tags":{"a":"b"}}`;
  const kinds = { plain: [plain], edited: [edited], both: [plain, plain, edited, plain, edited, edited, plain], large: [plain, large] };
  for (const [name, makes] of Object.entries(kinds)) {
    for (const between of [",", " ,\n"]) {
      const rows = Array.from({ length: 40 }, (_, row) => makes[row % makes.length](row));
      const text = `{"content":{"text":"Hi"},"to":[${rows.join(between)} ],"tags":{"a":"b"}}`;
      const expected = rows.map((row) => row.replace("+1 415 ", "+1415"));
      for (const batchRows of [1, 7, 40]) {
        const options = { batchRows };
        const { verdict, batches } = postgate.split(text, options);
        const bodies = [];
        for (let row = 0; row < 40; row += batchRows) bodies.push(expected.slice(row, row + batchRows).join());
        const texts = batches.map((body) => Buffer.from(body).toString());
        assert.deepEqual(texts, bodies.map(whole), `${name}, ${batchRows}`);
        assert.deepEqual(verdict.totals.batches.map(({ bytes }) => bytes), batches.map((body) => body.length));
      }
      assert.equal(Buffer.from(postgate.normalize(text)).toString(), whole(expected), name);
    }
  }
});

test("every code has a sentence, and it takes the issue's params", () => {
  const [issue] = postgate.check({ content: { text: "hi" } }).issues;
  assert.equal(postgate.sentence(issue), "The field to is missing.");
  for (const entry of [...cases, ...others]) {
    for (const issue of JSON.parse(entry.answer).issues ?? JSON.parse(entry.answer).verdict?.issues ?? []) {
      assert.doesNotMatch(postgate.sentence(issue), /\{\w+\}|undefined/, `${entry.name}: ${issue.code}`);
      assert.doesNotMatch(postgate.sentence(issue), /\b1 [a-z]+s\b/, `${entry.name}: one of several`);
    }
  }
});

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

const refused = (code, said) => (error) => {
  assert.ok(error instanceof postgate.PostgateError, `${error}`);
  assert.equal(error.code, code, error.message);
  assert.match(error.message, said);
  return true;
};

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

test("the rows of a table are judged without the rest of their request", async () => {
  const table = "phone;name\n+14155550100;Zoe\n4155550101;Ann\n+14155550100;Zoe\n";
  const { verdict, row } = await postgate.checkStream(() => new Blob([table]).stream(), { table: true });
  // Nobody misses a content, and no text leaves a variable unused.
  assert.deepEqual(verdict.counts, { "address/needs-region": 1, "recipient/duplicate": 1 });
  const [, twice] = verdict.issues;
  assert.equal(twice.params.first, 0);
  assert.match(postgate.sentence(postgate.inRows(twice, row)), /is already in row 2 /);
  assert.equal(postgate.inRows(verdict.issues[0], row), verdict.issues[0], "it names nobody else");
});

/** The rejects of a table, line by line, and what else came of it. */
async function repaired(table, options) {
  const bytes = new TextEncoder().encode(table);
  const pieces = () => [bytes.subarray(0, 20), bytes.subarray(20)];
  const { rejects, ...checked } = await postgate.checkStream(pieces, { table: true, rejects: "all", ...options });
  return { ...checked, lines: new TextDecoder().decode(rejects).split("\r\n").slice(0, -1) };
}

test("all rejects of a table are the rows that no verdict lists, too, in their order and as they came", async () => {
  const row = (at) => {
    if (at % 10 === 3) return `;"Zoe; ${at}"`;
    if (at % 10 === 4) return `4155550${100 + at}; Ann`;
    return `+1 ${2_012_000_000 + at};${at % 10 === 5 ? "" : "Ann"}`;
  };
  const rows = Array.from({ length: 20_000 }, (_, at) => row(at));
  const head = { from: { address: "+15017122661", channel: "SMS" }, content: { text: "Hi {{ name }}" } };
  const { verdict, table, lines } = await repaired(`phone;name\n${rows.join("\n")}\n`, { head });
  assert.deepEqual([verdict.ok, table.rejected, verdict.omitted > 3_000], [false, 2_000, true]);
  const wrong = rows.filter((_, at) => [3, 4, 5].includes(at % 10));
  assert.equal(lines.length, 1 + wrong.length);
  lines.slice(1).forEach((line, at) => assert.ok(line.startsWith(`${wrong[at]};`), line));
  const reasons = [/^This row has no address\.$/, /^"The number has no country code; /, /^"The text uses name, which /];
  lines.slice(1).forEach((line, at) => assert.match(line.slice(wrong[at].length + 1), reasons[at % 3]));

  // A row has all its reasons, one that repeats another names that one's row, and rows alone have rejects as well.
  const few = 'phone,name,channel\n+14155550100,Zoe,PHONE\n,Max,\n+14155550100,Zoe,PHONE\n4155550101,Ann,MAIL\n';
  const twice = await repaired(few, { duplicates: "refuse" });
  assert.deepEqual(twice.lines.slice(1).map((line) => line.split(",")[0]), ["", "+14155550100", "4155550101"]);
  assert.match(twice.lines[2], /is already in row 2[ ,]/);
  assert.match(twice.lines[3], /The number has no country code.*PHONE/);

  // Nothing to repair, or nothing that lies in a row.
  assert.deepEqual((await repaired("phone\n+14155550100\n", { head })).lines.length, 2);
  assert.deepEqual((await repaired("phone\n+14155550100\n", { head: { content: { text: "Hi" } } })).lines, []);
  assert.deepEqual((await repaired("phone\n+14155550100\n", { head: "[]" })).lines, []);
  assert.deepEqual((await repaired('phone\n\n+0\n"x', { head })).verdict.counts, { "table/unclosed-quote": 1 });
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

test("rows go to the rejects for reasons of the caller's, too, behind those of its verdict", async () => {
  const head = { from: { address: "+15017122661", channel: "SMS" }, content: { text: "Hi" } };
  const rows = ["+14155550100;Zoe", ";Max", "4155550101;Ann", "+14155550102;Ida", "+14155550102;Eve"];
  const asked = [];
  const reason = (row, index, sent) => {
    asked.push([JSON.parse(row).variables.name, index, sent]);
    return sent === 1 ? `Failed; row ${index}` : undefined;
  };
  const sentences = { "address/needs-region": "No country.", "table/no-address": "Nobody; {row}." };
  const { lines } = await repaired(`phone;name\n${rows.join("\n")}\n`, { head, reason, sentences });
  assert.deepEqual(asked, [["Zoe", 0, 0], ["Ida", 2, 1], ["Eve", 3, 2]]);
  assert.deepEqual(lines.slice(1), [';Max;"Nobody; 3."', "4155550101;Ann;No country.", '+14155550102;Ida;"Failed; row 2"']);

  // Asked once of each, however often the table is read.
  const many = Array.from({ length: 3_000 }, (_, at) => (at % 2 === 0 ? "4155550101" : `+1 ${2_012_000_000 + at}`));
  let asks = 0;
  const all = await repaired(`phone\n${many.join("\n")}\n`, { head, reason: () => `${(asks += 1)}` });
  assert.deepEqual([asks, all.lines.length, all.lines.at(-1)], [1_500, 3_001, "+1 2012002999,1500"]);

  const own = new Error("mine");
  const fails = () => {
    throw own;
  };
  await assert.rejects(repaired("phone\n+14155550100\n", { head, reason: fails }), own);
  assert.ok(postgate.phone("+14155550100").ok, "the module goes on");
  for (const [wrong, said] of [
    [{ table: true, reason: fails }, /reason is for all rejects/],
    [{ table: true, rejects: "all", reason: 5 }, /reason must be a function/],
    [{ table: true, sentences: "de" }, /sentences must be an object/],
  ]) assert.throws(() => new postgate.Checker(wrong), refused("invalid-option", said));
});

test("what is no module is not loaded, and the next try may be", () => {
  const program = `
    import { readFileSync } from "node:fs";
    import { check, init, initSync, PostgateError } from "postgate/slim";
    const codes = [];
    const told = async (call) => {
      try {
        await call();
        codes.push("none");
      } catch (error) {
        codes.push(error instanceof PostgateError && error.code + (error.cause ? " with its cause" : ""));
      }
    };
    const html = () => new Response("<html>", { headers: { "content-type": "application/wasm" } });
    for (const wrong of [undefined, null, 5, "x", {}, new Uint8Array(5)]) await told(() => initSync(wrong));
    for (const wrong of [null, 5, "nowhere.wasm", {}, new Uint8Array(5), html()]) await told(() => init(wrong));
    await told(() => init(readFileSync("node_modules/postgate/postgate.wasm")));
    console.log(JSON.stringify([codes, check("{}").ok]));`;
  writeFileSync(join(folder, "load.mjs"), program);
  const printed = execFileSync(process.execPath, ["load.mjs"], { cwd: folder, encoding: "utf8" });
  const [wrong, failed] = ["invalid-input with its cause", "not-initialized with its cause"];
  assert.deepEqual(JSON.parse(printed), [[...Array(6).fill(wrong), ...Array(6).fill(failed), "none"], false]);
});

test("a trap spoils nothing behind it", () => {
  // With little memory the module traps for real; the flag has to stand before the module is loaded.
  const program = `
    import assert from "node:assert/strict";
    import v8 from "node:v8";
    v8.setFlagsFromString("--wasm-max-mem-pages=160");
    const { check, checkBytes } = await import("postgate");
    const small = JSON.stringify({ to: [{ address: "+1", channel: "PHONE" }], content: { text: "hi" } });
    const before = checkBytes(small);
    let traps = 0;
    for (let length = 3_000_000; length < 3_100_000; length += 10_000) {
      try {
        check(JSON.stringify({ content: { text: "x".repeat(length) } }));
      } catch (error) {
        assert.equal(error.code, "trap");
        assert.ok(error.cause instanceof WebAssembly.RuntimeError);
        traps += 1;
      }
      assert.deepEqual(checkBytes(small), before);
    }
    console.log(traps);`;
  writeFileSync(join(folder, "trap.mjs"), program);
  const traps = Number(execFileSync(process.execPath, ["trap.mjs"], { cwd: folder, encoding: "utf8" }));
  assert.ok(traps > 0, "nothing trapped, so nothing was shown");
});

test("the tarball holds one module, its contract and its licence", () => {
  const files = readdirSync(join(folder, "node_modules/postgate"));
  assert.equal(files.filter((name) => name.endsWith(".wasm")).length, 1);
  for (const name of ["types.d.ts", "README.md", "LICENSE", "CHANGELOG.md"]) assert.ok(files.includes(name), name);
  const manifest = JSON.parse(readFileSync(join(folder, "node_modules/postgate/package.json")));
  assert.match(tarball, new RegExp(`^postgate-${manifest.version}\\.tgz$`));
  assert.notEqual(manifest.version, "0.0.0");
});
