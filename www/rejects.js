// The records of a table that became no recipient: each with its place and the reason.

import { button, counted, element, several, write } from "./markup.js";
import { sentence } from "./pkg/index.js";
import sentences from "./sentences.js";

/** How many are listed; the rows to repair have all of them. */
const LISTED = 100;

/** The part of the form that shows what is left out. */
export class Rejects {
  #details;
  #list;
  #agreement;
  #agreed;
  #placed;
  #count = 0;
  /** What is left out, as far as it is told. */
  #about;
  /** The same of recipients that could be read and are refused; empty where none is. */
  #refused = "";
  #unit = "row";

  /**
   * @param {HTMLDetailsElement} details
   * @param {HTMLElement} agreement Where somebody says that the send may go without them.
   * @param {(issue: object) => { number: number, lead?: () => void }} placed Where an issue's record stands, and what leads
   *   there.
   */
  constructor(details, agreement, placed) {
    this.#details = details;
    this.#list = details.querySelector("ul");
    this.#agreement = agreement;
    this.#agreed = agreement.querySelector("input");
    this.#placed = placed;
  }

  /** Whether an issue says why a record became no row. */
  has({ severity, params }) {
    return severity === "error" && params.row !== undefined;
  }

  /** Shows what is left out of what was read. */
  show(report, unit, name) {
    const count = report?.rejected ?? 0;
    const issues = (report?.issues ?? []).filter((issue) => this.has(issue));
    // Who agreed to something has not agreed to anything else.
    const about = JSON.stringify([name, count, issues]);
    if (about !== this.#about) this.#agreed.checked = false;
    this.#about = about;
    this.#count = count;
    this.#unit = unit.toLowerCase();
    this.#details.hidden = count === 0;
    // Where nothing is left, the reason is what somebody looks for.
    if (count > 0 && report.rows === 0) this.#details.open = true;
    this.#ask();
    if (count === 0) return this.#list.replaceChildren();
    write(this.#details.querySelector("summary"), `${several(count, this.#unit)} left out`);
    const items = issues.slice(0, LISTED).map((issue) => this.#item(issue, unit));
    const more = count - items.length;
    if (more > 0) items.push(element("li", {}, `${counted(more)} more, in the rows to repair.`));
    this.#list.replaceChildren(...items);
  }

  /** Takes what is refused besides, as far as it is told: the gate can leave that out, too. */
  refuse(refused) {
    if (refused !== this.#refused) this.#agreed.checked = false;
    this.#refused = refused;
    this.#ask();
  }

  /** Whether the gate is to leave out what is refused. */
  get lenient() {
    return this.#refused !== "" && this.#agreed.checked;
  }

  #ask() {
    this.#agreement.hidden = this.#count === 0 && this.#refused === "";
    const few = this.#count === 1 ? "it" : "them";
    write(this.#agreement.querySelector("span"), `Send without ${this.#refused === "" ? few : `the ${this.#unit}s to repair`}`);
  }

  #item(issue, unit) {
    const { number, lead } = this.#placed(issue);
    const named = lead ? button({ className: "line" }, lead) : element("span");
    named.append(`${unit} ${counted(number)}`);
    return element("li", {}, named, `: ${sentence(issue, sentences)}`);
  }

  /** What is to be said before it can be sent, where it was not said. */
  get question() {
    if (this.#agreement.hidden || this.#agreed.checked) return undefined;
    if (this.#refused !== "") {
      const sentence = `There are ${this.#unit}s to repair. Correct them, or choose to send without them.`;
      return { severity: "error", at: "without", sentence };
    }
    const [are, them] = this.#count === 1 ? ["is", "it"] : ["are", "them"];
    const left = `${several(this.#count, this.#unit)} ${are} left out.`;
    const sentence = `${left} Correct ${them}, or choose to send without ${them}.`;
    return { severity: "error", at: "without", sentence };
  }
}
