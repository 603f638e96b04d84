// The rest of the API that the sandbox stands for: senders, pools, stored recipients, channels, and seeking.

import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";

import { Sandbox, request } from "../sandbox.mjs";
import { shared } from "../setup.mjs";

const TAIL = "[0-7][a-hjkmnpqrstv-z0-9]{25,34}$";
const STORE = "mem_store_01h9krwprkeee8fzqspvwy6nq8";

const sandbox = await shared(Sandbox.start());
beforeEach(() => sandbox.call("DELETE", "/sandbox"));

async function senders(channel) {
  return (await sandbox.json("GET", `/v1/Senders?channel=${channel}`)).senders;
}

async function pool(...members) {
  const made = await sandbox.call("POST", "/v1/SenderPools", { name: "Campaign", senders: members.map(({ id }) => ({ senderId: id })) });
  assert.equal(made.status, 202);
  const { senderPools } = await sandbox.json("GET", `/v1/SenderPools?operationId=${made.headers.get("operationId")}`);
  return senderPools[0].id;
}

/** The messages of a send with their attempts, once it is completed. */
async function sent(body) {
  const id = await sandbox.send(body);
  const operation = await sandbox.until(id);
  const list = await sandbox.list("/v1/Messages", "messages", { operationId: id });
  const messages = await Promise.all(list.map((message) => sandbox.json("GET", `/v1/Messages/${message.id}`)));
  return { operation, messages };
}

test("senders are listed, filtered, fetched and searched", async () => {
  const all = await sandbox.list("/v1/Senders", "senders", { pageSize: 2 });
  assert.equal(all.length, 7);
  for (const sender of all) {
    assert.match(sender.id, new RegExp(`^comms_sender_${TAIL}`));
    assert.deepEqual(Object.keys(sender).toSorted(), ["address", "channel", "createdAt", "displayName", "id", "status", "tags", "updatedAt"]);
  }
  assert.equal((await senders("RCS")).length, 1);
  assert.equal((await sandbox.json("GET", "/v1/Senders?status=DEACTIVATED")).senders.length, 1);
  assert.deepEqual(await sandbox.json("GET", `/v1/Senders/${all[0].id}`), all[0]);
  assert.equal((await sandbox.call("GET", `/v1/Senders/${all[0].id}x`)).status, 404);
  const found = await sandbox.json("POST", "/v1/Senders/Search", { address: "+15005550006", channel: "WHATSAPP" });
  assert.deepEqual(found.senders.map(({ channel }) => channel), ["WHATSAPP"]);
  assert.equal((await sandbox.call("POST", "/v1/Senders/Search", { address: "+15005550006" })).status, 400);
  const more = await sandbox.json("POST", "/sandbox/senders", { address: "Brand", channel: "SMS" });
  assert.deepEqual(await sandbox.json("GET", `/v1/Senders/${more.id}`), more);
});

test("pairs are resolved, the best channel first", async () => {
  const recipientAddresses = [
    { address: "+14155550100", channel: "PHONE" },
    { address: "+14155550100", channel: "WHATSAPP" },
  ];
  const channels = async (more) => {
    const { results } = await sandbox.json("POST", "/v1/Senders/Resolve", { recipientAddresses, ...more });
    assert.deepEqual(results.map(({ priority }) => priority), results.map((_, index) => index));
    return results.map(({ from, to }) => `${from.channel} ${to.channel}`);
  };
  const sms = Array(4).fill("SMS PHONE");
  assert.deepEqual(await channels(), ["RCS PHONE", "WHATSAPP WHATSAPP", ...sms]);
  assert.deepEqual(await channels({ channels: { filterIn: ["SMS"] } }), sms);
  const priority = [{ channel: "WHATSAPP", priority: 0 }];
  assert.equal((await channels({ channels: { priority } }))[0], "WHATSAPP WHATSAPP");
  const poolId = await pool(...(await senders("RCS")));
  assert.deepEqual(await channels({ senderPoolId: poolId }), ["RCS PHONE"]);
  const both = { recipientAddresses, senderPoolId: poolId, senderAddresses: [{ address: "+15005550006", channel: "SMS" }] };
  assert.equal((await sandbox.call("POST", "/v1/Senders/Resolve", both)).status, 400);
});

