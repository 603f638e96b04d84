// A send that was accepted: its progress until it ends.

import { Refusal } from "./gate.js";
import { counted, several, write } from "./markup.js";

const STATES = {
  SCHEDULED: "Waiting for its time",
  PROCESSING: "On its way",
  COMPLETED: "Completed",
  CANCELED: "Canceled",
};

/** Counters of recipients for whom nothing is left to do here. */
const DONE = ["sent", "delivered", "read", "undelivered", "failed", "canceled", "unaddressable"];

/** Milliseconds between two looks: at first, at most, and how fast they grow. */
const PACE = { first: 400, most: 5_000, growth: 1.4 };

/**
 * Adds a card for an operation and follows it until it ends.
 *
 * @param {import("./gate.js").Gate} gate
 * @param {string} id
 * @param {{ text: string, recipients: number, at: string }} sent `at` is the time it was scheduled for, if any.
 * @returns {HTMLElement} The card's heading.
 */
export function follow(gate, id, sent) {
  const template = document.getElementById("operation");
  const card = template.content.firstElementChild.cloneNode(true);
  const heading = card.querySelector("h2");
  card.dataset.text = shortened(sent.text);
  heading.textContent = titled(card, sent.recipients);
  card.querySelector("code").textContent = id;
  document.getElementById("operations").prepend(card);
  card.dataset.at = sent.at;
  card.querySelector("button").addEventListener("click", () => cancel(gate, id, card));
  poll(gate, id, card);
  return heading;
}

async function poll(gate, id, card) {
  for (let wait = PACE.first; ; wait = Math.min(wait * PACE.growth, PACE.most)) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    try {
      const operation = await gate.operation(id);
      show(card, operation);
      if (operation.status === "COMPLETED" || operation.status === "CANCELED") return;
    } catch (error) {
      const final = error instanceof Refusal && error.status < 500 && error.status !== 429;
      say(card, final ? error.message : "No answer at the moment; still asking.");
      if (final) return;
    }
  }
}

/** Cancels it, if somebody means that; what comes of it is seen at the next look. */
async function cancel(gate, id, card) {
  if (!confirm("What is on its way already cannot be taken back. Cancel the rest?")) return;
  try {
    say(card, `${several(await gate.cancel(id), "recipient")} canceled.`);
  } catch (error) {
    say(card, error instanceof Refusal ? error.message : "No answer came back; please try again.");
  }
}

function show(card, { status, stats, postgate }) {
  const ended = status === "COMPLETED" || status === "CANCELED";
  const done = DONE.reduce((sum, name) => sum + (stats[name] ?? 0), 0);
  const progress = card.querySelector("progress");
  progress.max = Math.max(stats.total, 1);
  progress.value = ended ? progress.max : Math.min(done, stats.total);
  card.dataset.status = status;
  // Some may have been left out.
  write(card.querySelector("h2"), titled(card, stats.total));
  const state = STATES[status] ?? status;
  const reached = `${counted(progress.value)} of ${counted(stats.total)}`;
  const time = status === "SCHEDULED" && card.dataset.at !== "" ? `, ${new Date(card.dataset.at).toLocaleString()}` : "";
  say(card, `${ended ? state : `${state}${time}: ${reached}`}. ${hindrance(postgate)}`.trim());
  card.querySelector("button").hidden = ended;
  const counters = Object.entries(stats).filter(([name, count]) => name === "delivered" || count > 0);
  card.querySelector("dl").replaceChildren(...counters.map(counter));
}

function titled(card, recipients) {
  return `To ${counted(recipients)}: ${card.dataset.text}`;
}

/** What holds a send up or ended it early, for somebody who only sends. */
function hindrance({ halted, paused, unsettled, refusedRows }) {
  if (halted?.by === "refused") {
    const error = halted.code === undefined ? "" : `, with its error ${halted.code}`;
    return `Twilio refused a part of it${error}; nothing behind that part was sent.`;
  }
  if (halted !== undefined) return "It stopped: Twilio left it open what was sent, and whoever runs the gate has to settle that.";
  if (unsettled !== undefined) return "Twilio left it open whether a part of it was sent; the gate is looking for that.";
  if (paused !== undefined) return "It waits until more can be sent, and then goes on by itself.";
  return refusedRows > 0 ? `${several(refusedRows, "recipient")} with errors left out.` : "";
}

/** Says it once: a screen reader repeats what is written again. */
function say(card, text) {
  const state = card.querySelector(".state");
  if (state.textContent !== text) state.textContent = text;
}

function counter([name, count]) {
  const [pair, term, value] = ["div", "dt", "dd"].map((name) => document.createElement(name));
  term.textContent = name[0].toUpperCase() + name.slice(1);
  value.textContent = counted(count);
  pair.append(term, value);
  return pair;
}

function shortened(text) {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
