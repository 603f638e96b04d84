// Whose pace a send goes at: that of its sender's lane, as the operator or the kind of number sets it, and the account's.

import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";

import { Edge } from "../edge.mjs";
import { request } from "../request.mjs";
import { shared } from "../setup.mjs";
import { eventually } from "../waiting.mjs";
import { IDS } from "./routes.mjs";
import { Upstream } from "./upstream.mjs";

const POOL = IDS.senderPoolId;
const LANES = JSON.stringify({ shops: { mps: 4, senders: ["+15017122669"], pools: [POOL] }, auto: { mps: 5 } });
/** Units a second of what has no rate of its own, and of all senders together. */
const [DEFAULT_MPS, ACCOUNT_MPS] = [2, 20];

const upstream = await shared(Upstream.start());
const vars = { UPSTREAM_URL: upstream.url, FLAT_MPS: "false", DEFAULT_MPS, ACCOUNT_MPS, LANES };
const edge = await shared(Edge.start({ vars }));
beforeEach(() => upstream.forget());

const sms = (address) => ({ address, channel: "SMS" });

/** Sends to more people than a minute's pace, and gives how many of them are in the first batch. */
async function turn(count, from) {
  upstream.forget();
  const id = await edge.send(request(count, { from }));
  await eventually(() => upstream.posts().length > 0, "a first batch is posted");
  await edge.json("POST", `/v1/Messages/Operations/${id}/Cancel`);
  // What lies upstream is over by then.
  await edge.clock({ advance: 600_000 });
  return upstream.posts()[0].to.length;
}

test("a sender has the pace of its lane, of its kind of number, or of neither", async () => {
  for (const [what, from, mps] of [
    ["a long code", sms("+15017122661"), 1],
    ["a toll-free number", sms("+18885550100"), 3],
    ["a number elsewhere", sms("+447700900100"), 10],
    ["a name", sms("Postgate"), 10],
    ["a sender of the operator's", sms("+15017122669"), 4],
    ["a pool of the operator's", { senderPoolId: POOL }, 4],
    ["another pool", { senderPoolId: POOL.replace("01h", "02h") }, DEFAULT_MPS],
    ["an agent", { address: "agent", channel: "RCS" }, DEFAULT_MPS],
    ["nobody", undefined, 5],
  ]) {
    assert.equal(await turn(mps * 60 + 1, from), mps * 60, what);
  }
});

test("whatever all senders send is within the account's pace, too", async () => {
  // A short code alone may send a hundred a second.
  assert.equal(await turn(2_000, sms("70707")), ACCOUNT_MPS * 60);
  upstream.forget();
  const ids = await Promise.all(["70708", "70709"].map((code) => edge.send(request(3_000, { from: sms(code) }))));
  for (const id of ids) await edge.until(id, ({ postgate }) => postgate.paused !== undefined);
  const sent = upstream.posts().reduce((sum, { to }) => sum + to.length, 0);
  // Two minutes of it, and a turn of one.
  assert.equal(sent, ACCOUNT_MPS * 180);
});

test("a dry run says how long a send takes at its sender's pace, or at another that it is asked for", async () => {
  for (const [from, query, seconds] of [
    [sms("+15017122661"), "", 200],
    [sms("+18885550100"), "", 67],
    [{ senderPoolId: POOL }, "", 50],
    [undefined, "", 40],
    [sms("70707"), "", 10],
    [sms("70707"), "?mps=100", 2],
  ]) {
    const { estimate } = await (await edge.post(request(200, { from }), { path: `/v1/Messages/DryRun${query}` })).json();
    assert.deepEqual(estimate.seconds, { min: seconds, max: seconds }, JSON.stringify(from) + query);
  }
});
