// Sends through the real Worker against a sandbox that goes wrong, and through kill -9 of the edge. Whatever happens,
// the sandbox's own records say that everybody was sent to once, or not at all where the operation says so.

import assert from "node:assert/strict";
import test from "node:test";

import { Edge } from "../edge.mjs";
import { request } from "../request.mjs";
import { Sandbox } from "../sandbox.mjs";
import { shared } from "../setup.mjs";
import { eventually, sleep } from "../waiting.mjs";

const SLOW = "+15017122662";
const STEADY = "+15017122663";
const ROOMY = "+15017122664";
const LANES = JSON.stringify({
  slow: { mps: 0.1, senders: [SLOW] },
  steady: { mps: 10, senders: [STEADY] },
  roomy: { mps: 0.1, senders: [ROOMY] },
});
const SEND = { method: "POST", path: "/v1/Messages" };

const sandbox = await shared(Sandbox.start());
const edge = await shared(Edge.start({ vars: { UPSTREAM_URL: `${sandbox.url}/v1`, LANES } }));

function send(body, query) {
  return edge.send(body, { query });
}

/** Status and JSON of a call below the operations. */
async function call(method, path, body) {
  const answer = await edge.call(method, `/v1/Messages/Operations${path}`, body);
  const text = await answer.text();
  return { status: answer.status, body: text && JSON.parse(text) };
}

function times({ to }) {
  return sandbox.times(to);
}

async function everybodyOnce(body) {
  assert.deepEqual(new Set(await times(body)), new Set([1]));
}

test("operations are listed, the newest first, by pages and status", async () => {
  const ids = [];
  for (let n = 0; n < 3; n++) ids.unshift(await send(request(1)));
  for (const id of ids) await edge.until(id);
  // The directory hears of it a little later.
  const completed = async () => (await call("GET", "?status=COMPLETED")).body;
  await eventually(async () => (await completed()).operations.length >= 3, "the list has them");
  const list = await completed();
  assert.deepEqual(list.operations.map(({ id }) => id), ids);
  assert.deepEqual(Object.keys(list.operations[0]), ["id", "status", "stats", "createdAt", "updatedAt"]);
  const first = (await call("GET", "?pageSize=2")).body;
  assert.equal(first.operations.length, 2);
  const second = (await call("GET", `?pageSize=2&pageToken=${first.pagination.next}`)).body;
  assert.deepEqual([...first.operations, ...second.operations].map(({ id }) => id), ids);
  assert.equal(second.pagination.next, null);
  for (const query of ["?pageSize=0", "?pageToken=x", "?status=DONE", "?startDate=now", "?page=1"]) {
    assert.equal((await call("GET", query)).status, 400, query);
  }
  assert.deepEqual((await call("GET", "?startDate=2100-01-01T00:00:00Z")).body.operations, []);
});

test("an instant is waited for here, and a send can be taken back until then", async () => {
  const later = request(2, { schedule: { sendAt: [new Date(Date.now() + 3_600_000).toISOString()] } });
  const id = await send(later);
  assert.equal((await call("GET", `/${id}`)).body.status, "SCHEDULED");
  const expected = { sent: 0, canceled: 2, inFlight: 0, unknown: 0 };
  for (let n = 0; n < 2; n++) assert.deepEqual(await call("POST", `/${id}/Cancel`), { status: 200, body: expected });
  const { body } = await call("GET", `/${id}`);
  assert.deepEqual([body.status, body.stats.canceled], ["CANCELED", 2]);
  assert.deepEqual(await times(later), [0, 0]);

  const soon = request(1, { schedule: { sendAt: [new Date(Date.now() + 15_000).toISOString()] } });
  const sent = await send(soon);
  assert.equal((await edge.operation(sent)).status, "SCHEDULED");
  await edge.clock({ advance: 15_000 });
  await edge.until(sent);
  await everybodyOnce(soon);
  const received = await sandbox.received();
  const { schedule } = await sandbox.body(received.at(-1).n);
  assert.equal(schedule, undefined);
});

test("a 429 is waited for, and nobody is sent to twice", async () => {
  await sandbox.unkind({ ...SEND, answer: 429, retryAfter: "2", times: 2 });
  const body = request(3);
  const began = Date.now();
  const done = await edge.until(await send(body));
  assert.ok(Date.now() - began >= 4_000);
  assert.equal(done.stats.delivered, 3);
  await everybodyOnce(body);
});

