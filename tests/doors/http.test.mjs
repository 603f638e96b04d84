// The HTTP door: DryRun gives the verdict to the byte; the real send refuses with the same issues, or sends the very
// rows in the very batches, with the head as the edge completes it. Edge and sandbox run in real workerd.

import assert from "node:assert/strict";
import test from "node:test";

import { Gate } from "../gate.mjs";
import { shared } from "../setup.mjs";
import { cases, report, sameAnswer, sha256, summaries } from "./suite.mjs";

const { split } = await import(new URL("../../target/npm/package/node.js", import.meta.url));

/** What the sandbox refuses though core passes it with a warning, as no page of Twilio's says which is right. */
const REFUSED_BY_SANDBOX = [
  "recipient/snapshot", // its schema knows no snapshots
  "recipient/snapshot-with-reference",
  "request/null-from", // its schema has no null
  "sender/messaging-service", // its schema wants a sender it knows
  "syntax/nested-1000", // its reader goes 128 deep
  "tags/liquid", // it holds on to the pattern for tags, which bars braces
  "tags/liquid-behind-what-is-none", // the same
  "template/unused-but-in-tag", // the same
  "template/tag-not-liquid",
  "text/lone-surrogate", // its reader wants pairs
  "text/reversed-surrogates",
];

// Hundreds of sends wait for each other's pace otherwise.
const { edge, sandbox } = await shared(Gate.start({ DEFAULT_MPS: "100000" }));

