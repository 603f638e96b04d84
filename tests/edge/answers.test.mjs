// What comes of each answer that the upstream can give to a batch, and of what persons decide: everybody is at the
// upstream once at most, and whoever shares a lane or the account is held back where the answer is about it.

import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";

import { Edge } from "../edge.mjs";
import { request } from "../request.mjs";
import { shared } from "../setup.mjs";
import { eventually, sleep } from "../waiting.mjs";
import { Upstream } from "./upstream.mjs";

const MINUTE = 60_000;
const STEADY = { address: "+15017122663", channel: "SMS" };
const NARROW = "+15017122664";
const lane = (mps, ...senders) => ({ mps, senders });
/** Who greets everybody by name, in a lane of its own. */
const GREETER = { address: "+15017122665", channel: "SMS" };
/** Ten recipients a second, and one in ten seconds. */
const LANES = JSON.stringify({
  steady: lane(10, STEADY.address),
  narrow: lane(0.1, NARROW, "agent"),
  greeting: lane(0.1, GREETER.address),
});

const upstream = await shared(Upstream.start());
const edge = await shared(Edge.start({ vars: { UPSTREAM_URL: upstream.url, LANES } }));
beforeEach(() => upstream.forget());

/** Has the upstream answer posts by what they say; what is not named is taken. */
function answering(answers) {
  let taken = 0;
  upstream.answers.set("POST /v1/Messages", ({ body }) => {
    const answer = answers.get(JSON.parse(body).content.text);
    return answer ?? { status: 202, headers: { operationId: Upstream.id(100 + taken++) } };
  });
}

test("what does not prove that a batch was taken or was not leaves it unknown, and it is not posted again", async () => {
  const page = { "content-type": "text/html" };
  const answers = [
    { status: 500, body: { errors: [] } },
    { status: 502, headers: page, body: "<html>Bad gateway</html>" },
    { status: 503, headers: { "retry-after": "1" } },
    { status: 301, headers: { location: `${upstream.url}/Messages` } },
    { status: 307, headers: { location: `${upstream.url}/Elsewhere` } },
    { status: 200, headers: page, body: "<html>Welcome</html>" },
    { status: 202, headers: page, body: "<html>Accepted</html>" },
    { status: 204 },
    { status: 402, body: { errors: [] } },
    { status: 408 },
    { status: 409, body: { errors: [] } },
  ];
  const [sends, taken] = [answers.map((answer) => [request(), answer]), []];
  answering(new Map(sends.map(([{ content }, answer]) => [content.text, answer])));
  for (const [body, answer] of sends) {
    const { status, postgate } = await edge.until(await edge.send(body), ({ postgate }) => postgate.batches.unknown === 1);
    assert.equal(status, "PROCESSING");
    assert.match(postgate.unsettled[0].why, new RegExp(`answered ${answer.status}`));
    // Another one is taken at once: one body stops nobody else.
    const other = request();
    taken.push(other);
    await edge.until(await edge.send(other), ({ postgate }) => postgate.batches.accepted === 1);
  }
  await edge.clock({ advance: 10 * MINUTE });
  await eventually(() => edge.logged("searched").length >= answers.length, "they are looked for");
  const texts = [...sends.map(([body]) => body), ...taken].map(({ content }) => content.text);
  assert.deepEqual(upstream.posts().map(({ content }) => content.text).toSorted(), texts.toSorted());
  assert.ok(upstream.requests.every(({ url }) => !url.includes("Elsewhere")), "no redirect is followed");
});

test("a 202 that names no operation is taken, and its operation is found by the tag", async () => {
  const body = request(2);
  answering(new Map([[body.content.text, { status: 202 }]]));
  const id = await edge.send(body);
  const taken = await edge.until(id, ({ postgate }) => postgate.batches.accepted === 1);
  assert.deepEqual([taken.status, taken.postgate.operations], ["PROCESSING", []]);
  const related = [{ name: "OPERATION", id: Upstream.id(60), uri: "x" }];
  upstream.answers.set("GET /v1/Messages", { body: { messages: [{ id: "m", tags: { "postgate.batch": `${id}.0.1` }, related }] } });
  await edge.clock({ advance: 15_000 });
  assert.deepEqual((await edge.until(id)).postgate.operations, [Upstream.id(60)]);
  assert.equal(upstream.posts().length, 1);
});

