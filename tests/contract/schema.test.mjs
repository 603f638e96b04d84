// `check` against Ajv with the sandbox's schema, which says in JSON Schema what pages of Twilio's state. Both look at the
// same requests: the cases' and 10,000 made ones. What the schema refuses, core refuses at the same place or has a
// reason not to; what core refuses beyond the schema is by a code that says more than a schema can. All reasons are
// listed here, and each has to be there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import Ajv from "ajv/dist/2020.js";

import { cases } from "../doors/suite.mjs";
import { requests } from "./requests.mjs";

const MADE = 10_000;
const SHOWN = 5;

const { check } = await import(new URL("../../target/npm/package/node.js", import.meta.url));
const schema = JSON.parse(readFileSync(new URL("../../src/sandbox/schema.json", import.meta.url)));
const ajv = new Ajv({ allErrors: true, strict: false });
for (const word of ["twilioCode", "twilioMessage"]) ajv.addKeyword({ keyword: word });
const validate = ajv.compile(schema);

/** Why core passes what the schema refuses. */
const PASSED = [
  ["null is a warning: no page says that it is refused", (verdict) => verdict.counts["request/null-field"] > 0],
  ["words in small letters are written in capitals", (verdict) => verdict.counts["request/word-case"] > 0],
  ["Liquid in a tag is a warning: two pages differ on it", ({ counts }) => counts["tags/liquid"] > 0 || counts["tags/not-liquid"] > 0],
  [
    "a sender or recipient of no known kind is a warning",
    ({ counts }) => counts["recipient/unknown-kind"] > 0 || counts["sender/unusual"] > 0 || counts["request/unknown-field"] > 0,
  ],
];

/** What core refuses though the schema does not say it. */
const BEYOND = new Map([
  ["address/…", "numbers are judged in the background by the API, and here before"],
  ["template/…", "the schema knows nothing of Liquid, nor what a recipient lacks"],
  ["tags/reserved", "the tag by which a batch is found again is ours"],
  ["recipient/ambiguous", "the schema takes the first kind that it finds"],
  ["content/ambiguous", "the schema takes a text and a template together"],
  ["sender/ambiguous", "the schema takes the first kind that it finds"],
  ["recipient/against-sender", "sender and recipients are compared across the request"],
  ["recipient/no-addresses", "an empty list is a list to the schema"],
  ["content/empty", "an empty text is a text to the schema"],
  ["sender/empty", "an empty address is a text to the schema"],
  ["content/text-too-long", "a page on errors states it, not the reference"],
  ["variables/…", "pages on errors state them, not the reference"],
  ["content/empty-text", "what a recipient's text comes to shows when it is rendered"],
  ["id/of-another-kind", "the schema knows patterns for senders and pools alone"],
  ["request/wrong-type", "the schema does not look into media, modules and what is unknown"],
]);

/** Whether two pointers lie on one path. */
function related(a, b) {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}

/** The code of an issue, those of addresses, templates and variables each as one. */
function kind({ code }) {
  return code.replace(/^(address|template|variables)\/.*/, "$1/…");
}

function compare(name, request, seen) {
  const verdict = check(JSON.stringify(request), { limits: "request", now: "2026-12-01T12:00:00Z" });
  const refusals = validate(request) ? [] : validate.errors;
  const errors = verdict.issues.filter(({ severity }) => severity === "error");
  seen[`${refusals.length ? "invalid" : "valid"}, ${verdict.ok ? "ok" : "refused"}`] += 1;
  // What each says of a harm is on one path, though it may be several mistakes to one of them.
  if (refusals.some(({ instancePath }) => errors.some(({ at }) => related(instancePath, at)))) return;
  const told = (what) => seen.unexplained.push(`${name}: ${what}: ${JSON.stringify(request)}`);
  if (refusals.length > 0) {
    const reason = PASSED.find(([, holds]) => holds(verdict));
    if (reason) seen.reasons.add(reason[0]);
    else told(`the schema alone refuses ${JSON.stringify(refusals[0])}`);
  }
  for (const code of errors.map(kind)) {
    if (BEYOND.has(code)) seen.beyond.add(code);
    else told(`core alone refuses ${code}`);
  }
}

test("core and the contract's schema refuse the same, but for what is told", (t) => {
  const seen = { "valid, ok": 0, "valid, refused": 0, "invalid, ok": 0, "invalid, refused": 0, reasons: new Set(), beyond: new Set(), unexplained: [] };
  for (const entry of cases) {
    let request;
    try {
      request = JSON.parse(entry.input);
    } catch {
      continue;
    }
    if (entry.input.length < 100_000) compare(entry.name, request, seen);
  }
  let number = 0;
  for (const request of requests(MADE)) compare(`request ${number++}`, request, seen);
  assert.deepEqual(seen.unexplained.slice(0, SHOWN), [], `${seen.unexplained.length} without a reason`);
  assert.deepEqual([...seen.reasons].toSorted(), PASSED.map(([reason]) => reason).toSorted(), "a reason that is none any more");
  assert.deepEqual([...seen.beyond].toSorted(), [...BEYOND.keys()].toSorted(), "a code that is within the schema now");
  for (const kind of ["valid, ok", "valid, refused", "invalid, ok", "invalid, refused"]) {
    assert.ok(seen[kind] > 0, `none ${kind}`);
    t.diagnostic(`${kind}: ${seen[kind]}`);
  }
});
