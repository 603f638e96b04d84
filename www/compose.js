// The compose form: what is written becomes a request, and what is found in the request is shown where it was written.
// Each control's name is the JSON Pointer it edits. No rule about requests is here; all come from the module.

import { Gate, Refusal } from "./gate.js";
import { group, showAt, summarize } from "./issues.js";
import { follow } from "./operation.js";
import { check, init, sentence } from "./pkg/index.js";
import { read } from "./recipients.js";

const form = document.getElementById("compose");
const summary = document.getElementById("summary");
const announcement = document.getElementById("announcement");
const button = document.getElementById("send");
const { key, secret, channel, "/to": numbers, "/content/text": text } = form.elements;

/** What an issue can be shown at. */
const controls = [...form.elements].filter(({ name }) => name.startsWith("/") || name === "key");
/** What a member of the request's head is written in. */
const members = controls.filter(({ name, tagName }) => name.startsWith("/") && name !== "/to" && tagName !== "FIELDSET");

const encoder = new TextEncoder();
const counted = new Intl.NumberFormat("en");

/** Controls that were edited; before that, nothing is said at them. */
const edited = new Set();
/** Whether this message was tried to be sent: then everything is said. */
let tried = false;
let recipients = read("", channel.value);
/** Whether the recipients were written to since they were read. */
let unread = false;
let frame;
let pause;

/** The request as JSON. The rows are kept, so that one letter more in the text does not write all of them again. */
function request() {
  const head = {};
  for (const control of members) {
    // "Let the service choose" is the sender left out.
    if (!control.disabled && (control.value !== "" || control.tagName !== "SELECT")) put(head, control.name, control.value);
  }
  const before = encoder.encode(`${JSON.stringify(head).slice(0, -1)},"to":[`);
  const after = encoder.encode("]}");
  const whole = new Uint8Array(before.length + recipients.json.length + after.length);
  whole.set(before);
  whole.set(recipients.json, before.length);
  whole.set(after, before.length + recipients.json.length);
  return whole;
}

function put(object, pointer, value) {
  const path = pointer.slice(1).split("/");
  const last = path.pop();
  for (const name of path) object = object[name] ??= {};
  object[last] = value;
}

/** Judges what is written, and shows it. */
function judge() {
  cancelAnimationFrame(frame);
  frame = undefined;
  if (unread) recipients = read(numbers.value, channel.value);
  unread = false;
  const body = request();
  const verdict = check(body);
  show(verdict.issues.map((issue) => ({ ...issue, sentence: sentence(inLines(issue)) })), verdict.omitted);
  const { recipients: rows, bytes, batches } = verdict.totals;
  total("recipients", counted.format(rows.listed + rows.groups));
  total("batches", verdict.ok ? counted.format(batches.length) : "–");
  total("bytes", `${counted.format(bytes)} bytes`);
  return { verdict, body };
}

/** An issue with another recipient's line in place of its row. */
function inLines({ code, params }) {
  if (!code.startsWith("recipient/duplicate")) return { code, params };
  return { code, params: { ...params, first: recipients.lines[params.first] } };
}

function total(name, value) {
  document.querySelector(`[data-total="${name}"]`).textContent = value;
}

/** Shows findings at controls that were edited, or at all once a send was tried. */
function show(findings, omitted) {
  const groups = group(findings, controls, recipients.lines, omitted);
  const said = groups.filter(({ control }) => tried || edited.has(control) || (control === undefined && edited.size > 0));
  for (const control of controls) showAt(control, said.filter((group) => group.control === control));
  const errors = said.filter(({ severity }) => severity === "error");
  summarize(summary, said.filter(({ control, severity }) => control === undefined || (tried && severity === "error")));
  announce(errors.map(({ sentence }) => sentence).join(" "));
}

/** Says the errors to those who do not see them, once writing pauses. */
function announce(errors) {
  clearTimeout(pause);
  pause = setTimeout(() => {
    announcement.textContent = errors;
  }, 1_000);
}

async function send(body, listed) {
  const gate = new Gate(key.value, secret.value);
  const sent = { text: text.value, recipients: listed };
  let id;
  busy(true);
  try {
    id = await gate.send(body);
  } catch (error) {
    show(error instanceof Refusal ? refused(error) : [unanswered()]);
    summary.focus();
    return;
  } finally {
    busy(false);
  }
  clear();
  follow(gate, id, sent).focus();
}

/** What the gate found, in its own words. */
function refused({ status, errors }) {
  if (status === 401) return [{ severity: "error", at: "key", sentence: "The gate does not know this key with this secret." }];
  return errors.map(({ message, issue }) => ({ severity: "error", at: issue?.at ?? "", sentence: message }));
}

function unanswered() {
  const sentence = "No answer came back, so it is not known whether the message was sent. Look before you send it again.";
  return { severity: "error", at: "", sentence };
}

function busy(sending) {
  button.setAttribute("aria-disabled", sending);
  button.textContent = sending ? "Sending…" : "Send";
}

/** Makes room for the next message; sender and key stay. */
function clear() {
  text.value = "";
  numbers.value = "";
  unread = true;
  edited.clear();
  tried = false;
  judge();
}

try {
  await init();
} catch (error) {
  tried = true;
  show([{ severity: "error", at: "", sentence: "The module that checks messages could not be loaded. Please reload the page." }]);
  throw error;
}

form.addEventListener("input", ({ target }) => {
  edited.add(target === channel ? numbers : target);
  const around = target.closest("fieldset[name]");
  if (around) edited.add(around);
  unread ||= target === channel || target === numbers;
  if (target.name === "/from/channel") form.elements["/from/address"].disabled = target.value === "";
  frame ??= requestAnimationFrame(judge);
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (button.getAttribute("aria-disabled") === "true") return;
  tried = true;
  const { verdict, body } = judge();
  if (!verdict.ok) return summary.focus();
  await send(body, verdict.totals.recipients.listed);
});

clear();
button.disabled = false;
