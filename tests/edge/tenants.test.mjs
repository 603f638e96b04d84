// Keys, tenants and scopes; what is passed on to the upstream and what comes back; what a log holds. The upstream is one
// that can also say what the contract does not.

import assert from "node:assert/strict";
import test from "node:test";

import { Edge } from "../edge.mjs";
import { shared } from "../setup.mjs";
import { eventually } from "../waiting.mjs";
import { key, setting } from "./keys.mjs";
import { IDS, ROUTES } from "./routes.mjs";
import { Upstream } from "./upstream.mjs";

const ORIGIN = "https://campaigns.example";
const ACME = key("acme-app", "acme", ["send", "read"]);
const ADMIN = key("acme-admin", "acme", ["account", "read", "send"]);
const GLOBEX = key("globex", "globex", ["send", "read"], { options: { defaultRegion: "US" }, representation: true });
const FEW = key("few", "acme", ["send", "read"], { quota: { requests: 3, recipients: 5 } });
const METERED = key("metered", "acme", ["send", "read"], { quota: { recipients: 9_000 } });
/** A sender whose lane takes 8,640 recipients a day. */
const SLOW = { address: "+15017122662", channel: "SMS" };

const { messageId: MESSAGE, senderId: SENDER, senderPoolId: POOL, sid: SID } = IDS;
const SEND = {
  to: [{ address: "+14155550123", channel: "PHONE", variables: { name: "Wilhelmina" } }],
  from: { address: "+15017122661", channel: "SMS" },
  content: { text: "Hello {{ name | default: 'you' }}" },
};

const upstream = await shared(Upstream.start());
const vars = {
  UPSTREAM_URL: upstream.url,
  UPSTREAM_KEY: "AC-of-the-upstream",
  UPSTREAM_SECRET: "secret-of-the-upstream",
  KEYS: setting(ACME, ADMIN, GLOBEX),
  KEYS_2: setting(FEW, METERED),
  LANES: JSON.stringify({ slow: { mps: 0.1, senders: [SLOW.address] } }),
  CORS_ORIGINS: `https://other.example, ${ORIGIN}`,
};
const edge = await shared(Edge.start({ vars }));

function call(who, method, path, { body, headers } = {}) {
  return edge.call(method, path, body, { key: who?.headers ?? {}, headers });
}

/** Hands a send in, and waits until the upstream has it. */
async function sent(who, send = SEND, query = "") {
  const key = who.headers;
  const id = await edge.send(send, { query, key });
  const { postgate } = await edge.until(id, undefined, undefined, { key });
  return { id, operations: postgate.operations };
}

async function refused(answer, status, by = "gate") {
  const text = await answer.text();
  assert.equal(answer.status, status, text);
  assert.equal(answer.headers.get("refused-by"), by);
  return JSON.parse(text).errors[0];
}

test("another tenant's operation and messages are not there", async () => {
  const { id, operations } = await sent(ACME);
  upstream.answers.set("GET /v1/Messages", { body: { messages: [], pagination: { next: null, self: null } } });
  const tagged = { id: MESSAGE, related: [], tags: { "postgate.batch": `${id}.0.1` } };
  upstream.answers.set(`GET /v1/Messages/${MESSAGE}`, { body: tagged });
  upstream.answers.set(`GET /v1/Messages/Seek/${SID}`, { status: 301, headers: { location: `${upstream.url}/Messages/${MESSAGE}` } });
  for (const path of [`/v1/Messages/Operations/${id}`, `/v1/Messages?operationId=${id}`, `/v1/Messages/${MESSAGE}`, `/v1/Messages/Seek/${SID}`]) {
    const own = await call(ACME, "GET", path);
    assert.ok([200, 301].includes(own.status), `${path}: ${own.status}`);
    assert.equal((await refused(await call(GLOBEX, "GET", path), 404)).code, 20404);
  }
  // What is nobody's, not there, or the upstream's own looks the same to a key without the account.
  const other = MESSAGE.replace("01h", "02h");
  upstream.answers.set(`GET /v1/Messages/${other}`, { body: { id: other, related: [], tags: {} } });
  for (const path of [`/v1/Messages/${other}`, `/v1/Messages/${other}x`, `/v1/Messages/Operations/${operations[0]}`, `/v1/Messages?operationId=${operations[0]}`]) {
    await refused(await call(ACME, "GET", path), 404);
  }
  assert.equal((await call(ADMIN, "GET", `/v1/Messages/${other}`)).status, 200);
  assert.equal((await (await call(ADMIN, "GET", `/v1/Messages/Operations/${operations[0]}`)).json()).id, operations[0]);
  assert.match((await refused(await call(ACME, "GET", "/v1/Messages"), 400)).message, /operationId is needed/);
});