test("a pool is made, changed, filled, emptied and removed, each by a job where the contract has one", async () => {
  const [rcs] = await senders("RCS");
  const unknown = "comms_sender_01h9krwprkeee8fzqspvwy6nq8";
  const made = await sandbox.call("POST", "/v1/SenderPools", { name: "A", senders: [{ senderId: rcs.id }, { senderId: unknown }] });
  assert.equal(made.status, 202);
  const job = made.headers.get("operationId");
  assert.equal(made.headers.get("operation-location"), `${sandbox.url}/v1/SenderPools/Operations/${job}`);
  await sandbox.json("POST", "/sandbox/clock", { advance: 150 });
  const done = await sandbox.json("GET", `/v1/SenderPools/Operations/${job}`);
  assert.deepEqual([done.status, done.stats], ["COMPLETED", { total: 3, queued: 0, created: 2, failed: 1 }]);
  assert.deepEqual((await sandbox.json("GET", "/v1/SenderPools/Operations")).operations, [done]);

  const [found] = (await sandbox.json("GET", "/v1/SenderPools")).senderPools;
  assert.match(found.id, new RegExp(`^comms_senderpool_${TAIL}`));
  assert.equal((await sandbox.call("POST", "/v1/SenderPools", { name: "A" })).status, 409);
  const path = `/v1/SenderPools/${found.id}`;
  const changed = await sandbox.json("PATCH", path, { name: "B", tags: { team: "x" } });
  assert.deepEqual(changed, { resourceId: found.id, resourceLocation: sandbox.url + path });
  const { name, tags } = await sandbox.json("GET", path);
  assert.deepEqual([name, tags], ["B", { team: "x" }]);
  assert.equal((await sandbox.call("PATCH", path, {})).status, 400);

  const [sms] = await senders("SMS");
  assert.equal((await sandbox.call("POST", `${path}/Senders`, [{ senderId: sms.id }])).status, 202);
  assert.equal((await sandbox.call("POST", `${path}/Senders`, { senderId: sms.id })).status, 400);
  const members = async () => (await sandbox.json("GET", `${path}/Senders`)).senders.map(({ id }) => id).toSorted();
  assert.deepEqual(await members(), [rcs.id, sms.id].toSorted());
  assert.equal((await sandbox.call("DELETE", `${path}/Senders/${rcs.id}`)).status, 204);
  assert.equal((await sandbox.call("DELETE", `${path}/Senders/${rcs.id}`)).status, 404);
  assert.deepEqual(await members(), [sms.id]);
  assert.equal((await sandbox.call("DELETE", path)).status, 204);
  assert.equal((await sandbox.call("GET", path)).status, 404);
});

test("a pool tries RCS, then SMS, and each try is an attempt", async () => {
  const poolId = await pool(...(await senders("RCS")), (await senders("SMS")).at(-1));
  const to = ["+14155550100", "+15005552106", "+15005552005"].map((address) => ({ address, channel: "PHONE" }));
  const { operation, messages } = await sent(request(1, { to, from: { senderPoolId: poolId } }));
  const tries = ({ attempts }) => attempts.map(({ from, status, error }) => [from.channel, status, error?.code ?? null]);
  assert.deepEqual(messages.map(tries), [
    [["RCS", "DELIVERED", null]],
    [["RCS", "FAILED", 63106], ["SMS", "DELIVERED", null]],
    [["RCS", "READ", null]],
  ]);
  assert.deepEqual(messages.map(({ status }) => status), ["DELIVERED", "DELIVERED", "READ"]);
  assert.equal(messages[1].from.senderPoolId, poolId);
  const { attempts, delivered, read } = operation.stats;
  assert.deepEqual([attempts, delivered, read], [4, 2, 1]);
});

test("who no sender reaches is unaddressable, and nothing is tried", async () => {
  const [whatsapp] = await senders("WHATSAPP");
  for (const from of [{ senderId: whatsapp.id }, { senderId: "comms_sender_01h9krwprkeee8fzqspvwy6nq8" }]) {
    const { operation, messages } = await sent(request(1, { from }));
    assert.deepEqual([operation.stats.unaddressable, operation.stats.attempts, operation.stats.failed], [1, 0, 1]);
    assert.deepEqual(messages[0].attempts, []);
  }
});

test("a connected recipient is tried at one address after the other", async () => {
  const addresses = [
    { address: "+15005550009", channel: "PHONE" },
    { address: "+14155550100", channel: "PHONE" },
  ];
  const { messages } = await sent(request(1, { to: [{ addresses }], from: { address: "+15017122661", channel: "SMS" } }));
  assert.deepEqual(messages[0].attempts.map(({ to, status }) => [to[0].address, status]), [
    ["+15005550009", "FAILED"],
    ["+14155550100", "DELIVERED"],
  ]);
  assert.deepEqual(messages[0].to, [addresses[1]]);
});

