// What who runs the gate changes while sends are on their way: holding them, their pace, keys and secrets. Each change is
// a new deployment: the program starts anew, with the same storage and another setting.

import assert from "node:assert/strict";
import test from "node:test";

import { Edge } from "../edge.mjs";
import { shared } from "../setup.mjs";
import { eventually, sleep } from "../waiting.mjs";
import { key, setting } from "./keys.mjs";
import { Upstream } from "./upstream.mjs";

const US = { address: "+15017122661", channel: "SMS" };
/** Through whose lane nothing has been sent before: what lies upstream is counted at a new rate. */
const NEXT = { address: "+15017122662", channel: "SMS" };
const UK = { address: "+447700900123", channel: "SMS" };
const LANES = (mps, { address } = US) => JSON.stringify({ [address === US.address ? "us" : "next"]: { mps, senders: [address] } });
const OLD = key("shop", "acme", ["send", "read"]);
const NEW = key("shop-2", "acme", ["send", "read"]);

/** Starts with settings that are wrong, too: this page is there even then. */
class Deployed extends Edge {
  static health = "/issues";
}

const upstream = await shared(Upstream.start());
const vars = { UPSTREAM_URL: upstream.url, DEFAULT_MPS: "100000", LANES: LANES(100), KEYS: setting(OLD), ID_SECRET: "the first one" };
const edge = await shared(Deployed.start({ vars }));

const people = (count) => Array.from({ length: count }, (_, n) => ({ address: `+1415555${1_000 + n}`, channel: "PHONE" }));
const request = (from, count = 1) => ({ to: people(count), from, content: { text: "Hello" } });
const health = async () => (await edge.call("GET", "/health")).json();

/** What the list says of an operation beside the API's own. */
async function listed(id) {
  const { operations } = await edge.json("GET", "/v1/Messages/Operations");
  return operations.find((operation) => operation.id === id).postgate;
}

/** Deploys with other settings; what is undefined is taken out. */
async function deploy(changed) {
  await edge.kill();
  for (const [name, value] of Object.entries(changed)) {
    if (value === undefined) delete edge.vars[name];
    else edge.vars[name] = value;
  }
  await edge.run();
}

test("sends are held, all or those of some senders, and go on when that is over", async () => {
  await deploy({ HOLD: "true" });
  assert.match((await health()).reasons[0], /^The setting HOLD holds sends back/);
  const [us, uk] = [await edge.send(request(US)), await edge.send(request(UK))];
  for (const id of [us, uk]) await edge.until(id, ({ postgate }) => postgate.paused?.by === "hold");
  await deploy({ HOLD: "us" });
  // What is held asks again after half a minute.
  await edge.clock({ speed: 20 });
  await edge.until(uk);
  const { postgate } = await edge.operation(us);
  assert.deepEqual([postgate.paused?.by, postgate.batches.ready], ["hold", 1]);
  assert.equal(upstream.posts().length, 1);
  await eventually(async () => (await listed(uk)) === undefined, "the list to know that one goes on");
  await eventually(async () => (await listed(us)) !== undefined, "the list to know that one waits");
  assert.deepEqual(await listed(us), { paused: { by: "hold" } });
  // What is held can be taken back.
  assert.equal((await edge.json("POST", `/v1/Messages/Operations/${us}/Cancel`)).canceled, 1);
  await deploy({ HOLD: undefined });
  assert.deepEqual((await health()).reasons, []);
  await edge.until(await edge.send(request(US)));
});

test("a word in HOLD that names nobody stops the deployment, not a send", async () => {
  const refused = await Edge.start({ vars: { ...vars, HOLD: "+1 501 712 2661" } }).then((edge) => edge.stop(), String);
  assert.match(refused, /does not serve: The setting HOLD must be true, or lanes and senders with commas between\./);
});

test("a lane's pace is changed in the middle of a send", async () => {
  await deploy({ LANES: LANES(1) });
  // A minute of the lane a batch, two of which may lie there when the third is granted.
  const id = await edge.send(request(US, 1_000));
  await edge.until(id, ({ postgate }) => postgate.batches.accepted === 3 && postgate.paused?.by === "pace");
  const posted = upstream.posts().length;
  const { until, by } = (await edge.operation(id)).postgate.paused;
  await eventually(async () => (await listed(id)) !== undefined, "the list to say what it waits for");
  assert.deepEqual(await listed(id), { paused: { until, by } });
  await deploy({ LANES: LANES(1_000) });
  await edge.clock({ advance: 60_000 });
  await edge.until(id);
  assert.equal(upstream.posts().slice(posted).reduce((sum, { to }) => sum + to.length, 0), 1_000 - 180);
});

test("what waits for hours at a pace that was a mistake goes on within minutes of its correction", async () => {
  const from = { address: "+15017122663", channel: "SMS" };
  const lane = (mps) => JSON.stringify({ slow: { mps, senders: [from.address] } });
  await deploy({ LANES: lane(10) });
  const posted = upstream.posts().length;
  const first = await edge.send(request(from, 1_900));
  await edge.until(first, ({ postgate }) => postgate.batches.accepted === 3 && postgate.paused?.by === "pace");
  // What lies upstream, three minutes of the lane, is hundreds of minutes of this one.
  await deploy({ LANES: lane(0.1) });
  const second = await edge.send(request(from, 3));
  const { postgate } = await edge.until(second, ({ postgate }) => postgate.paused?.by === "pace");
  assert.ok(Date.parse(postgate.paused.until) > Date.now() + 3_600_000, postgate.paused.until);
  await deploy({ LANES: lane(10) });
  await edge.clock({ advance: 301_000 });
  for (const id of [first, second]) await edge.until(id);
  assert.equal(upstream.posts().slice(posted).reduce((sum, { to }) => sum + to.length, 0), 1_903);
});

