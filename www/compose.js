// The compose form: what is written becomes a request, and what is found in the request is shown where it was written.
// Each control's name is the JSON Pointer it edits. No rule about requests is here; all come from the module.

import { Estimate } from "./estimate.js";
import { Gate, Refusal } from "./gate.js";
import { headOf } from "./head.js";
import { group, recipientErrors, showAt, summarize } from "./issues.js";
import { Judge } from "./judge.js";
import { follow } from "./operation.js";
import { inRows, sentence } from "./pkg/index.js";
import { Places } from "./places.js";
import { Preview } from "./preview.js";
import { Prices } from "./prices.js";
import { Recipients } from "./recipients.js";
import { Count } from "./segments.js";
import sentences from "./sentences.js";
import { Variables } from "./variables.js";

const form = document.getElementById("compose");
const fields = form.querySelector(".fields");
const summary = document.getElementById("summary");
const announcement = document.getElementById("announcement");
const button = document.getElementById("send");
const { key, secret, smart, region, "/to": numbers, "/content/text": text, "/content/media": media } = form.elements;
const { "/content/contentId": template, "/content/modules/0/rcs/text": rcs, "/schedule/sendAt": sendAt } = form.elements;
const { "/from/channel": channel, "/from/address": sender, "/from/senderPoolId": pool } = form.elements;

/** What an issue can be shown at. */
const controls = [...form.elements].filter(({ name }) => name.startsWith("/") || ["key", "region", "without"].includes(name));
/** What a member of the request's head is written in. */
const members = controls.filter(({ name, tagName }) => name.startsWith("/") && name !== "/to" && tagName !== "FIELDSET");

/** Controls that were edited; before that, nothing is said at them. */
const edited = new Set();
/** Whether this message was tried to be sent: then everything is said. */
let tried = false;
/** What was handed in last and not taken, with the key under which the gate sends it once however often that is done. */
let attempt;
/** What Enter said is changed, until something else is written there. */
let entered;
/** Whether the preview was unfolded by itself. */
let unfolded = false;
let frame;
let pause;
/** The errors that were said last to those who do not see them. */
let announced = "";

const judge = new Judge((read) => recipients.take(read));
const recipients = new Recipients(form.querySelector("#recipients"), {
  changed: () => {
    edited.add(numbers);
    judge.read(recipients.source);
    soon();
  },
  lead: (row) => preview.lead(row),
  repairs: async () => {
    const { repairs } = await settled({ repairs: true }).catch(stopped);
    return repairs;
  },
});
const preview = new Preview(document.getElementById("preview"), { changed: soon, announce });
const prices = new Prices(document.getElementById("prices"));
const count = new Count(document.getElementById("count"), text);
const variables = new Variables(document.getElementById("variables"), [text, rcs], (name) => recipients.rename(name));
const estimate = new Estimate(document.getElementById("totals"), document.getElementById("dearest"), (row) => preview.lead(row));

/** Judges what is written in the next frame, and shows it. */
function soon() {
  frame ??= requestAnimationFrame(() => look().catch(stopped));
}

/**
 * Judges what is written, and shows it.
 *
 * @param {{ body?: boolean, repairs?: boolean }} more What is wanted, too.
 * @returns {Promise<object | undefined>} What the judge said; nothing where something else was written meanwhile.
 */
async function look(more = {}) {
  cancelAnimationFrame(frame);
  frame = undefined;
  const { lenient } = recipients;
  const handling = lenient ? "lenient" : "strict";
  const options = { defaultRegion: defaultRegion(), prices: prices.value, smartEncoding: smart.checked, preview: preview.wanted, handling };
  form.classList.add("judging");
  const texts = [text, rcs].map(({ value, disabled }) => (disabled ? "" : value));
  const answer = await judge.ask({ head: headOf(members), texts, options, ...more });
  if (answer === undefined) return undefined;
  form.classList.remove("judging");
  reveal(answer, lenient);
  // Somebody agreed to leave others out than those that were found now.
  if (recipients.lenient !== lenient) soon();
  return answer;
}

