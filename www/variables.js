// The variables that the recipients have, to be put into a text.

import { button, counted, element } from "./markup.js";

/** How many are offered; the others are written by hand. */
const OFFERED = 12;

/** The offer under the text. */
export class Variables {
  #place;
  #text;
  #rename;

  /**
   * @param {HTMLElement} place
   * @param {HTMLTextAreaElement[]} texts They are put into the one that was written in last, at first into the first.
   * @param {(name: string) => void} rename Leads to where a variable gets a name that a text can use.
   */
  constructor(place, texts, rename) {
    this.#place = place;
    [this.#text] = texts;
    for (const text of texts) text.addEventListener("focus", () => (this.#text = text));
    this.#rename = rename;
  }

  /** Offers variables. */
  show(variables) {
    const shown = JSON.stringify(variables);
    if (this.#place.dataset.shown === shown) return;
    this.#place.dataset.shown = shown;
    this.#place.hidden = variables.length === 0;
    const offers = variables.slice(0, OFFERED).map((variable) => this.#offer(variable));
    const more = variables.length - OFFERED;
    if (more > 0) offers.push(element("span", {}, `and ${counted(more)} more`));
    this.#place.querySelector("span").replaceChildren(...offers);
  }

  #offer({ name, usable }) {
    const act = usable ? () => this.#insert(name) : () => this.#rename(name);
    const out = button({ className: "chip" }, act);
    out.append(element("bdi", {}, name), usable ? "" : " needs another name");
    return out;
  }

  #insert(name) {
    const { selectionStart, selectionEnd } = this.#text;
    this.#text.setRangeText(`{{ ${name} }}`, selectionStart, selectionEnd, "end");
    this.#text.focus();
    this.#text.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
