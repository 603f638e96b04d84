// What callers do in a soak: sends of all sizes, some with mistakes, some taken back, some cut off, and what is only read.

import { sleep } from "../waiting.mjs";

/** Every recipient of a soak has a number of its own: +1415 and seven digits. */
const FIRST = 2_000_000;
const SLOW = "+15017122669";
const SENDERS = ["+15017122661", "+15017122662", "+15017122663"];
const OPERATIONS = "/v1/Messages/Operations";

/** Settings of the edge: a lane that is slow, beside those that are not. */
export const LANES = { slow: { mps: 20, senders: [SLOW] } };

export function address(n) {
  return `+1415${FIRST + n}`;
}

/** Which recipient an address is. */
export function recipient(text) {
  return Number(text.slice("+1415".length)) - FIRST;
}

/** All that callers do, and what they know of it. */
export class Traffic {
  /** Sends: their first recipient and how many, whose they are, and what became of the request. */
  sends = [];
  /** How often what was answered. */
  answers = {};
  problems = [];
  #next = 0;
  #below;
  #callers;

  /** `below` gives chance numbers below a limit; `callers` are clients of the edge, each with a key of its own. */
  constructor(below, callers) {
    this.#below = below;
    this.#callers = callers;
  }

  /** How many recipients were in a request so far. */
  get people() {
    return this.#next;
  }

  /** One after another of what callers do, until `over`. */
  async run(over, pause) {
    while (!over()) {
      try {
        await this.#act();
      } catch (error) {
        this.problems.push(`a caller's own: ${error.stack}`);
      }
      await sleep(this.#below(2 * pause));
    }
  }

  #one(of) {
    return of[this.#below(of.length)];
  }

  async #act() {
    const caller = this.#one(this.#callers);
    const dice = this.#below(100);
    if (dice < 40) return this.#send(caller, { count: 1 + this.#below(50) });
    if (dice < 48) return this.#send(caller, { count: 1 + this.#below(200), from: SLOW });
    if (dice < 54) return this.#send(caller, { count: 2 + this.#below(300), bad: 1 + this.#below(20) });
    if (dice < 60) return this.#send(caller, { count: 1 + this.#below(300), later: 5_000 + this.#below(40_000) });
    if (dice < 63) return this.#send(caller, { count: 10_000 + this.#below(15_000) });
    if (dice < 65) return this.#send(caller, { count: 14_000, text: "x".repeat(900), bad: this.#below(2) * 50 });
    if (dice < 66) return this.#send(caller, { count: 30_000 + this.#below(30_000) });
    if (dice < 70) return this.#cutOff(caller);
    if (dice < 76) return this.#post(caller, "/v1/Messages/DryRun", this.#body(this.#claim(20), 20), 200);
    if (dice < 82) return this.#post(caller, "/v1/Messages", { ...this.#body(this.#claim(1), 1), content: {} }, 400);
    if (dice < 90) return this.#read(caller);
    return this.#cancel();
  }

