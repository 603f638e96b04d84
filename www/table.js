// A table of recipients, or numbers one a line, read by the module: its rows, and what can be said of its columns.

import { fromTable, variables } from "./pkg/index.js";

/** How much of a table is looked at for examples, in bytes. */
const FRONT = 1 << 16;

/** How many rows have an example. */
const EXAMPLES = 3;

/** How many columns are looked for where no header says how many there are. */
const UNNAMED = 32;

const decoder = new TextDecoder();

/**
 * Makes rows of what was written or chosen.
 *
 * @param {Uint8Array} input
 * @param {import("./judge.js").Source} source
 * @returns `rows` without their brackets; `numbers` and `lines`, where each stands; the module's `report`, unless nothing is there;
 *   and `columns` and `variables`, which a list has none of.
 */
export function readTable(input, { text, file, mapping }) {
  const typed = file === undefined;
  if (text?.trim() === "") return { rows: new Uint8Array(), numbers: [], lines: [], columns: [], variables: [] };
  let made = fromTable(input, mapping);
  let columns = columnsOf(input, made.table, mapping);
  // Who types a number has no column's name in front of it, however short the number is as yet.
  if (typed && mapping.format === undefined && made.table.mapping.format === "csv" && columns.length < 2) {
    made = fromTable(input, { format: "list", defaultChannel: mapping.defaultChannel });
    columns = [];
  }
  const { rows, rowNumbers: numbers, rowLines: lines, table: report } = made;
  return {
    rows: rows.subarray(1, -1),
    numbers,
    lines,
    report,
    columns,
    variables: variablesOf(report.mapping, columns),
  };
}

/**
 * The columns, by what the module makes of the first rows: each as a `column` of a mapping, with its `name`, empty where
 * there is none, and `examples`.
 */
function columnsOf(input, { mapping: found, columns: names }, given) {
  if (found.format === "list") return [];
  const front = input.subarray(0, FRONT);
  const byName = found.format === "ndjson";
  const places = names.length > 0 ? names.map((name, at) => (byName ? name : at)) : [...Array(UNNAMED).keys()];
  const all = Object.fromEntries(places.map((column, at) => [at, column]));
  // Nothing is made of a table whose column of numbers is not known; for a look at it any column will do.
  const { rows } = fromTable(front, { ...given, ...found, channel: null, address: found.address ?? places[0], variables: all });
  const cells = JSON.parse(decoder.decode(rows)).slice(0, EXAMPLES).map(({ variables }) => variables ?? {});
  const columns = places.map((column, at) => ({
    column,
    name: names[at] ?? "",
    examples: cells.map((row) => row[at] ?? ""),
  }));
  return columns.slice(0, columns.findLastIndex(({ name, examples }) => name !== "" || examples.some(Boolean)) + 1);
}

/** The variables that rows have: each with its `name`, its `column`, and whether a text can use it. */
function variablesOf({ address, channel, variables: named = {} }, columns) {
  const others = columns.filter(({ column }) => column !== address && column !== channel);
  const pairs = named === "others" ? others.map(({ name, column }) => [name, column]) : Object.entries(named);
  return pairs.map(([name, column]) => ({ name, column, usable: isUsable(name) }));
}

function isUsable(name) {
  const { ok, variables: used, issues } = variables(`{{ ${name} }}`);
  return ok && issues.length === 0 && used.length === 1 && used[0].path === name;
}
