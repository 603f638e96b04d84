// The sandbox refuses by its own schema, not by core's judgement, and imitates what the tests rest on.

import assert from "node:assert/strict";
import test from "node:test";

import { sample } from "../gate.mjs";
import { Sandbox } from "../sandbox.mjs";
import { shared } from "../setup.mjs";

const sandbox = await shared(Sandbox.start());
await sandbox.json("PUT", "/sandbox/pace", { defaultMps: 100_000 });

test("10,000 recipients are taken, 10,001 are not", async () => {
  const answer = await sandbox.post(await sample(10_000));
  assert.equal(answer.status, 202);
  assert.equal(await answer.text(), "");
  assert.match(answer.headers.get("operationId"), /^comms_operation_[0-7][a-hjkmnpqrstv-z0-9]{25,34}$/);
  const refused = await sandbox.post(await sample(10_001));
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
  assert.equal((await sandbox.post(pad(10_000_000))).status, 202);
  const refused = await sandbox.post(pad(10_000_001));
  assert.equal(refused.status, 413);
  assert.equal((await refused.json()).errors[0].code, 20413);
});

test("a key is needed, and JSON", async () => {
  assert.equal((await sandbox.post("{}", { key: {} })).status, 401);
  assert.equal((await sandbox.post("{}", { headers: { "content-type": "text/plain" } })).status, 415);
  assert.equal((await sandbox.post("{")).status, 400);
  assert.equal((await sandbox.post("[".repeat(100_000))).status, 400);
  assert.equal((await sandbox.post({ to: [{ address: "+14155550100" }], content: { text: "hi" } })).status, 400);
});

test("counters move until the operation is completed, and messages can be read", async () => {
  const id = await sandbox.send(await sample(2_000));
  const seen = new Set();
  await sandbox.until(id, (operation) => {
    const { total, queued, sent, delivered, read, undelivered, failed, canceled, scheduled } = operation.stats;
    assert.equal(queued + sent + delivered + read + undelivered + failed + canceled + scheduled, total);
    seen.add(JSON.stringify(operation.stats));
    return operation.status === "COMPLETED";
  });
  assert.ok(seen.size >= 2, "progress can be seen");
  const { messages, pagination } = await sandbox.json("GET", `/v1/Messages?operationId=${id}&pageSize=3`);
  assert.equal(messages.length, 3);
  assert.ok(pagination.next);
  const message = await sandbox.json("GET", `/v1/Messages/${messages[0].id}`);
  assert.equal(message.status, "DELIVERED");
  assert.equal(message.to[0].channel, "PHONE");
});