test("a batch whose answer was lost is found by its tag and not sent again", async () => {
  await sandbox.unkind({ ...SEND, answer: "cut", accept: true });
  const body = request(5);
  const id = await send(body);
  const open = await edge.until(id, ({ postgate }) => postgate.batches.unknown === 1);
  assert.equal(open.postgate.unsettled[0].recipients, 5);
  await edge.clock({ advance: 15_000 });
  const done = await edge.until(id);
  assert.deepEqual([done.stats.delivered, done.postgate.operations.length], [5, 1]);
  await everybodyOnce(body);
});

test("killed while the upstream has a batch and has not answered, the edge finds it and sends the rest", async () => {
  await sandbox.unkind({ ...SEND, skip: 1, answer: "silence", accept: true });
  const body = request(60);
  const id = await send(body, "?batchRows=20");
  await eventually(async () => (await times(body)).filter((n) => n > 0).length === 40, "two batches are upstream");
  await edge.kill();
  await edge.run();
  await edge.until(id, ({ postgate }) => postgate.batches.unknown === 1);
  await edge.clock({ advance: 15_000 });
  const done = await edge.until(id);
  assert.deepEqual([done.stats.delivered, done.postgate.batches.accepted], [60, 3]);
  await everybodyOnce(body);
});

test("killed between batches, the edge goes on where it was", async () => {
  await sandbox.unkind({ ...SEND, wait: 1_000, times: null });
  const body = request(100);
  const id = await send(body, "?batchRows=10");
  // The third batch is on the upstream's side: one that never left would stay unknown.
  const arrived = async () => (await sandbox.json("GET", "/sandbox/unkindness")).rules[0].used;
  await eventually(async () => (await arrived()) === 3, "the third batch has arrived");
  await edge.kill();
  await edge.run();
  await sandbox.unkind();
  // What was in flight is looked for; that it is known begins with the first look at it.
  await call("GET", `/${id}`);
  await edge.clock({ advance: 15_000 });
  const done = await edge.until(id);
  assert.equal(done.stats.delivered, 100);
  await everybodyOnce(body);
});

test("killed in the middle of an intake, the edge has kept and sent nothing", async () => {
  const text = JSON.stringify(request(50_000));
  const before = (await sandbox.received()).length;
  const intake = await edge.hold("killed", text.length, text.slice(0, text.length / 2));
  await edge.kill();
  intake.close();
  assert.equal(intake.text, "", "nothing was promised");
  await edge.run();
  await sleep(2_000);
  assert.equal((await sandbox.received()).length, before);
});

test("without room for the tag a person settles what is unknown, for one attempt", async () => {
  await sandbox.unkind({ ...SEND, answer: 503 });
  const tags = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`t${n}`, "x"]));
  const body = request(2, { tags });
  const id = await send(body);
  await edge.until(id, ({ postgate }) => postgate.batches.unknown === 1);
  await edge.clock({ advance: 15_000 });
  const open = await edge.until(id, ({ postgate }) => postgate.batches.held === 1);
  assert.equal(open.status, "PROCESSING");
  const listed = async () => (await call("GET", "?status=PROCESSING")).body.operations.find((operation) => operation.id === id);
  assert.deepEqual((await eventually(async () => (await listed())?.postgate, "the list shows it")), { unknown: 2 });
  const word = { batch: 0, attempt: 1, as: "not-sent" };
  for (const wrong of [{ ...word, as: "lost" }, { ...word, operationId: "x" }, { batch: 0 }, { ...word, more: 1 }]) {
    assert.equal((await call("POST", `/${id}/Settle`, wrong)).status, 400);
  }
  assert.equal((await call("POST", `/${id}/Settle`, { ...word, attempt: 2 })).status, 409);
  assert.equal((await call("POST", `/${id}/Settle`, { ...word, batch: 1 })).status, 404);
  const settled = await call("POST", `/${id}/Settle`, word);
  assert.deepEqual([settled.status, settled.body.postgate.settlements[0].key], [200, "dev"]);
  assert.equal((await call("POST", `/${id}/Settle`, word)).status, 200);
  assert.equal((await edge.until(id)).stats.delivered, 2);
  await everybodyOnce(body);
});

