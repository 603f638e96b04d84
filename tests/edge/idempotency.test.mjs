// A send that is handed in again is the same send: whatever fails in between, nobody is lost and nobody gets it twice.

import assert from "node:assert/strict";
import test from "node:test";
import { gzipSync } from "node:zlib";

import { Edge } from "../edge.mjs";
import { request } from "../request.mjs";
import { Sandbox } from "../sandbox.mjs";
import { shared } from "../setup.mjs";
import { PATIENCE, eventually, sleep } from "../waiting.mjs";

const PLAIN = JSON.stringify({
  to: [{ address: "+14155550100", channel: "PHONE" }],
  from: { address: "+15017122661", channel: "SMS" },
  content: { text: "Hello" },
});

const sandbox = await shared(Sandbox.start());
const edge = await shared(Edge.start({ vars: { UPSTREAM_URL: `${sandbox.url}/v1` } }));

function post(body, key, { path, ...headers } = {}) {
  return edge.post(body, { path, headers: { "idempotency-key": key, ...headers } });
}

/** How often the sandbox has each recipient of a body, once there was time for one more. */
async function times(body) {
  await sleep(1_000);
  return sandbox.times(JSON.parse(body).to);
}

/** An operation once all of it is accepted. */
function complete(id) {
  return edge.until(id, ({ postgate: { batches } }) => batches.accepted > 0 && batches.ready + batches.inFlight === 0);
}

/** Hands a body in until it is taken, as often as the gate asks for it; `wait` is for so many milliseconds. */
async function insist(body, key, wait) {
  let waited = 0;
  const handIn = async () => {
    // A connection may break while a body is refused in the middle; a client hands it in again.
    const answer = await post(body, key).catch(() => undefined);
    if (answer?.status !== 409) return answer;
    const seconds = Number(answer.headers.get("retry-after"));
    assert.ok(seconds >= 1 && seconds <= 60, `Retry-After: ${seconds}`);
    await wait(seconds * 1_000);
    waited += seconds;
  };
  const answer = await eventually(handIn, () => `${key} is taken, after ${waited} s`, 2 * PATIENCE);
  return { answer, waited };
}

test("the same request under the same key is one send, and the first answer again", async () => {
  const plain = JSON.stringify(request());
  const first = await post(plain, "same");
  assert.equal(first.status, 202);
  assert.equal(first.headers.get("idempotent-replayed"), null);
  const id = first.headers.get("operationId");
  for (const body of [plain, ReadableStream.from([Buffer.from(plain)])]) {
    const again = await post(body, "same", { prefer: "return=representation" });
    assert.equal(again.status, 202);
    assert.equal(again.headers.get("idempotent-replayed"), "true");
    assert.equal(again.headers.get("operationId"), id);
    assert.equal((await again.json()).operationId, id);
  }
  // What counts is what it inflates to.
  const inflated = await post(gzipSync(plain), "same", { "content-encoding": "gzip" });
  assert.deepEqual([inflated.status, inflated.headers.get("idempotent-replayed")], [202, "true"]);
  await complete(id);
  assert.equal((await post(plain, "same")).headers.get("idempotent-replayed"), "true", "also when it is sent");
  assert.deepEqual(await times(plain), [1]);
});

test("another request under the same key is a 422, whatever differs", async () => {
  assert.equal((await post(PLAIN, "other")).status, 202);
  for (const [body, options] of [
    [PLAIN.replace("Hello", "Hullo"), {}],
    [PLAIN, { path: "/v1/Messages?duplicates=drop" }],
    [PLAIN, { prefer: "handling=lenient" }],
    [PLAIN, { "content-type": "application/json; charset=utf-8" }],
  ]) {
    const answer = await post(body, "other", options);
    assert.equal(answer.status, 422);
    assert.equal((await answer.json()).errors[0].code, 20422);
  }
});

test("what has more bytes than the request under the key is not inflated to its end", async () => {
  const path = "/v1/Messages?limits=request";
  assert.equal((await post(PLAIN, "longer", { path })).status, 202);
  // To its end, it would be too large for a request.
  const bomb = gzipSync(PLAIN + " ".repeat(20_000_000));
  const answer = await post(bomb, "longer", { path, "content-encoding": "gzip" });
  assert.equal(answer.status, 422);
  assert.equal((await post(PLAIN, "longer", { path })).headers.get("idempotent-replayed"), "true");
});