  /** Numbers that nobody else has. */
  #claim(count) {
    const first = this.#next;
    this.#next += count;
    return first;
  }

  #body(first, count, { bad = 0, text = "", from = this.#one(SENDERS), later } = {}) {
    const to = Array.from({ length: count }, (_, n) => ({ address: address(first + n), channel: "PHONE", variables: { text } }));
    // Somewhere among them.
    for (let n = 0; n < bad; n += 1) to.splice(this.#below(to.length + 1), 0, { address: "+0", channel: "PHONE" });
    const schedule = later && { sendAt: [new Date(Date.now() + later).toISOString()] };
    return { to, from: { address: from, channel: "SMS" }, content: { text: "Hello {{ text }}" }, ...(schedule && { schedule }) };
  }

  /** Hands a send in; one with an idempotency key for as long as it takes to know what became of it. */
  async #send(caller, { count, ...shape }) {
    const send = { caller, first: this.#claim(count), count, bad: shape.bad ?? 0, id: undefined, is: "lost" };
    this.sends.push(send);
    const body = JSON.stringify(this.#body(send.first, count, shape));
    const keyed = count > 5_000 || this.#below(2) === 0;
    const headers = { ...(keyed && { "idempotency-key": `soak ${send.first}` }), ...(send.bad > 0 && { prefer: "handling=lenient" }) };
    for (let tries = 0; tries === 0 || (keyed && tries < 100); tries += 1) {
      const answer = await this.#answer(caller, "POST", "/v1/Messages", body, headers);
      if (answer?.status === 202) {
        [send.id, send.is] = [answer.headers.get("operationId"), "taken"];
        return;
      }
      // Somebody else's intake, too large a crowd, or the program is being started.
      const again = answer === undefined || [409, 503].includes(answer.status);
      if (!again) {
        send.is = "refused";
        if (answer.status !== 429) this.problems.push(`a send was answered ${answer.status}: ${answer.text.slice(0, 300)}`);
        return;
      }
      if (answer?.status === 503) send.is = keyed ? send.is : "refused";
      await sleep(1_000);
    }
  }

  /** Begins a send and goes away. */
  async #cutOff(caller) {
    const count = 20_000;
    const send = { caller, first: this.#claim(count), count, bad: 0, id: undefined, is: "refused" };
    this.sends.push(send);
    const body = JSON.stringify(this.#body(send.first, count, { text: "x".repeat(700) }));
    const fields = this.#below(2) === 0 ? [`Idempotency-Key: soak ${send.first}`] : [];
    const intake = caller.begin("POST", "/v1/Messages", { length: body.length, fields }, body.slice(0, this.#below(body.length)));
    await sleep(this.#below(1_500));
    intake.close();
  }

  async #post(caller, path, body, expected) {
    const answer = await this.#answer(caller, "POST", path, body);
    if (answer && answer.status !== expected) this.problems.push(`${path} was answered ${answer.status}: ${answer.text.slice(0, 300)}`);
  }

  async #read(caller) {
    const { id } = this.#one(this.sends.filter((send) => send.id && send.caller === caller)) ?? {};
    const token = this.#one(["", "?status=PROCESSING", "?pageSize=1000"]);
    const path = this.#one([OPERATIONS + token, id && `${OPERATIONS}/${id}`, id && `${OPERATIONS}/${id}/Errors`]);
    const answer = path && (await this.#answer(caller, "GET", path));
    if (answer && answer.status !== 200) this.problems.push(`${path} was answered ${answer.status}`);
  }

  /** Takes one of the latest sends back, sometimes twice at once. */
  async #cancel() {
    const { id, caller, count } = this.#one(this.sends.filter((send) => send.id).slice(-5)) ?? {};
    if (!id) return;
    const cancel = () => this.#answer(caller, "POST", `${OPERATIONS}/${id}/Cancel`);
    for (const answer of await Promise.all(this.#below(2) === 0 ? [cancel()] : [cancel(), cancel()])) {
      if (!answer) continue;
      const { sent, canceled, inFlight, unknown } = answer.status === 200 ? JSON.parse(answer.text) : {};
      // The rest was refused by the sandbox.
      if (!(sent + canceled + inFlight + unknown <= count)) this.problems.push(`a cancel of ${count} was answered ${answer.status}: ${answer.text}`);
    }
  }

  /** An answer that was read to its end; none where the program was killed meanwhile. */
  async #answer(caller, method, path, body, headers) {
    let answer;
    try {
      const whole = await caller.call(method, path, body, { headers, patience: 180_000 });
      answer = { status: whole.status, headers: whole.headers, text: await whole.text() };
    } catch (error) {
      // What takes too long is no kill.
      if (/^not in/.test(error.message)) this.problems.push(error.message);
    }
    const status = answer?.status ?? "none";
    this.answers[status] = (this.answers[status] ?? 0) + 1;
    if (status === 500) this.problems.push(`${method} ${path.split("?")[0]} was answered 500`);
    return answer;
  }
}
