// Who was not reached by a send, and why, as the gate lists it: read a page at a time, from where it was left.

import { patiently } from "./gate.js";
import { sentence } from "./pkg/index.js";
import own from "./sentences.js";

/** Statuses of messages that reached nobody, and what they are called. */
const STATUSES = { FAILED: "Failed", UNDELIVERED: "Undelivered", CANCELED: "Canceled" };

/** How many messages are asked for their error at a time. */
const AT_ONCE = 4;

/** How many recipients of a group are kept to be named. */
const NAMED = 20;

/**
 * @typedef {object} Group Recipients who were not reached for one reason.
 * @property {string} reason What became of them, with the service's number and sentence where it has one.
 * @property {string} [infoUrl] Where the service says more.
 * @property {number} count
 * @property {Set<string>} named The first of their addresses; none of those whom the service never had.
 */

/** The failures of one operation. */
export class Failures {
  #gate;
  #operation;
  #sentences;
  /** What is still to be read: lists, each with its page. */
  #pages = [];
  /** Each message by its id: its address, its status and, once it was asked, its group. */
  #messages = new Map();
  /** The groups of messages, by their reason. */
  #groups = new Map();
  /** Those whose error was not asked for. */
  #unasked = new Set();
  /** Recipients whom the gate left out, by their place in `to`, each with what it found. */
  #leftOut = new Map();
  /** Recipients whom a refusal of the service names, by their place in `to`, each with its number. */
  #refused = new Map();
  /** What became of those whom the service never had. */
  #parts = [];

  /**
   * @param {import("./gate.js").Gate} gate
   * @param {string} operation
   * @param {Map<string, string>} sentences What was said of recipients before they were sent, by the issue's code.
   */
  constructor(gate, operation, sentences) {
    this.#gate = gate;
    this.#operation = operation;
    this.#sentences = sentences;
  }

  /** Begins anew with what there is to read; what was asked is known. */
  begin({ stats, postgate }) {
    const { parts = [], refusedRows = 0 } = postgate;
    this.#parts = parts.filter(({ is }) => ["refused", "canceled", "expired"].includes(is));
    const unsent = this.#parts.reduce((sum, { recipients }) => sum + recipients, 0);
    const statuses = stats.failed + stats.undelivered + stats.canceled > unsent ? Object.keys(STATUSES) : [];
    this.#pages = statuses.map((status) => ({ status }));
    if (refusedRows > 0 || this.#parts.some(({ is }) => is === "refused")) this.#pages.unshift({});
  }

  /** Whether all of them are known, with their reasons or without. */
  get listed() {
    return this.#pages.length === 0;
  }

  /** How many reasons are not known. */
  get unasked() {
    return this.#unasked.size;
  }

  /**
   * Reads who they are.
   *
   * @param {AbortSignal} signal
   * @param {{ waits: () => void, goes: (done?: number, all?: number) => void }} told When there is no answer, and when there is.
   */
  async list(signal, told) {
    while (this.#pages.length > 0) {
      const [page] = this.#pages;
      const next = await patiently(() => this.#read(page, signal), signal, told.waits);
      if (next === undefined) this.#pages.shift();
      else page.token = next;
      told.goes();
    }
  }

  /** Asks for the reasons of so many of them. */
  async ask(most, signal, told) {
    const ids = [...this.#unasked].slice(0, most);
    let [next, done] = [0, 0];
    const asking = async () => {
      while (next < ids.length) {
        const id = ids[next];
        next += 1;
        const error = await patiently(() => this.#gate.errorOf(id, signal), signal, told.waits);
        this.#move(id, error);
        this.#unasked.delete(id);
        done += 1;
        told.goes(done, ids.length);
      }
    };
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, asking));
    } finally {
      // Where one is refused, the others end as well.
      next = ids.length;
    }
  }

  /** A page of a list; the token of the next one. */
  async #read({ status, token }, signal) {
    if (status === undefined) {
      const { errors, next } = await this.#gate.refusals(this.#operation, token, signal);
      for (const { index, code, issue } of errors) {
        if (issue !== undefined) this.#leftOut.set(index, this.#leftOut.get(index) ?? issue);
        else if (index !== null) this.#refused.set(index, code);
      }
      return next;
    }
    const { messages, next } = await this.#gate.messages(this.#operation, status, token, signal);
    for (const message of messages) this.#take(message);
    return next;
  }

  #take({ id, to, status }) {
    // A filter may be ignored.
    if (!Object.hasOwn(STATUSES, status) || this.#messages.has(id)) return;
    const [{ address, profileId } = {}] = to;
    this.#messages.set(id, { address: address ?? profileId ?? "", status });
    this.#move(id);
    // What was taken back was never tried.
    if (status !== "CANCELED") this.#unasked.add(id);
  }

  /** Puts a message into the group of its error: nothing while that is not known, null where it has none. */
  #move(id, error) {
    const message = this.#messages.get(id);
    const said = STATUSES[message.status];
    const open = message.status === "CANCELED" ? "" : "; its reason is not known yet";
    const reason = error ? `${said}, error ${error.code}: ${error.message}` : `${said}${error === null ? " without an error" : open}.`;
    if (message.group !== undefined) {
      message.group.count -= 1;
      message.group.named.delete(message.address);
    }
    if (!this.#groups.has(reason)) this.#groups.set(reason, { reason, infoUrl: error?.infoUrl, count: 0, named: new Set() });
    message.group = this.#groups.get(reason);
    message.group.count += 1;
    if (message.group.named.size < NAMED) message.group.named.add(message.address);
  }

  /**
   * The groups, the largest first.
   *
   * @returns {Group[]}
   */
  get groups() {
    const groups = new Map();
    const add = (reason, count, infoUrl) => {
      const group = groups.get(reason) ?? { reason, infoUrl, count: 0, named: new Set() };
      group.count += count;
      groups.set(reason, group);
    };
    for (const part of this.#parts) add(unsent(part), part.recipients, infoOf(part.code));
    for (const issue of this.#leftOut.values()) add(this.#left(issue), 1);
    const messages = [...this.#groups.values()].filter(({ count }) => count > 0);
    const alike = (one, other) => (one.reason < other.reason ? -1 : 1);
    return [...groups.values(), ...messages].sort((one, other) => other.count - one.count || alike(one, other));
  }

  #left(issue) {
    return `Left out: ${this.#sentences.get(issue) ?? sentence({ code: issue }, own)}`;
  }

  /**
   * What is to be said of whom, for a file: `messages` as pairs of an address and a reason, `parts` as stretches of those
   * who were sent, and `rows` as pairs of a place in `to` and a reason that says more than that of its stretch.
   */
  get told() {
    return {
      messages: [...this.#messages.values()].map(({ address, group }) => [address, group.reason]),
      parts: this.#parts.map((part) => ({ first: part.first, end: part.first + part.recipients, reason: unsent(part) })),
      rows: [...this.#refused].map(([index, code]) => [index, unsent({ is: "refused", code, own: true })]),
    };
  }
}

/** Why recipients were not sent to. */
function unsent({ is, status, code, own }) {
  if (is === "canceled") return "Not sent: the send was canceled, or ended before them.";
  if (is === "expired") return "Not sent: its time ran out.";
  const error = code === undefined || code === null ? (status === undefined ? "" : `, status ${status}`) : `, error ${code}`;
  return own ? `Not sent: Twilio refused this recipient${error}.` : `Not sent: Twilio refused the request that they were in${error}.`;
}

/** Where Twilio says what a number means. */
function infoOf(code) {
  return code === undefined ? undefined : `https://www.twilio.com/docs/api/errors/${code}`;
}
