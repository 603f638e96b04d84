// What nobody may do at any route: come without a key, see what is another tenant's, reach through to the upstream, hand
// in more than is read, or keep others waiting. Each goes through all routes that there are.

import assert from "node:assert/strict";
import { request } from "node:http";
import { Readable } from "node:stream";
import test, { afterEach } from "node:test";
import { gzipSync } from "node:zlib";

import { Edge } from "../edge.mjs";
import { shared } from "../setup.mjs";
import { eventually } from "../waiting.mjs";
import { key, setting } from "./keys.mjs";
import { IDS, ROUTES, filled } from "./routes.mjs";
import { Upstream } from "./upstream.mjs";

const ACME = key("acme-app", "acme", ["send", "read"]);
const ADMIN = key("acme-admin", "acme", ["account", "read", "send"]);
const GLOBEX = key("globex", "globex", ["send", "read"]);
const GLOBEX_ADMIN = key("globex-admin", "globex", ["account"]);
const READER = key("reader", "acme", ["read"]);
const SENDER = key("sender", "acme", ["send"]);
const SEND = {
  to: [{ address: "+14155550123", channel: "PHONE" }],
  from: { address: "+15017122661", channel: "SMS" },
  content: { text: "Hello" },
};
/** Routes that take a send, whose bodies may be large. */
const TAKES_SENDS = ["/v1/Messages", "/v1/Messages/DryRun"];
/** Most bytes of a body elsewhere, as the description says, and of a settlement. */
const [BODY, SETTLEMENT] = [1_000_000, 10_000];
/** How long a body may pause. */
const STALL = 60_000;

const WITH_BODY = ROUTES.filter(({ body }) => body !== undefined);

const upstream = await shared(Upstream.start());
const keys = { KEYS: setting(ACME, ADMIN, GLOBEX), KEYS_2: setting(GLOBEX_ADMIN, READER, SENDER) };
const edge = await shared(Edge.start({ vars: { UPSTREAM_URL: upstream.url, ...keys } }));
afterEach(async () => {
  assert.equal((await call(ACME, "POST", "/v1/Messages/DryRun", { body: SEND })).status, 200, "the next request is served");
});

function call(who, method, path, { body, headers } = {}) {
  return edge.call(method, path, body, { key: who?.headers ?? {}, headers });
}

async function refused(answer, status, what) {
  const text = await answer.text();
  assert.equal(answer.status, status, `${what}: ${text}`);
  assert.equal(answer.headers.get("refused-by"), "gate", what);
  return JSON.parse(text).errors[0];
}

/** Runs with a view to what reaches the upstream. */
async function reaching(work) {
  upstream.requests.length = 0;
  await work();
  return upstream.requests.map(({ method, url }) => `${method} ${url}`);
}

async function status(who, id) {
  return (await edge.operation(id, { key: who.headers })).status;
}

/** Waits for the end of a send, behind which the edge asks the upstream nothing about it. */
function complete(who, id) {
  return edge.until(id, undefined, undefined, { key: who.headers });
}

/** What is answered to the head of a request, as it stands. */
function raw(method, path, ...fields) {
  return edge.raw(method, path, [...fields, "Content-Length: 0", "Connection: close"], ADMIN.headers).answer();
}

test("every route asks for a key, and tells a wrong secret from a wrong name by nothing", async () => {
  assert.ok(ROUTES.length >= 24);
  const basic = (text) => ({ headers: { authorization: `Basic ${btoa(text)}` } });
  const wrong = {
    none: undefined,
    half: basic("acme-app"),
    "another's secret": basic(`acme-app:${GLOBEX.secret}`),
    "another's name": basic(`nobody:${ACME.secret}`),
    development: basic("dev:wrong"),
    long: basic(`acme-app:${"x".repeat(4_000)}`),
    "its hash": basic(`acme-app:${ACME.configured.hash}`),
    bearer: { headers: { authorization: `Bearer ${ACME.secret}` } },
  };
  const reached = await reaching(async () => {
    for (const { method, path, body } of ROUTES) {
      const texts = new Set();
      for (const [what, who] of Object.entries(wrong)) {
        const answer = await call(who, method, path, { body });
        assert.equal(answer.status, 401, `${method} ${path}: ${what}`);
        texts.add(await answer.text());
      }
      assert.equal(texts.size, 1, path);
    }
  });
  assert.deepEqual(reached, []);
});

test("a key without the scope of a route is told so", async () => {
  const lacks = { send: READER, read: SENDER, account: ACME };
  const reached = await reaching(async () => {
    for (const { method, path, body, scope } of ROUTES) {
      const { message } = await refused(await call(lacks[scope], method, path, { body }), 403, path);
      assert.match(message, new RegExp(`lacks the scope ${scope}`), path);
    }
  });
  assert.deepEqual(reached, []);
});

