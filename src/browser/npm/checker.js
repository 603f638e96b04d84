// Requests and tables that come in pieces.

import { bytes, callback, chunk, judged, mapped, named, one, parse, SUMMARY, tag } from "./input.js";
import { PostgateError } from "./error.js";
import * as glue from "./glue.js";
import { Resident } from "./instance.js";
import { ready } from "./load.js";
import { spelled } from "./options.js";
import { join } from "./parts.js";
import { Repairs } from "./repairs.js";
import { saying } from "./sentence.js";

/** Names of options of what comes in pieces. */
const PIECES = ["table", "head", "summary", "reason", "sentences", "rejects"];

const OPENS = "Expected a function that opens a ReadableStream or another iterable of Uint8Arrays, anew each time.";

export class Checker {
  #resident;
  #bodies;
  #early;
  #rejects = [];
  #table;
  /** Where rejects are to have the rows that are refused, too: what finds them by the verdict. */
  #refused;
  #repairs;
  #sentences;
  #result = {};

  constructor(options) {
    ready();
    const { table, head, batches, summary, rejects: wanted, reason, sentences, ...judging } = named(options, [...SUMMARY, ...PIECES, "batches"]);
    const mapping = table === undefined ? undefined : mapped(table);
    if (mapping === undefined && head !== undefined) {
      throw new PostgateError("invalid-option", "A head is for the rows of a table.");
    }
    const summed = one("summary", [false, true], summary);
    const summing = ["handling", "preview"].find((name) => judging[name] !== undefined);
    if (!summed && summing !== undefined) {
      throw new PostgateError("invalid-option", `The option ${summing} is for a summary; the option summary asks for one.`);
    }
    this.#table = mapping !== undefined;
    if (this.#table && head === undefined && (batches || summed)) {
      throw new PostgateError("invalid-option", "Rows alone have neither batches nor a summary; the option head gives the rest.");
    }
    const all = one("rejects", ["unread", "all"], wanted) === "all";
    if (!this.#table && all) throw new PostgateError("invalid-option", "Rejects are those of a table.");
    if (callback("reason", reason) !== undefined && !all) {
      throw new PostgateError("invalid-option", "The option reason is for all rejects; the option rejects asks for them.");
    }
    if (sentences !== undefined && tag(sentences) !== "Object") {
      throw new PostgateError("invalid-option", "The option sentences must be an object that has sentences by code.");
    }
    this.#sentences = sentences;
    const rest = head === undefined ? undefined : bytes(head, "head");
    if (tag(head) === "Object" && Object.hasOwn(head, "to")) {
      throw new PostgateError("invalid-option", "A head has no to: the rows of the table come in its place.");
    }
    this.#early = one("batches", [false, true, "early"], batches) === "early";
    this.#bodies = batches ? [] : undefined;
    const chosen = judged(judging, SUMMARY);
    const [bodies, rejects] = [this.#bodies, this.#rejects];
    const { handling: _, preview: __, ...alone } = chosen;
    if (all) this.#refused = ({ verdict, numbers }) => new Repairs(verdict, numbers, rest ?? bytes("{}"), alone, { sentences, reason });
    this.#resident = new Resident(() => new glue.Checker(spelled(chosen), summed, mapping, rest, bodies, rejects));
  }

  push(piece) {
    const taken = chunk(piece);
    this.#call((checker) => checker.push(taken));
  }

  finish() {
    const again = this.#call((checker) => checker.finish());
    if (again) return { again };
    this.#call((checker) => checker.flush());
    const done = this.#repairs === undefined ? this.#judged() : this.#repairs.finish();
    if (done) this.dispose();
    else {
      this.#rejects.length = 0;
      this.#call((checker) => checker.repair(this.#repairs));
    }
    return { again: !done };
  }

  /** Takes the verdict; whether nothing more is wanted. */
  #judged() {
    this.#result = this.#call((checker) => {
      const table = this.#table ? JSON.parse(checker.report()) : undefined;
      const places = [];
      checker.places(places);
      const [numbers, lines] = places;
      return { ...parse(checker.summary()), table, numbers, lines };
    });
    if (this.#refused === undefined) return true;
    this.#repairs = this.#refused(this.#result);
    return this.#repairs.isEmpty;
  }

  get verdict() {
    return this.#result.verdict;
  }

  get estimate() {
    return this.#result.estimate;
  }

  get previews() {
    return this.#result.previews;
  }

  get table() {
    return this.#result.table;
  }

  issues(from = 0, count = Infinity) {
    return this.verdict?.issues.slice(from, from + count) ?? [];
  }

  get rowNumbers() {
    return this.#result.numbers;
  }

  get rowLines() {
    return this.#result.lines;
  }

  row(index) {
    return this.#result.numbers?.[index];
  }

  /** None before the verdict is ok, as the second pass may still find an error; unless the caller takes that on. */
  *batches() {
    while ((this.#early || this.verdict?.ok) && this.#bodies?.length > 0) yield this.#bodies.shift();
  }

  rejects() {
    if (this.#resident !== undefined) this.#call((checker) => checker.flush());
    return join(this.#rejects.splice(0));
  }

  dispose() {
    this.#resident?.free();
    this.#resident = undefined;
  }

  #call(run) {
    if (this.#resident === undefined) {
      throw new PostgateError("checker-done", "This checker has come to its end, or was disposed of.");
    }
    const result = saying(this.#sentences, () => this.#resident.call(run));
    this.#repairs?.surface();
    return result;
  }
}

// Older runtimes have no such symbol; there `dispose` is called by its name.
if (Symbol.dispose !== undefined) {
  Object.defineProperty(Checker.prototype, Symbol.dispose, { value: Checker.prototype.dispose });
}

export async function checkStream(open, options) {
  if (typeof open !== "function") throw new PostgateError("invalid-input", OPENS);
  const { onBatch, ...others } = named(options, [...SUMMARY, ...PIECES, "onBatch"]);
  const checker = new Checker({ ...others, batches: callback("onBatch", onBatch) !== undefined });
  try {
    let again = true;
    while (again) {
      for await (const piece of pieces(await open())) {
        checker.push(piece);
      }
      ({ again } = checker.finish());
    }
    for (const body of checker.batches()) await onBatch(body);
    const { verdict, estimate, previews, table, rowNumbers, rowLines } = checker;
    const row = (index) => checker.row(index);
    return { verdict, estimate, previews, table, rejects: checker.rejects(), row, rowNumbers, rowLines };
  } finally {
    checker.dispose();
  }
}

/** The pieces of a stream. Not all browsers can walk one by themselves. */
async function* pieces(stream) {
  if (typeof stream?.getReader !== "function") {
    if (typeof stream?.[Symbol.asyncIterator] !== "function" && typeof stream?.[Symbol.iterator] !== "function") {
      throw new PostgateError("invalid-input", OPENS);
    }
    return yield* stream;
  }
  if (stream.locked) {
    throw new PostgateError("invalid-input", "The stream has a reader already; expected a new one each time it is opened.");
  }
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      ended = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel().catch(() => {});
  }
}
