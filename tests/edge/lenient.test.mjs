// Whom a lenient send leaves out and whom the upstream refused: listed together under Errors, by the caller's own rows.

import assert from "node:assert/strict";
import test from "node:test";

import { Edge } from "../edge.mjs";
import { shared } from "../setup.mjs";
import { Upstream } from "./upstream.mjs";

const HEAD = { from: { address: "+15017122661", channel: "SMS" }, content: { text: "Hello" } };
const LENIENT = { prefer: "handling=lenient" };
/** Most errors that are listed, as the edge's README says. */
const LISTED = 100_000;

const upstream = await shared(Upstream.start());
const edge = await shared(Edge.start({ vars: { UPSTREAM_URL: upstream.url } }));

function row(n, more = {}) {
  return { address: `+1415${5_000_000 + n}`, channel: "PHONE", ...more };
}

/** The rows that the upstream was sent, in order. */
function posted() {
  return upstream.requests.filter(({ method }) => method === "POST").flatMap(({ body }) => JSON.parse(body).to);
}

async function errors(id, query = "", accept = "application/json") {
  const answer = await edge.call("GET", `/v1/Messages/Operations/${id}/Errors${query}`, undefined, { headers: { accept } });
  assert.equal(answer.status, 200);
  return answer;
}

/** Sends leniently, and waits for the end. */
async function sent(to, query = "") {
  upstream.requests.length = 0;
  const answer = await edge.post({ ...HEAD, to }, { path: `/v1/Messages${query}`, headers: LENIENT });
  assert.equal(answer.status, 202, await answer.clone().text());
  assert.equal(answer.headers.get("preference-applied"), "handling=lenient");
  return edge.until(answer.headers.get("operationId"));
}

test("the gate's refusals and the upstream's are listed by the caller's rows, in JSON, by pages and as a table", async () => {
  // Of each batch of two, the upstream refuses the second row once.
  let posts = 0;
  upstream.answers.set("POST /v1/Messages", () => {
    posts += 1;
    if (posts !== 2) return { status: 202, headers: { operationId: Upstream.id(posts) } };
    return { status: 400, body: { errors: [{ code: 21211, message: "No.", context: "$.to[1].address" }] } };
  });
  const bad = row(90, { address: "+0" });
  const odd = row(91, { variables: { "a,\"b": [] } });
  const done = await sent([row(0), bad, row(1), odd, row(2), bad, row(3), row(4)], "?batchRows=2");
  upstream.answers.clear();
  assert.deepEqual([done.postgate.refusedRows, done.postgate.batches.accepted, done.postgate.batches.refused], [3, 2, 1]);
  assert.equal(done.stats.failed, 2);
  assert.deepEqual(posted(), [0, 1, 2, 3, 4].map((n) => row(n)));

  const gates = { status: 400, batch: null, recipients: 1 };
  const expected = [
    { index: 1, code: 21211, pointer: "/to/1/address", ...gates, issue: "address/no-calling-code" },
    { index: 3, code: 70002, pointer: "/to/3/variables/a,\"b", ...gates, issue: "request/wrong-type" },
    { index: 5, code: 21211, pointer: "/to/5/address", ...gates, issue: "address/no-calling-code" },
    // The second row of the second batch is the seventh of the caller's.
    { index: 6, code: 21211, pointer: "/to/6/address", status: 400, batch: 1, recipients: 2 },
  ];
  const whole = await (await errors(done.id)).json();
  assert.deepEqual(whole, { errors: expected, pagination: { next: null, self: null } });

  const seen = [];
  for (let token = ""; token !== null; ) {
    const page = await (await errors(done.id, `?pageSize=3${token && `&pageToken=${token}`}`)).json();
    assert.equal(page.pagination.self, token || null);
    seen.push(...page.errors);
    token = page.pagination.next;
  }
  assert.deepEqual(seen, expected);

  const table = await errors(done.id, "", "text/csv");
  assert.match(table.headers.get("content-type"), /^text\/csv; charset=utf-8$/);
  assert.equal(await table.text(), [
    "index,code,pointer,status,batch,recipients,issue",
    "1,21211,/to/1/address,400,,1,address/no-calling-code",
    '3,70002,"/to/3/variables/a,""b",400,,1,request/wrong-type',
    "5,21211,/to/5/address,400,,1,address/no-calling-code",
    "6,21211,/to/6/address,400,1,2,",
    "",
  ].join("\r\n"));

  for (const query of ["?pageSize=0", "?pageSize=1001", "?pageToken=x", "?page=1"]) {
    const answer = await edge.call("GET", `/v1/Messages/Operations/${done.id}/Errors${query}`);
    assert.equal(answer.status, 400, query);
  }
});

