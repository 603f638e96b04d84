// What minutes, hours and days do to a send, on a clock that is turned: how long a batch is looked for, when a send
// ends, what is kept of it, and that a lost alarm is set again.

import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";

import { Edge } from "../edge.mjs";
import { request } from "../request.mjs";
import { shared } from "../setup.mjs";
import { eventually, sleep } from "../waiting.mjs";
import { Upstream } from "./upstream.mjs";

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];
const DAY = 24 * HOUR;
/** How long after it came to be in doubt a batch is looked for, as the edge's README says. */
const TRIES = [15 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR];
/** A sender whose lane takes a recipient in ten seconds. */
const SLOW = { address: "+15017122662", channel: "SMS" };
const LANES = JSON.stringify({ slow: { mps: 0.1, senders: [SLOW.address] } });

const upstream = await shared(Upstream.start());
const edge = await shared(Edge.start({ vars: { UPSTREAM_URL: upstream.url, LANES } }));
beforeEach(() => upstream.forget());

/** Turns the edge's clock to a moment, of which some time may be left. */
async function turnTo(moment, left = 0) {
  const now = Date.parse((await edge.clock({})).now);
  await edge.clock({ advance: Math.max(0, moment - left - now) });
}

/** Waits a little, and fails if something came before its moment; on a slow machine that may be past by then. */
async function notBefore(moment, came, what) {
  await sleep(300);
  assert.ok(!came() || Date.parse((await edge.clock({})).now) >= moment, what);
}

// A restart is back in the machine's time, so what restarts comes first.

test("an operation whose alarm was lost is found by the cron, and goes on", async () => {
  const sendAt = Date.now() + 8 * SECOND;
  const id = await edge.send(request(1, { schedule: { sendAt: [new Date(sendAt).toISOString()] } }));
  const known = (database) => database.prepare("SELECT id FROM operation WHERE status = 'SCHEDULED'").all().length;
  await eventually(() => edge.stored("Tenant", known).includes(1), "the directory knows");
  await edge.kill();
  edge.loseAlarms("Operation");
  // As if five minutes had passed since the directory heard of it.
  edge.stored("Tenant", (database) => database.exec("UPDATE operation SET poke_at = 0"), { change: true });
  await edge.run();
  await sleep(Math.max(0, sendAt - Date.now()) + 1_500);
  assert.deepEqual([upstream.posts().length, (await edge.operation(id)).postgate.batches.ready], [0, 1], "nothing wakes it");
  await edge.round();
  await edge.until(id);
  assert.equal(upstream.posts().length, 1);
});

test("a clock that is turned back leaves nothing waiting for as long as it was ahead", async () => {
  await edge.clock({ advance: 10 * DAY });
  const answers = [{ status: 429, headers: { "retry-after": "15" } }, { status: 503 }];
  upstream.answers.set("POST /v1/Messages", () => answers.shift() ?? { status: 202, headers: { operationId: Upstream.id(90) } });
  const paused = await edge.send(request());
  await edge.until(paused, ({ postgate }) => postgate.paused?.by === "too-many");
  const doubtful = await edge.send(request());
  await edge.until(doubtful, ({ postgate }) => postgate.batches.unknown === 1);
  await eventually(() => edge.stored("Tenant", (database) => database.prepare("SELECT count(*) AS n FROM operation WHERE status = 'PROCESSING'").get().n).includes(2), "the directory knows");
  await edge.kill();
  const before = upstream.asked("GET", "/v1/Messages").length;
  await edge.run();
  await edge.round();
  await edge.until(paused);
  await eventually(() => upstream.asked("GET", "/v1/Messages").length > before, "it is looked for");
  const { unsettled } = (await edge.operation(doubtful)).postgate;
  assert.ok(Date.parse(unsettled[0].since) <= Date.now());
  const word = { batch: 0, attempt: 1, as: "accepted", operationId: Upstream.id(91) };
  await edge.json("POST", `/v1/Messages/Operations/${doubtful}/Settle`, word);
  await edge.until(doubtful);
});

