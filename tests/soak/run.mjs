// A soak: mixed traffic through the edge in front of an unkind sandbox, while either is killed with -9 every few minutes.
// Afterwards everybody who was in a send that was taken has been received exactly once, or the operation's report says
// why not; every operation has come to its end, and nothing of any send's is left but its records.
//
// `cargo xtask soak [--minutes 20] [--seed 1]` builds what it needs and runs it. It is no part of the tests.

import { parseArgs } from "node:util";

import { key, setting } from "../edge/keys.mjs";
import { Client } from "../client.mjs";
import { Edge } from "../edge.mjs";
import { random } from "../random.mjs";
import { Sandbox } from "../sandbox.mjs";
import { eventually, sleep } from "../waiting.mjs";
import { compared, received, unanswered } from "./account.mjs";
import { LANES, Traffic } from "./traffic.mjs";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "20" }, seed: { type: "string", default: "1" } } });
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
if (!(minutes > 0) || !Number.isInteger(seed)) throw new Error("--minutes and --seed are numbers");

const SEND = { method: "POST", path: "/v1/Messages" };
/** What the sandbox does wrong, a few times each; of what it takes, it tells nothing. */
const UNKIND = [
  { ...SEND, answer: 429, retryAfter: "2", times: 3 },
  { ...SEND, answer: 429 },
  { ...SEND, answer: 503, accept: true },
  { ...SEND, answer: 503 },
  { ...SEND, answer: "cut", accept: true },
  { ...SEND, answer: "no-id", accept: true, times: 2 },
  { ...SEND, answer: 502, html: true },
  { ...SEND, answer: 301, location: "http://127.0.0.1:9/" },
  { ...SEND, answer: 400, times: 2 },
  { ...SEND, wait: 4_000, times: 5 },
  { ...SEND, answer: "silence", accept: true },
  { ...SEND, hold: 20_000, times: 3 },
  { method: "GET", path: "/v1/Messages*", answer: 500, times: 10 },
  { method: "GET", path: "/v1/Messages*", wait: 3_000, times: 10 },
  { method: "GET", path: "/v1/Messages", ignoreTags: true, times: 5 },
];
/** How long after the one before a batch in doubt is looked for. */
const LOOKS = [16, 60, 300, 900, 3_600, 21_600].map((seconds) => seconds * 1_000);

const below = random(seed);
const say = (...words) => console.log(new Date().toISOString().slice(11, 19), ...words);

/** Starts, too, where its health is red for what the sandbox did to it. */
class Alive extends Edge {
  static health = "/issues";
}

const acme = key("acme", "acme", ["send", "read", "account"]);
const sandbox = await Sandbox.start();
await sandbox.json("PUT", "/sandbox/pace", { defaultMps: 100_000, concurrency: 50 });
const edge = await Alive.start({
  vars: { UPSTREAM_URL: `${sandbox.url}/v1`, DEFAULT_MPS: "5000", LANES: JSON.stringify(LANES), KEYS: setting(acme) },
});
const callers = [edge, new Client(edge.url, acme.headers)];
const traffic = new Traffic(below, callers);
const until = Date.now() + minutes * 60_000;
let over = () => Date.now() >= until;
const kills = { edge: 0, sandbox: 0 };

/** Does something again and again after a pause, as long as the traffic goes on. */
async function every(pause, what) {
  for (;;) {
    const next = Date.now() + pause();
    while (Date.now() < next) {
      if (over()) return;
      await sleep(200);
    }
    await what();
  }
}

async function kill() {
  const [name, worker] = below(4) === 0 ? ["sandbox", sandbox] : ["edge", edge];
  kills[name] += 1;
  say("kill -9", name);
  await worker.kill();
  await sleep(below(3_000));
  await worker.run();
}

/** Restarting the program may be in the way of any call. */
const tried = (call) => call().catch(() => undefined);

/** What is not over: operations by their sends. */
async function open() {
  const all = [];
  for (const caller of callers) {
    for (const status of ["PROCESSING", "SCHEDULED"]) {
      all.push(...(await caller.list("/v1/Messages/Operations", "operations", { status, pageSize: 1_000 })).map(({ id }) => ({ caller, id })));
    }
  }
  return all;
}

