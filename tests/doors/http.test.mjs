// The HTTP door: DryRun gives the verdict to the byte; the real send refuses with the same issues, or sends the very
// batches. Edge and sandbox run in real workerd.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";

import { Gate } from "../gate.mjs";
import { cases, report, sameAnswer, summaries } from "./suite.mjs";

/** What the sandbox refuses though core passes it with a warning, as no page of Twilio's says which is right. */
const REFUSED_BY_SANDBOX = [
  "recipient/snapshot", // its schema knows no snapshots
  "request/null-from", // its schema has no null
  "sender/messaging-service", // its schema wants a sender it knows
  "syntax/nested-1000", // its reader goes 128 deep
  "tags/liquid", // it holds on to the pattern for tags, which bars braces
  "template/unused-but-in-tag", // the same
  "template/tag-not-liquid",
  "text/lone-surrogate", // its reader wants pairs
  "text/reversed-surrogates",
];

let gate;
before(async () => (gate = await Gate.start()), { timeout: 400_000 });
after(() => gate?.stop());

function query(entry) {
  const written = ([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : value];
  return new URLSearchParams(Object.entries(entry.options).map(written)).toString();
}

test("every case as a dry run", async () => {
  const head = '{"verdict":';
  let count = 0;
  for (const entry of cases) {
    const answer = await gate.post(entry.input, { path: `/v1/Messages/DryRun?${query(entry)}` });
    const body = Buffer.from(await answer.arrayBuffer());
    assert.equal(answer.status, 200, `${entry.name}: ${body}`);
    assert.equal(body.subarray(0, head.length).toString(), head);
    const tail = body.indexOf(',"estimate":', entry.answer.length);
    sameAnswer(body.subarray(head.length, tail), entry);
    count += 1;
  }
  for (const entry of summaries) {
    const answer = await gate.post(entry.input, { path: `/v1/Messages/DryRun?${query(entry)}` });
    assert.equal(answer.status, 200, entry.name);
    sameAnswer(await answer.arrayBuffer(), entry);
    count += 1;
  }
  assert.deepEqual(await gate.received(), [], "a dry run sends nothing");
  report("http", count, [...cases, ...summaries]);
});

test("every case as a send", async (t) => {
  const sent = [];
  for (const entry of cases) {
    const answer = await gate.post(entry.input, { path: `/v1/Messages?${query(entry)}` });
    const body = await answer.text();
    const verdict = JSON.parse(entry.verdict);
    if (verdict.ok) {
      assert.equal(answer.status, 202, `${entry.name}: ${body}`);
      assert.equal(body, "");
      sent.push([entry, answer.headers.get("operationId")]);
      continue;
    }
    const tooLarge = verdict.counts["request/too-large"] !== undefined;
    assert.equal(answer.status, tooLarge ? 413 : 400, `${entry.name}: ${body}`);
    const errors = verdict.issues.filter((issue) => issue.severity === "error");
    const refusal = JSON.parse(body);
    assert.deepEqual(refusal.errors.map((error) => error.issue), errors, entry.name);
    assert.deepEqual([refusal.counts, refusal.omitted], [verdict.counts, verdict.omitted], entry.name);
  }
  // The sandbox has a schema of its own: what it refuses of a request that core passed is told here, not hidden.
  const refused = [];
  const accepted = new Map();
  for (const [entry, id] of sent) {
    const { postgate } = await gate.until(id, ({ postgate: { batches } }) => batches.ready + batches.inFlight === 0);
    if (postgate.batches.refused > 0) refused.push(entry.name);
    else accepted.set(entry, postgate.operations);
  }
  assert.deepEqual(refused, REFUSED_BY_SANDBOX);
  const received = new Map((await gate.received()).map((request) => [request.operationId, request]));
  for (const [entry, operations] of accepted) {
    const bodies = operations.map((operation) => received.get(operation));
    assert.deepEqual(bodies.map((body) => body.sha256), entry.batches, entry.name);
    assert.deepEqual(bodies.map((body) => body.n), bodies.map((body) => body.n).toSorted((a, b) => a - b), "in order");
  }
  const batches = [...accepted.keys()].reduce((sum, entry) => sum + entry.batches.length, 0);
  assert.equal(received.size, batches, "nothing else reached the sandbox");
  t.diagnostic(`${accepted.size} sends became ${batches} upstream requests; ${cases.length - sent.length} were refused`);
});