test("what was begun and never sealed is wiped a quarter of an hour later, by itself", async () => {
  const row = `${JSON.stringify({ ...request().to[0], variables: { x: "x".repeat(100_000) } })},`;
  // What is handed in lies with the object as soon as it is more than one request of the API may have.
  await edge.clock({ speed: 100 });
  const intake = await edge.hold("wiped", 512_000_000, `{"to":[${row.repeat(120)}`);
  // A pause of little more than half a second would be too long on this clock.
  const more = setInterval(() => intake.socket.writableLength === 0 && intake.socket.write(row.repeat(10)), 50);
  const spooled = () => edge.rows().filter(({ spool }) => spool > 0).length;
  await eventually(() => spooled() === 1, "it is spooled");
  await edge.kill();
  clearInterval(more);
  intake.close();
  assert.equal(spooled(), 1);
  await edge.run();
  await eventually(() => spooled() === 0, "the alarm rang");
  const left = edge.rows().filter(({ intake }) => intake > 0);
  assert.deepEqual(left, []);
  assert.equal(upstream.posts().length, 0);
});

test("a batch in doubt is looked for by its tag, ever more seldom, and after six hours left to a person", async () => {
  upstream.answers.set("POST /v1/Messages", { status: 503 });
  // A list that does not keep to its filter proves nothing.
  const others = { id: "m", tags: { "postgate.batch": "comms_operation_0.0.1" }, related: [] };
  upstream.answers.set("GET /v1/Messages", { body: { messages: [others] } });
  const id = await edge.send(request(2));
  const { postgate } = await edge.until(id, ({ postgate }) => postgate.batches.unknown === 1);
  assert.deepEqual(postgate.unsettled.map(({ batch, attempt, recipients, held }) => [batch, attempt, recipients, held]), [[0, 1, 2, false]]);
  const since = Date.parse(postgate.unsettled[0].since);
  const searches = () => upstream.asked("GET", "/v1/Messages");
  for (const [n, wait] of TRIES.entries()) {
    await turnTo(since + wait, 5 * SECOND);
    await notBefore(since + wait, () => searches().length > n, `not before ${wait} ms`);
    assert.deepEqual((await edge.operation(id)).postgate.batches.unknown, 1);
    await turnTo(since + wait);
    await eventually(() => searches().length === n + 1, `after ${wait} ms`);
  }
  for (const { url } of searches()) assert.equal(new URL(url, upstream.url).searchParams.get("tags"), `postgate.batch:${id}.0.1;`);
  const [second] = upstream.asked("GET", "/v1/Messages/Operations").map(({ url }) => new URL(url, upstream.url).searchParams);
  const [from, to] = ["startDate", "endDate"].map((name) => Date.parse(second.get(name)));
  assert.ok(from < since && since < to && to - from < 10 * MINUTE, "the second look is at the time of the post");

  const held = await edge.until(id, ({ postgate }) => postgate.batches.held === 1);
  assert.deepEqual([held.status, held.postgate.unsettled[0].held], ["PROCESSING", true]);
  // Neither time nor its deadline settles it.
  await edge.clock({ advance: 3 * DAY });
  await sleep(300);
  assert.equal(searches().length, TRIES.length);
  assert.equal((await edge.operation(id)).postgate.batches.held, 1);
  assert.equal(upstream.posts().length, 1, "nothing was sent again");

  const word = { batch: 0, attempt: 1, as: "accepted", operationId: Upstream.id(7) };
  const settled = await edge.json("POST", `/v1/Messages/Operations/${id}/Settle`, word);
  const { batch, attempt, as, operationId, key, settledAt } = settled.postgate.settlements[0];
  assert.deepEqual([{ batch, attempt, as, operationId }, key], [word, "dev"]);
  assert.ok(Date.parse(settledAt) > since + 3 * DAY);
  const done = await edge.until(id);
  assert.deepEqual([done.postgate.operations, done.stats.delivered], [[Upstream.id(7)], 1]);
  assert.equal(upstream.posts().length, 1);
});

test("a batch is found at a later try, too: by its own tag, or among the operations of its time", async () => {
  upstream.answers.set("POST /v1/Messages", { status: 500 });
  for (const byTag of [true, false]) {
    const id = await edge.send(request());
    const { postgate } = await edge.until(id, ({ postgate }) => postgate.batches.unknown === 1);
    const since = Date.parse(postgate.unsettled[0].since);
    const before = upstream.asked("GET", "/v1/Messages").length;
    await turnTo(since + TRIES[0]);
    await eventually(() => upstream.asked("GET", "/v1/Messages").length === before + 1, "the first try");
    const theirs = Upstream.id(byTag ? 21 : 22);
    const message = { id: "m", tags: { "postgate.batch": `${id}.0.1` }, related: [{ name: "OPERATION", id: theirs, uri: "x" }] };
    upstream.answers.set("GET /v1/Messages", ({ url }) => {
      const isAsked = byTag ? url.includes("tags=") : url.includes(`operationId=${theirs}`);
      return { body: { messages: isAsked ? [message] : [] } };
    });
    if (!byTag) upstream.answers.set("GET /v1/Messages/Operations", { body: { operations: [{ id: Upstream.id(20) }, { id: theirs }] } });
    await turnTo(since + TRIES[1]);
    assert.deepEqual((await edge.until(id)).postgate.operations, [theirs]);
    upstream.answers.set("GET /v1/Messages", { body: { messages: [] } });
  }
  assert.equal(upstream.posts().length, 2);
});