test("a message shows our operation in place of the upstream's, and no reserved tag", async () => {
  const { id, operations } = await sent(ACME);
  const theirs = { name: "OPERATION", id: operations[0], uri: `${upstream.url}/Messages/Operations/${operations[0]}` };
  const session = { name: "SESSION", id: "s", uri: "https://comms.twilio.com/v1/Sessions/s" };
  const body = `{"id":"${MESSAGE}","related":[${JSON.stringify(theirs)},${JSON.stringify(session)}],"tags":{"a":"b","postgate.batch":"${id}.0.1"},"n":1.50}`;
  upstream.answers.set(`GET /v1/Messages/${MESSAGE}`, { body });
  const text = await (await call(ACME, "GET", `/v1/Messages/${MESSAGE}`)).text();
  const related = [
    { name: "OPERATION", id, uri: `${edge.url}/v1/Messages/Operations/${id}` },
    { ...session, uri: `${edge.url}/v1/Sessions/s` },
  ];
  assert.equal(text, `{"id":"${MESSAGE}","related":${JSON.stringify(related)},"tags":{"a":"b"},"n":1.50}`);
  upstream.answers.set(`GET /v1/Messages/Seek/${SID}`, { status: 301, headers: { location: `${upstream.url}/Messages/${MESSAGE}` } });
  const seek = await call(ACME, "GET", `/v1/Messages/Seek/${SID}`);
  assert.equal(seek.headers.get("location"), `${edge.url}/v1/Messages/${MESSAGE}`);
});

test("the messages of a send are listed over all its upstream operations", async () => {
  const to = Array.from({ length: 5 }, (_, n) => ({ address: `+1415555010${n}`, channel: "PHONE" }));
  const { id, operations } = await sent(ACME, { ...SEND, to }, "?batchRows=2");
  assert.equal(operations.length, 3);
  upstream.answers.set("GET /v1/Messages", ({ url }) => {
    const query = new URL(url, upstream.url).searchParams;
    const at = operations.indexOf(query.get("operationId"));
    assert.equal(query.get("status"), "DELIVERED");
    const first = query.get("pageToken") === null;
    const message = (id, operation) => ({ id, related: [{ name: "OPERATION", id: operation, uri: "x" }], tags: {} });
    // Whatever else the upstream says is not the tenant's.
    const messages = [message(`m${at}${first ? 0 : 1}`, operations[at]), message("another's", Upstream.id(9999))];
    return { body: { messages, pagination: { next: first ? "a.b?&=" : null, self: null } } };
  });
  const seen = [];
  let token = "";
  do {
    const query = new URLSearchParams({ operationId: id, status: "DELIVERED", ...(token && { pageToken: token }) });
    const { messages, pagination } = await (await call(ACME, "GET", `/v1/Messages?${query}`)).json();
    assert.equal(pagination.self, token || null);
    seen.push(...messages.map((message) => message.id));
    token = pagination.next;
  } while (token);
  assert.deepEqual(seen, ["m00", "m01", "m10", "m11", "m20", "m21"]);
  const foreign = new URLSearchParams({ operationId: id, pageToken: `${Upstream.id(9999)}.` });
  await refused(await call(ACME, "GET", `/v1/Messages?${foreign}`), 400);
  upstream.answers.delete("GET /v1/Messages");
});

