// A send that is handed in again is the same send: whatever fails in between, nobody is lost and nobody gets it twice.

import assert from "node:assert/strict";
import { connect } from "node:net";
import test, { after, before } from "node:test";
import { gzipSync } from "node:zlib";

import { JSON_KEY, KEY, sleep } from "../gate.mjs";
import { Sandbox } from "../sandbox.mjs";
import { Edge } from "../worker.mjs";

const PLAIN = JSON.stringify({
  to: [{ address: "+14155550100", channel: "PHONE" }],
  from: { address: "+15017122661", channel: "SMS" },
  content: { text: "Hello" },
});

let edge;
let sandbox;
before(async () => {
  sandbox = await Sandbox.start();
  edge = await Edge.start({ vars: { UPSTREAM_URL: `${sandbox.url}/v1` } });
}, { timeout: 400_000 });
after(async () => {
  await edge?.stop();
  await sandbox?.stop();
});

function post(body, key, { path = "/v1/Messages", ...headers } = {}) {
  const all = { ...JSON_KEY, ...(key && { "idempotency-key": key }), ...headers };
  return fetch(edge.url + path, { method: "POST", headers: all, body, duplex: "half" });
}

function of(key) {
  return fetch(`${edge.url}/v1/Messages/Operations?idempotencyKey=${encodeURIComponent(key)}`, { headers: KEY });
}

/** How many requests the sandbox has accepted, once no more come. */
async function received() {
  const count = async () => (await (await fetch(`${sandbox.url}/sandbox/requests`)).json()).length;
  for (let before = await count(); ; ) {
    await sleep(2_000);
    const now = await count();
    if (now === before) return now;
    before = now;
  }
}

/** Waits until all of an operation is accepted. */
async function complete(id) {
  for (const start = Date.now(); ; await sleep(100)) {
    const answer = await fetch(`${edge.url}/v1/Messages/Operations/${id}`, { headers: KEY });
    const operation = await answer.json();
    const { batches } = operation.postgate;
    if (batches.accepted > 0 && batches.ready + batches.inFlight === 0) return operation;
    if (Date.now() - start > 60_000) throw new Error(JSON.stringify(operation));
  }
}

