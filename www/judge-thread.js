// The judge's thread: reads recipients once, keeps their rows, and judges the newest request that it is asked about.

import { readTable } from "./table.js";
import { Checker, init, render, segments, variables } from "./pkg/index.js";

/** How much is judged before it is looked whether there is a newer question, in bytes. */
const SLICE = 1 << 20;

/** Options that are written by hand. */
const WRITTEN = ["prices", "defaultRegion"];

const encoder = new TextEncoder();

let question;
let running = false;
let source;
/** The elements of `to`, without its brackets; none while they are not read. */
let rows;

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

async function answer({ head, options, body }) {
  if (rows === undefined && !(await read(source))) return undefined;
  const [before, after] = frame(head);
  const judged = await judge(options, before, after);
  if (judged === undefined) return undefined;
  const whole = body ? new Blob([before, rows, after], { type: "application/json" }) : undefined;
  return { ...judged, text: textOf(head.content?.text ?? "", options), body: whole };
}

/** Reads the recipients and tells what came of them; false where others have come meanwhile. */
async function read(from) {
  const made = await (from.file === undefined ? readTable(from.text, from) : readFile(from));
  if (source !== from) return false;
  const { rows: elements, ...value } = made;
  rows = elements;
  self.postMessage({ kind: "read", number: from.number, value });
  return true;
}

/** Reads a file, which may have gone, or have more in it than there is room for. */
async function readFile(from) {
  try {
    return readTable(new Uint8Array(await from.file.arrayBuffer()), from);
  } catch {
    return { rows: new Uint8Array(), unreadable: true };
  }
}

/** A request up to its first row, and behind its last. */
function frame(head) {
  const json = JSON.stringify(head);
  return [`${json.slice(0, -1)}${json === "{}" ? "" : ","}"to":[`, "]}"].map((part) => encoder.encode(part));
}

/** Judges the request, unless a newer question comes. */
async function judge(given, before, after) {
  const [options, refusals] = allowed(given);
  const checker = new Checker({ ...options, summary: true });
  try {
    for (let again = true; again; ) {
      checker.push(before);
      for (let at = 0; at < rows.length; at += SLICE) {
        checker.push(rows.subarray(at, at + SLICE));
        if (rows.length > SLICE) await turn();
        if (question !== undefined) return undefined;
      }
      checker.push(after);
      ({ again } = checker.finish());
    }
    const { verdict, estimate, previews } = checker;
    return { verdict, estimate, previews, refusals };
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

/** What is known of the message's text alone: what it takes as it is, and whether everybody reads it so. */
function textOf(text, { smartEncoding }) {
  const { ok, text: rendered } = render(text, {});
  const used = variables(text).variables.map(({ name }) => name);
  return { segments: segments(text, { smartEncoding }), plain: ok && rendered === text, used: [...new Set(used)] };
}