test("a deployment that does not serve loses nothing, and what was taken before goes on after it", async () => {
  await deploy({ LANES: LANES(1, NEXT) });
  const posted = upstream.posts().length;
  const id = await edge.send(request(NEXT, 400));
  // Nothing is on its way: a batch that is when the program is killed is in doubt, whatever its settings.
  await edge.until(id, ({ postgate }) => postgate.batches.accepted === 3 && postgate.paused?.by === "pace");
  await deploy({ KEYS: '[{"key":"shop"' });
  const answer = await edge.call("GET", "/health");
  assert.deepEqual([answer.status, (await answer.json()).reasons], [503, ["The setting KEYS is no list of keys from line 1 column 14 on."]]);
  await eventually(() => /step failed/.test(edge.log), "a step to fail");
  await deploy({ KEYS: setting(OLD), LANES: LANES(1_000, NEXT) });
  await edge.clock({ advance: 120_000 });
  const { postgate } = await edge.until(id);
  assert.equal(postgate.unsettled, undefined);
  assert.equal(upstream.posts().slice(posted).reduce((sum, { to }) => sum + to.length, 0), 400);
});

test("sends go on two minutes after the credentials are right again", async () => {
  // Back in the machine's time, as the next deployment will be.
  await deploy({});
  upstream.answers.set("POST /v1/Messages", { status: 401, body: { code: 20003 } });
  const id = await edge.send(request(UK));
  await edge.until(id, ({ postgate }) => postgate.paused?.by === "credentials");
  const told = await eventually(async () => (await health()).reasons[0], "it to be told");
  assert.match(told, /^The upstream answers 401 to UPSTREAM_KEY, since /);
  upstream.answers.delete("POST /v1/Messages");
  await deploy({ UPSTREAM_SECRET: "the right one" });
  await edge.clock({ advance: 121_000 });
  await edge.until(id);
  assert.deepEqual((await health()).reasons, []);
});

test("a program changes from one key to the next without being refused", async () => {
  const list = (by) => edge.call("GET", "/v1/Messages/Operations", undefined, { key: by.headers });
  const headers = { "idempotency-key": "of both" };
  const send = (by) => edge.post(request(UK), { key: by.headers, headers });
  await deploy({ KEYS: setting(OLD, NEW) });
  const first = await send(OLD);
  assert.equal(first.status, 202);
  // Handed in again under the other key of its tenant, it is the same send.
  const again = await send(NEW);
  assert.deepEqual([again.status, again.headers.get("idempotent-replayed")], [202, "true"]);
  assert.equal(again.headers.get("operationId"), first.headers.get("operationId"));
  await deploy({ KEYS: setting(NEW) });
  assert.deepEqual([(await list(OLD)).status, (await list(NEW)).status], [401, 200]);
});

test("the sends of a tenant whose last key is taken out are still found if their alarms are lost", async () => {
  const [leaving, idle] = [key("leaving", "leaving", ["send"]), key("idle", "idle", ["send"])];
  await deploy({ KEYS: setting(OLD, leaving, idle) });
  const posted = upstream.posts().length;
  const sendAt = Date.now() + 12_000;
  const body = { ...request(UK), schedule: { sendAt: [new Date(sendAt).toISOString()] } };
  assert.equal((await edge.post(body, { key: leaving.headers })).status, 202);
  const known = (database) => database.prepare("SELECT count(*) AS n FROM operation WHERE status = 'SCHEDULED'").get().n;
  await eventually(() => edge.stored("Tenant", known).includes(1), "the directory to know");
  // The key is there for less than a minute: no round has seen it.
  await edge.kill();
  edge.loseAlarms("Operation");
  edge.stored("Tenant", (database) => database.exec("UPDATE operation SET poke_at = 0"), { change: true });
  await deploy({ KEYS: setting(OLD) });
  await sleep(Math.max(0, sendAt - Date.now()) + 1_500);
  assert.equal(upstream.posts().length, posted, "nothing wakes it");
  await edge.round();
  await eventually(() => upstream.posts().length === posted + 1, "it to be sent");
  // Who has neither a key nor a send is not asked for ever.
  const names = (database) => {
    const has = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'tenant'").get();
    return has ? database.prepare("SELECT name FROM tenant ORDER BY name").all().map(({ name }) => name) : [];
  };
  await eventually(() => edge.stored("Tenant", names).flat().join() === "acme,dev,leaving", "the names to be those");
});

test("with ID_SECRET changed, sends of before are known as long as ID_SECRET_BEFORE is there", async () => {
  const headers = { "idempotency-key": "across" };
  const send = () => edge.post(request(UK), { headers });
  const first = (await send()).headers.get("operationId");
  await deploy({ ID_SECRET: "the second one", ID_SECRET_BEFORE: "the first one" });
  const again = await send();
  assert.deepEqual([again.status, again.headers.get("idempotent-replayed"), again.headers.get("operationId")], [202, "true", first]);
  assert.equal((await (await edge.underKey("across")).json()).id, first);
  assert.equal((await edge.post(request(US), { headers })).status, 422);
  assert.equal((await edge.operation(first)).id, first);
  // What is new goes by the new one alone, so it is known when the old one is gone.
  const second = await edge.send(request(UK), { headers: { "idempotency-key": "behind" } });
  await deploy({ ID_SECRET_BEFORE: undefined });
  assert.equal((await edge.underKey("across")).status, 404);
  assert.equal((await (await edge.underKey("behind")).json()).id, second);
});