test("where the tag is passed over, a batch is found among all that the account did meanwhile", async () => {
  const body = request(2);
  answering(new Map([[body.content.text, { status: 502 }]]));
  const id = await edge.send(body);
  await edge.until(id, ({ postgate }) => postgate.batches.unknown === 1);
  const now = Date.parse((await edge.clock({})).now);
  // The newest first; half of them have as many recipients, and its own is the first that was made behind the post.
  const operations = Array.from({ length: 40 }, (_, n) => ({
    id: Upstream.id(900 - n),
    createdAt: new Date(now + (40 - n) * 1_000).toISOString(),
    stats: { recipients: 1 + (n % 2) },
  }));
  const { id: own } = operations.at(-1);
  upstream.answers.set("GET /v1/Messages/Operations", { body: { operations } });
  upstream.answers.set("GET /v1/Messages", ({ url }) => {
    const messages = url.includes(`operationId=${own}&`) ? [{ id: "m", tags: { "postgate.batch": `${id}.0.1` } }] : [];
    return { body: { messages } };
  });
  await edge.clock({ advance: 15_000 });
  assert.deepEqual((await edge.until(id)).postgate.operations, [own]);
  assert.equal(edge.logged("searched").filter(({ operation }) => operation === id).length, 1, "the first look finds it");
  assert.equal(upstream.posts().length, 1);
});

test("a refusal ends a strict send, and lets a lenient one go on; either keeps its status, code and place", async () => {
  for (const status of [400, 404, 413, 415, 422]) {
    for (const handling of ["strict", "lenient"]) {
      const body = request(3);
      let posted = 0;
      upstream.answers.set("POST /v1/Messages", () => {
        posted += 1;
        if (posted !== 2) return { status: 202, headers: { operationId: Upstream.id(posted) } };
        // The second is about a recipient whom the batch does not have.
        const errors = [0, 7].map((row) => ({ code: 21211, message: "No.", context: `$.to[${row}].address` }));
        return { status, body: { errors } };
      });
      const id = await edge.send(body, { query: "?batchRows=1", headers: { prefer: `handling=${handling}` } });
      const done = await edge.until(id);
      const { accepted, refused, canceled } = done.postgate.batches;
      assert.deepEqual([accepted, refused, canceled], handling === "strict" ? [1, 1, 1] : [2, 1, 0], `${status} ${handling}`);
      assert.equal(posted, handling === "strict" ? 2 : 3);
      if (handling === "strict") {
        assert.deepEqual(done.postgate.halted, { by: "refused", batch: 1, attempt: 1, status, code: 21211 });
      }
      const { errors } = await edge.json("GET", `/v1/Messages/Operations/${id}/Errors`);
      const first = { index: 1, code: 21211, pointer: "/to/1/address", status, batch: 1, recipients: 1 };
      assert.deepEqual(errors, [first, { ...first, index: null, pointer: null }]);
    }
  }
});

test("two batches in doubt halt a send, and one that is settled lets it go on", async () => {
  const body = request(3);
  answering(new Map([[body.content.text, { status: 500 }]]));
  const id = await edge.send(body, { query: "?batchRows=1" });
  const { postgate } = await edge.until(id, ({ postgate }) => postgate.batches.unknown === 2);
  assert.deepEqual([postgate.halted.by, postgate.halted.batch, postgate.batches.ready], ["unknown", 0, 1]);
  await edge.clock({ advance: MINUTE });
  await sleep(300);
  assert.equal(upstream.posts().length, 2);
  answering(new Map());
  const settle = (word) => edge.json("POST", `/v1/Messages/Operations/${id}/Settle`, word);
  await settle({ batch: 0, attempt: 1, as: "not-sent" });
  const on = await edge.until(id, ({ postgate }) => postgate.batches.accepted === 2);
  assert.deepEqual([on.postgate.batches.unknown, on.postgate.halted], [1, undefined]);
  await settle({ batch: 1, attempt: 1, as: "accepted", operationId: Upstream.id(70) });
  const done = await edge.until(id);
  assert.ok(done.postgate.operations.includes(Upstream.id(70)));
  assert.deepEqual(done.postgate.settlements.map(({ batch, as, key }) => [batch, as, key]), [[0, "not-sent", "dev"], [1, "accepted", "dev"]]);
  const [first, second, third] = body.to.map(({ address }) => address);
  assert.deepEqual(upstream.posts().map(({ to }) => to[0].address), [first, second, first, third]);
  const tags = upstream.posts().map(({ tags }) => tags["postgate.batch"].slice(id.length));
  assert.deepEqual(tags, [".0.1", ".1.1", ".0.2", ".2.1"], "the tag tells attempts apart");
  // An answer about an attempt that is over counts no more.
  assert.equal((await edge.call("POST", `/v1/Messages/Operations/${id}/Settle`, { batch: 0, attempt: 2, as: "not-sent" })).status, 409);
  const lines = edge.logged("settled").filter(({ operation }) => operation === id);
  assert.deepEqual(lines.map(({ batch, as, key }) => [batch, as, key]), [[0, "not-sent", "dev"], [1, "accepted", "dev"]]);
});

