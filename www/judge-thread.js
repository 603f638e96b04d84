// The judge's thread: reads recipients once, keeps their rows, and judges the newest request that it is asked about.

import { Checker, init, render, segments, variables } from "./pkg/index.js";
import sentences from "./sentences.js";
import { contents } from "./source.js";
import { readTable } from "./table.js";

/** How much is judged before it is looked whether there is a newer question, in bytes. */
const SLICE = 1 << 20;

/** Options that are written by hand. */
const WRITTEN = ["prices", "defaultRegion"];

/** What came of a file that cannot be read. */
const UNREADABLE = { rows: new Uint8Array(), unreadable: true };

const encoder = new TextEncoder();

let question;
let running = false;
let source;
/** The elements of `to`, without its brackets; none while they are not read. */
let rows;
/** How they were read. */
let mapping;

self.onmessage = ({ data }) => {
  if (data.source !== undefined) {
    source = data.source;
    rows = undefined;
  }
  question = data;
  if (!running) run();
};

async function run() {
  running = true;
  try {
    await init();
    while (question !== undefined) {
      const asked = question;
      question = undefined;
      const value = await answer(asked);
      if (value !== undefined) self.postMessage({ kind: "judged", number: asked.number, value });
    }
  } catch (error) {
    self.postMessage({ kind: "failed", value: String(error) });
  }
  running = false;
}

async function answer({ head, texts, options: given, body, repairs }) {
  if (rows === undefined && !(await read(source))) return undefined;
  const [options, refusals] = allowed(given);
  const request = frame(head);
  const judged = await judge(options, request);
  if (judged === undefined) return undefined;
  const value = { ...judged, refusals, text: textOf(texts, options) };
  if (body) value.body = new Blob(request, { type: "application/json" });
  if (repairs) value.repairs = await repair(source, head, options);
  return repairs && value.repairs === undefined ? undefined : value;
}

/** Reads the recipients and tells what came of them; false where others have come meanwhile. */
async function read(from) {
  const input = await contents(from);
  const made = input === undefined ? UNREADABLE : readTable(input, from);
  if (source !== from) return false;
  tell(from, made);
  return true;
}

/** Tells what came of the recipients, and keeps their rows. */
function tell(from, { rows: elements, ...value }) {
  rows = elements;
  mapping = value.report?.mapping;
  self.postMessage({ kind: "read", number: from.number, value: { ...value, encoding: from.encoding } });
}

/** The parts of a request. */
function frame(head) {
  const json = JSON.stringify(head);
  const [before, after] = [`${json.slice(0, -1)}${json === "{}" ? "" : ","}"to":[`, "]}"].map((part) => encoder.encode(part));
  return [before, rows, after];
}

/** Judges the request, unless a newer question comes. */
function judge(options, request) {
  return asked({ ...options, summary: true }, request, ({ verdict, estimate, previews }) => ({ verdict, estimate, previews }));
}

/** The recipients that have to be repaired, as they were written, unless a newer question comes; null if they are gone. */
async function repair(from, head, { preview, handling, ...options }) {
  const input = await contents(from);
  if (input === undefined) {
    tell(from, UNREADABLE);
    return null;
  }
  const save = (checker) => new Blob([checker.rejects()], { type: "text/csv" });
  return asked({ ...options, table: mapping, head, rejects: "all", sentences }, [input], save);
}

/** What a checker says of a request or a table in parts; nothing where a newer question comes. */
async function asked(options, parts, read) {
  const checker = new Checker(options);
  try {
    for (let again = true; again; ) {
      for (const part of parts) {
        for (let at = 0; at < part.length; at += SLICE) {
          checker.push(part.subarray(at, at + SLICE));
          if (part.length > SLICE) await turn();
          if (question !== undefined) return undefined;
        }
      }
      ({ again } = checker.finish());
    }
    return read(checker);
  } finally {
    checker.dispose();
  }
}

/** The options without those that somebody wrote wrong, and what is wrong with them. */
function allowed(given) {
  const options = { ...given };
  const refusals = {};
  for (const name of WRITTEN) {
    try {
      new Checker({ [name]: given[name] }).dispose();
    } catch (error) {
      if (error.code !== "invalid-option") throw error;
      refusals[name] = error.message;
      delete options[name];
    }
  }
  return [options, refusals];
}

/** Lets a message in that is waiting. */
function turn() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** What is known of the message's texts alone: what the first takes as it is, and whether everybody reads them so. */
function textOf(texts, { smartEncoding }) {
  const plain = texts.every((text) => {
    const { ok, text: rendered } = render(text, {});
    return ok && rendered === text;
  });
  const used = texts.flatMap((text) => variables(text).variables.map(({ name }) => name));
  return { segments: segments(texts[0], { smartEncoding }), plain, used: [...new Set(used)] };
}
