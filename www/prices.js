// Prices, as somebody gives them: for each channel one for all, and for SMS others by country.

import { element } from "./markup.js";

/** The part of the form that has the prices. */
export class Prices {
  #currency;
  #amounts;
  #countries;
  #issues;
  /** A country that has two prices, of which nobody knows which is meant. */
  #twice;

  /** @param {HTMLDetailsElement} details */
  constructor(details) {
    this.#currency = details.querySelector("#currency");
    this.#amounts = details.querySelectorAll("[data-price]");
    this.#countries = details.querySelector("#countries");
    this.#issues = details.querySelector(".issues");
  }

  /** The prices as the module takes them; none where none is given. */
  get value() {
    const prices = {};
    for (const { value, dataset } of this.#amounts) {
      if (value.trim() !== "") prices[dataset.price] = pointed(value.trim());
    }
    const countries = this.#countries.value.split("\n").map((line) => line.trim()).filter((line) => line !== "").map(pair);
    this.#twice = countries.find(([country], at) => countries.findIndex(([other]) => other === country) < at)?.[0];
    if (this.#twice !== undefined) return undefined;
    if (countries.length > 0) {
      const others = prices.sms === undefined ? [] : [["*", prices.sms]];
      prices.sms = Object.fromEntries([...countries, ...others]);
    }
    const currency = this.#currency.value.trim().toUpperCase();
    return Object.keys(prices).length > 0 ? { currency, ...prices } : undefined;
  }

  /** Shows the channels that the send may go over: only those have a price to be given. */
  show(channels, refusal) {
    for (const amount of this.#amounts) {
      const { price } = amount.dataset;
      amount.closest(".field").hidden = price !== "sms" && channels?.[price] === undefined && amount.value === "";
    }
    // The module names its option, of which nobody knows here.
    const wrong = refusal?.replace("The option prices must be a table", "Expected prices");
    const said = this.#twice === undefined ? wrong : `${this.#twice} has two prices; keep one of them.`;
    if (this.#issues.textContent === (said ?? "")) return;
    this.#issues.replaceChildren(...(said === undefined ? [] : [element("p", { className: "issue error" }, said)]));
  }
}

/** An amount as the module reads it, where somebody writes decimals with a comma. */
function pointed(amount) {
  return amount.replace(/^(\d*),(\d+)$/, "$1.$2");
}

/** A line as a country and its price. */
function pair(line) {
  const at = line.search(/\s/);
  return at < 0 ? [line.toUpperCase(), ""] : [line.slice(0, at).toUpperCase(), pointed(line.slice(at).trim())];
}