test("of a send that is spooled the same is listed, and nothing that is anybody's", async () => {
  const to = Array.from({ length: 14_000 }, (_, n) => row(n, { variables: { x: "x".repeat(800) } }));
  const refused = Array.from({ length: 2_500 }, (_, n) => n * 5 + 2);
  for (const n of refused) to[n].address = `+0${to[n].address.slice(1)}`;
  const done = await sent(to);
  assert.equal(done.postgate.refusedRows, refused.length);
  assert.deepEqual(posted(), to.filter((_, n) => n % 5 !== 2 || n > refused.at(-1)));
  const text = await (await errors(done.id, "", "text/csv")).text();
  assert.doesNotMatch(text, /1415|xxx/);
  const lines = text.trimEnd().split("\r\n").slice(1);
  assert.deepEqual(lines, refused.map((n) => `${n},21211,/to/${n}/address,400,,1,address/no-calling-code`));
});

test("far too many to be listed are counted all the same", async () => {
  const most = LISTED + 50;
  const to = [row(0), ...Array.from({ length: most }, () => ({ address: "+0", channel: "PHONE" }))];
  const done = await sent(to);
  assert.equal(done.postgate.refusedRows, most);
  assert.deepEqual(posted(), [row(0)]);
  const lines = (await (await errors(done.id, "", "text/csv")).text()).trimEnd().split("\r\n").slice(1);
  assert.equal(lines.length, LISTED);
  assert.match(lines.at(-1), new RegExp(`^${LISTED},21211,/to/${LISTED}/address,`));
  // A page is read alone, wherever it begins; the first row is no refusal.
  for (const [first, size, next] of [[0, 2, "2"], [998, 5, "1003"], [1_000, 1_000, "2000"], [LISTED - 7, 7, null], [LISTED - 3, 50, null], [LISTED, 50, null]]) {
    const page = await (await errors(done.id, `?pageSize=${size}&pageToken=${first}`)).json();
    const indices = Array.from({ length: Math.min(size, LISTED - first) }, (_, n) => first + n + 1);
    assert.deepEqual([page.errors.map(({ index }) => index), page.pagination.next], [indices, next]);
  }
});

test("a dry run with this preference adds up those whom the send goes to, and names the others", async () => {
  const to = [row(0), row(1, { address: "+0" }), row(2), row(3, { channel: "WHATSAPP" }), row(4), row(4)];
  for (const [query, left] of [["", [0, 2, 4, 5]], ["?duplicates=refuse", [0, 2, 4]]]) {
    const preferring = { prefer: "handling=lenient, return=representation" };
    const dry = await edge.post({ ...HEAD, to }, { path: `/v1/Messages/DryRun${query}`, headers: preferring });
    assert.equal(dry.headers.get("preference-applied"), "handling=lenient");
    const { verdict, estimate } = await dry.json();
    const named = verdict.issues.filter(({ severity }) => severity === "error").map(({ at }) => Number(at.split("/")[2]));
    assert.deepEqual(to.filter((_, n) => !named.includes(n)), left.map((n) => to[n]));
    assert.deepEqual([estimate.people, estimate.segments.max, estimate.unreached], [left.length, left.length, 0]);
    const done = await sent(to, query);
    assert.deepEqual([done.postgate.refusedRows, posted()], [to.length - left.length, left.map((n) => to[n])]);
  }
  const strict = await edge.post({ ...HEAD, to }, { path: "/v1/Messages/DryRun" });
  assert.equal(strict.headers.get("preference-applied"), null);
  assert.equal((await strict.json()).estimate.people, to.length);
});
