// Keys that may send from some senders alone, and keys that end.

import assert from "node:assert/strict";
import test from "node:test";

import { Edge } from "../edge.mjs";
import { shared } from "../setup.mjs";
import { eventually } from "../waiting.mjs";
import { key, setting } from "./keys.mjs";
import { IDS } from "./routes.mjs";
import { Upstream } from "./upstream.mjs";

const { senderId: SENDER, senderPoolId: POOL } = IDS;
const DAY = 86_400_000;
const OWN = key("shop", "acme", ["send", "read"], { senders: ["+15017122661", "Acme", POOL], options: { defaultRegion: "US" } });
const FREE = key("office", "acme", ["send", "read"]);
/** Ends with tomorrow. */
const ENDING = key("guest", "acme", ["send", "read"], { until: new Date(Date.now() + DAY).toISOString().slice(0, 10) });
const OVER = key("gone", "acme", ["send", "read"], { until: "2020-01-01T00:00:00Z" });

const upstream = await shared(Upstream.start());
const vars = { UPSTREAM_URL: upstream.url, KEYS: setting(OWN, FREE, ENDING, OVER), DEFAULT_MPS: "100000" };
const edge = await shared(Edge.start({ vars }));

const TO = [{ address: "+14155550123", channel: "PHONE" }];
const CONTENT = { text: "Hello" };
const sms = (address) => ({ address, channel: "SMS" });
// A sender of WhatsApp reaches nobody else.
const from = (from, more) => ({ to: from?.channel === "WHATSAPP" ? [{ ...TO[0], channel: "WHATSAPP" }] : TO, from, content: CONTENT, ...more });
const post = (body, { path = "/v1/Messages", by = OWN, headers } = {}) => edge.post(body, { path, key: by.headers, headers });

test("a key with senders sends from them, however they are written", async () => {
  const senders = [sms("+15017122661"), sms("(501) 712-2661"), { address: "whatsapp:+15017122661", channel: "WHATSAPP" }, sms("Acme"), { senderPoolId: POOL }];
  for (const sender of senders) {
    const dry = await post(from(sender), { path: "/v1/Messages/DryRun" });
    assert.equal(dry.status, 200, await dry.text());
    const id = await edge.send(from(sender), { key: OWN.headers });
    await edge.until(id, undefined, undefined, { key: OWN.headers });
  }
  assert.equal(upstream.posts().length, senders.length);
});

test("from elsewhere it is refused with the place, by a dry run as well, and nothing is kept", async () => {
  upstream.requests.length = 0;
  // As far as anything of them is still there.
  const kept = () => edge.rows().filter((tables) => Object.values(tables).some((rows) => rows > 0)).length;
  const before = kept();
  for (const [body, context, words] of [
    [from(sms("+15017122662")), "$.from.address", /what \/from\/address names/],
    [from(sms("(501) 712-2662")), "$.from.address", /what \/from\/address names/],
    [from({ senderId: SENDER }), "$.from.senderId", /what \/from\/senderId names/],
    [from({ senderPoolId: POOL.replace("pool_0", "pool_1") }), "$.from.senderPoolId", /what \/from\/senderPoolId names/],
    [from(null), "$.from", /one of which \/from has to name/],
    [from(undefined), "$.from", /one of which \/from has to name/],
    [from({ ...sms("Acme"), agentId: "zebra" }), "$.from", /\/from has a member that is not in the API's reference/],
    [from(sms("Acme"), { sender: sms("+15017122662") }), "$", /the request has a member/],
  ]) {
    for (const path of ["/v1/Messages", "/v1/Messages/DryRun"]) {
      const answer = await post(body, { path });
      const text = await answer.text();
      assert.equal(answer.status, 403, `${path} ${JSON.stringify(body)}: ${text}`);
      assert.equal(answer.headers.get("refused-by"), "gate");
      const [error] = JSON.parse(text).errors;
      assert.deepEqual([error.code, error.context], [20003, context]);
      assert.match(error.message, words);
      assert.doesNotMatch(text, /712|zebra/);
    }
    // To a key without a list it is open.
    assert.equal((await post(body, { path: "/v1/Messages/DryRun", by: FREE })).status, 200);
  }
  assert.equal(kept(), before);
  assert.deepEqual(upstream.requests, []);
});

test("what is too large for memory, with its sender at its end, is refused as well and gives its key back", async () => {
  const to = Array.from({ length: 60_000 }, (_, n) => ({ address: `+1415${String(2_000_000 + n)}`, channel: "PHONE", variables: { note: "x".repeat(120) } }));
  const body = JSON.stringify({ to, content: CONTENT, from: sms("+15017122662") });
  assert.ok(body.length > 10_000_000);
  const headers = { "idempotency-key": "large" };
  const answer = await post(body, { headers });
  assert.equal(answer.status, 403, await answer.text());
  const known = await edge.call("GET", "/v1/Messages/Operations?idempotencyKey=large", undefined, { key: OWN.headers });
  assert.equal(known.status, 404);
  assert.ok(edge.rows().every(({ spool }) => !(spool > 0)), "its spool is gone");
  const right = await post(body.replace("7122662", "7122661"), { headers });
  assert.equal(right.status, 202, await right.text());
});

test("a request with errors says all of them, whoever sends it", async () => {
  const answer = await post({ ...from(sms("+15017122662")), content: {} });
  assert.equal(answer.status, 400);
});

test("a key ends, and is then like one that never was; the log has its name", async () => {
  const list = (by) => edge.call("GET", "/v1/Messages/Operations", undefined, { key: by.headers });
  assert.equal((await list(ENDING)).status, 200);
  const [over, unknown] = [await list(OVER), await list(key("nobody", "acme", ["read"]))];
  assert.deepEqual([over.status, await over.text()], [401, await unknown.text()]);
  await edge.clock({ advance: 2 * DAY });
  assert.equal((await list(ENDING)).status, 401);
  assert.equal((await list(FREE)).status, 200);
  const refused = () => edge.logged("request").filter(({ status }) => status === 401).map(({ key }) => key);
  await eventually(() => refused().length === 3, () => `three refusals in the log: ${refused()}`);
  assert.deepEqual(refused(), ["gone", null, "guest"]);
});

test("a list or an end that is wrong is told to the operator without its value", async () => {
  for (const [more, words] of [
    [{ senders: ["+1 501 712 2661"] }, /KEYS has a wrong key in place 1: senders must list numbers such as/],
    [{ until: "next spring" }, /KEYS has a wrong key in place 1: until must be a day, or an instant of RFC 3339\./],
  ]) {
    const vars = { KEYS: setting(FREE, key("wrong", "acme", ["send"], more)) };
    const refused = await Edge.start({ vars }).then((edge) => edge.stop(), (error) => String(error));
    assert.match(refused, words);
    assert.doesNotMatch(refused, /does not serve.*(spring|501 712)/);
  }
});
