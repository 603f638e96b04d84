// The sandbox's records: found by exactly their tags, page by page, and not one lost over kill -9.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test, { beforeEach } from "node:test";

import { sample } from "../gate.mjs";
import { Sandbox, request } from "../sandbox.mjs";
import { shared } from "../setup.mjs";
import { eventually } from "../waiting.mjs";

const sandbox = await shared(Sandbox.start());
beforeEach(() => sandbox.call("DELETE", "/sandbox"));

function tagged(tags, pageSize = 1000) {
  return sandbox.list("/v1/Messages", "messages", { tags, pageSize });
}

test("a list by tag holds what carries the very pair, and nothing else", async () => {
  const batch = (n) => ({ "postgate.batch": `comms_operation_01h9krwprkeee8fzqspvwy6nq8.${n}.1` });
  const ids = [];
  for (const n of [1, 2, 11]) ids.push(await sandbox.send(request(2, { tags: { ...batch(n), campaign: "a" } })));
  await sandbox.send(request(1));
  const key = "postgate.batch:comms_operation_01h9krwprkeee8fzqspvwy6nq8";
  for (const [index, n] of [1, 2, 11].entries()) {
    const found = await tagged(`${key}.${n}.1;`);
    assert.deepEqual(found.map((message) => message.related[0].id), [ids[index], ids[index]]);
    for (const message of found) assert.deepEqual(message.tags, { ...batch(n), campaign: "a" });
  }
  assert.equal((await tagged(`${key}.2.1;campaign:a;`)).length, 2);
  // Without the last semicolon too, and never by a part of a value, another case, or one pair of two.
  assert.equal((await tagged(`${key}.2.1`)).length, 2);
  for (const none of [`${key}.1.2;`, `${key}.1.;`, `${key};`, "Campaign:a;", "campaign:A;", `${key}.2.1;campaign:b;`]) {
    assert.deepEqual(await tagged(none), [], none);
  }
  assert.equal((await tagged("campaign:a;")).length, 6);
});

test("pages follow one another without a gap or a double, also over a crash", async () => {
  for (let n = 0; n < 4; n += 1) await sandbox.send(request(5, { tags: { campaign: n % 2 ? "odd" : "even" } }));
  const all = await tagged("campaign:odd;");
  const page = await sandbox.json("GET", "/v1/Messages?tags=campaign:odd;&pageSize=3");
  assert.equal(page.messages.length, 3);
  await sandbox.kill();
  await sandbox.run();
  // What is sent meanwhile is newer, and not on a later page.
  await sandbox.send(request(5, { tags: { campaign: "odd" } }));
  const seen = [...page.messages];
  for (let token = page.pagination.next; token; ) {
    const next = await sandbox.json("GET", `/v1/Messages?tags=campaign:odd;&pageSize=3&pageToken=${token}`);
    seen.push(...next.messages);
    token = next.pagination.next;
  }
  assert.deepEqual(seen.map(({ id }) => id), all.map(({ id }) => id));
  assert.equal(new Set(seen.map(({ id }) => id)).size, 10);
});

test("a list by operation holds its messages alone", async () => {
  const [one, two] = [await sandbox.send(request(3)), await sandbox.send(request(4))];
  for (const [id, count] of [[one, 3], [two, 4]]) {
    const found = await sandbox.list("/v1/Messages", "messages", { operationId: id, pageSize: 2 });
    assert.deepEqual([found.length, new Set(found.map(({ related }) => related[0].id))], [count, new Set([id])]);
  }
});

test("what was answered with a 202 is there after kill -9, to the byte, and comes to its end", async () => {
  const bodies = [await sample(10_000), await sample(777)];
  const ids = [];
  for (const body of bodies) ids.push(await sandbox.send(body));
  await sandbox.kill();
  await sandbox.run();
  const kept = await sandbox.received();
  assert.deepEqual(kept.map(({ operationId }) => operationId), ids);
  for (const [index, { n, sha256, bytes, recipients }] of kept.entries()) {
    const body = Buffer.from(await (await sandbox.call("GET", `/sandbox/requests/${n}/body`)).arrayBuffer());
    assert.ok(body.equals(bodies[index]));
    assert.equal(createHash("sha256").update(body).digest("hex"), sha256);
    assert.deepEqual([bytes, recipients], [body.length, [10_000, 777][index]]);
    const { stats } = await sandbox.until(ids[index]);
    assert.equal(stats.delivered + stats.failed + stats.undelivered, recipients);
    assert.equal((await sandbox.list("/v1/Messages", "messages", { operationId: ids[index], pageSize: 1000 })).length, recipients);
  }
});

test("killed again and again while it takes sends, it loses none that it answered", async () => {
  const answered = [];
  for (let round = 0; round < 3; round += 1) {
    let stopped = false;
    const sender = async () => {
      while (!stopped) {
        const id = await sandbox.send(request(20, { tags: { round: String(round) } })).catch(() => null);
        if (id) answered.push(id);
      }
    };
    const senders = [sender(), sender()];
    // In the middle of something, however slow the machine.
    const some = answered.length + 3;
    await eventually(() => answered.length >= some, "some sends to be answered");
    await sandbox.kill();
    stopped = true;
    await Promise.all(senders);
    await sandbox.run();
  }
  const kept = new Set((await sandbox.received()).map(({ operationId }) => operationId));
  assert.ok(answered.length >= 9);
  assert.deepEqual(answered.filter((id) => !kept.has(id)), []);
  const messages = await sandbox.list("/v1/Messages", "messages", { pageSize: 1000 });
  assert.equal(messages.length, kept.size * 20);
});