test("what is another tenant's is not there, at any route", async () => {
  const answer = await call(ACME, "POST", "/v1/Messages", { body: SEND, headers: { "idempotency-key": "theirs" } });
  const id = answer.headers.get("operationId");
  await complete(ACME, id);
  // The message carries its batch, as everything does that was sent for this tenant.
  const tagged = { id: IDS.messageId, related: [], tags: { "postgate.batch": `${id}.0.1` } };
  upstream.answers.set(`GET /v1/Messages/${IDS.messageId}`, { body: tagged });
  const location = `${upstream.url}/Messages/${IDS.messageId}`;
  upstream.answers.set(`GET /v1/Messages/Seek/${IDS.sid}`, { status: 301, headers: { location } });

  const routes = ROUTES.filter(({ scope, template }) => scope !== "account" || template.endsWith("/Settle"));
  const words = [];
  for (const { method, template, names, body, scope } of routes) {
    const who = scope === "account" ? GLOBEX_ADMIN : GLOBEX;
    const path = filled(template, { ...IDS, operationId: id });
    if (names.length > 0) {
      assert.equal((await refused(await call(who, method, path, { body }), 404, path)).code, 20404);
      words.push(template.split("/").at(-1));
    } else if (method === "GET") {
      // Lists: named by an id they are not there, and else they hold the tenant's own.
      const query = template === "/v1/Messages" ? `operationId=${id}` : "idempotencyKey=theirs";
      await refused(await call(who, method, `${path}?${query}`), 404, path);
      if (template === "/v1/Messages/Operations") assert.deepEqual((await (await call(who, method, path)).json()).operations, []);
      else await refused(await call(who, method, path), 400, path);
      words.push(template);
    }
  }
  const expected = ["{operationId}", "Cancel", "Settle", "Errors", "{sid}", "{messageId}", "/v1/Messages", "/v1/Messages/Operations"];
  assert.deepEqual(words.toSorted(), expected.toSorted());
  // The same key is another send to another tenant, and the same one to another key of the tenant.
  const again = (who) => call(who, "POST", "/v1/Messages", { body: SEND, headers: { "idempotency-key": "theirs" } });
  const [theirs, sames] = [await again(GLOBEX), await again(ADMIN)];
  assert.deepEqual([theirs.status, theirs.headers.get("idempotent-replayed")], [202, null]);
  assert.notEqual(theirs.headers.get("operationId"), id);
  assert.deepEqual([sames.headers.get("idempotent-replayed"), sames.headers.get("operationId")], ["true", id]);
  await complete(GLOBEX, theirs.headers.get("operationId"));
  assert.equal(await status(ACME, id), "COMPLETED", "nothing became of it");
});

test("no id in a path leads anywhere else", async () => {
  const ids = ["..%2f..%2fAccounts", "%2e%2e%2f", "a%00b", "a%0d%0aHost:evil", "a%0aX:y", "@evil.example", "a%3fb=c", "a%23b", "a;b", "a%5cb", "x".repeat(129), "ü"];
  const reached = await reaching(async () => {
    for (const { method, template, names, body } of ROUTES) {
      for (const name of names) {
        for (const id of ids) {
          const path = filled(template, { ...IDS, [name]: id });
          await refused(await call(ADMIN, method, path, { body }), 404, `${method} ${path}`);
        }
      }
    }
  });
  assert.deepEqual(reached, []);
});

test("dots in a path lead nowhere, whatever stands behind them", async () => {
  const reached = await reaching(async () => {
    for (const { method, template } of ROUTES.filter(({ names }) => names.length > 0)) {
      const base = template.slice(0, template.indexOf("{"));
      for (const path of [`${base}../../../2010-04-01/Accounts`, `${base}%2e%2e/%2e%2e/%2e%2e/Accounts`]) {
        const answer = await raw(method, path);
        assert.match(answer, /^HTTP\/1\.1 40[45] /, `${method} ${path}`);
      }
    }
  });
  assert.deepEqual(reached, []);
});

test("no parameter that the route does not know is taken, and none of a known name twice", async () => {
  const reached = await reaching(async () => {
    for (const { method, path, body } of ROUTES) {
      for (const query of ["postgate=1", "__proto__=1", "a%0d%0aHost:%20evil=1", `${"x".repeat(8_000)}=1`]) {
        const { message } = await refused(await call(ADMIN, method, `${path}?${query}`, { body }), 400, `${method} ${path}?${query.slice(0, 30)}`);
        assert.ok(message.length < 200, message);
        assert.doesNotMatch(message, /[\r\n]/);
      }
    }
    const lists = ROUTES.filter(({ method, names, scope }) => method === "GET" && names.length === 0 && scope === "account");
    assert.ok(lists.length >= 3);
    for (const { path } of lists) await refused(await call(ADMIN, "GET", `${path}?pageSize=5&pageSize=6`), 400, path);
  });
  assert.deepEqual(reached, []);
});

