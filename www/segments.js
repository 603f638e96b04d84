// The count under the text: what it takes as an SMS, and which characters make it longer.

import { button, counted, element, ranged, write } from "./markup.js";

/** How many characters are named. */
const NAMED = 8;

/** The count of one text. */
export class Count {
  #place;
  #culprits;
  #text;

  /**
   * @param {HTMLElement} place Has the count, and below it the characters.
   * @param {HTMLTextAreaElement} text
   */
  constructor(place, text) {
    this.#place = place.querySelector("p");
    this.#culprits = place.querySelector("div");
    this.#text = text;
  }

  /**
   * Shows a count.
   *
   * @param {{ segments: object, plain: boolean }} written What the text takes as it is written.
   * @param {object | undefined} read What the recipient who is shown gets as an SMS, if there is one and it is an SMS.
   * @param {string} whose Where that recipient stands.
   * @param {boolean} sms Whether anybody gets an SMS, as far as that is known.
   */
  show(written, read, whose, sms) {
    const counts = read?.segments ?? (written.plain ? written.segments : undefined);
    const shown = sms && this.#text.value !== "";
    write(this.#place, shown ? told(counts, written.plain ? "" : whose) : "");
    this.#name(shown && counts?.encoding === "UCS-2" ? named(counts.culprits, written.segments.culprits) : []);
  }

  /** Names the characters that are not in GSM-7, and offers what could stand there. */
  #name(characters) {
    const shown = JSON.stringify(characters);
    if (this.#culprits.dataset.shown === shown) return;
    this.#culprits.dataset.shown = shown;
    if (characters.length === 0) return this.#culprits.replaceChildren();
    const items = characters.slice(0, NAMED).map(({ text, replacement, places }) => {
      const item = element("li", {}, element("bdi", { className: "character" }, visible(text)));
      if (replacement === undefined) return item;
      if (places.length === 0) item.append(` could be ${quoted(replacement)}`);
      else {
        const label = replacement === "" ? "leave out" : `write ${quoted(replacement)}`;
        item.append(" ", button({ className: "line" }, () => this.#replace(places, replacement)));
        item.lastChild.append(label);
      }
      return item;
    });
    if (characters.length > NAMED) items.push(element("li", {}, `${counted(characters.length - NAMED)} more`));
    this.#culprits.replaceChildren(element("span", {}, "Made longer by"), element("ul", {}, ...items));
  }

  /** Puts a replacement where a character stands. */
  #replace(places, replacement) {
    const text = this.#text;
    for (const { start, end } of places.toReversed()) text.setRangeText(replacement, start, end, "end");
    text.focus();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function told(counts, whose) {
  if (counts === undefined) return "Its length depends on each recipient’s values.";
  const { characters, encoding, units, segments } = counts;
  const more = segments.max === 1 && segments.min === 1 ? "segment" : "segments";
  const behind = whose === "" ? "" : `, for ${whose}`;
  const length = characters === 1 ? "character" : "characters";
  return `${counted(characters)} ${length}, ${counted(units)} units in ${encoding}: ${ranged(segments)} ${more}${behind}`;
}

/** Each character once, with the places where the text itself has it; it has none where a recipient's values do. */
function named(culprits, own) {
  const found = new Map();
  for (const { text, replacement } of [...own, ...culprits]) found.set(text, { text, replacement, places: [] });
  for (const { text, start, end } of own) found.get(text).places.push({ start, end });
  return [...found.values()];
}

/** A character as it can be seen: one that cannot has its number. */
function visible(text) {
  const hidden = /^[\s\p{C}\p{M}]/u.test(text);
  return hidden ? `U+${text.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}` : text;
}

function quoted(text) {
  return text === " " ? "a space" : text;
}