test("a key is 1 to 255 characters, and different keys are different sends", async () => {
  const [one, two] = [await post(PLAIN, "x".repeat(255)), await post(PLAIN, "y")];
  assert.deepEqual([one.status, two.status], [202, 202]);
  assert.notEqual(one.headers.get("operationId"), two.headers.get("operationId"));
  assert.equal((await post(PLAIN, "x".repeat(256))).status, 400);
});

test("what was sent is found by its key", async () => {
  assert.equal((await edge.underKey("never")).status, 404);
  const id = (await post(PLAIN, "found")).headers.get("operationId");
  const answer = await edge.underKey("found");
  assert.equal(answer.status, 200);
  assert.equal((await answer.json()).id, id);
  assert.equal((await edge.call("GET", "/v1/Messages/Operations?idempotencykey=x")).status, 400);
});

test("a refused request leaves its key free", async () => {
  assert.equal((await post("{}", "free")).status, 400);
  assert.equal((await edge.underKey("free")).status, 404);
  assert.equal((await post(PLAIN, "free")).status, 202);
});

test("while a request comes in, its key answers 409 to others, before their body is read", async () => {
  const intake = await edge.hold("busy", PLAIN.length, PLAIN.slice(0, 30));
  const answer = await post(PLAIN, "busy");
  assert.equal(answer.status, 409);
  assert.ok(Number(answer.headers.get("retry-after")) <= 60);
  assert.equal((await edge.underKey("busy")).headers.get("retry-after") !== null, true);
  // A sender that goes away gives its key back.
  intake.close();
  await eventually(async () => (await post(PLAIN, "busy")).status === 202, "the key is free");
});

test("of many at the same time one is taken, and all get its answer in the end", async () => {
  const plain = JSON.stringify(request());
  // Whoever is told to wait for a minute waits for the event here.
  const held = async () => (await edge.underKey("crowd")).status === 409;
  const over = () => eventually(async () => !(await held()), "the intake is over");
  const answers = await Promise.all(Array.from({ length: 12 }, () => insist(plain, "crowd", over)));
  const ids = new Set(answers.map(({ answer }) => answer.headers.get("operationId")));
  assert.ok(answers.every(({ answer }) => answer.status === 202));
  assert.equal(ids.size, 1);
  assert.equal(answers.filter(({ answer }) => answer.headers.get("idempotent-replayed") !== "true").length, 1);
  await complete([...ids][0]);
  assert.deepEqual(await times(plain), [1]);
});

test("kill -9 in the middle of an intake: handed in again, all are sent to, once", async () => {
  const rows = Array.from({ length: 12_000 }, (_, n) => {
    const address = `+1415${String(5550000 + n % 10_000).padStart(7, "0")}`;
    return JSON.stringify({ address, channel: "PHONE", variables: { n: String(n), x: "x".repeat(1_000) } });
  });
  const body = `{"to":[${rows.join(",")}],"content":{"text":"Hello"}}`;
  assert.ok(body.length > 12_000_000, "spooled");
  const intake = await edge.hold("killed", body.length, body.slice(0, 11_000_000));
  await eventually(() => edge.rows().some(({ spool }) => spool > 0), "some of it is spooled");
  const began = Date.now();
  await edge.kill();
  intake.close();
  await edge.run();

  const { answer, waited } = await insist(body, "killed", (advance) => edge.clock({ advance }));
  assert.equal(answer.status, 202, await answer.text());
  // On the slowest of machines it has lapsed before anybody asks.
  assert.ok(waited <= 61 && (waited > 0 || Date.now() - began > 60_000), `the lease lapsed after ${waited} s`);
  const operation = await complete(answer.headers.get("operationId"));
  assert.equal(operation.stats.recipients, rows.length);
  const sent = [];
  for (const { n } of await sandbox.received()) sent.push(...(await sandbox.body(n)).to.filter(({ variables }) => variables));
  assert.deepEqual(sent.map((row) => Number(row.variables.n)), rows.map((_, n) => n));
  assert.equal((await post(body, "killed")).headers.get("idempotent-replayed"), "true");
});

test("where keys are required, a send without one is a 400", async () => {
  const strict = await Edge.start({ vars: { UPSTREAM_URL: `${sandbox.url}/v1`, REQUIRE_KEY: "true" } });
  try {
    const answer = await strict.post(PLAIN);
    assert.equal(answer.status, 400);
    assert.match((await answer.json()).errors[0].message, /Idempotency-Key/);
    assert.equal((await strict.post(PLAIN, { path: "/v1/Messages/DryRun" })).status, 200);
  } finally {
    await strict.stop();
  }
});