test("what is unsent a day after the seal expires", async () => {
  const id = await edge.send(request(30, { from: SLOW }));
  // Three turns of a minute's pace lie upstream, as far as anything may.
  const waiting = await edge.until(id, ({ postgate }) => postgate.batches.accepted === 3 && postgate.paused !== undefined);
  assert.deepEqual(upstream.posts().map(({ to }) => to.length), [6, 6, 6]);
  assert.equal(Date.parse(waiting.postgate.deadline), Date.parse(waiting.createdAt) + DAY);
  await turnTo(Date.parse(waiting.postgate.deadline));
  const done = await edge.until(id);
  const { closed, batches } = done.postgate;
  assert.deepEqual([closed, batches.accepted, batches.ready, batches.inFlight], ["expired", 3, 0, 0]);
  assert.ok(batches.expired >= 1);
  assert.deepEqual([done.stats.recipients, done.stats.canceled], [15, 12], "the upstream counts one for each batch");
  assert.equal(upstream.posts().length, 3);
  const word = { batch: 3, attempt: 1, as: "not-sent" };
  assert.equal((await edge.call("POST", `/v1/Messages/Operations/${id}/Settle`, word)).status, 404);
});

test("an instant is waited for, and the day of a send begins there", async () => {
  const now = Date.parse((await edge.clock({})).now);
  const sendAt = now + 30 * HOUR;
  const id = await edge.send(request(1, { schedule: { sendAt: [new Date(sendAt).toISOString()] } }));
  await turnTo(sendAt, MINUTE);
  await notBefore(sendAt, () => upstream.posts().length > 0, "not before its instant");
  const waiting = await edge.operation(id);
  assert.deepEqual([waiting.status, Date.parse(waiting.postgate.deadline)], ["SCHEDULED", sendAt + DAY]);
  await turnTo(sendAt);
  await edge.until(id);
  assert.deepEqual(upstream.posts().map(({ schedule }) => schedule), [undefined]);
});

test("counters are asked for until they are final or the API forgets them, and never because somebody reads", async () => {
  const theirs = "GET /v1/Messages/Operations/" + Upstream.id(50);
  const counters = (sent) => ({ body: { id: Upstream.id(50), status: "PROCESSING", stats: { total: 1, recipients: 1, attempts: 1, sent } } });
  upstream.answers.set("POST /v1/Messages", { status: 202, headers: { operationId: Upstream.id(50) } });
  upstream.answers.set(theirs, counters(0));
  const id = await edge.send(request());
  const looks = () => upstream.asked("GET", theirs.split(" ")[1]).length;
  await eventually(() => looks() >= 3, "it is asked for");
  // The intervals grow to a minute.
  for (let hour = 0; hour < 2; hour += 1) {
    const had = looks();
    await edge.clock({ advance: HOUR });
    await eventually(() => looks() > had, "it is asked for again");
  }
  const before = looks();
  const reads = await Promise.all(Array.from({ length: 30 }, () => edge.operation(id)));
  assert.ok(reads.every(({ status }) => status === "PROCESSING"));
  assert.ok(looks() <= before + 1, `${looks() - before} looks while it was read`);
  upstream.answers.set(theirs, counters(1));
  await edge.clock({ advance: 2 * MINUTE });
  await edge.until(id, ({ stats }) => stats.sent === 1);
  upstream.answers.set(theirs, { status: 404 });
  await edge.clock({ advance: 2 * HOUR });
  const aged = await edge.operation(id);
  assert.ok(aged.postgate.countersAge >= 7_200, `${aged.postgate.countersAge} s`);
  await edge.clock({ advance: 7 * DAY });
  const done = await edge.until(id);
  assert.deepEqual([done.stats.sent, done.postgate.countersAge], [1, 0], "the last that were seen");
  const last = looks();
  await edge.clock({ advance: DAY });
  await sleep(300);
  assert.equal(looks(), last);
});