test("a request of the contract reaches the upstream as it is, with the gate's own credentials", async () => {
  upstream.requests.length = 0;
  for (const { method, path, body } of ROUTES.filter(({ scope, path }) => scope === "account" && !path.endsWith("/Settle"))) {
    await call(ADMIN, method, path, { body });
    const asked = upstream.requests.at(-1);
    assert.deepEqual([asked.method, asked.url], [method, path], path);
    assert.equal(asked.body.toString(), body ?? "");
  }
  for (const { headers } of upstream.requests) {
    assert.equal(headers.authorization, `Basic ${btoa("AC-of-the-upstream:secret-of-the-upstream")}`);
  }
  await call(ADMIN, "GET", "/v1/Senders?pageSize=5&channel=SMS%26x%3D%0d%0aHost:%20evil");
  assert.equal(upstream.requests.at(-1).url, "/v1/Senders?pageSize=5&channel=SMS%26x%3D%0D%0AHost%3A%20evil");
});

test("what the contract does not know is refused and not passed on", async () => {
  upstream.requests.length = 0;
  const search = { address: "+15017122661", channel: "SMS" };
  for (const [method, path, body, status] of [
    ["GET", "/v1/Senders?limit=5", undefined, 400],
    ["GET", "/v1/Senders?pageSize=5&pageSize=6", undefined, 400],
    ["GET", `/v1/Senders?pageToken=${"x".repeat(3_000)}`, undefined, 400],
    ["GET", `/v1/SenderPools/${POOL}?x=1`, undefined, 400],
    ["POST", "/v1/Senders/Search", { ...search, more: 1 }, 400],
    ["POST", "/v1/Senders/Search", { ...search, channel: "sms" }, 400],
    ["POST", "/v1/Senders/Search?x=1", search, 400],
    ["POST", "/v1/Senders/Resolve", { recipientAddresses: [] }, 400],
    ["POST", "/v1/SenderPools", { senders: [{ senderId: POOL }] }, 400],
    ["PATCH", `/v1/SenderPools/${POOL}`, "[".repeat(100_000), 400],
    ["POST", `/v1/SenderPools/${POOL}/Senders`, { senderId: SENDER }, 400],
    ["GET", "/v1/Senders//evil.example", undefined, 404],
    ["GET", "/v1/SenderPools/x/Senders/y", undefined, 405],
    ["GET", "/v1/Emails", undefined, 404],
    ["GET", "/v2/Senders", undefined, 404],
  ]) {
    await refused(await call(ADMIN, method, path, { body }), status);
  }
  const error = await refused(await call(ADMIN, "POST", "/v1/Senders/Search", { body: { ...search, secretive: "Wilhelmina" } }), 400);
  assert.equal(error.context, "$.secretive");
  assert.doesNotMatch(error.message, /Wilhelmina/);
  assert.deepEqual(upstream.requests, []);
});