test("whom the upstream refuses is listed, and the rest of a strict send stays here", async () => {
  await sandbox.unkind({ ...SEND, skip: 1, answer: 400 });
  const body = request(30);
  const id = await send(body, "?batchRows=10");
  const done = await edge.until(id);
  assert.deepEqual([done.stats.delivered, done.stats.failed, done.stats.canceled], [10, 10, 10]);
  assert.equal(done.postgate.closed, "refused");
  const { errors, pagination } = (await call("GET", `/${id}/Errors`)).body;
  assert.deepEqual([errors.length, errors[0].batch, errors[0].status, errors[0].recipients], [1, 1, 400, 10]);
  assert.equal(pagination.next, null);
  const csv = await edge.call("GET", `/v1/Messages/Operations/${id}/Errors`, undefined, { headers: { accept: "text/csv" } });
  assert.match(csv.headers.get("content-type"), /^text\/csv/);
  const lines = (await csv.text()).trimEnd().split("\r\n");
  assert.equal(lines[0], "index,code,pointer,status,batch,recipients,issue");
  assert.equal(lines.length, 2);
});

test("a lane takes two minutes of its pace and a turn more, and then waits", async () => {
  await sandbox.unkind();
  const from = { address: STEADY, channel: "SMS" };
  const body = request(2_000, { from });
  const id = await send(body);
  const small = request(1, { from });
  const waiting = await edge.until(id, ({ postgate }) => postgate.paused?.status === null);
  assert.ok(Date.parse(waiting.postgate.paused.until) > Date.now());
  const other = await send(small);
  await edge.until(other, ({ postgate }) => postgate.paused?.status === null);
  assert.equal((await times(body)).filter((n) => n === 1).length, 1_800);
  assert.deepEqual(await times(small), [0]);
  for (const sent of [id, other]) await call("POST", `/${sent}/Cancel`);
  const canceled = await call("GET", `/${id}`);
  assert.deepEqual([canceled.body.status, canceled.body.stats.canceled], ["CANCELED", 200]);
  // Another lane does not wait for this one.
  await edge.until(await send(request(1)));
});

test("a send for which its sender has no room is told when, or that there never will be", async () => {
  const from = { address: SLOW, channel: "SMS" };
  const never = await edge.post(request(8_641, { from }));
  assert.equal(never.status, 422);
  const id = await send(request(5_000, { from }));
  const later = await edge.post(request(5_000, { from }));
  assert.equal(later.status, 429);
  const seconds = Number(later.headers.get("retry-after"));
  assert.ok(seconds > 10_000);
  assert.equal(later.headers.get("ratelimit-policy"), '"units";q=8640;w=86400');
  const [, left, reset] = /^"units";r=(\d+);t=(\d+)$/.exec(later.headers.get("ratelimit"));
  assert.ok(Number(left) >= 3_600 && Number(left) <= 3_700, `${left} units are left`);
  assert.equal(Number(reset), seconds);
  assert.equal((await later.json()).errors[0].code, 20429);
  await call("POST", `/${id}/Cancel`);
});

test("a request whose intake another one took over keeps no room in its lane", async () => {
  const from = { address: ROOMY, channel: "SMS" };
  const large = JSON.stringify(request(8_000, { from }));
  const half = large.length / 2;
  const slow = await edge.hold("taken over", large.length, large.slice(0, half));
  // Its lease lapses meanwhile.
  await edge.clock({ advance: 61_000 });
  const small = JSON.stringify(request(1, { from }));
  assert.equal((await edge.post(small, { headers: { "idempotency-key": "taken over" } })).status, 202);
  slow.socket.write(large.slice(half));
  assert.match(await slow.answer(), /^HTTP\/1\.1 409 .*took over from this one/s);
  const id = await send(request(8_000, { from }));
  await call("POST", `/${id}/Cancel`);
});

test("what is not there is not found, and another method is not allowed", async () => {
  const id = `comms_operation_${"0".repeat(35)}`;
  for (const [method, path] of [["POST", "Cancel"], ["GET", "Errors"]]) {
    assert.equal((await call(method, `/${id}/${path}`)).status, 404);
    assert.equal((await call(method, `/x/${path}`)).status, 404);
  }
  const word = { batch: 0, attempt: 1, as: "not-sent" };
  assert.equal((await call("POST", `/${id}/Settle`, word)).status, 404);
  assert.equal((await call("DELETE", `/${id}/Cancel`)).status, 405);
  for (const path of ["", `/${id}/Errors`]) {
    const answer = await edge.call("GET", `/v1/Messages/Operations${path}`, undefined, { key: {} });
    assert.equal(answer.status, 401);
    await answer.arrayBuffer();
  }
});
