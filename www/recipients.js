// The recipients: numbers or a table in the field, or a file with either, and what the judge made of them.

import { Columns } from "./columns.js";
import { Download } from "./download.js";
import { recipientErrors } from "./issues.js";
import { counted, several, write } from "./markup.js";
import { sentence } from "./pkg/index.js";
import sentences from "./sentences.js";
import { Places, selectLine } from "./places.js";
import { Rejects } from "./rejects.js";

/** How much may be pasted into the field, in UTF-16 code units: browsers stop for seconds to lay more lines out. */
const PASTED = 100_000;

const SIZES = ["bytes", "kB", "MB", "GB"];

/** What is said of a file that cannot be read. */
const UNREADABLE =
  "The file cannot be read: it was changed, moved or removed since it was chosen, or is too large for this browser. " +
  "Choose it again.";

/**
 * @typedef {object} Written Recipients as they were written, for as long as what they are in is there.
 * @property {import("./judge.js").Source} source With its mapping as it was found out.
 * @property {"Line" | "Row"} unit What they are counted by.
 * @property {string | undefined} name The name of their file.
 */

/** The part of the form that has the recipients. */
export class Recipients {
  #fieldset;
  #text;
  #choice;
  #card;
  #encoding;
  #channel;
  #columns;
  #rejects;
  #repairs;
  #changed;
  #lead;
  #file;
  /** The encoding that somebody chose for it; nothing while it is found out. */
  #chosen;
  /** What somebody says of the columns, and of the lines above them; nothing while the module finds it out. */
  #mapping = {};
  /** The columns' names that this was said of, once they are known. */
  #named;
  #read = { numbers: [], columns: [], variables: [] };
  /** Where the rows stand in what was written. */
  places = new Places();

