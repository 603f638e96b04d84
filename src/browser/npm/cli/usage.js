// What is typed, and what is wrong with it.

import { readFileSync, statSync } from "node:fs";
import { parseArgs } from "node:util";

/** Says what was not understood. */
export class Usage extends Error {}

/** Whose files are that hold what people's recipients are: of who wrote them, and of nobody else. */
export const PRIVATE = 0o600;

/** Options of judging. Their values are the package's own, and it says which it takes. */
export const JUDGING = {
  limits: { type: "string" },
  "default-region": { type: "string" },
  duplicates: { type: "string" },
  "smart-encoding": { type: "boolean" },
  "batch-rows": { type: "string" },
  "batch-bytes": { type: "string" },
  now: { type: "string" },
  csv: { type: "string" },
  head: { type: "string" },
};

export const JUDGING_HELP = `  --default-region CC      the region of numbers without a country code, such as US
  --limits campaign|request
                           up to 1,000,000 recipients, to be split (the default), or one request
  --duplicates keep|drop|refuse
                           whoever is named again: kept, with a warning (the default), left out, or an error
  --smart-encoding         count as for a messaging service that has smart encoding
  --batch-rows N, --batch-bytes N
                           smaller batches than one request may have
  --now INSTANT            the present instant, in RFC 3339
  --csv MAPPING            FILE is a table of recipients: CSV, NDJSON or numbers one a line. MAPPING says which column
                           is what: JSON, or address=COLUMN,channel=COLUMN,NAME=COLUMN,... or auto
  --head FILE              the rest of the request, as JSON, where FILE is a table; check can do without, and then judges
                           the rows alone`;

/** Reads words: the options, and the one file. */
export function read(words, options) {
  const { values, positionals } = parseArgs({ args: words, options, allowPositionals: true });
  const given = positionals.length + Number(values.text !== undefined);
  if (given === 0) throw new Usage(`Name a file, or - for standard input${"text" in options ? "; or give --text" : ""}.`);
  if (given > 1) throw new Usage(`Name one file${"text" in options ? " or give --text, not both" : ", not several"}.`);
  return { values, file: positionals[0] };
}

/** Bytes as text, without the byte order mark that some editors write. */
export function utf8(bytes, name) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Usage(`Expected text in UTF-8: ${name === "-" ? "standard input" : name}`);
  }
}

/** What lies there, which can be read: of a folder the system says so only later, and without its name. */
export function readable(path) {
  const found = statSync(path);
  if (found.isDirectory()) throw new Usage(`Expected a file, and this is a folder: ${path}`);
  return found;
}

/** A JSON file. */
export function json(path, what) {
  readable(path);
  const text = utf8(readFileSync(path), path);
  try {
    return JSON.parse(text);
  } catch {
    throw new Usage(`${what} is no JSON: ${path}`);
  }
}

function camel(name) {
  return name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
}

/** What the package says of an option, which has another name where it is typed. */
export function typed(message) {
  const dashes = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return message.replace(/^The option (\w+)/, (_, name) => `The option --${dashes(name)}`);
}

/**
 * The package's options out of those that were typed; `others` are the command's own. `needsHead` is what cannot be done
 * with the rows of a table alone.
 */
export function judging(values, others, needsHead) {
  const options = {};
  for (const [name, value] of Object.entries(values)) {
    if (!others.includes(name) && !["csv", "head"].includes(name)) options[camel(name)] = value;
  }
  if (values.csv !== undefined) {
    options.table = mapped(values.csv);
    if (values.head !== undefined) options.head = json(values.head, "The head");
    else if (needsHead) throw new Usage(`A table is ${needsHead} with the rest of its request: name that with --head.`);
  } else if (values.head !== undefined) {
    throw new Usage("--head is for a table: say with --csv which column is what.");
  }
  return options;
}

/** A mapping: JSON, or the short form. */
function mapped(text) {
  if (text === "auto") return {};
  if (text.trimStart().startsWith("{")) {
    try {
      return JSON.parse(text);
    } catch {
      throw new Usage("The mapping begins as JSON and is none.");
    }
  }
  const mapping = {};
  const variables = [];
  for (const pair of text.split(",")) {
    const [, name, column] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
    if (name === undefined) throw new Usage("A mapping is address=COLUMN,channel=COLUMN,NAME=COLUMN,... or JSON, or auto.");
    const place = /^\d+$/.test(column) ? Number(column) : column;
    if (["address", "channel"].includes(name)) mapping[name] = place;
    else if (["format", "delimiter", "defaultChannel"].includes(name)) mapping[name] = column;
    else variables.push([name, place]);
  }
  // Any name may be a variable's, also one that an assignment would take for something else.
  if (variables.length > 0) mapping.variables = Object.fromEntries(variables);
  return mapping;
}