test("the upstream's refusals are passed on byte for byte, its credentials' are not", async () => {
  const path = `GET /v1/Senders/${SENDER}`;
  const answers = [
    [400, '{ "errors" : [ {"code":20001, "message":"No."} ] }', "application/json"],
    [403, '{"code":20003,"message":"classic","status":403}', "application/json"],
    [404, '{"errors":[{"code":20404}]}', "application/json"],
    [429, "{}", "application/json"],
    [500, "<html>oops</html>", "text/html"],
    [503, "", "text/plain"],
  ];
  for (const [status, body, type] of answers) {
    upstream.answers.set(path, { status, body, headers: { "content-type": type, "retry-after": "7", "x-powered-by": "y", "set-cookie": "c=d" } });
    const answer = await call(ADMIN, "GET", `/v1/Senders/${SENDER}`);
    assert.equal(answer.status, status);
    assert.equal(await answer.text(), body);
    assert.equal(answer.headers.get("refused-by"), "upstream");
    assert.equal(answer.headers.get("content-type"), type);
    assert.equal(answer.headers.get("retry-after"), "7");
    assert.deepEqual([answer.headers.get("x-powered-by"), answer.headers.get("set-cookie")], [null, null]);
    assert.match(answer.headers.get("content-security-policy"), /default-src 'none'/);
  }
  for (const [answer, status] of [
    [{ status: 401, body: '{"secret":"x"}' }, 502],
    [{ status: 302, headers: { location: "https://evil.example/" } }, 502],
    [{ status: 301, headers: { location: "https://evil.example/" } }, 502],
    [{ status: 200, body: "<html>" }, 502],
  ]) {
    upstream.answers.set(path, answer);
    await refused(await call(ADMIN, "GET", `/v1/Senders/${SENDER}`), status);
  }
});

test("a 202 of a pool leads to its job at this edge", async () => {
  const operationId = Upstream.id(3);
  const operationLocation = `${upstream.url}/SenderPools/Operations/${operationId}`;
  upstream.answers.set("POST /v1/SenderPools", { status: 202, headers: { operationId, "operation-location": operationLocation }, body: { operationId, operationLocation } });
  const answer = await call(ADMIN, "POST", "/v1/SenderPools", { body: { name: "Shops" } });
  assert.equal(answer.status, 202);
  const location = `${edge.url}/v1/SenderPools/Operations/${operationId}`;
  assert.equal(answer.headers.get("operation-location"), location);
  assert.equal(answer.headers.get("operationId"), operationId);
  assert.deepEqual(await answer.json(), { operationId, operationLocation: location });
});

test("a key's own defaults hold for its requests", async () => {
  const to = (address) => ({ ...SEND, to: [{ address, channel: "PHONE" }] });
  const [national, british] = [to("(415) 555-0123"), to("020 7946 0958")];
  assert.equal((await call(ACME, "POST", "/v1/Messages", { body: national })).status, 400);
  const answer = await call(GLOBEX, "POST", "/v1/Messages", { body: national });
  assert.equal(answer.status, 202);
  assert.equal((await answer.json()).operationId, answer.headers.get("operationId"));
  assert.equal((await call(GLOBEX, "POST", "/v1/Messages", { body: british })).status, 400);
  assert.equal((await call(GLOBEX, "POST", "/v1/Messages?defaultRegion=GB", { body: british })).status, 202);
});

test("a quota is kept, and says how much is left and until when", async () => {
  const to = (count) => ({ ...SEND, to: Array.from({ length: count }, (_, n) => ({ address: `+1415555010${n}`, channel: "PHONE" })) });
  const never = await call(FEW, "POST", "/v1/Messages", { body: to(6) });
  await refused(never, 422);
  assert.equal((await call(FEW, "POST", "/v1/Messages", { body: to(3) })).status, 202);
  const answer = await call(FEW, "POST", "/v1/Messages", { body: to(3) });
  const { code, message } = await refused(answer.clone(), 429);
  assert.deepEqual([code, /left of today: 2\./.test(message)], [20429, true]);
  assert.equal(answer.headers.get("ratelimit-policy"), '"recipients";q=5;w=86400');
  assert.match(answer.headers.get("ratelimit"), /^"recipients";r=2;t=\d+$/);
  const wait = Number(answer.headers.get("retry-after"));
  assert.ok(wait > 0 && wait <= 86_400);
  const requests = await call(FEW, "GET", `/v1/Messages/Operations/${Upstream.id(1)}`);
  await refused(requests.clone(), 429);
  assert.match(requests.headers.get("ratelimit"), /^"requests";r=0;/);
  // Who runs the gate sees it, too.
  const logged = () => edge.logged("request").filter(({ key }) => key === FEW.name).map(({ status, fault }) => [status, fault]);
  const all = [[422, "recipients"], [202, undefined], [429, "recipients"], [429, "requests"]];
  await eventually(() => logged().length === all.length, "all four are logged");
  assert.deepEqual(logged(), all);
});