/** How the options of a case are given: in the query, but for the handling, which is a preference. */
function given({ options: { handling, ...options } }, path) {
  const written = ([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : value];
  const headers = handling === undefined ? {} : { prefer: `handling=${handling}` };
  return { path: `${path}?${new URLSearchParams(Object.entries(options).map(written))}`, headers };
}

/** Whether a body is refused at the first byte over the limit, so that nothing else is found in it. */
function tooLarge(entry) {
  return JSON.parse(entry.verdict).counts["request/too-large"] !== undefined;
}

/** The one instant of a request's schedule, for which the edge itself waits. */
function instant({ schedule }) {
  const whole = schedule && Object.keys(schedule).length === 1 && schedule.sendAt?.length === 1;
  return whole && /(Z|[+-]\d\d:\d\d)$/i.test(schedule.sendAt[0]) ? Date.parse(schedule.sendAt[0]) : NaN;
}

/** A batch as it goes upstream: without the instant that was waited for, and with the reserved tag where `got` has it. */
function upstream(batch, got) {
  const body = JSON.parse(batch);
  if (JSON.parse(got).schedule === undefined && !Number.isNaN(instant(body))) delete body.schedule;
  const tag = JSON.parse(got).tags?.["postgate.batch"];
  if (tag !== undefined) body.tags = { ...body.tags, "postgate.batch": tag };
  return body;
}

/** A request without its rows. */
function head({ to, ...others }) {
  assert.ok(Array.isArray(to));
  return others;
}

/** The rows of a batch, to the byte: what stands between the brackets of `to`. */
function rows(body) {
  const from = body.search(/"(t|\\u0074)(o|\\u006f)"\s*:\s*\[/i);
  const start = body.indexOf("[", from);
  let depth = 0;
  let quoted = false;
  for (let at = start; at < body.length; at += 1) {
    const sign = body[at];
    if (quoted) {
      if (sign === "\\") at += 1;
      else if (sign === '"') quoted = false;
    } else if (sign === '"') quoted = true;
    else if (sign === "[" || sign === "{") depth += 1;
    else if ((sign === "]" || sign === "}") && --depth === 0) return body.slice(start + 1, at);
  }
  assert.fail("no rows");
}

test("every case as a dry run", async () => {
  const head = '{"verdict":';
  let count = 0;
  for (const entry of cases) {
    const answer = await edge.post(entry.input, given(entry, "/v1/Messages/DryRun"));
    const body = Buffer.from(await answer.arrayBuffer());
    count += 1;
    if (tooLarge(entry)) {
      assert.equal(answer.status, 413, `${entry.name}: ${body}`);
      continue;
    }
    assert.equal(answer.status, 200, `${entry.name}: ${body}`);
    assert.equal(body.subarray(0, head.length).toString(), head);
    const tail = body.indexOf(',"estimate":', entry.answer.length);
    sameAnswer(body.subarray(head.length, tail), entry);
  }
  for (const entry of summaries) {
    const answer = await edge.post(entry.input, given(entry, "/v1/Messages/DryRun"));
    assert.equal(answer.status, 200, entry.name);
    const text = await answer.text();
    // Without `mps` the edge says the time at its own pace.
    const bare = entry.options.mps === undefined ? text.replace(/,"seconds":\{"min":\d+,"max":\d+\}(?=\},"previews":)/, "") : text;
    sameAnswer(bare, entry);
    count += 1;
  }
  assert.deepEqual(await sandbox.received(), [], "a dry run sends nothing");
  report("http", count, [...cases, ...summaries]);
});

test("every case as a send", async (t) => {
  const sent = [];
  for (const entry of cases) {
    const answer = await edge.post(entry.input, given(entry, "/v1/Messages"));
    const body = await answer.text();
    const verdict = JSON.parse(entry.verdict);
    if (verdict.ok) {
      assert.equal(answer.status, 202, `${entry.name}: ${body}`);
      assert.equal(body, "");
      sent.push([entry, answer.headers.get("operationId")]);
      continue;
    }
    assert.equal(answer.status, tooLarge(entry) ? 413 : 400, `${entry.name}: ${body}`);
    const errors = verdict.issues.filter((issue) => issue.severity === "error");
    const refusal = JSON.parse(body);
    assert.deepEqual(refusal.errors.map((error) => error.issue), errors, entry.name);
    const counts = tooLarge(entry) ? { "request/too-large": 1 } : verdict.counts;
    assert.deepEqual([refusal.counts, refusal.omitted], [counts, verdict.omitted], entry.name);
  }
  // The sandbox has a schema of its own: what it refuses of a request that core passed is told here, not hidden.
  const refused = [];
  const accepted = new Map();
  for (const [entry, id] of sent) {
    const done = ({ status, postgate: { batches } }) => status === "SCHEDULED" || batches.ready + batches.inFlight === 0;
    const { status, postgate } = await edge.until(id, done, 120_000);
    if (status === "SCHEDULED") assert.ok(instant(JSON.parse(entry.input)) > Date.now(), entry.name);
    else if (postgate.batches.refused > 0) refused.push(entry.name);
    else accepted.set(entry, postgate.operations);
  }
  assert.deepEqual(refused, REFUSED_BY_SANDBOX);
  let count = 0;
  const received = new Map((await sandbox.received()).map((request) => [request.operationId, request]));
  for (const [entry, operations] of accepted) {
    const bodies = operations.map((operation) => received.get(operation));
    assert.deepEqual(bodies.map((body) => body.n), bodies.map((body) => body.n).toSorted((a, b) => a - b), "in order");
    const { batches } = split(entry.input, entry.options);
    assert.deepEqual(batches.map(sha256), entry.batches, entry.name);
    const got = [];
    for (const { n } of bodies) got.push(await (await fetch(`${sandbox.url}/sandbox/requests/${n}/body`)).text());
    const wanted = batches.map((batch) => Buffer.from(batch).toString());
    // A full batch has no room for the tag, so that more may be needed.
    assert.ok(got.length >= wanted.length, `${entry.name}: ${got.length} batches`);
    assert.ok(got.every((body) => Buffer.byteLength(body) <= 10_000_000), entry.name);
    assert.equal(got.map(rows).join(), wanted.map(rows).join(), `${entry.name}: the rows`);
    for (const body of got) assert.deepEqual(head(JSON.parse(body)), head(upstream(wanted[0], body)), entry.name);
    count += got.length;
  }
  assert.equal(received.size, count, "nothing else reached the sandbox");
  t.diagnostic(`${accepted.size} sends became ${count} upstream requests; ${cases.length - sent.length} were refused`);
});
