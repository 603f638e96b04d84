// What all messages come to, as a person reads it.

import { channelName, count, paint, plain } from "./terminal.js";

/** Prints an estimate. Where there is a table, rows are named as they lie there. */
export function printEstimate(estimate, row) {
  const { people, atLeast, channels, unreached, segments, units, cost, seconds, longest, dearest } = estimate;
  const least = atLeast ? "at least " : "";
  entry("people", `${least}${count(people, "person", "people")}`);
  for (const [channel, reached] of Object.entries(channels)) entry(channelName(channel), range(reached, "person", "people"));
  if (unreached > 0) entry("nobody reached", count(unreached, "person", "people"));
  entry("takes", `${least}${range(segments, "segment of SMS", "segments of SMS")}`);
  if (units.min !== segments.min || units.max !== segments.max) {
    entry("for the pace", `${least}${range(units, "segment or message", "segments and messages")}`);
  }
  if (cost !== undefined) {
    const sum = cost.min === cost.max ? cost.max : `${cost.min} to ${cost.max}`;
    const unpriced = cost.unpriced > 0 ? `, and ${count(cost.unpriced, "person", "people")} without a price` : "";
    entry("cost", `${least}${sum} ${plain(cost.currency)}${unpriced}`);
  }
  if (seconds !== undefined) entry("time", least + span(seconds));
  const at = (index) => (row === undefined ? `recipient ${index}` : `row ${row(index)}`);
  if (longest !== undefined) {
    entry("longest", `${at(longest.row)}: ${count(longest.characters, "character")}, ${longest.encoding}`);
  }
  for (const [place, each] of dearest.entries()) {
    entry(place === 0 ? "most segments" : "", `${at(each.row)}: ${range(each.segments, "segment")}`);
  }
}

function entry(name, value) {
  console.log(`${paint("dim", name.padEnd(14))} ${value}`);
}

function range({ min, max }, one, several) {
  return min === max ? count(max, one, several) : `${min.toLocaleString("en")} to ${count(max, one, several)}`;
}

/** A time in its two largest units. */
function time(seconds) {
  const parts = [
    [Math.floor(seconds / 86400), "day"],
    [Math.floor(seconds / 3600) % 24, "hour"],
    [Math.floor(seconds / 60) % 60, "minute"],
    [seconds % 60, "second"],
  ];
  const first = parts.findIndex(([number]) => number > 0);
  if (first < 0) return count(0, "second");
  const shown = parts.slice(first, first + 2).filter(([number]) => number > 0);
  return shown.map(([number, unit]) => count(number, unit)).join(" ");
}

function span({ min, max }) {
  return time(min) === time(max) ? time(max) : `${time(min)} to ${time(max)}`;
}