/** Shows what the judge said. */
function reveal({ verdict, estimate: sums, previews, refusals, text: written }, lenient) {
  const { places, broken } = recipients;
  const found = verdict.issues.map((issue) => ({ ...issue, sentence: spoken(issue) }));
  // What is wrong with a table says more than that there are no recipients.
  const own = broken ? found.filter(({ at }) => !at.startsWith("/to")) : found;
  recipients.offer(verdict);
  const { defaultRegion: wrong } = refusals;
  // The module names its option, of which nobody knows here.
  const nowhere = wrong && { severity: "error", at: "region", sentence: wrong.replace("The option defaultRegion", "The default country") };
  const others = [nowhere, recipients.question, unread(sums)].filter(Boolean);
  show([...recipients.findings, ...own, ...others], verdict.omitted + recipients.omitted);
  variables.show(text.disabled ? [] : recipients.variables);
  preview.take(previews ?? [], broken ? new Places() : places);
  count.show(written, smsOf(preview.shown), preview.whose, sums === null || sums.people === 0 || "sms" in sums.channels);
  estimate.show(verdict, broken ? null : sums, places, { usable: !broken, plain: written.plain, lenient });
  prices.show(sums?.channels, refusals.prices);
  // Who writes with variables wants to see what comes of them.
  if (!unfolded && written.used.length > 0 && recipients.variables.length > 0) {
    preview.unfold();
    unfolded = true;
  }
}

/** What an issue says here. */
function spoken(issue) {
  return sentence(inRows(issue, (row) => recipients.places.of(row)), sentences);
}

/** The country of numbers that are written without one. */
function defaultRegion() {
  return region.value.trim().toUpperCase() || undefined;
}

/** What is said of a text that nobody reads, as the sender is none of its channel. */
function unread(sums) {
  if (rcs.disabled || rcs.value === "" || !(sums?.people > 0) || "rcs" in sums.channels) return undefined;
  const sentence = "This sender reaches nobody over RCS, so nobody reads this text.";
  return { severity: "warning", at: rcs.name, sentence };
}

/** What somebody reads as an SMS. */
function smsOf(shown) {
  return shown?.channels.find(({ channel }) => channel === "sms");
}

/** Where the items of a control's list stand; nothing where it has no list. */
function placesOf(control) {
  if (control === numbers) return recipients.places;
  return control.dataset.item === undefined ? undefined : Places.ofLines(control);
}

/** Shows findings at controls that were edited, or at all once a send was tried. */
function show(findings, omitted) {
  const groups = group(findings, controls, placesOf, omitted);
  const said = groups.filter(({ control }) => tried || edited.has(control) || (control === undefined && edited.size > 0));
  for (const control of controls) showAt(control, said.filter((group) => group.control === control));
  const errors = said.filter(({ severity }) => severity === "error");
  summarize(summary, said.filter(({ control, severity }) => control === undefined || (tried && severity === "error")));
  announceLater(errors.map(({ sentence }) => sentence).join(" "));
}

/** Says the errors to those who do not see them, once writing pauses; what was said of something else stays else. */
function announceLater(errors) {
  clearTimeout(pause);
  pause = setTimeout(() => {
    if (errors !== announced) announce(errors);
    announced = errors;
  }, 1_000);
}

function announce(text) {
  announcement.textContent = text;
}

/** Judges what is written until nothing changes meanwhile. */
async function settled(more) {
  let answer;
  while (answer === undefined) answer = await look(more);
  return answer;
}