test("a SID leads to its message by a 301, and no other does", async () => {
  const { messages } = await sent(request(2));
  for (const message of messages) {
    const sid = message.attempts[0].infoUrl.split("/").at(-1);
    assert.match(sid, /^SM[0-9a-f]{32}$/);
    const answer = await sandbox.call("GET", `/v1/Messages/Seek/${sid}`);
    assert.deepEqual([answer.status, answer.headers.get("location")], [301, `${sandbox.url}/v1/Messages/${message.id}`]);
    const other = sid.slice(0, -1) + (sid.endsWith("0") ? "1" : "0");
    assert.equal((await sandbox.call("GET", `/v1/Messages/Seek/${other}`)).status, 404);
  }
  assert.equal((await sandbox.call("GET", "/v1/Messages/Seek/SM1")).status, 400);
  const media = { text: "Look", media: [{ url: "https://example.com/a.png" }] };
  assert.match((await sent(request(1, { content: media }))).messages[0].attempts[0].infoUrl, /MM[0-9a-f]{32}$/);
});

test("content is what the recipient reads", async () => {
  const to = [{ address: "+14155550100", channel: "PHONE", variables: { name: "Ada" } }, { address: "+14155550101", channel: "PHONE" }];
  const { messages } = await sent(request(1, { to, content: { text: "Hi {{ name | default: 'you' }}" } }));
  assert.deepEqual(messages.map(({ content }) => content.text), ["Hi Ada", "Hi you"]);
});

test("a stored profile is sent to as it was when the send was accepted", async () => {
  const profileId = "mem_profile_01h9krwprkeee8fzqspvwy6nq8";
  const profile = (name) => ({
    profileId,
    memoryStoreId: STORE,
    addresses: [{ address: "+14155550100", channel: "PHONE" }],
    traits: { Contact: { firstName: name } },
  });
  await sandbox.json("POST", "/sandbox/profiles", { profiles: [profile("Ada")] });
  const variables = { name: "${Twilio.Profile.firstName}" };
  const to = [{ profileId, memoryStoreId: STORE, variables }, { profileId: `${profileId}x`, memoryStoreId: STORE }];
  const id = await sandbox.send(request(1, { to, content: { text: "Hi {{ name }}" } }));
  await sandbox.json("POST", "/sandbox/profiles", { profiles: [profile("Eve")] });
  const { stats } = await sandbox.until(id);
  assert.deepEqual([stats.delivered, stats.unaddressable], [1, 1]);
  const { messages } = await sandbox.json("GET", `/v1/Messages?operationId=${id}&profile=${profileId}`);
  assert.deepEqual(messages.map((message) => message.to), [
    [{ address: "+14155550100", channel: "PHONE", profileId, memoryStoreId: STORE }],
  ]);
  assert.equal((await sandbox.json("GET", `/v1/Messages/${messages[0].id}`)).content.text, "Hi Ada");
});

test("a million members of a group are sent to, without a row for each", async () => {
  const cohortId = "cmp_cohort_01h9krwprkeee8fzqspvwy6nq8";
  const member = (address, name) => ({ addresses: [{ address, channel: "PHONE" }], traits: { name } });
  const members = [member("+1415#######", "Ada"), member("+1416#######", "Bo"), member("+15005550004", "Cy")];
  const made = await sandbox.json("POST", "/sandbox/cohorts", { cohortId, size: 1_000_000, members });
  assert.equal(made.size, 1_000_000);
  await sandbox.json("PUT", "/sandbox/pace", { defaultMps: 1_000 });
  await sandbox.json("POST", "/sandbox/clock", { speed: 0 });
  const to = [{ cohortId, variables: { name: "${Twilio.Profile.name}" } }];
  const body = request(1, { to, content: { text: "Hi {{ name }}" } });
  const id = await sandbox.send(body);
  await sandbox.json("POST", "/sandbox/clock", { advance: 500_000 });
  const half = (await sandbox.operation(id)).stats;
  assert.deepEqual([half.total, half.total - half.queued], [1_000_000, 500_001]);
  await sandbox.json("POST", "/sandbox/clock", { advance: 600_000 });
  const { stats } = await sandbox.until(id);
  assert.deepEqual([stats.delivered, stats.failed, stats.attempts], [666_667, 333_333, 1_000_000]);
  const page = await sandbox.json("GET", `/v1/Messages?operationId=${id}&pageSize=4&status=DELIVERED`);
  assert.deepEqual(page.messages.map(({ to }) => to[0].address), ["+14150000000", "+14160000001", "+14150000003", "+14160000004"]);
  assert.equal(page.messages[0].to[0].cohortId, cohortId);
  const message = await sandbox.json("GET", `/v1/Messages/${page.messages[1].id}`);
  assert.equal(message.content.text, "Hi Bo");
  const over = { ...body, to: [...to, { address: "+14155550100", channel: "PHONE" }] };
  assert.equal((await sandbox.call("POST", "/v1/Messages", over)).status, 400);
});