test("what is refused for want of room, or taken over by another, is not charged", async () => {
  const to = (count) => Array.from({ length: count }, (_, n) => ({ address: `+1415555${1_000 + n}`, channel: "PHONE" }));
  const post = (body, headers) => call(METERED, "POST", "/v1/Messages", { body, headers });
  // What was begun and is not sealed: nobody may fill the directory by being refused.
  const unsealed = (database) => database.prepare("SELECT count(*) AS n FROM operation WHERE status IS NULL").get().n;
  const begun = () => edge.stored("Tenant", unsealed).reduce((sum, n) => sum + n);
  const before = begun();
  const never = await post({ ...SEND, to: to(8_641), from: SLOW });
  assert.match((await refused(never, 422)).message, /more than its sender can send in a day/);

  // The first comes to its end when its key belongs to another.
  const body = JSON.stringify({ ...SEND, to: to(3_000) });
  const fields = ["Idempotency-Key: late"];
  const late = edge.begin("POST", "/v1/Messages", { length: body.length, fields, key: METERED.headers }, body.slice(0, 30));
  const held = () => call(METERED, "GET", "/v1/Messages/Operations?idempotencyKey=late");
  await eventually(async () => (await held()).status === 409, "the key is held");
  await edge.clock({ advance: 61_000 });
  assert.equal((await post(body, { "idempotency-key": "late" })).status, 202);
  late.socket.write(body.slice(30));
  assert.match(await late.answer(), /^HTTP\/1\.1 409 [^]*took over/);
  const answer = await post({ ...SEND, to: to(6_001) });
  assert.match((await refused(answer, 429)).message, /left of today: 6000\./);
  // What was refused for want of a quota leaves its room to others.
  const full = await post({ ...SEND, to: to(6_001), from: SLOW });
  await refused(full, 429);
  assert.equal((await post({ ...SEND, to: to(6_000), from: SLOW })).status, 202);
  await eventually(() => begun() === before, () => `${begun()} to be ${before} again`);
});

test("a quota begins anew with the day, and what was charged the day before is gone", async () => {
  const post = () => call(METERED, "POST", "/v1/Messages", { body: { ...SEND, to: SEND.to.slice(0, 1) } });
  assert.equal((await post()).status, 429);
  const charged = () => edge.stored("Usage", (database) => database.prepare("SELECT count(*) AS n FROM charge").get().n);
  assert.ok(Math.max(...charged()) > 1);
  const { "retry-after": wait } = Object.fromEntries((await post()).headers);
  await edge.clock({ advance: Number(wait) * 1_000 });
  assert.equal((await post()).status, 202);
  assert.equal((await call(FEW, "GET", "/v1/Messages/Operations")).status, 200);
  assert.deepEqual(charged().sort(), [0, 1]);
});

test("a panic spoils one request, and not the next of a key with a quota", async () => {
  const list = () => call(METERED, "GET", "/v1/Messages/Operations");
  assert.equal((await list()).status, 200);
  assert.equal((await call(undefined, "POST", "/development/panic")).status, 500);
  const answer = await list();
  assert.equal(answer.status, 200, await answer.text());
});