test("rows go when all is sent, a tombstone stays for thirty days, and then its key is free", async () => {
  const body = JSON.stringify(request(3));
  const headers = { "idempotency-key": "thirty days" };
  const handIn = (text = body) => edge.call("POST", "/v1/Messages", text, { headers });
  const listed = async () => (await edge.json("GET", "/v1/Messages/Operations?pageSize=1000")).operations.map((operation) => operation.id);
  const id = (await handIn()).headers.get("operationId");
  await edge.until(id);
  const kept = edge.rows().filter(({ batch }) => batch > 0);
  assert.ok(kept.length >= 1);
  for (const { part, piece } of kept) assert.deepEqual([part, piece], [0, 0], "neither rows nor heads are left");

  const { updatedAt, postgate } = await edge.operation(id);
  const forgotten = Math.max(Date.parse(updatedAt), Date.parse(postgate.deadline)) + 30 * DAY;
  await turnTo(forgotten, MINUTE);
  await sleep(300);
  assert.equal((await edge.operation(id)).stats.delivered, 1);
  assert.ok((await listed()).includes(id));
  const again = await handIn();
  assert.deepEqual([again.status, again.headers.get("idempotent-replayed"), again.headers.get("operationId")], [202, "true", id]);
  assert.equal((await handIn(body.replace("Hello", "Hullo"))).status, 422);

  // To this key what is not the edge's own may be the upstream's.
  upstream.answers.set(`GET /v1/Messages/Operations/${id}`, { status: 404 });
  await turnTo(forgotten);
  const status = async () => (await edge.call("GET", `/v1/Messages/Operations/${id}`)).status;
  await eventually(async () => (await status()) === 404, "it to be forgotten");
  await eventually(async () => !(await listed()).includes(id), "the list to forget it, too");
  assert.equal((await edge.underKey("thirty days")).status, 404);
  // Of everything that was sent so far, nothing is kept.
  await edge.clock({ advance: 31 * DAY });
  await eventually(() => edge.rows().every(({ operation }) => !(operation > 0)), () => `nothing to be left of ${JSON.stringify(edge.rows())}`);
  const anew = await handIn();
  assert.deepEqual([anew.status, anew.headers.get("idempotent-replayed")], [202, null]);
  assert.notEqual(anew.headers.get("operationId"), id);
  await edge.until(anew.headers.get("operationId"));
  assert.equal(upstream.posts().length, 2);
});

test("an intake that does not come on for a minute is taken over, and what it still hands in is refused", async () => {
  const [slow, fast] = [request(), request()].map((body) => JSON.stringify(body));
  const first = await edge.hold("over", slow.length, slow.slice(0, 40));
  const handIn = () => edge.call("POST", "/v1/Messages", fast, { headers: { "idempotency-key": "over" } });
  const busy = await handIn();
  const seconds = Number(busy.headers.get("retry-after"));
  // As long as it has taken so far, and not as long as its lease.
  assert.ok(busy.status === 409 && seconds >= 1 && seconds <= 30, `${busy.status}, ${seconds} s`);
  await edge.clock({ advance: 60 * SECOND });
  const taken = await handIn();
  assert.deepEqual([taken.status, taken.headers.get("idempotent-replayed")], [202, null]);
  first.socket.write(slow.slice(40));
  const late = await first.answer();
  assert.match(late, /^HTTP\/1\.1 409 /);
  assert.match(late, /took over/);
  await edge.until(taken.headers.get("operationId"));
  assert.deepEqual(upstream.posts().map(({ to }) => to), [JSON.parse(fast).to]);
});

test("a body may take a quarter of an hour in all, however steadily it comes", async () => {
  // Of a stretch of 1 MiB that is read at a time, and a little more; what is unread at the end would cut off the answer.
  const [first, more] = [1_050_000, 1_000];
  const body = JSON.stringify({ ...request(), tags: { x: "x".repeat(first) } }).padEnd(first + more);
  const intake = await edge.hold("long", body.length, body.slice(0, first));
  await edge.clock({ advance: 15 * MINUTE });
  intake.socket.write(body.slice(first));
  assert.match(await intake.answer(), /^HTTP\/1\.1 408 /);
  assert.equal((await edge.underKey("long")).status, 404, "its key is free");
});

test("the clock is turned ahead only, by what can be meant", async () => {
  for (const wrong of ["", "[]", '{"speed":0}', '{"speed":1001}', '{"advance":-1}', '{"advance":1e12}', '{"to":1}', " ".repeat(2_000)]) {
    const answer = await edge.call("POST", "/development/clock", wrong);
    assert.equal(answer.status, wrong.length > 1_000 ? 413 : 400, wrong);
  }
  assert.equal((await edge.call("GET", "/development/clock")).status, 405);
});
