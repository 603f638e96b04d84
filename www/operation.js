// A send that was accepted: its progress until it ends.

import { Refusal } from "./gate.js";
import { counted, element, several, write } from "./markup.js";
import { Unreached } from "./unreached.js";

const STATES = {
  SCHEDULED: "Waiting for its time",
  PROCESSING: "On its way",
  COMPLETED: "Completed",
  CANCELED: "Canceled",
};

/** Counters of messages, which add up to all of them, as people call what they count. */
const COUNTERS = {
  delivered: "Delivered",
  read: "Read",
  sent: "Sent",
  queued: "Queued",
  scheduled: "Scheduled",
  undelivered: "Undelivered",
  failed: "Failed",
  canceled: "Not sent",
};

/** Those of messages for which nothing is left to do here. */
const DONE = ["sent", "delivered", "read", "undelivered", "failed", "canceled"];

/** Batches that can be canceled: those that are not posted, or may come back to be posted again. */
const OPEN = ["ready", "inFlight", "unknown", "held"];

/** Milliseconds between two looks: at first, at most, and how fast they grow. */
const PACE = { first: 400, most: 5_000, growth: 1.4 };

/**
 * Adds a card for an operation and follows it until it ends.
 *
 * @param {import("./gate.js").Gate} gate
 * @param {string} id
 * @param {import("./unreached.js").Sent & { text: string, recipients: number, at: string }} sent `at` is the time it was
 *   scheduled for, if any.
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
  card.querySelector(".cancel").addEventListener("click", () => cancel(gate, id, card));
  poll(gate, id, card, new Unreached(card.querySelector(".unreached"), gate, id, sent));
  return heading;
}

async function poll(gate, id, card, unreached) {
  for (let wait = PACE.first; ; wait = Math.min(wait * PACE.growth, PACE.most)) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    try {
      const operation = await gate.operation(id);
      const ended = isOver(operation);
      show(card, operation, ended);
      unreached.show(operation, ended);
      if (ended) return;
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

/** Whether nothing more becomes of it: of one that is canceled, what was on its way already still is. */
function isOver({ status, stats }) {
  return status === "COMPLETED" || (status === "CANCELED" && waiting(stats) === 0);
}

/** How many messages are still to be sent. */
function waiting({ queued = 0, scheduled = 0 }) {
  return queued + scheduled;
}

function show(card, { status, stats, postgate }, ended) {
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
  const canceled = status === "CANCELED";
  const stands = canceled ? `. Still on its way: ${several(waiting(stats), "message")}` : `${time}: ${reached}`;
  say(card, `${state}${ended ? "" : stands}. ${hindrance(postgate)}`.trim());
  offer(card, !ended && !canceled && OPEN.some((state) => postgate.batches?.[state] > 0));
  const counters = Object.entries(COUNTERS).map(([name, term]) => [term, stats[name], name === "delivered"]);
  counters.push(["In doubt", doubted(postgate.unsettled)], ["Left out", postgate.refusedRows ?? 0]);
  card.querySelector("dl").replaceChildren(...counters.filter(([, count, always]) => always || count > 0).map(counter));
}

/** Offers to cancel as long as there is something to take back; a keyboard does not lose its place with the button. */
function offer(card, open) {
  const button = card.querySelector(".cancel");
  if (!open && document.activeElement === button) card.querySelector("h2").focus();
  button.hidden = !open;
}

function titled(card, recipients) {
  return `To ${counted(recipients)}: ${card.dataset.text}`;
}

/** What holds a send up or ended it early, for somebody who only sends. */
function hindrance({ halted, paused, unsettled, refusedRows }) {
  if (halted?.by === "refused") {
    const error = halted.code === undefined ? "" : `, with its error ${halted.code}`;
    return `Twilio refused a part of it${error}; nothing after that part was sent.`;
  }
  if (unsettled !== undefined) {
    const doubt = `Twilio gave no clear answer on whether ${several(doubted(unsettled), "recipient")} got it`;
    const saved = "They are not in the file of those not reached, as they might get it twice.";
    if (halted !== undefined) return `It stopped: ${doubt}, and whoever runs the gate has to find out. ${saved}`;
    return `${doubt}; the gate is finding out. ${saved}`;
  }
  if (paused?.by === "silence") return "It waits until Twilio answers again, and then goes on by itself.";
  if (paused?.by === "credentials") return "It waits until whoever runs the gate has mended its credentials for Twilio, and then goes on by itself.";
  if (paused?.by === "hold") return "It waits because whoever runs the gate is holding it back. It goes on by itself after that.";
  if (paused !== undefined) return "It waits until more can be sent, and then goes on by itself.";
  return refusedRows > 0 ? `${several(refusedRows, "recipient")} with errors left out.` : "";
}

/** How many recipients are in parts that may have been sent. */
function doubted(unsettled = []) {
  return unsettled.reduce((sum, { recipients }) => sum + recipients, 0);
}

/** Says it once: a screen reader repeats what is written again. */
function say(card, text) {
  const state = card.querySelector(".state");
  if (state.textContent !== text) state.textContent = text;
}

function counter([term, count]) {
  return element("div", {}, element("dt", {}, term), element("dd", {}, counted(count)));
}

function shortened(text) {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