test("pages of listed origins may call, others may not", async () => {
  const preflight = (origin) =>
    call(undefined, "OPTIONS", "/v1/Messages", { headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization" } });
  const allowed = await preflight(ORIGIN);
  assert.equal(allowed.status, 204);
  assert.equal(allowed.headers.get("access-control-allow-origin"), ORIGIN);
  assert.match(allowed.headers.get("access-control-allow-methods"), /POST/);
  assert.match(allowed.headers.get("access-control-allow-headers"), /authorization.*idempotency-key/);
  assert.match(allowed.headers.get("vary"), /origin/i);
  for (const origin of ["https://evil.example", `${ORIGIN}.evil.example`, "null"]) {
    const denied = await preflight(origin);
    assert.equal(denied.headers.get("access-control-allow-origin"), null, origin);
    assert.match(denied.headers.get("vary"), /origin/i);
  }
  // A refusal, too, can be read by the page.
  const answer = await call(undefined, "POST", "/v1/Messages", { body: SEND, headers: { origin: ORIGIN, "sec-fetch-mode": "cors" } });
  assert.deepEqual([answer.status, answer.headers.get("access-control-allow-origin")], [401, ORIGIN]);
  assert.equal(answer.headers.get("access-control-allow-credentials"), null);
  assert.match(answer.headers.get("access-control-expose-headers"), /operation-location/);
});

test("every answer has the headers that protect who reads it", async () => {
  for (const [path, policy] of [
    ["/", /script-src 'self' 'wasm-unsafe-eval';.*frame-ancestors 'none'/],
    ["/compose.js", /default-src 'none'/],
    ["/openapi.json", /default-src 'none'/],
    ["/issues", /default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'/],
    ["/health", /default-src 'none'; frame-ancestors 'none'/],
    ["/v1/Messages", /default-src 'none'; frame-ancestors 'none'/],
    ["/v1/nothing", /default-src 'none'; frame-ancestors 'none'/],
  ]) {
    const { headers } = await call(undefined, "GET", path);
    assert.match(headers.get("content-security-policy") ?? "", policy, path);
    assert.doesNotMatch(headers.get("content-security-policy"), /unsafe-eval(?<!wasm-unsafe-eval)/, path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.equal(headers.get("referrer-policy"), "no-referrer", path);
    assert.match(headers.get("strict-transport-security") ?? "", /max-age/, path);
  }
});

test("what is far too large is refused, and the next request is served", async () => {
  const headers = { "x-large": "x".repeat(10_000) };
  assert.equal((await call(ACME, "GET", `/v1/Messages/Operations/${Upstream.id(1)}`, { headers })).status, 404);
  const long = await call(ACME, "GET", `/v1/Messages/Operations/${"x".repeat(8_000)}`);
  assert.ok([404, 414, 431].includes(long.status), String(long.status));
  const query = await call(ACME, "POST", `/v1/Messages?${"x".repeat(8_000)}=1`, { body: SEND });
  const { message } = await refused(query, 400);
  assert.ok(message.length < 200);
  assert.equal((await call(undefined, "GET", "/health")).status, 200);
});

test("health says nothing of any setting's value", async () => {
  const text = await (await call(undefined, "GET", "/health")).text();
  assert.deepEqual(JSON.parse(text), { environment: "development", ok: true, reasons: [] });
});

test("no log holds an address, a variable, a key's secret or the upstream's", async () => {
  // What a Worker logs comes a moment after its answer; behind this one comes nothing more.
  await call(undefined, "DELETE", `/v1/SenderPools/${POOL}`);
  const requests = () => edge.logged("request");
  await eventually(() => requests().at(-1)?.path === "/v1/SenderPools/{senderPoolId}", "the last request to be logged");
  assert.ok(edge.logged("posted").length > 0, edge.log);
  assert.ok(requests().some(({ key }) => key === "acme-app"));
  const secrets = [ACME, ADMIN, GLOBEX, FEW].map(({ secret }) => secret);
  for (const word of ["4155550123", "415555010", "Wilhelmina", "Hello", "5017122661", "secret-of-the-upstream", "AC-of-the-upstream", ...secrets]) {
    const found = edge.log.split("\n").filter((line) => line.includes(word));
    assert.deepEqual(found, [], word);
  }
});

test("an upstream that is gone is a 504 that says so", async () => {
  await upstream.stop();
  await refused(await call(ADMIN, "GET", "/v1/Senders"), 504);
});
