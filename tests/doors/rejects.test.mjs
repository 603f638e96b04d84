// Tables through the package: their rows without the rest of the request, and the rows that have to be repaired.

import assert from "node:assert/strict";
import test from "node:test";

import { postgate, refused } from "./installed.mjs";

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
