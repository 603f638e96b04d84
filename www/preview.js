// The preview: what one recipient reads, as the module renders it, and the way from one recipient to the next.

import { named } from "./channels.js";
import { paragraph } from "./issues.js";
import { counted, element, several, write } from "./markup.js";
import { sentence } from "./pkg/index.js";
import sentences from "./sentences.js";

/** How many recipients are rendered at a time: the one who is shown and those around, so that a step is no wait. */
const WINDOW = 20;

/** How many of them stand in front of the one who is shown, at most. */
const BEFORE = 5;

/** The part of the form that shows what is read. */
export class Preview {
  #details;
  #place;
  #number;
  #figures;
  #steps;
  #changed;
  #announce;
  #row = 0;
  #rows = 0;
  #previews = [];
  #places;
  #moved = false;

  /**
   * @param {HTMLDetailsElement} details
   * @param {{ changed: () => void, announce: (text: string) => void }} told When others have to be rendered; what is to
   *   be read out.
   */
  constructor(details, { changed, announce }) {
    this.#details = details;
    this.#changed = changed;
    this.#announce = announce;
    this.#place = details.querySelector("#preview-place");
    this.#number = details.querySelector("#preview-number");
    this.#figures = details.querySelector("#preview-figures");
    this.#steps = details.querySelectorAll("[data-step]");
    for (const step of this.#steps) step.addEventListener("click", () => this.go(this.#row + Number(step.dataset.step)));
    this.#number.addEventListener("change", () => this.go(Math.trunc(Number(this.#number.value)) - 1));
  }

  /** The rows that are to be rendered. */
  get wanted() {
    const first = Math.max(0, this.#row - BEFORE);
    return Array.from({ length: WINDOW }, (_, index) => first + index);
  }

  /** What the recipient who is shown reads, once it is there. */
  get shown() {
    return this.#previews.find(({ row }) => row === this.#row);
  }

  /** Where that recipient stands. */
  get whose() {
    return this.#rows > 0 ? `${this.#places.unit.toLowerCase()} ${counted(this.#places.of(this.#row))}` : "";
  }

  /** Shows a recipient. */
  go(row) {
    const to = Math.min(Math.max(Number.isFinite(row) ? row : this.#row, 0), Math.max(this.#rows - 1, 0));
    this.#moved = to !== this.#row || this.#moved;
    this.#row = to;
    this.#show();
    // A step further than is rendered; what is far is asked for where it is reached.
    if (this.shown === undefined && this.#rows > 0) this.#changed();
  }

  /** Unfolds it at a recipient. */
  lead(row) {
    this.#details.open = true;
    this.go(row);
    this.#details.querySelector("summary").focus();
    this.#details.scrollIntoView({ block: "nearest" });
  }

  /** Unfolds it where people read different things. */
  unfold() {
    this.#details.open = true;
  }

  /** Takes what was rendered. */
  take(previews, places) {
    this.#previews = previews;
    this.#places = places;
    this.#rows = places.length;
    this.#details.hidden = this.#rows === 0;
    if (this.#row >= this.#rows && this.#rows > 0) return this.go(this.#rows - 1);
    this.#show("There is no preview of this recipient.");
  }

  /** Shows the recipient; where there is nothing to be shown, `otherwise`. */
  #show(otherwise = "…") {
    if (this.#rows === 0) return;
    const { shown } = this;
    const { unit } = this.#places;
    const number = this.#places.of(this.#row);
    write(this.#place, `of ${counted(this.#rows)}, ${unit.toLowerCase()} ${counted(number)}`);
    this.#number.max = this.#rows;
    if (document.activeElement !== this.#number || this.#moved) this.#number.value = this.#row + 1;
    for (const step of this.#steps) {
      const to = this.#row + Number(step.dataset.step);
      step.setAttribute("aria-disabled", to < 0 || to >= this.#rows);
    }
    // Until it is there, nobody else's text may stand there.
    if (shown === undefined) return this.#figures.replaceChildren(element("p", { className: "hint" }, otherwise));
    const figures = shown.channels.map(figure);
    if (figures.length === 0) figures.push(element("p", { className: "hint" }, "No channel reaches this recipient."));
    const issues = shown.issues.map((issue) => paragraph({ ...issue, sentence: sentence(issue, sentences) }));
    this.#figures.replaceChildren(...figures, ...issues);
    if (this.#moved) this.#announce(`${unit} ${counted(number)}: ${shown.channels[0]?.text ?? "nothing"}`);
    this.#moved = false;
  }
}

/** What is read over one channel. */
function figure({ channel, text: alone, characters, segments, media = [], module, template, atLeast }) {
  const text = alone ?? module?.text;
  const takes = [];
  if (characters !== undefined) takes.push(several(characters, "character"));
  if (segments !== undefined) takes.push(`${several(segments.segments.max, "segment")} in ${segments.encoding}`);
  if (atLeast) takes.push("the rest is known only to the service");
  const caption = element("figcaption", {}, element("strong", {}, named(channel)), ` ${takes.join(", ")}`);
  const bubble = element("div", { className: "bubble" });
  if (text !== undefined) bubble.append(element("p", { dir: "auto" }, text));
  // What stands around them is known to the service alone.
  for (const [name, value] of Object.entries(template?.variables ?? {})) bubble.append(element("p", {}, `${name}: ${value}`));
  // Nothing is loaded from elsewhere before it is sent.
  for (const address of media) bubble.append(element("p", { className: "medium" }, address));
  const out = element("figure", { className: "message" }, bubble, caption);
  out.dataset.channel = channel;
  return out;
}