test("no header of a caller's reaches the upstream, and none breaks out of its line", async () => {
  const hostile = {
    "x-forwarded-for": "1.2.3.4",
    "x-forwarded-host": "evil.example",
    "x-http-method-override": "DELETE",
    "x-original-url": "/v1/Senders",
    cookie: "a=b",
    "x-twilio-signature": "x",
    "accept-language": "de",
    via: "x",
    prefer: "handling=lenient\tx",
  };
  // What the platform itself adds; locally some begin with mf-.
  const known = new Set(["accept", "accept-encoding", "authorization", "content-length", "content-type", "host", "connection", "user-agent", "cf-worker", "cf-connecting-ip", "cf-ew-via", "cdn-loop"]);
  upstream.requests.length = 0;
  for (const { method, path, template, body } of ROUTES) {
    const answer = await call(ADMIN, method, path, { body, headers: hostile });
    await answer.arrayBuffer();
    if (method === "POST" && template === "/v1/Messages") await complete(ADMIN, answer.headers.get("operationId"));
  }
  assert.ok(upstream.requests.length >= 15, `${upstream.requests.length} requests`);
  for (const { method, url, headers } of upstream.requests) {
    const others = Object.keys(headers).filter((name) => !known.has(name) && !name.startsWith("mf-"));
    assert.deepEqual(others, [], `${method} ${url}`);
    assert.equal(headers.authorization, `Basic ${btoa("sandbox:sandbox")}`);
  }
  const reached = await reaching(async () => {
    for (const { method, path } of ROUTES) {
      const answer = await raw(method, path, "X-A: b\r Host: evil");
      assert.doesNotMatch(answer, /^HTTP\/1\.1 2/, `${method} ${path}`);
    }
  });
  assert.deepEqual(reached, []);
});

test("a method is what it says, and a route has no others", async () => {
  const methods = Map.groupBy(ROUTES, ({ template }) => template);
  const reached = await reaching(async () => {
    for (const [template, routes] of methods) {
      const allowed = routes.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method]));
      for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"].filter((method) => !allowed.includes(method))) {
        const answer = await call(ADMIN, method, filled(template), { headers: { "x-http-method-override": allowed[0] } });
        // A word may stand where an id does: then it is what the id's route has.
        if (answer.status === 405) assert.ok(answer.headers.get("allow").split(", ").every((other) => allowed.includes(other)), template);
        await refused(answer, 405, `${method} ${template}`);
      }
      for (const method of ["PROPFIND", "QUERY", "get"]) {
        const answer = await raw(method, filled(template));
        assert.match(answer, /^HTTP\/1\.1 (405|501|400) /, `${method} ${template}`);
      }
    }
  });
  assert.deepEqual(reached, []);
});

/** Announces so many spaces and sends them until there is an answer; its status. */
function upload(path, length) {
  const headers = { ...ADMIN.headers, "content-type": "application/json", "content-length": length };
  return new Promise((resolve, reject) => {
    const upload = request(edge.url + path, { method: "POST", headers });
    upload.on("response", (answer) => {
      answer.resume();
      upload.destroy();
      resolve(answer.statusCode);
    });
    upload.on("error", reject);
    const spaces = Buffer.alloc(1_000_000, " ");
    Readable.from((function* () {
      for (let left = length; left > 0; left -= spaces.length) yield spaces.subarray(0, left);
    })()).pipe(upload);
  });
}

/** Most bytes that a route reads, with the query under which that is least. */
function limit({ template }) {
  if (TAKES_SENDS.includes(template)) return { most: 10_000_000, query: "?limits=request" };
  return { most: template.endsWith("/Settle") ? SETTLEMENT : BODY, query: "" };
}

test("no route reads a body beyond its limit, announced or not, as it is or inflated", async () => {
  const reached = await reaching(async () => {
    for (const route of WITH_BODY) {
      const { method, path } = route;
      const { most, query } = limit(route);
      const url = path + query;
      const over = Buffer.alloc(most + 1, " ");
      const unannounced = new ReadableStream({
        start(controller) {
          controller.enqueue(over);
          controller.close();
        },
      });
      await refused(await call(ADMIN, method, url, { body: over }), 413, `${method} ${url}`);
      await refused(await call(ADMIN, method, url, { body: unannounced }), 413, `${method} ${url}, not announced`);
      const bomb = gzipSync(Buffer.alloc(50_000_000, " "));
      assert.ok(bomb.length < 100_000);
      await refused(await call(ADMIN, method, url, { body: bomb, headers: { "content-encoding": "gzip" } }), 413, `${method} ${url}, inflated`);
    }
    // The largest that is taken anywhere, refused for what is announced.
    for (const path of TAKES_SENDS) assert.equal(await upload(path, 512_000_001), 413, path);
  });
  assert.deepEqual(reached, []);
});

