// An upstream that is not there, or answers nothing that can be relied on: how little is in doubt behind it, and that all
// the rest goes out when it is back.

import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";

import { Edge } from "../edge.mjs";
import { request } from "../request.mjs";
import { shared } from "../setup.mjs";
import { eventually } from "../waiting.mjs";
import { Upstream } from "./upstream.mjs";

const MINUTE = 60_000;
const OPERATIONS = "/v1/Messages/Operations";

const upstream = await shared(Upstream.start());
const edge = await shared(Edge.start({ vars: { UPSTREAM_URL: upstream.url } }));
beforeEach(() => upstream.forget());

async function health() {
  const answer = await edge.call("GET", "/health");
  return { status: answer.status, ...(await answer.json()) };
}

/** Hands sends in, one after another, each of which has to wait for its turn or is in doubt before the next one comes. */
async function handIn(bodies) {
  const ids = [];
  for (const body of bodies) {
    ids.push(await edge.send(body, { query: "?batchRows=1" }));
    await edge.until(ids.at(-1), ({ postgate }) => postgate.paused !== undefined || postgate.batches.unknown > 0);
  }
  return ids;
}

/** All batches of sends, by state. */
async function batches(ids) {
  const all = { ready: 0, inFlight: 0, accepted: 0, unknown: 0 };
  for (const id of ids) {
    const { postgate } = await edge.operation(id);
    // What no batch has claimed yet is not among the ready ones where it is not foreseen.
    for (const state of Object.keys(all)) all[state] += postgate.batches[state];
  }
  return all;
}

/** Lets time pass until it is so. */
function inTime(is, what) {
  return eventually(async () => {
    await edge.clock({ advance: MINUTE / 2 });
    return is();
  }, what);
}

/** Has all but the doubtful ones sent, and settles those; everybody was posted to once. */
async function comesBack(bodies, ids) {
  await inTime(async () => (await batches(ids)).accepted >= bodies.length * 3 - 1, "all that is not in doubt is sent");
  for (const id of ids) {
    for (const { batch, attempt } of (await edge.operation(id)).postgate.unsettled ?? []) {
      await edge.json("POST", `${OPERATIONS}/${id}/Settle`, { batch, attempt, as: "not-sent" });
    }
  }
  await inTime(async () => (await batches(ids)).accepted === bodies.length * 3, "all is sent");
  assert.deepEqual(await health(), { status: 200, ok: true, environment: "development", reasons: [] });
}

test("an outage leaves one batch in doubt, of however many sends, and the rest waits for its end", async () => {
  const bodies = Array.from({ length: 5 }, () => request(3));
  await upstream.stop();
  const ids = await handIn(bodies);
  const stands = { ready: 14, inFlight: 0, accepted: 0, unknown: 1 };
  assert.deepEqual(await batches(ids), stands);
  await inTime(() => edge.logged("probed").length >= 4, "it is asked if it answers");
  assert.ok(edge.logged("probed").every(({ answers }) => !answers));
  assert.deepEqual(await batches(ids), stands);
  const red = await health();
  assert.equal(red.status, 503);
  const words = /^The upstream has not answered \d+ times in a row, since (\S+): sends are kept, and wait\.$/;
  const [, since] = words.exec(red.reasons[0]) ?? assert.fail(red.reasons[0]);
  // Each that waits says so, too.
  for (const id of ids) {
    const { paused, unsettled } = (await edge.operation(id)).postgate;
    if (paused !== undefined) assert.deepEqual([paused.by, paused.status, paused.since], ["silence", null, since]);
    else assert.ok(unsettled);
  }

  await upstream.listen();
  await comesBack(bodies, ids);
  const rows = upstream.posts().map(({ to }) => to[0].address);
  assert.deepEqual(rows.toSorted(), bodies.flatMap(({ to }) => to.map(({ address }) => address)).toSorted(), "each once");
  // Asked, it answered, and everybody went on.
  assert.equal(edge.logged("probed").filter(({ answers }) => answers).length, 1);
});

test("where the upstream answers and takes nothing, one tries at a time, and ever later", async () => {
  const bodies = Array.from({ length: 5 }, () => request(3));
  upstream.answers.set("POST /v1/Messages", { status: 503 });
  const ids = await handIn(bodies);
  // Two may be the doing of one send. Behind the third, nobody tries for a while.
  assert.equal(upstream.posts().length, 3);
  const { unknown, ready } = await batches(ids);
  assert.deepEqual([unknown, ready], [3, 12]);
  await edge.clock({ advance: 16_000 });
  await eventually(() => upstream.posts().length === 4, "one tries");
  await edge.clock({ advance: 16_000 });
  await eventually(async () => (await health()).status === 503, "it is known");
  assert.equal(upstream.posts().length, 4);
  upstream.answers.delete("POST /v1/Messages");
  await inTime(async () => (await batches(ids)).accepted >= 8, "the others go on");
  for (const id of ids) await edge.json("POST", `${OPERATIONS}/${id}/Cancel`);
});

test("a try that is lost with its edge is given up as soon as its send is awake again", async () => {
  const bodies = Array.from({ length: 3 }, () => request(1));
  // The first is in doubt, and the second, which tries, is being posted when the edge ends.
  upstream.answers.set("POST /v1/Messages", () => (upstream.posts().length > 1 ? new Promise(() => {}) : { status: 503 }));
  const doubtful = await edge.send(bodies[0]);
  await edge.until(doubtful, ({ postgate }) => postgate.batches.unknown === 1);
  await edge.send(bodies[1]);
  await eventually(() => upstream.posts().length === 2, "the second tries");
  const waiting = await edge.send(bodies[2]);
  const { postgate } = await edge.until(waiting, ({ postgate }) => postgate.paused !== undefined);
  assert.equal(postgate.paused.by, "silence");
  await edge.kill();
  upstream.answers.delete("POST /v1/Messages");
  await edge.run();
  // Nobody looks at any of them, and no clock is turned. Left to lapse, the try would last for three minutes.
  await eventually(() => upstream.posts().length === 3, "the third is sent");
  const sent = upstream.posts().map(({ to }) => to[0].address);
  assert.deepEqual(sent, bodies.map(({ to }) => to[0].address), "each once");
});
