// Sends through the real Worker: split, kept in order, tracked until every recipient is accounted for.

import assert from "node:assert/strict";
import test from "node:test";

import { Gate, sample } from "../gate.mjs";
import { shared } from "../setup.mjs";

const ID = /^comms_operation_[0-7][a-hjkmnpqrstv-z0-9]{34}$/;
const PLAIN = JSON.stringify({
  to: [{ address: "+14155550100", channel: "PHONE" }],
  from: { address: "+15017122661", channel: "SMS" },
  content: { text: "Hello" },
});

const { edge, sandbox } = await shared(Gate.start());

test("25,000 recipients become three upstream requests, in order, and complete", async () => {
  const body = await sample(25_000);
  const answer = await edge.post(body);
  assert.equal(answer.status, 202);
  assert.equal(await answer.text(), "");
  const id = answer.headers.get("operationId");
  assert.match(id, ID);
  assert.equal(answer.headers.get("operation-id"), id);
  assert.equal(answer.headers.get("operation-location"), `${edge.url}/v1/Messages/Operations/${id}`);

  const done = await edge.until(id);
  assert.equal(done.id, id);
  assert.equal(done.stats.recipients, 25_000);
  assert.equal(done.stats.total, 25_000);
  assert.equal(done.stats.delivered, 25_000);
  assert.deepEqual(done.postgate.batches.accepted, 3);
  const received = await sandbox.received();
  assert.deepEqual(received.map((request) => request.recipients), [10_000, 10_000, 5_000]);
  assert.deepEqual(received.map((request) => request.operationId), done.postgate.operations);

  const sent = JSON.parse(body);
  const rows = [];
  for (const { n } of received) {
    const { to, ...head } = await sandbox.body(n);
    const { to: _, ...expected } = sent;
    const tag = `${id}.${n - 1}.1`;
    assert.deepEqual(head, { ...expected, tags: { ...expected.tags, "postgate.batch": tag } });
    rows.push(...to);
  }
  assert.deepEqual(rows, sent.to);
});

test("a broken address among 25,000 stops everything, and says which", async () => {
  const before = (await sandbox.received()).length;
  const request = JSON.parse(await sample(25_000));
  request.to[17_000].address = "+0";
  const answer = await edge.post(JSON.stringify(request));
  assert.equal(answer.status, 400);
  const { errors, counts, omitted } = await answer.json();
  assert.equal(errors.length, 1);
  assert.equal(errors[0].code, 21211);
  assert.equal(errors[0].context, "$.to[17000].address");
  assert.equal(errors[0].issue.at, "/to/17000/address");
  assert.equal(errors[0].infoUrl, `${edge.url}/issues#address/no-calling-code`);
  assert.deepEqual([counts, omitted], [{ "address/no-calling-code": 1 }, 0]);
  assert.equal((await sandbox.received()).length, before);
});

test("the same send twice is two operations", async () => {
  const [one, two] = [await edge.post(PLAIN), await edge.post(PLAIN)].map((answer) => answer.headers.get("operationId"));
  assert.notEqual(one, two);
  assert.equal((await edge.until(one)).stats.delivered, 1);
  assert.equal((await edge.until(two)).stats.delivered, 1);
});

test("return=representation adds the body of the newer reference", async () => {
  const answer = await edge.post(PLAIN, { headers: { prefer: "return=representation" } });
  assert.equal(answer.status, 202);
  assert.equal(answer.headers.get("preference-applied"), "return=representation");
  const id = answer.headers.get("operationId");
  assert.deepEqual(await answer.json(), {
    operationId: id,
    operationLocation: `${edge.url}/v1/Messages/Operations/${id}`,
  });
});

test("an operation keeps the contract's shape and adds its batches", async () => {
  const answer = await edge.post(PLAIN);
  const operation = await edge.until(answer.headers.get("operationId"));
  const counters = "total recipients attempts unaddressable scheduled queued sent delivered read undelivered failed canceled";
  assert.deepEqual(Object.keys(operation.stats), counters.split(" "));
  for (const time of [operation.createdAt, operation.updatedAt]) assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
  assert.equal(operation.postgate.batches.accepted, 1);
});

test("messages to numbers nobody has are delivered or failed, never lost", async () => {
  const to = ["+14155550100", "+11155550100"].map((address) => ({ address, channel: "PHONE" }));
  const answer = await edge.post(JSON.stringify({ to, content: { text: "Hello" } }));
  const { stats } = await edge.until(answer.headers.get("operationId"));
  assert.equal(stats.delivered + stats.failed + stats.undelivered, 2);
});

test("an operation of somebody's invention is not found", async () => {
  const real = (await edge.post(PLAIN)).headers.get("operationId");
  const other = real.slice(0, -1) + (real.endsWith("0") ? "1" : "0");
  for (const id of [other, "comms_operation_" + "0".repeat(35), "x", "comms_operation_0/../.."]) {
    const answer = await edge.call("GET", `/v1/Messages/Operations/${encodeURIComponent(id)}`);
    assert.equal(answer.status, 404, id);
    assert.equal((await answer.json()).errors[0].code, 20404);
  }
});
