// Who a send did not reach, and why: the part of its card that says so, and saves them to be repaired.

import { Download } from "./download.js";
import { Failures } from "./failures.js";
import { Refusal } from "./gate.js";
import { counted, element, several, write } from "./markup.js";

/** How many messages are asked for their reason by themselves: each is a request, of which a key has so many a day. */
const ASKED = 500;

/** How many groups are listed; the file has all of them. */
const LISTED = 10;

/** Milliseconds between two times that what is being read is shown. */
const SHOWN_EACH = 200;

const READING = "Reading who was not reached…";

/**
 * @typedef {object} Sent A send as it was handed in, for as long as the page is there.
 * @property {import("./recipients.js").Written} written Its recipients.
 * @property {object} head
 * @property {object} options
 * @property {Map<string, string>} sentences What was said of recipients in front of it, by the code.
 */

/** The part of a card. */
export class Unreached {
  #place;
  #list;
  #note;
  #progress;
  #more;
  #stop;
  #download;
  #failures;
  /** @type {Sent} */
  #sent;
  #operation;
  #ended = false;
  /** Whether anything was read yet. */
  #begun = false;
  /** What ends the reading; nothing while nothing is read. */
  #reading;
  #said = "";
  /** What shows a group, by its reason. */
  #rows = new Map();
  #timer;

