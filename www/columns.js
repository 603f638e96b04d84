// The columns of a table: what the module found out about them, and what somebody says instead.

import { counted, element, write } from "./markup.js";

const USES = { address: "Number", variable: "Variable", channel: "Channel", none: "Left out" };

const DELIMITERS = { ",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Vertical bar" };

/** How many names of variables are told where the columns are folded away. */
const NAMES_TOLD = 6;

/** The part of the form that shows how a table is read. */
export class Columns {
  #details;
  #rows;
  #format;
  #delimiter;
  #header;
  #above;
  #said;
  #columns = [];
  #report;
  /** Each column's controls. */
  #controls = [];

  /**
   * @param {HTMLDetailsElement} details
   * @param {(mapping: object) => void} said Takes a mapping that somebody chose, and in `above` how many lines stand over it.
   */
  constructor(details, said) {
    this.#details = details;
    this.#rows = details.querySelector("tbody");
    this.#format = details.querySelector("#table-format");
    this.#delimiter = details.querySelector("#table-delimiter");
    this.#header = details.querySelector("#table-header");
    this.#above = details.querySelector("#table-above");
    this.#said = said;
    const found = () => this.#report.mapping;
    // Another form has other columns, which are to be found out anew.
    const above = () => Math.max(0, Math.trunc(Number(this.#above.value)) || 0);
    this.#format.addEventListener("change", () => said({ format: this.#format.value, above: above() }));
    this.#delimiter.addEventListener("change", () => said({ format: "csv", delimiter: this.#delimiter.value, above: above() }));
    this.#above.addEventListener("change", () => said({ format: "csv", above: above() }));
    this.#header.addEventListener("change", () => {
      const { format, delimiter } = found();
      said({ format, delimiter, header: this.#header.checked, above: above() });
    });
  }

  /** Shows how the table was read. Numbers that nobody spoke of as a table have no columns. */
  show(report, columns, variables, mapping) {
    this.#report = report;
    this.#columns = columns;
    this.#details.hidden = report === undefined || (columns.length === 0 && mapping.format === undefined);
    if (this.#details.hidden) return;
    const { format, delimiter, header, address } = report.mapping;
    this.#build();
    columns.forEach((_, at) => this.#fill(at, report.mapping, variables));
    this.#format.value = format ?? mapping.format ?? "csv";
    choose(this.#delimiter, delimiter ?? ",");
    this.#header.checked = header === true;
    this.#above.value = mapping.above ?? 0;
    for (const control of [this.#delimiter, this.#header, this.#above]) control.closest(".field").hidden = format !== "csv";
    this.#details.querySelector("table").hidden = columns.length === 0;
    write(this.#details.querySelector("summary"), this.#told(variables));
    // Nothing can be sent before somebody says so, or not what is meant, and where that is done must be seen.
    const known = columns.some(({ column }) => column === address);
    if (columns.length > 0 && !known && format !== "list") this.#details.open = true;
  }

  /** Shows a variable's name, to be changed. */
  lead(name) {
    this.#details.open = true;
    this.#controls.find(({ named }) => !named.hidden && named.value === name)?.named.focus();
  }

  #label(at) {
    return this.#columns[at].name || `Column ${counted(at + 1)}`;
  }

  #told(variables) {
    const { address, format } = this.#report.mapping;
    if (format === "list") return "Read as numbers";
    const at = this.#columns.findIndex(({ column }) => column === address);
    if (at < 0 && address !== undefined) return "The column with the numbers has no name; perhaps there is a title above the column names";
    const numbers = at < 0 ? "Columns" : `Numbers are in “${this.#label(at)}”`;
    if (variables.length === 0) return numbers;
    const names = variables.slice(0, NAMES_TOLD).map(({ name }) => name).join(", ");
    const more = variables.length > NAMES_TOLD ? ` and ${counted(variables.length - NAMES_TOLD)} more` : "";
    return `${numbers}, variables are ${names}${more}`;
  }

  /** Makes the rows, where other columns are shown. */
  #build() {
    const shown = JSON.stringify(this.#columns.map(({ column, name }) => [column, name]));
    if (this.#rows.dataset.shown === shown) return;
    this.#rows.dataset.shown = shown;
    this.#controls = this.#columns.map((_, at) => {
      const label = this.#label(at);
      const use = element("select", { className: "small" }, ...Object.entries(USES).map(([value, text]) => element("option", { value }, text)));
      const named = element("input", { className: "small", type: "text", spellcheck: false, autocapitalize: "none" });
      const said = element("small", {});
      use.setAttribute("aria-label", `Use of ${label}`);
      named.setAttribute("aria-label", `Name of ${label} in the text`);
      use.addEventListener("change", () => this.#use(at, use.value));
      named.addEventListener("change", () => this.#name(at, named.value.trim()));
      const example = element("td", { className: "example", dir: "auto" });
      const head = element("th", { scope: "row", dir: "auto" }, label);
      const row = element("tr", {}, head, example, element("td", {}, use), element("td", {}, named, said));
      return { row, example, use, named, said };
    });
    this.#rows.replaceChildren(...this.#controls.map(({ row }) => row));
  }

  #fill(at, { address, channel }, variables) {
    const { example, use, named, said } = this.#controls[at];
    const { column, name, examples } = this.#columns[at];
    write(example, [...new Set(examples.filter(Boolean))].join(" · "));
    // Nothing was made of the table yet: what it would be, but for the column of numbers.
    if (address === undefined) {
      use.value = name === "" ? "none" : "variable";
      if (use.value === "variable") this.#suggest(at);
      return;
    }
    const variable = variables.find((variable) => variable.column === column);
    use.value = column === address ? "address" : column === channel ? "channel" : variable ? "variable" : "none";
    named.hidden = variable === undefined;
    if (variable !== undefined && document.activeElement !== named) named.value = variable.name;
    write(said, variable === undefined || variable.usable ? "" : "Only a template can use this name; in a text it has to be one word.");
  }

  /** The mapping as the controls have it. */
  #mapping() {
    const { format, delimiter, header } = this.#report.mapping;
    const columns = this.#columns.map(({ column, name }, at) => {
      const { use, named } = this.#controls[at];
      return { column, name, use: use.value, named: named.value };
    });
    const one = (use) => columns.find((column) => column.use === use)?.column;
    const variables = columns.filter(({ use }) => use === "variable");
    // What comes under its own name further down is one of them, too.
    const others = columns.every(({ use, name, named }) => use !== "none" && (use !== "variable" || name === named));
    return {
      ...{ format, delimiter, header, above: Number(this.#above.value) },
      address: one("address"),
      channel: one("channel") ?? null,
      variables: others ? "others" : Object.fromEntries(variables.map(({ named, column }) => [named, column])),
    };
  }

  /** Gives a column a use. What only one column can be, another one is no more. */
  #use(at, use) {
    this.#controls.forEach(({ use: other }, place) => {
      if (place === at || other.value !== use || use === "variable" || use === "none") return;
      other.value = "variable";
      this.#suggest(place);
    });
    if (use === "variable") this.#suggest(at);
    this.#said(this.#mapping());
  }

  /** Gives a column that becomes a variable the name it has in the table. */
  #suggest(at) {
    const { named } = this.#controls[at];
    named.hidden = false;
    const wanted = this.#columns[at].name || `column_${at + 1}`;
    let name = wanted;
    for (let again = 2; this.#taken(name, at); again += 1) name = `${wanted}_${again}`;
    named.value = name;
  }

  #taken(name, at) {
    return this.#controls.some(({ use, named }, place) => place !== at && use.value === "variable" && named.value === name);
  }

  #name(at, name) {
    const { named, said } = this.#controls[at];
    if (name === "" || this.#taken(name, at)) {
      write(said, name === "" ? "A variable needs a name." : "Another column has this name.");
      return;
    }
    named.value = name;
    this.#said(this.#mapping());
  }
}

/** Chooses a value, which may be one that is not offered yet. */
function choose(select, value) {
  const known = [...select.options].some((option) => option.value === value);
  if (!known) select.append(element("option", { value }, DELIMITERS[value] ?? `“${value}”`));
  select.value = value;
}