/** Says, as a person who can look at the upstream, what became of the batches that are held. */
async function settle() {
  const { batches } = await received(sandbox, traffic.people);
  let settled = 0;
  for (const { caller, id } of await open()) {
    const { postgate } = await caller.operation(id);
    for (const { batch, attempt, held } of postgate.unsettled ?? []) {
      if (!held) continue;
      const operationId = batches.get(`${id}.${batch}.${attempt}`);
      // Looking for it had the time to find it.
      if (operationId) traffic.problems.push(`batch ${batch} of ${id} is held, and the upstream has it`);
      const word = operationId ? { as: "accepted", operationId } : { as: "not-sent" };
      await caller.json("POST", `/v1/Messages/Operations/${id}/Settle`, { batch, attempt, ...word });
      settled += 1;
    }
  }
  return settled;
}

/** Lets what is due come, as often as something moves. */
async function rest(patience) {
  const end = Date.now() + patience;
  for (let left; Date.now() < end; await sleep(1_000)) {
    const now = (await open()).length;
    if (now === 0) return;
    if (now !== left) say(`${now} operations are not over`);
    left = now;
    await edge.round();
  }
}

try {
  say(`${minutes} minutes of traffic by seed ${seed}, edge ${edge.url}, sandbox ${sandbox.url}`);
  const rounds = every(() => 60_000, () => tried(() => edge.round()));
  const unkind = every(() => 5_000 + below(10_000), () => tried(() => sandbox.unkind(UNKIND[below(UNKIND.length)], UNKIND[below(UNKIND.length)])));
  const kill9 = every(() => 60_000 + below(120_000), kill);
  const said = every(() => 60_000, () => say(`${traffic.sends.length} sends, ${traffic.people} people`, traffic.answers));
  const actors = Array.from({ length: 4 }, () => traffic.run(over, 1_500));
  await Promise.all([rounds, unkind, kill9, said, ...actors]);

  say("the traffic is over", traffic.answers, "killed", kills);
  await sandbox.call("DELETE", "/sandbox/unkindness");
  await rest(150_000);
  // What was still in doubt is looked for ever more seldom, and then left to a person.
  for (const advance of LOOKS) {
    await edge.clock({ advance });
    await rest(20_000);
  }
  for (let settled; settled !== 0; await rest(60_000)) say(`${(settled = await settle())} batches were settled`);

  const { times } = await received(sandbox, traffic.people);
  const counts = { taken: 0, lost: 0, refused: 0 };
  for (const send of traffic.sends) {
    counts[send.is] += 1;
    traffic.problems.push(...(send.id ? compared(send, await send.caller.operation(send.id), times) : unanswered(send, times)));
  }
  // An intake that nobody ended is wiped a quarter of an hour later, and looked for in the directory an hour later.
  await edge.clock({ advance: 4_000_000 });
  const unsealed = (database) => database.prepare("SELECT count(*) AS n FROM operation WHERE status IS NULL").get().n;
  const left = () => edge.rows().filter(({ operation, part, piece, spool, intake }) => part > 0 || piece > 0 || spool > 0 || (intake > 0 && !operation));
  const clean = async () => {
    await edge.round();
    return left().length === 0 && edge.stored("Tenant", unsealed).every((n) => n === 0);
  };
  const expected = () => `nothing but records to be left, not ${JSON.stringify(left())}, unsealed ${edge.stored("Tenant", unsealed)}`;
  await eventually(clean, expected).catch((error) => traffic.problems.push(error.message));
  const once = times.reduce((sum, times) => sum + (times === 1 ? 1 : 0), 0);
  say(`sends`, counts, `${once} people were received once, ${times.filter((times) => times > 1).length} more often`);
  for (const event of ["step failed", "pacer failed", "directory failed", "names failed", "poke failed", "round failed", "intake failed", "admission failed"]) {
    const lines = edge.logged(event);
    if (lines.length > 0) say(`${lines.length} × ${event}:`, JSON.stringify(lines[0]));
  }
} catch (error) {
  traffic.problems.push(error.stack);
} finally {
  for (const problem of traffic.problems) console.error(problem);
  over = () => true;
  await edge.stop();
  await sandbox.stop();
}
say(traffic.problems.length === 0 ? "nothing is wrong" : `${traffic.problems.length} things are wrong`);
process.exitCode = traffic.problems.length === 0 ? 0 : 1;