async function submit() {
  tried = true;
  const { verdict, estimate: sums, refusals, body } = await settled({ body: true });
  const unsaid = recipients.broken || recipients.question !== undefined;
  // The head stands in front of the recipients, so its errors are listed however many they have.
  const others = verdict.issues.some(({ severity, at }) => severity === "error" && !at.startsWith("/to/"));
  const lenient = recipients.lenient && !others;
  if (!(verdict.ok || lenient) || unsaid || refusals.defaultRegion !== undefined) return summary.focus();
  const gate = new Gate(key.value, secret.value);
  const message = [JSON.stringify(headOf(members)), defaultRegion(), lenient, judge.source].join("\n");
  if (attempt?.message !== message) attempt = { message, key: crypto.getRandomValues(new Uint8Array(16)).join("-") };
  let id;
  try {
    id = await gate.send(body, { key: attempt.key, defaultRegion: defaultRegion(), lenient });
  } catch (error) {
    show(error instanceof Refusal ? refused(error) : [unanswered()]);
    return summary.focus();
  }
  const sent = {
    text: template.value || text.value,
    recipients: (lenient ? sums?.people : undefined) ?? verdict.totals.recipients.listed,
    at: sendAt.value,
    written: recipients.written,
    head: headOf(members),
    options: { defaultRegion: defaultRegion() },
    sentences: new Map(recipientErrors(verdict.issues).map((issue) => [issue.code, spoken(issue)])),
  };
  attempt = undefined;
  clear();
  follow(gate, id, sent).focus();
}

/** What the gate found. */
function refused({ status, errors }) {
  if (status === 401) return [{ severity: "error", at: "key", sentence: "The gate does not know this key with this secret." }];
  return errors.map(({ message, issue }) => ({ severity: "error", at: issue?.at ?? "", sentence: issue ? spoken(issue) : message }));
}

function unanswered() {
  const sentence =
    "No answer came back, so it is not known whether the message was sent. " +
    "Press Send again: as long as nothing is changed, the gate sends it only once.";
  return { severity: "error", at: "", sentence };
}

/** What nobody can do anything about here. */
function stopped(error) {
  tried = true;
  const sentence = "The module that checks messages could not be loaded, or stopped. Please reload the page.";
  show([{ severity: "error", at: "", sentence }]);
  throw error;
}

function busy(sending) {
  // What is being sent is not written to meanwhile.
  fields.inert = sending;
  button.setAttribute("aria-disabled", sending);
  button.textContent = sending ? "Sending…" : "Send";
}

/** Disables what another control leaves out, and names what it moves: beside a text for RCS, text and media are those for SMS. */
function leave() {
  channel.disabled = pool.value !== "";
  sender.disabled = channel.disabled || channel.value === "";
  for (const control of [text, rcs]) control.disabled = template.value !== "";
  const place = rcs.disabled || rcs.value === "" ? "/content" : "/content/modules/1/sms";
  text.name = `${place}/text`;
  media.name = `${place}/media`;
}

/** Makes room for the next message; sender, prices and key stay. */
function clear() {
  for (const control of [text, rcs, media, template, sendAt]) control.value = "";
  leave();
  recipients.clear();
  edited.clear();
  tried = false;
}

form.addEventListener("input", ({ target }) => {
  if (target === entered) entered = undefined;
  edited.add(target);
  const around = target.closest("fieldset[name]");
  if (around) edited.add(around);
  leave();
  soon();
});

form.addEventListener("keydown", (event) => {
  // Enter sends from where the key is; elsewhere it only says that something is written.
  if (event.key !== "Enter" || !event.target.matches("input:not(#key, #secret)")) return;
  event.preventDefault();
  event.target.dispatchEvent(new Event("change", { bubbles: true }));
  entered = event.target;
});

// The browser knows nothing of that, and says it once more when the control is left.
form.addEventListener("change", (event) => event.target === entered && event.isTrusted && event.stopPropagation(), { capture: true });

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (button.getAttribute("aria-disabled") === "true") return;
  busy(true);
  try {
    await submit();
  } catch (error) {
    stopped(error);
  } finally {
    busy(false);
  }
});

// A file that misses the field would take the page's place.
for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => {
    if (!event.defaultPrevented && event.dataTransfer?.types.includes("Files")) {
      event.preventDefault();
      event.dataTransfer.dropEffect = "none";
    }
  });
}

const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
document.getElementById("send-at-hint").textContent = `In the time zone ${timeZone}. Left empty, it is sent now.`;

judge.read(recipients.source);
try {
  await settled();
} catch (error) {
  stopped(error);
}
button.disabled = false;