/** Begins a request whose body never ends, and waits until the edge has its lease. */
async function begin(key, sent) {
  const { hostname, port } = new URL(edge.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  socket.write(`POST /v1/Messages HTTP/1.1\r\nHost: x\r\nAuthorization: ${KEY.authorization}\r\nIdempotency-Key: ${key}\r\n` +
    `Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${sent.length.toString(16)}\r\n${sent}\r\n`);
  while ((await of(key)).status !== 409) await sleep(20);
  return socket;
}

/** Hands a body in until it is taken, as often as the gate asks for it; `wait` is for so many milliseconds. */
async function insist(body, key, wait = sleep) {
  for (let waited = 0; ; ) {
    // A connection may break while a body is refused in the middle; a client hands it in again.
    const answer = await post(body, key).catch(() => undefined);
    if (!answer) {
      await sleep(1_000);
      continue;
    }
    if (answer.status !== 409) return { answer, waited };
    const seconds = Number(answer.headers.get("retry-after"));
    assert.ok(seconds >= 1 && seconds <= 60, `Retry-After: ${seconds}`);
    await wait(seconds * 1_000);
    waited += seconds;
  }
}

test("the same request under the same key is one send, and the first answer again", async () => {
  const before = await received();
  const first = await post(PLAIN, "same");
  assert.equal(first.status, 202);
  assert.equal(first.headers.get("idempotent-replayed"), null);
  const id = first.headers.get("operationId");
  for (const body of [PLAIN, ReadableStream.from([Buffer.from(PLAIN)])]) {
    const again = await post(body, "same", { prefer: "return=representation" });
    assert.equal(again.status, 202);
    assert.equal(again.headers.get("idempotent-replayed"), "true");
    assert.equal(again.headers.get("operationId"), id);
    assert.equal((await again.json()).operationId, id);
  }
  // What counts is what it inflates to.
  const inflated = await post(gzipSync(PLAIN), "same", { "content-encoding": "gzip" });
  assert.deepEqual([inflated.status, inflated.headers.get("idempotent-replayed")], [202, "true"]);
  await complete(id);
  assert.equal((await post(PLAIN, "same")).headers.get("idempotent-replayed"), "true", "also when it is sent");
  assert.equal(await received(), before + 1);
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

test("a key is 1 to 255 characters, and different keys are different sends", async () => {
  const [one, two] = [await post(PLAIN, "x".repeat(255)), await post(PLAIN, "y")];
  assert.deepEqual([one.status, two.status], [202, 202]);
  assert.notEqual(one.headers.get("operationId"), two.headers.get("operationId"));
  assert.equal((await post(PLAIN, "x".repeat(256))).status, 400);
});

test("what was sent is found by its key", async () => {
  assert.equal((await of("never")).status, 404);
  const id = (await post(PLAIN, "found")).headers.get("operationId");
  const answer = await of("found");
  assert.equal(answer.status, 200);
  assert.equal((await answer.json()).id, id);
  assert.equal((await fetch(`${edge.url}/v1/Messages/Operations?idempotencykey=x`, { headers: KEY })).status, 400);
});

test("a refused request leaves its key free", async () => {
  assert.equal((await post("{}", "free")).status, 400);
  assert.equal((await of("free")).status, 404);
  assert.equal((await post(PLAIN, "free")).status, 202);
});

test("while a request comes in, its key answers 409 to others, before their body is read", async () => {
  const socket = await begin("busy", PLAIN.slice(0, 30));
  const answer = await post(PLAIN, "busy");
  assert.equal(answer.status, 409);
  assert.ok(Number(answer.headers.get("retry-after")) <= 60);
  assert.equal((await of("busy")).headers.get("retry-after") !== null, true);
  // A sender that goes away gives its key back.
  socket.destroy();
  let status;
  for (let tries = 0; tries < 100 && status !== 202; tries += 1, await sleep(100)) status = (await post(PLAIN, "busy")).status;
  assert.equal(status, 202);
});

test("of many at the same time one is taken, and all get its answer in the end", async () => {
  const before = await received();
  const answers = await Promise.all(Array.from({ length: 12 }, () => insist(PLAIN, "crowd")));
  const ids = new Set(answers.map(({ answer }) => answer.headers.get("operationId")));
  assert.ok(answers.every(({ answer }) => answer.status === 202));
  assert.equal(ids.size, 1);
  assert.equal(answers.filter(({ answer }) => answer.headers.get("idempotent-replayed") !== "true").length, 1);
  await complete([...ids][0]);
  assert.equal(await received(), before + 1);
});

test("kill -9 in the middle of an intake: handed in again, all are sent to, once", { timeout: 300_000 }, async () => {
  const rows = Array.from({ length: 12_000 }, (_, n) => {
    const address = `+1415${String(5550000 + n % 10_000).padStart(7, "0")}`;
    return JSON.stringify({ address, channel: "PHONE", variables: { n: String(n), x: "x".repeat(1_000) } });
  });
  const body = `{"to":[${rows.join(",")}],"content":{"text":"Hello"}}`;
  assert.ok(body.length > 12_000_000, "spooled");
  const before = await received();
  const socket = await begin("killed", body.slice(0, 11_000_000));
  await sleep(1_000);
  await edge.kill();
  socket.destroy();
  await edge.run();

  const { answer, waited } = await insist(body, "killed", (advance) => edge.clock({ advance }));
  assert.equal(answer.status, 202, await answer.text());
  assert.ok(waited > 0 && waited <= 61, `the lease lapsed after ${waited} s`);
  const operation = await complete(answer.headers.get("operationId"));
  assert.equal(operation.stats.recipients, rows.length);
  const requests = (await (await fetch(`${sandbox.url}/sandbox/requests`)).json()).slice(before);
  const sent = [];
  for (const { n } of requests) {
    sent.push(...(await (await fetch(`${sandbox.url}/sandbox/requests/${n}/body`)).json()).to);
  }
  assert.deepEqual(sent.map((row) => Number(row.variables.n)), rows.map((_, n) => n));
  assert.equal((await post(body, "killed")).headers.get("idempotent-replayed"), "true");
});

test("where keys are required, a send without one is a 400", async () => {
  const strict = await Edge.start({ vars: { UPSTREAM_URL: `${sandbox.url}/v1`, REQUIRE_KEY: "true" } });
  try {
    const all = { method: "POST", headers: JSON_KEY, body: PLAIN };
    const answer = await fetch(`${strict.url}/v1/Messages`, all);
    assert.equal(answer.status, 400);
    assert.match((await answer.json()).errors[0].message, /Idempotency-Key/);
    assert.equal((await fetch(`${strict.url}/v1/Messages/DryRun`, all)).status, 200);
  } finally {
    await strict.stop();
  }
});