  /**
   * @param {HTMLElement} place
   * @param {import("./gate.js").Gate} gate
   * @param {string} id
   * @param {Sent} sent
   */
  constructor(place, gate, id, sent) {
    this.#place = place;
    [this.#list, this.#note, this.#progress] = ["ul", "p", "progress"].map((name) => place.querySelector(name));
    [this.#more, this.#stop] = place.querySelectorAll("button");
    this.#download = new Download(place.querySelector(".save"), () => this.#file(), "not-reached");
    this.#failures = new Failures(gate, id, sent.sentences);
    this.#sent = sent;
    this.#more.addEventListener("click", () => this.#goOn());
    this.#stop.addEventListener("click", () => this.#reading.abort(new DOMException("Stopped.", "AbortError")));
  }

  /** Takes how the operation stands; at its end who was not reached is read by itself. */
  show(operation, ended) {
    this.#operation = operation;
    this.#ended = ended;
    const { stats, postgate } = operation;
    this.#place.hidden = stats.failed + stats.undelivered + stats.canceled + (postgate.refusedRows ?? 0) === 0;
    if (this.#place.hidden) return;
    // What was read while it ran may not be all.
    if (ended) this.#read(true);
    else this.#show();
  }

  /** Does what the button says. */
  #goOn() {
    const { listed, unasked } = this.#failures;
    const anew = !this.#begun || (listed && unasked === 0);
    this.#read(anew, !anew && listed ? unasked : ASKED);
    this.#stop.focus();
  }

  /** Reads who they are, anew or from where it was left, and asks for so many reasons. */
  async #read(anew, most = ASKED) {
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    this.#begun = true;
    if (anew) this.#failures.begin(this.#operation);
    this.#progress.removeAttribute("value");
    this.#said = READING;
    this.#show();
    // What was asked in front of the end is still answered behind it.
    const say = (text) => this.#reading === reading && this.#say(text);
    const told = {
      waits: () => say("No answer at the moment; still asking."),
      goes: (done, all) => {
        if (all > 0) Object.assign(this.#progress, { max: all, value: done });
        say(all > 0 ? "Asking for the reasons…" : READING);
      },
    };
    let end = "";
    try {
      await this.#failures.list(reading.signal, told);
      await this.#failures.ask(most, reading.signal, told);
    } catch (error) {
      if (!reading.signal.aborted && !(error instanceof Refusal)) throw error;
      end = error.message;
    }
    // Another one may have begun meanwhile.
    if (this.#reading !== reading) return;
    this.#reading = undefined;
    this.#said = end;
    const stopped = document.activeElement === this.#stop;
    this.#show();
    if (stopped) this.#more.focus();
  }

  /** Says it soon: there may be hundreds of answers a second. */
  #say(text) {
    this.#said = text;
    this.#timer ??= setTimeout(() => this.#show(), SHOWN_EACH);
  }

  #show() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const reading = this.#reading !== undefined;
    const { groups, listed } = this.#failures;
    write(this.#note, this.#said);
    this.#progress.hidden = !reading;
    this.#stop.hidden = !reading;
    const offer = this.#offer();
    this.#more.hidden = reading || offer === undefined;
    if (offer !== undefined) write(this.#more, offer);
    this.#place.querySelector("h3").textContent = this.#ended ? "Not reached" : "Not reached so far";
    this.#fill(groups);
    this.#download.show(this.#begun && listed && groups.length > 0, this.#sent.written.name);
  }

  /** Writes the groups; what stands there already stays, with the focus that may be in it. */
  #fill(groups) {
    const rows = groups.slice(0, LISTED).map((group) => {
      if (!this.#rows.has(group.reason)) this.#rows.set(group.reason, new Row(group));
      return this.#rows.get(group.reason).fill(group);
    });
    if (groups.length > LISTED) rows.push(others(groups.slice(LISTED)));
    const { children } = this.#list;
    if (rows.length !== children.length || rows.some((row, at) => row !== children[at])) this.#list.replaceChildren(...rows);
  }

  /** What may be read besides. */
  #offer() {
    const { listed, unasked } = this.#failures;
    if (!this.#begun) return "Find out who, and why";
    if (!listed) return "Go on";
    if (unasked > 0) return `Ask for ${several(unasked, "more reason")}`;
    return this.#ended ? undefined : "Look again";
  }

  /** The file with them: as they were written; where that is gone, or does not have all of them, by address. */
  async #file() {
    const { source, unit } = this.#sent.written;
    const { told } = this.#failures;
    const thread = new Worker(new URL("./unreached-thread.js", import.meta.url), { type: "module" });
    try {
      const { file, missed } = await new Promise((resolve, reject) => {
        thread.onmessage = ({ data }) => resolve(data);
        thread.onerror = reject;
        const { head, options } = this.#sent;
        thread.postMessage({ source, head, options, unit, told });
      });
      if (file !== undefined && missed === 0) return file;
      this.#said =
        file === undefined
          ? "The recipients’ file was changed or removed, so the saved file has only addresses and reasons."
          : `${several(missed, "recipient")} cannot be found in the table, so the saved file has only addresses and reasons.`;
      return byAddress(told.messages);
    } catch {
      this.#said = "The file could not be written.";
      return undefined;
    } finally {
      thread.terminate();
      this.#show();
    }
  }
}

/** A group of the list, with its first recipients folded away. */
class Row {
  #row = element("li");
  #count = element("strong");
  #who = element("p", { className: "who" });

  /** @param {import("./failures.js").Group} group */
  constructor({ reason, infoUrl, named }) {
    const words = [this.#count, ` ${reason}`];
    const attributes = { href: infoUrl, target: "_blank", rel: "noopener noreferrer" };
    const info = /^https:/.test(infoUrl) ? [" ", element("a", attributes, "About this error")] : [];
    if (named.size === 0) this.#row.append(...words, ...info);
    else this.#row.append(element("details", {}, element("summary", {}, ...words), this.#who, ...info));
  }

  /** Shows it as it is now; its element. */
  fill({ count, named }) {
    write(this.#count, counted(count));
    const all = [...named].join(", ");
    write(this.#who, count > named.size ? `${all} and ${counted(count - named.size)} more` : all);
    return this.#row;
  }
}

function others(groups) {
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  return element("li", {}, element("strong", {}, counted(count)), ` for ${several(groups.length, "other reason")}, in the file`);
}

/** A file of addresses and reasons; by its apostrophe no program takes a number for a formula. */
function byAddress(messages) {
  const cell = (text) => `"${text.replaceAll('"', '""')}"`;
  const lines = messages.map(([address, reason]) => `${cell(address.replace(/^(?=[=+@-])/, "'"))},${cell(reason)}`);
  return new Blob([["address,postgate_reason", ...lines, ""].join("\r\n")], { type: "text/csv" });
}