test("a body is JSON, or not read", async () => {
  const reached = await reaching(async () => {
    for (const { method, path, template, body } of WITH_BODY) {
      for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx"]) {
        await refused(await call(ADMIN, method, path, { body, headers: { "content-type": type } }), 415, `${method} ${path}`);
      }
      await refused(await call(ADMIN, method, path, { body: Buffer.from(body), headers: { "content-type": "" } }), 415, `${method} ${path}`);
      await refused(await call(ADMIN, method, path, { body, headers: { "content-encoding": "br" } }), 415, `${method} ${path}`);
      for (const wrong of ["", "[".repeat(9_000), '{"__proto__":{"x":1}}', "\u0000"]) {
        const answer = await call(ADMIN, method, path, { body: wrong });
        // A dry run says of anything what it is.
        const status = template.endsWith("/DryRun") ? 200 : 400;
        assert.equal(answer.status, status, `${method} ${path} ${wrong.slice(0, 20)}: ${await answer.text()}`);
      }
    }
  });
  assert.deepEqual(reached, []);
});

test("no redirect of the upstream's is followed, and none is passed on that leads elsewhere", async () => {
  const [elsewhere, usual] = [await Upstream.start(), new Map(upstream.answers)];
  try {
    const reached = await reaching(async () => {
      for (const { method, path, template, body } of ROUTES) {
        // What becomes of a send that is answered so is shown by answers.test.mjs.
        if (template === "/v1/Messages" && method === "POST") continue;
        for (const status of [301, 302, 303, 307, 308]) {
          upstream.answers.set(`${method} ${path}`, { status, headers: { location: `${elsewhere.url}/Messages` } });
          const { status: answered, headers } = await call(ADMIN, method, path, { body });
          assert.ok(answered < 300 || answered >= 400, `${method} ${path}: ${answered}`);
          assert.equal(headers.get("location"), null, path);
        }
      }
    });
    assert.ok(reached.length >= 5 * 15, `${reached.length} requests`);
    assert.deepEqual(elsewhere.requests, []);
  } finally {
    upstream.answers = usual;
    await elsewhere.stop();
  }
});

test("what one tenant holds back leaves room for the others", async () => {
  const row = JSON.stringify({ ...SEND.to[0], variables: { name: "x".repeat(60) } });
  const rows = (bytes) => Buffer.from(JSON.stringify(SEND).replace(JSON.stringify(SEND.to[0]), Array(Math.ceil(bytes / row.length)).fill(row).join()));
  const [half, large] = [rows(5_000_000), rows(11_000_000)];
  const judge = async (who, body) => (await call(who, "POST", "/v1/Messages/DryRun", { body })).status;
  const held = [];
  try {
    // One that fits into memory, and one that is spooled.
    for (const [body, length] of [[half, 10_000_000], [large, 20_000_000]]) {
      const crowded = async () => {
        if ((await judge(ACME, body)) === 503) return true;
        // wrangler's proxy does not pass on every one at once.
        held.push(edge.begin("POST", "/v1/Messages/DryRun", { length, key: ACME.headers }, '{"to":['));
      };
      await eventually(crowded, () => `a tenant's own room to be taken by ${held.length}`);
      assert.equal(await judge(GLOBEX, body), 200, `${body.length} bytes`);
    }
  } finally {
    for (const connection of held) connection.close();
  }
  for (const body of [half, large]) await eventually(async () => (await judge(ACME, body)) === 200, "there to be room again");
});

test("bodies that do not come keep nobody waiting, and are given up at every route", async () => {
  const speed = 30;
  await edge.clock({ speed });
  const reached = await reaching(async () => {
    const began = Date.now();
    const slow = WITH_BODY.flatMap(({ method, path }) =>
      Array.from({ length: 3 }, async () => {
        const answer = await edge.begin(method, path, { length: 1_000, key: ADMIN.headers }, '{"to":[').answer();
        return [`${method} ${path}`, answer, Date.now() - began];
      }),
    );
    for (let round = 0; round < 3; round += 1) {
      assert.equal((await call(ACME, "POST", "/v1/Messages/DryRun", { body: SEND })).status, 200);
    }
    assert.ok(Date.now() - began < 30_000);
    for (const [what, answer, after] of await Promise.all(slow)) {
      assert.match(answer, /^HTTP\/1\.1 408 /, what);
      assert.match(answer, /too slowly/, what);
      assert.ok(after >= STALL / speed - 100, `${what}: ${after} ms`);
    }
  });
  assert.deepEqual(reached, []);
});