test("a send that is taken back while a batch is on its way ends with what came of it", async () => {
  const body = request(3);
  let answer;
  upstream.answers.set("POST /v1/Messages", () => new Promise((resolve) => (answer = () => resolve({ status: 202, headers: { operationId: Upstream.id(80) } }))));
  const id = await edge.send(body, { query: "?batchRows=1" });
  await eventually(() => answer !== undefined, "it is posted");
  const cancel = () => edge.json("POST", `/v1/Messages/Operations/${id}/Cancel`);
  assert.deepEqual(await cancel(), { sent: 0, canceled: 2, inFlight: 1, unknown: 0 });
  assert.equal((await edge.operation(id)).status, "PROCESSING");
  answer();
  const done = await edge.until(id, ({ status }) => status === "CANCELED");
  assert.deepEqual([done.postgate.batches.accepted, done.postgate.closed], [1, "canceled"]);
  assert.deepEqual(await cancel(), { sent: 1, canceled: 2, inFlight: 0, unknown: 0 });
  await edge.until(id, ({ stats }) => stats.delivered === 1 && stats.canceled === 2);
  assert.equal(upstream.posts().length, 1);

  // A batch in doubt stays there: whether it was taken is not known.
  const other = request(2);
  answering(new Map([[other.content.text, { status: 500 }]]));
  const doubted = await edge.send(other, { query: "?batchRows=1" });
  await edge.until(doubted, ({ postgate }) => postgate.batches.unknown === 2);
  const canceled = await edge.json("POST", `/v1/Messages/Operations/${doubted}/Cancel`);
  assert.deepEqual(canceled, { sent: 0, canceled: 0, inFlight: 0, unknown: 2 });
  for (const batch of [0, 1]) await edge.json("POST", `/v1/Messages/Operations/${doubted}/Settle`, { batch, attempt: 1, as: "not-sent" });
  assert.deepEqual((await edge.operation(doubted)).status, "CANCELED");
  assert.equal(upstream.posts().filter(({ content }) => content.text === other.content.text).length, 2, "what is taken back is not sent, whatever a person says");
});

test("a 429 quiets its lane for all, and no other", async () => {
  const [first, second] = [request(1, { from: STEADY }), request(1, { from: STEADY })];
  const answers = new Map([[first.content.text, { status: 429, headers: { "retry-after": "600" } }]]);
  answering(answers);
  const paused = await edge.send(first);
  const { postgate } = await edge.until(paused, ({ postgate }) => postgate.paused !== undefined);
  assert.equal(postgate.paused.status, 429);
  const now = Date.parse((await edge.clock({})).now);
  const wait = Date.parse(postgate.paused.until) - now;
  assert.ok(wait > 560_000 && wait <= 600_000, `${wait} ms`);
  const behind = await edge.send(second);
  await edge.until(behind, ({ postgate }) => postgate.paused !== undefined && postgate.paused.status === null);
  await edge.until(await edge.send(request()));
  assert.equal(upstream.posts().filter(({ from }) => from.address === STEADY.address).length, 1);
  answers.clear();
  await edge.clock({ advance: 600_000 });
  await edge.until(paused);
  await edge.until(behind);
  const rows = upstream.posts().filter(({ from }) => from.address === STEADY.address).map(({ to }) => to[0].address);
  assert.equal(rows[0], first.to[0].address);
  assert.deepEqual(rows.toSorted(), [first, first, second].map(({ to }) => to[0].address), "the first again, as it was not taken");
});

