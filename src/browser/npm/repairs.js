// The rows of a table that its verdict refuses, each with the reasons.

import { parse } from "./input.js";
import * as glue from "./glue.js";
import { spelled } from "./options.js";
import { join } from "./parts.js";
import { inRows, sentence } from "./sentence.js";

/** How many rows are judged at a time: so few that a verdict rarely has more to say of them than it lists. */
const WINDOW = 64;

const decoder = new TextDecoder();

/**
 * Asked of every row while the table is read once more. Where the verdict leaves issues out, it is read twice more: first
 * the rows that the verdict does not name are judged anew, a few after the head at a time.
 */
export class Repairs {
  #reasons = new Map();
  /** Each text once, however many rows have it. */
  #texts = new Map();
  #numbers;
  #front;
  #options;
  #sentences;
  #own;
  /** How many rows that are not refused were asked about. */
  #sent = 0;
  #failure;
  #gathering;
  #window = [];

  /**
   * @param {import("../types.d.ts").Verdict} verdict
   * @param {Uint32Array} numbers Where each row stands in the table.
   * @param {Uint8Array} head
   * @param {object} options By which they were judged.
   * @param {{ sentences?: object, reason?: Function }} said What the caller has to say.
   */
  constructor({ issues, omitted }, numbers, head, options, { sentences, reason }) {
    this.#numbers = numbers;
    this.#sentences = sentences;
    this.#own = reason;
    this.#take(issues, (row) => row);
    this.#gathering = omitted > 0;
    if (!this.#gathering) return;
    const json = JSON.stringify(JSON.parse(decoder.decode(head)));
    this.#front = `${json.slice(0, -1)}${json === "{}" ? "" : ","}"to":[`;
    // Only a few are seen at a time, so whom they repeat is not.
    this.#options = spelled({ ...options, duplicates: "keep" });
  }

  /** Whether there is none. */
  get isEmpty() {
    return this.#reasons.size === 0 && !this.#gathering && this.#own === undefined;
  }

  /** Why a row is refused, by its place in `to` and its JSON; nothing if it is not, or as long as that is not known. */
  reason(index, row) {
    if (!this.#gathering) return this.#reasons.get(index) ?? this.#ask(index, row);
    if (!this.#reasons.has(index)) this.#window.push({ index, row: row.slice() });
    if (this.#window.length === WINDOW) this.#judge(this.#window.splice(0));
    return undefined;
  }

  /** What the caller says of a row that is not refused. What that throws must not leave the module in the middle. */
  #ask(index, row) {
    if (this.#own === undefined || this.#failure !== undefined) return undefined;
    try {
      const said = this.#own(decoder.decode(row), index, this.#sent++);
      return said === undefined ? undefined : String(said);
    } catch (cause) {
      this.#failure = { cause };
      return undefined;
    }
  }

  /** Throws what the caller's function threw. */
  surface() {
    if (this.#failure !== undefined) throw this.#failure.cause;
  }

  /** Takes the end of the table; whether all was told. */
  finish() {
    this.#judge(this.#window.splice(0));
    const told = !this.#gathering;
    this.#gathering = false;
    return told;
  }

  #judge(rows) {
    if (rows.length === 0) return;
    const comma = Uint8Array.of(0x2c);
    const list = rows.flatMap(({ row }, at) => (at === 0 ? [row] : [comma, row]));
    const { issues, omitted } = parse(glue.check(join(list, this.#front, "]}"), this.#options));
    if (omitted === 0 || rows.length === 1) return this.#take(issues, (place) => rows[place].index);
    const half = rows.length >> 1;
    this.#judge(rows.slice(0, half));
    this.#judge(rows.slice(half));
  }

  /** Takes the errors that are about rows. */
  #take(issues, index) {
    for (const issue of issues) {
      const place = /^\/to\/(\d+)/.exec(issue.at)?.[1];
      if (issue.severity !== "error" || place === undefined) continue;
      const [row, said] = [index(Number(place)), sentence(inRows(issue, (first) => this.#numbers[first]), this.#sentences)];
      const known = this.#reasons.get(row);
      const text = known === undefined ? said : `${known} ${said}`;
      if (!this.#texts.has(text)) this.#texts.set(text, text);
      this.#reasons.set(row, this.#texts.get(text));
    }
  }
}
