// Writes the recipients of a send who were not reached as they were written, each with its reason; ends with the answer.

import { Checker, init, phone } from "./pkg/index.js";
import sentences from "./sentences.js";
import { contents } from "./source.js";

/**
 * Takes `source`, `head` and `options` as they were sent, `unit` and `told` as `Failures` has it; answers with `file`, and
 * how many messages were `missed`, as nobody of the source has their address. There is no file where the source is gone.
 */
self.onmessage = async ({ data: { source, head, options, unit, told } }) => {
  await init();
  const input = await contents(source);
  if (input === undefined) return self.postMessage({});
  const reasons = new Reasons(told, options.defaultRegion);
  const reason = (row, index, sent) => {
    const said = reasons.of(row, index, sent);
    const numbers = unit === "Row" ? checker.rowNumbers : checker.rowLines;
    return said && `${unit} ${numbers[index]}: ${said}`;
  };
  const checker = new Checker({ ...options, table: source.mapping, head, rejects: "all", reason, sentences });
  for (let again = true; again; ) {
    checker.push(input);
    ({ again } = checker.finish());
  }
  self.postMessage({ file: new Blob([checker.rejects()], { type: "text/csv" }), missed: reasons.left });
};

/** Why whose message reached nobody. */
class Reasons {
  /** By address; several where somebody is named several times. */
  #messages = new Map();
  #parts;
  #rows;
  #region;
  /** Messages that were not found yet. */
  left;

  constructor({ messages, parts, rows }, defaultRegion) {
    this.#parts = parts;
    this.#rows = new Map(rows);
    this.#region = { defaultRegion };
    this.left = messages.length;
    for (const [address, reason] of messages) {
      if (!this.#messages.has(address)) this.#messages.set(address, []);
      this.#messages.get(address).push(reason);
    }
  }

  /** That of a row, by its place in `to` and among those who were sent; they come in order. */
  of(row, index, sent) {
    while (this.#parts.length > 0 && this.#parts[0].end <= sent) this.#parts.shift();
    const [part] = this.#parts;
    if (part !== undefined && part.first <= sent) return this.#rows.get(index) ?? part.reason;
    if (this.left === 0) return undefined;
    const { address, addresses = [], profileId } = JSON.parse(row);
    for (const written of [address, profileId, ...addresses.map((one) => one.address)]) {
      const reason = written === undefined ? undefined : this.#take(written);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  #take(written) {
    const known = this.#messages.has(written) ? written : phone(written, this.#region).e164;
    const reason = this.#messages.get(known)?.shift();
    if (reason !== undefined) this.left -= 1;
    return reason;
  }
}