test("credentials that the upstream refuses stop the whole account, turn health red, and lose nothing", async () => {
  for (const status of [401, 403]) {
    const [first, second] = [request(), request()];
    const answers = new Map([[first.content.text, { status }]]);
    answering(answers);
    const refused = await edge.send(first);
    const { postgate } = await edge.until(refused, ({ postgate }) => postgate.paused !== undefined);
    assert.deepEqual([postgate.paused.status, postgate.batches.ready], [status, 1]);
    const health = async () => {
      const answer = await edge.call("GET", "/health");
      return [answer.status, await answer.json()];
    };
    // What it says is a second old at most.
    const saying = (expected) => eventually(async () => {
      const said = await health();
      return said[0] === expected && said[1];
    }, `health to be ${expected}`);
    const { ok, reasons } = await saying(503);
    assert.deepEqual([ok, reasons.length], [false, 1]);
    assert.match(reasons[0], new RegExp(`answers ${status} to UPSTREAM_KEY`));
    // Another sender's send is kept, and waits.
    const waiting = await edge.send(second);
    await edge.until(waiting, ({ postgate }) => postgate.paused !== undefined);
    assert.equal(upstream.posts().filter(({ content }) => content.text === second.content.text).length, 0);
    answers.clear();
    for (const id of [refused, waiting]) {
      await eventually(async () => {
        await edge.clock({ advance: 10 * MINUTE });
        // Not a day, behind which it would be over.
        await sleep(500);
        return (await edge.operation(id)).status === "COMPLETED";
      }, "it goes on");
    }
    assert.deepEqual(await saying(200), { ok: true, environment: "development", reasons: [] });
    for (const [{ content }, count] of [[first, 2], [second, 1]]) {
      assert.equal(upstream.posts().filter((post) => post.content.text === content.text).length, count);
    }
    upstream.requests.length = 0;
  }
});

test("a 403 about one body ends that send, and stops no other", async () => {
  for (const error of [
    { code: 21606, message: "No.", context: "null" },
    { code: 63007, message: "No." },
    { code: 20403, message: "No.", context: "$.from.address" },
  ]) {
    const [bad, good] = [request(2, { from: STEADY }), request(1, { from: STEADY })];
    answering(new Map([[bad.content.text, { status: 403, body: { errors: [error] } }]]));
    const id = await edge.send(bad, { query: "?batchRows=1" });
    const done = await edge.until(id, ({ postgate }) => postgate.closed !== undefined || postgate.paused !== undefined);
    assert.deepEqual(done.postgate.halted, { by: "refused", batch: 0, attempt: 1, status: 403, code: error.code });
    assert.deepEqual([done.postgate.batches.refused, done.postgate.batches.canceled], [1, 1]);
    assert.equal((await edge.call("GET", "/health")).status, 200);
    await edge.until(await edge.send(good));
  }
});

test("a send that is refused without a reason, while others are taken, stops them once and no more", async () => {
  const [bad, good] = [request(1), request(1)];
  answering(new Map([[bad.content.text, { status: 403 }]]));
  const refused = () => upstream.posts().filter(({ content }) => content.text === bad.content.text).length;
  const id = await edge.send(bad);
  await edge.until(id, ({ postgate }) => postgate.paused !== undefined);
  const other = await edge.send(good);
  await eventually(async () => {
    await edge.clock({ advance: 5 * MINUTE });
    return (await edge.operation(other)).status === "COMPLETED";
  }, "the other one goes on");
  for (let more = 0; more < 2; more += 1) {
    const before = refused();
    await eventually(async () => {
      await edge.clock({ advance: 5 * MINUTE });
      return refused() > before;
    }, "it is tried again");
    assert.equal((await edge.call("GET", "/health")).status, 200);
    await edge.until(await edge.send(request(1)));
  }
  await edge.json("POST", `/v1/Messages/Operations/${id}/Cancel`);
});

