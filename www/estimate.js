// The estimate: what the whole send takes and costs, and who takes the most.

import { named } from "./channels.js";
import { recipientErrors } from "./issues.js";
import { button, counted, element, ranged, several } from "./markup.js";

/** The part of the form that shows it. */
export class Estimate {
  #list;
  #dearest;
  #lead;

  /**
   * @param {HTMLDListElement} list
   * @param {HTMLDetailsElement} dearest
   * @param {(row: number) => void} lead Shows what a recipient reads.
   */
  constructor(list, dearest, lead) {
    this.#list = list;
    this.#dearest = dearest;
    this.#lead = lead;
  }

  /**
   * Shows what a request takes.
   *
   * @param {import("../src/browser/types.d.ts").Verdict} verdict
   * @param {import("../src/browser/types.d.ts").Estimate | null} estimate
   * @param {import("./places.js").Places} places
   * @param {{ usable: boolean, plain: boolean, lenient: boolean }} known Whether the recipients could be read; whether all
   *   read the same; whether those with errors are none of the estimate's, as they are to be left out.
   */
  show({ ok, issues, counts, totals: { recipients, bytes, batches } }, estimate, places, { usable, plain, lenient }) {
    const left = lenient && estimate !== null ? recipients.listed - estimate.people : 0;
    const sums = [["recipients", "Recipients", counted(recipients.listed + recipients.groups - left)]];
    const wrong = new Set(recipientErrors(issues).map(({ at }) => at.split("/")[2])).size;
    if (left > 0) sums.push(["left", "Left out", counted(left)]);
    else if (wrong > 0) sums.push(["wrong", "With errors", `${listsErrors(issues, counts) ? "" : "at least "}${counted(wrong)}`]);
    if (estimate !== null && recipients.listed > 0) {
      const least = estimate.atLeast ? "at least " : "";
      const channels = Object.entries(estimate.channels);
      if (channels.length > 1) {
        for (const [channel, people] of channels) sums.push([channel, named(channel), ranged(people)]);
      }
      if (estimate.unreached > 0) sums.push(["unreached", "Not reachable", counted(estimate.unreached)]);
      if ("sms" in estimate.channels) sums.push(["segments", "Segments", `${least}${ranged(estimate.segments)}`]);
      const { longest, cost } = estimate;
      if (longest !== undefined && !plain) sums.push(["longest", "Longest", this.#longest(longest, places)]);
      if (cost !== undefined) sums.push(["cost", "Cost", `${least}${amount(cost)}`]);
      if (cost?.unpriced > 0) sums.push(["unpriced", "Without a price", counted(cost.unpriced)]);
    }
    sums.push(["batches", "Requests to Twilio", ok && usable ? counted(batches.length) : "–"]);
    sums.push(["bytes", "Size", `${counted(bytes)} bytes`]);
    this.#list.replaceChildren(...sums.map(([name, term, value]) => this.#sum(name, term, value)));
    this.#name(plain ? [] : (estimate?.dearest ?? []), places);
  }

  #sum(name, term, value) {
    const place = element("dd", {}, value);
    place.dataset.total = name;
    return element("div", {}, element("dt", {}, term), place);
  }

  #longest({ row, characters }, places) {
    return element("span", {}, `${several(characters, "character")}, `, this.#leading(row, places));
  }

  #leading(row, places) {
    const out = button({ className: "line" }, () => this.#lead(row));
    out.append(`${places.unit.toLowerCase()} ${counted(places.of(row))}`);
    return out;
  }

  #name(dearest, places) {
    this.#dearest.hidden = dearest.length === 0;
    const items = dearest.map(({ row, segments }) => {
      return element("li", {}, this.#leading(row, places), `: ${ranged(segments)} segments`);
    });
    this.#dearest.querySelector("ol").replaceChildren(...items);
  }
}

/** Whether all errors are listed; of a code that is not listed at all, nobody knows here what it is. */
function listsErrors(issues, counts) {
  return Object.entries(counts).every(([code, count]) => {
    const listed = issues.filter((issue) => issue.code === code);
    return listed.length > 0 && (listed[0].severity !== "error" || listed.length === count);
  });
}

/** A cost as it is read; a range where the channel is not decided. */
function amount({ currency, min, max }) {
  return `${min === max ? max : `${min} to ${max}`} ${currency}`;
}