  /**
   * @param {HTMLFieldSetElement} fieldset
   * @param {{ changed: () => void, lead: (row: number) => void, repairs: () => Promise<Blob | null> }} told When there are
   *   others, to show one, and what has those to be repaired.
   */
  constructor(fieldset, { changed, lead, repairs }) {
    this.#fieldset = fieldset;
    this.#text = fieldset.querySelector("#to");
    this.#choice = fieldset.querySelector("#file");
    this.#card = fieldset.querySelector("#chosen");
    this.#encoding = fieldset.querySelector("#encoding");
    this.#channel = fieldset.querySelector("#channel");
    this.#changed = changed;
    this.#lead = lead;
    this.#columns = new Columns(fieldset.querySelector("#columns"), (mapping) => {
      this.#map(mapping);
      changed();
    });
    const [rejects, agreement] = ["#rejects", "#agreement"].map((id) => fieldset.querySelector(id));
    this.#rejects = new Rejects(rejects, agreement, (issue) => this.#placed(issue));
    this.#repairs = new Download(fieldset.querySelector("#repairs"), repairs, "to-repair");
    this.#listen();
  }

  #listen() {
    const text = this.#text;
    text.addEventListener("beforeinput", () => {
      // What is written over everything has columns of its own.
      if (text.selectionStart === 0 && text.selectionEnd === text.value.length) this.#map({});
    });
    text.addEventListener("paste", (event) => {
      const pasted = event.clipboardData.getData("text/plain");
      if (pasted.length <= PASTED) return;
      event.preventDefault();
      this.#choose(new File([pasted], "Pasted"));
    });
    text.addEventListener("input", () => this.#changed());
    this.#channel.addEventListener("input", () => this.#changed());
    this.#encoding.addEventListener("input", () => {
      this.#chosen = this.#encoding.value;
      this.#changed();
    });
    this.#choice.addEventListener("change", () => {
      if (this.#choice.files.length > 0) this.#choose(this.#choice.files[0]);
      this.#choice.value = "";
    });
    this.#card.querySelector("button").addEventListener("click", () => {
      this.#choose(undefined);
      text.focus();
    });
    this.#fieldset.addEventListener("dragover", (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      this.#fieldset.classList.add("over");
    });
    this.#fieldset.addEventListener("dragleave", ({ relatedTarget }) => {
      if (!this.#fieldset.contains(relatedTarget)) this.#fieldset.classList.remove("over");
    });
    this.#fieldset.addEventListener("drop", (event) => {
      this.#fieldset.classList.remove("over");
      if (!holdsFiles(event)) return;
      event.preventDefault();
      const { files } = event.dataTransfer;
      if (files.length > 0) this.#choose(files[0], files.length - 1);
    });
  }

  #map(mapping) {
    this.#mapping = mapping;
    this.#named = undefined;
  }

  /** Takes a file, or none; says where others that came with it, or what is written, are not sent. */
  #choose(file, others = 0) {
    const written = document.activeElement === this.#text;
    this.#file = file;
    this.#chosen = undefined;
    this.#map({});
    const field = [this.#text, ...this.#text.labels, this.#fieldset.querySelector("#to-hint")];
    for (const part of field) part.hidden = file !== undefined;
    this.#card.hidden = file === undefined;
    if (written && file !== undefined) this.#card.querySelector("button").focus();
    if (file !== undefined) {
      write(this.#card.querySelector("strong"), file.name);
      write(this.#card.querySelector("span"), `${sized(file.size)} – reading…`);
      const not = others > 0 ? [`Only the first of ${several(others + 1, "file")} was taken.`] : [];
      if (this.#text.value.trim() !== "") not.push("What you wrote in the field is kept, but not sent with the file.");
      write(this.#card.querySelector("small"), not.join(" "));
    }
    this.#changed();
  }

  /** Where they come from, for the judge. */
  get source() {
    const { above, ...said } = this.#mapping;
    const mapping = { ...said, defaultChannel: this.#channel.value };
    if (this.#file === undefined) return { text: this.#text.value, above, mapping };
    return { file: this.#file, encoding: this.#chosen, above, mapping };
  }

  /** @returns {Written} */
  get written() {
    const mapping = this.#read.report?.mapping;
    return { source: { ...this.source, mapping }, unit: this.places.unit, name: this.#file?.name };
  }

  /** The names of the variables that they have, and whether a text can use them. */
  get variables() {
    return this.#read.variables ?? [];
  }

  /** Leads to where a variable gets another name. */
  rename(name) {
    this.#columns.lead(name);
  }

  /** Takes what came of the source. */
  take(read) {
    this.#read = read;
    if (read.encoding !== undefined) this.#encoding.value = read.encoding;
    const { numbers = [], lines, report, columns = [] } = read;
    const names = report?.columns.join("\n");
    this.#named ??= names;
    if (names !== this.#named && Object.keys(this.#mapping).length > 0) {
      // The header was changed, so these are not the columns that somebody spoke of.
      this.#map({});
      return this.#changed();
    }
    this.#named = names;
    this.#place(numbers, lines, report);
    this.#columns.show(report, columns, this.variables, this.#mapping);
    this.#rejects.show(report, this.places.unit, this.#file?.name);
    if (this.#file !== undefined) {
      const made = report === undefined ? "" : ` – ${several(numbers.length, "recipient")}`;
      const left = report?.rejected > 0 ? `, ${counted(report.rejected)} left out` : "";
      write(this.#card.querySelector("span"), `${sized(this.#file.size)}${made}${left}`);
    }
  }

  /** In the field, recipients are found by line; in a file by row, as spreadsheets count them, where it is one of theirs. */
  #place(numbers, lines, report) {
    const csv = report?.mapping.format === "csv";
    this.places =
      this.#file === undefined
        ? new Places(lines, "Line", (line) => selectLine(this.#text, line))
        : new Places(numbers, csv ? "Row" : "Line", (number) => this.#lead(this.places.item(number)));
  }

  /** Where the record of an issue stands, and what leads there, if there is a way. */
  #placed({ params: { row, line } }) {
    if (this.#file !== undefined) return { number: row };
    return { number: line, lead: () => selectLine(this.#text, line) };
  }

  /** What was found while they were read; what became no row is shown by itself. */
  get findings() {
    const { report, unreadable } = this.#read;
    if (unreadable) return [{ severity: "error", at: "/to", sentence: UNREADABLE }];
    const others = (report?.issues ?? []).filter((issue) => !this.#rejects.has(issue));
    return others.map((issue) => ({ ...issue, at: "/to", number: this.#placed(issue).number, sentence: sentence(issue, sentences) }));
  }

  /** How many findings of those are not listed. */
  get omitted() {
    return this.#read.report?.omitted ?? 0;
  }

  /** Whether what was read is only a part, or nothing. */
  get broken() {
    const { report, unreadable, numbers } = this.#read;
    return unreadable === true || (report !== undefined && (!report.complete || numbers.length === 0));
  }

  /** Takes the verdict: who has to be repaired is offered as a file, or left out, where they lie in a table or a file. */
  offer({ issues, counts }) {
    const { report } = this.#read;
    const lies = !this.broken && (this.#file !== undefined || report?.mapping.format !== "list");
    const errors = recipientErrors(issues);
    const refused = lies && errors.length > 0;
    // What else is found says nothing of them; of what is not listed, nobody knows.
    const listed = new Set(errors.map(({ code }) => code));
    const others = new Set(issues.map(({ code }) => code).filter((code) => !listed.has(code)));
    const about = Object.entries(counts).filter(([code]) => !others.has(code));
    this.#rejects.refuse(refused ? JSON.stringify(about) : "");
    this.#repairs.show(lies && (refused || report?.rejected > 0), this.#file?.name);
  }

  /** Whether the gate is to leave out those that it refuses. */
  get lenient() {
    return this.#rejects.lenient;
  }

  /** What somebody has to say before it can be sent, and where. */
  get question() {
    return this.broken ? undefined : this.#rejects.question;
  }

  /** Makes room for others. */
  clear() {
    this.#text.value = "";
    this.#choose(undefined);
  }
}

function holdsFiles({ dataTransfer }) {
  return dataTransfer?.types.includes("Files");
}

function sized(bytes) {
  let [size, unit] = [bytes, 0];
  while (size >= 1_000 && unit < SIZES.length - 1) [size, unit] = [size / 1_000, unit + 1];
  return `${unit === 0 ? counted(size) : size.toFixed(1)} ${SIZES[unit]}`;
}