test("a turn is measured by what its channel counts", async () => {
  const sms = { address: NARROW, channel: "SMS" };
  const template = { contentId: `HX${"0".repeat(32)}` };
  const whatsapp = request(8).to.map((row) => ({ ...row, channel: "WHATSAPP" }));
  // A minute of this lane's pace are six units.
  for (const [what, rows, more] of [
    ["a segment each", 6, { from: sms, content: { text: "Hello" } }],
    ["two segments", 3, { from: sms, content: { text: "x".repeat(161) } }],
    ["seven segments, of which no turn is large enough", 1, { from: sms, content: { text: "x".repeat(1_000) } }],
    ["a message over RCS, however long", 6, { from: { address: "agent", channel: "RCS" }, content: { text: "x".repeat(1_000) } }],
    ["a message with media, however long", 6, { from: sms, content: { text: "x".repeat(1_000), media: [{ url: "https://example.com/a.png" }] } }],
    ["a message over WhatsApp, however long", 6, { from: { ...sms, channel: "WHATSAPP" }, to: whatsapp, content: { text: "x".repeat(1_000) } }],
    ["a template, as two", 3, { from: sms, content: template }],
  ]) {
    upstream.requests.length = 0;
    const id = await edge.send(request(8, more));
    await edge.until(id, ({ postgate }) => postgate.batches.accepted >= 1);
    assert.equal(upstream.posts()[0].to.length, rows, what);
    await edge.json("POST", `/v1/Messages/Operations/${id}/Cancel`);
    // What lies upstream is over by then.
    await edge.clock({ advance: 10 * MINUTE });
  }
});

test("a text with Liquid takes of the pace what each recipient's own takes", async () => {
  // A long text has 153 characters a segment.
  const greeting = (...segments) => {
    const { to, ...head } = request(segments.length, { from: GREETER, content: { text: "{{ x }}" } });
    return { ...head, to: to.map((row, n) => ({ ...row, variables: { x: "x".repeat(153 * segments[n]) } })) };
  };
  const id = await edge.send(greeting(3, 1, 1, 1, 3, 3, 3, 2, 1, 3));
  await edge.until(id, ({ postgate }) => postgate.paused !== undefined);
  // A minute of this lane's pace are six units, and three turns lie upstream at most.
  assert.deepEqual(upstream.posts().map(({ to }) => to.length), [4, 2, 3]);
  await edge.clock({ advance: MINUTE });
  await edge.until(id);
  assert.deepEqual(upstream.posts().map(({ to }) => to.length), [4, 2, 3, 1]);
  // The day that a send may take has room for 8,640 units.
  const never = await edge.post(greeting(...Array(2_881).fill(3)));
  assert.equal(never.status, 422, await never.text());
  const once = await edge.post(greeting(...Array(2_881).fill(2)));
  assert.equal(once.status, 202, await once.text());
  await edge.json("POST", `/v1/Messages/Operations/${once.headers.get("operationId")}/Cancel`);
});

test("sends of one lane take turns, so that a small one waits for no campaign's end", async () => {
  const campaign = request(5_000, { from: STEADY });
  const id = await edge.send(campaign);
  const waits = ({ postgate }) => postgate.paused !== undefined;
  const sizes = () => upstream.posts().map(({ to }) => to.length);
  await edge.until(id, waits);
  assert.deepEqual(sizes(), [600, 600, 600]);
  const small = await edge.send(request(10, { from: STEADY }));
  await edge.until(small, waits);
  // Two minutes of the lane's rate, and a turn for each that waits.
  await edge.clock({ advance: MINUTE });
  await eventually(() => sizes().length === 4, "the campaign's turn");
  await edge.clock({ advance: MINUTE });
  await eventually(async () => {
    // An alarm that is set while the clock is turned goes by the time before: who sleeps is woken once more.
    await edge.clock({ advance: 0 });
    return sizes().includes(10);
  }, "the small one's turn");
  // The campaign's next is due a second later, which is nothing on a machine that has more to do.
  assert.ok([4, 5].includes(sizes().indexOf(10)), `${sizes()}`);
  await edge.until(small);
  await edge.json("POST", `/v1/Messages/Operations/${id}/Cancel`);
});
