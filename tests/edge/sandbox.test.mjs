// The sandbox refuses by its own schema, not by core's judgement, and imitates what the tests rest on.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";

import { Gate, sample, sleep } from "../gate.mjs";

const KEY = { authorization: `Basic ${btoa("sandbox:sandbox")}` };

let gate;
before(async () => (gate = await Gate.start()), { timeout: 400_000 });
after(() => gate?.stop());

function post(body, headers = {}) {
  const all = { ...KEY, "content-type": "application/json", ...headers };
  return fetch(`${gate.sandbox}/v1/Messages`, { method: "POST", headers: all, body });
}

test("10,000 recipients are taken, 10,001 are not", async () => {
  const answer = await post(await sample(10_000));
  assert.equal(answer.status, 202);
  assert.equal(await answer.text(), "");
  assert.match(answer.headers.get("operationId"), /^comms_operation_[0-7][a-hjkmnpqrstv-z0-9]{25,34}$/);
  const refused = await post(await sample(10_001));
  assert.equal(refused.status, 400);
  assert.equal((await refused.json()).errors[0].context, "$.to");
});

test("10,000,000 bytes are taken, one more is not", async () => {
  const request = JSON.parse(await sample(12));
  const pad = (bytes) => {
    request.to[0].variables.filler = "";
    request.to[0].variables.filler = "x".repeat(bytes - JSON.stringify(request).length);
    return Buffer.from(JSON.stringify(request).replace(/[^\x00-\x7f]/g, "x"));
  };
  for (const name of ["firstName", "city"]) for (const row of request.to) row.variables[name] = "x";
  assert.equal((await post(pad(10_000_000))).status, 202);
  const refused = await post(pad(10_000_001));
  assert.equal(refused.status, 413);
  assert.equal((await refused.json()).errors[0].code, 20413);
});

test("a key is needed, and JSON", async () => {
  assert.equal((await post("{}", { authorization: "" })).status, 401);
  assert.equal((await post("{}", { "content-type": "text/plain" })).status, 415);
  assert.equal((await post("{")).status, 400);
  assert.equal((await post("[".repeat(100_000))).status, 400);
  assert.equal((await post(JSON.stringify({ to: [{ address: "+14155550100" }], content: { text: "hi" } }))).status, 400);
});

test("counters move until the operation is completed, and messages can be read", async () => {
  const answer = await post(await sample(2_000));
  const id = answer.headers.get("operationId");
  const seen = new Set();
  for (;;) {
    const operation = await (await fetch(`${gate.sandbox}/v1/Messages/Operations/${id}`, { headers: KEY })).json();
    const { total, queued, sent, delivered, read, undelivered, failed, canceled, scheduled } = operation.stats;
    assert.equal(queued + sent + delivered + read + undelivered + failed + canceled + scheduled, total);
    seen.add(JSON.stringify(operation.stats));
    if (operation.status === "COMPLETED") break;
    await sleep(20);
  }
  assert.ok(seen.size >= 2, "progress can be seen");
  const list = await fetch(`${gate.sandbox}/v1/Messages?operationId=${id}&pageSize=3`, { headers: KEY });
  const { messages, pagination } = await list.json();
  assert.equal(messages.length, 3);
  assert.ok(pagination.next);
  const message = await (await fetch(`${gate.sandbox}/v1/Messages/${messages[0].id}`, { headers: KEY })).json();
  assert.equal(message.status, "DELIVERED");
  assert.equal(message.to[0].channel, "PHONE");
});
