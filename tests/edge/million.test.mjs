// A send of a million recipients, whole: taken in, sent on and accounted for, within the calls that the platform allows.

import assert from "node:assert/strict";
import test from "node:test";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

import { Edge } from "../edge.mjs";
import { Sandbox } from "../sandbox.mjs";
import { shared } from "../setup.mjs";

const PEOPLE = 1_000_000;
const FIRST = 14_152_000_000;
/** Most bytes of a request, as it is or inflated. */
const LARGEST = 512_000_000;
/** Most recipients of a request of the API. */
const BATCH = 10_000;
/** Most calls of an intake and of an alarm's step, as the READMEs say. */
const [INTAKE, STEP] = [400, 25];
/** Calls of an intake beside those to the operation's object: quota of requests and of recipients, directory, names, pacer. */
const BESIDE = 5;

const sandbox = await shared(Sandbox.start());
await sandbox.json("PUT", "/sandbox/pace", { defaultMps: 100_000 });
const edge = await shared(Edge.start({ vars: { UPSTREAM_URL: `${sandbox.url}/v1`, DEFAULT_MPS: "100000" } }));

function row(n) {
  return { address: `+${FIRST + n}`, channel: "PHONE", variables: { name: `Person ${String(n).padStart(25, "0")}` } };
}

/** A request of so many people, ten thousand rows at a time. */
async function* request(people) {
  yield Buffer.from('{"from":{"address":"+15017122661","channel":"SMS"},"content":{"text":"Hello {{ name }}"},"to":[');
  for (let n = 0; n < people; n += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, people - n) }, (_, more) => JSON.stringify(row(n + more)));
    yield Buffer.from(`${n === 0 ? "" : ","}${rows.join(",")}`);
  }
  yield Buffer.from("]}");
}

test("a million recipients are taken in one request and sent to once each", { timeout: 900_000 }, async (t) => {
  let began = Date.now();
  const seconds = () => `${((Date.now() - began) / 1_000).toFixed(1)} s`;
  const id = await edge.send(ReadableStream.from(request(PEOPLE)), { headers: { "idempotency-key": "a million" }, patience: 300_000 });
  t.diagnostic(`taken in ${seconds()}`);

  began = Date.now();
  const operation = await edge.until(id, undefined, 500_000);
  t.diagnostic(`sent and counted in ${seconds()}`);
  assert.deepEqual([operation.stats.total, operation.stats.delivered], [PEOPLE, PEOPLE]);
  assert.equal(operation.postgate.batches.accepted, PEOPLE / BATCH);

  let next = 0;
  for (const { n, recipients } of await sandbox.received()) {
    assert.equal(recipients, BATCH);
    const { to } = await sandbox.body(n);
    for (const sent of to) {
      const { address, channel, variables } = row(next++);
      assert.ok(sent.address === address && sent.channel === channel && sent.variables.name === variables.name, address);
    }
  }
  assert.equal(next, PEOPLE, "each once, in the order handed in");

  const [line, ...others] = edge.logged("accepted");
  assert.deepEqual([others.length, line.operation, line.rows, line.batches, line.spooled], [0, id, PEOPLE, PEOPLE / BATCH, true]);
  assert.ok(line.bytes >= 100_000_000, `${line.bytes} bytes`);
  assert.ok(line.calls + BESIDE <= INTAKE, `${line.calls} calls`);
  assert.ok(line.rowsWritten <= 1_000, `${line.rowsWritten} rows written`);
  const posted = edge.logged("posted");
  assert.deepEqual(posted.map(({ batch, attempt, answer }) => [batch, attempt, answer]), Array.from({ length: PEOPLE / BATCH }, (_, n) => [n, 1, "accepted"]));
  const steps = edge.logged("step").map(({ calls }) => calls);
  assert.ok(steps.length >= posted.length);
  const most = Math.max(...steps);
  assert.ok(most <= STEP, `a step of ${most} calls`);
  t.diagnostic(`${line.bytes} bytes, ${line.calls} calls, ${line.rowsWritten} rows written, ${steps.length} steps of at most ${most} calls`);
});

test("one more than a million is refused, and leaves nothing", async () => {
  const before = (await sandbox.received()).length;
  const answer = await edge.post(ReadableStream.from(request(PEOPLE + 1)), { patience: 300_000 });
  const { errors } = await answer.json();
  assert.deepEqual([answer.status, errors.length, errors[0].issue.code, errors[0].context], [400, 1, "recipient/too-many", "$.to"]);
  assert.ok(edge.rows().every(({ spool }) => !(spool > 0)), "its spool is gone");
  assert.equal((await sandbox.received()).length, before);
});

test("what inflates to nothing but white space is refused long before its end, and leaves nothing", async (t) => {
  const began = Date.now();
  // Beside everything else: while Node is busy, it does not hear that a connection it would use again was closed.
  const bomb = await promisify(gzip)(Buffer.alloc(LARGEST + 1, " "));
  assert.ok(bomb.length < 1_000_000, `${bomb.length} bytes`);
  const answer = await edge.post(bomb, { headers: { "content-encoding": "gzip" }, patience: 300_000 });
  const { errors } = await answer.json();
  assert.deepEqual([answer.status, errors[0].code], [413, 20413]);
  assert.match(errors[0].message, /No recipient comes to an end/);
  assert.ok(edge.rows().every(({ spool }) => !(spool > 0)), "its spool is gone");
  t.diagnostic(`${bomb.length} bytes refused in ${((Date.now() - began) / 1_000).toFixed(1)} s`);
});
