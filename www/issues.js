// Issues on the page: each at the control it belongs to, the others in the summary.

import { button, counted, element } from "./markup.js";

/** Those issues that are errors of recipients. */
export function recipientErrors(issues) {
  return issues.filter(({ severity, at }) => severity === "error" && at.startsWith("/to/"));
}

const NAMES = { error: "Error:", warning: "Warning:", note: "Note:" };

/** The worst first. */
const RANKS = Object.keys(NAMES);

/** How many places are named for one kind of issue. */
const PLACES_NAMED = 8;

/** How many groups are shown at one control. */
const GROUPS_SHOWN = 10;

/**
 * @typedef {object} Finding
 * @property {"error" | "warning" | "note"} severity
 * @property {string} at A JSON Pointer, or the name of a control.
 * @property {string} sentence
 * @property {number} [number] The place that it is about, where no pointer tells.
 *
 * @typedef {Finding & { control?: Element, places?: import("./places.js").Places, numbers: number[], count: number }} Group
 *   Findings that read the same at one control.
 */

/**
 * Groups findings by control and sentence, the worst first. Where there are more than can be taken in, the rest is counted.
 *
 * @param {Finding[]} findings
 * @param {Element[]} controls Each named by the pointer it edits.
 * @param {(control: Element) => import("./places.js").Places | undefined} placesOf Where the items of its list stand.
 * @param {number} omitted How many findings there are besides; so many can only be about recipients.
 * @returns {Group[]}
 */
export function group(findings, controls, placesOf, omitted = 0) {
  const groups = new Map();
  const lists = new Map(controls.map((control) => [control, placesOf(control)]));
  for (const { severity, at, sentence, number } of findings) {
    const control = controlAt(controls, at);
    const places = lists.get(control);
    const id = [severity, control?.name, sentence].join("\n");
    if (!groups.has(id)) groups.set(id, { severity, at, sentence, control, places, numbers: [], count: 0 });
    groups.get(id).count += 1;
    const item = places === undefined ? undefined : /^\/(\d+)/.exec(at.slice(control.name.length));
    const place = number ?? (item ? places.of(item[1]) : undefined);
    if (place !== undefined) groups.get(id).numbers.push(place);
  }
  const sorted = [...groups.values()].sort((one, other) => RANKS.indexOf(one.severity) - RANKS.indexOf(other.severity));
  return [undefined, ...controls].flatMap((control) => {
    const own = sorted.filter((group) => group.control === control);
    return capped(own, control?.name === "/to" ? omitted : 0);
  });
}

/** As many groups of one control as can be taken in, and behind them how many findings that leaves out. */
function capped(groups, omitted) {
  const shown = groups.slice(0, GROUPS_SHOWN);
  const count = groups.slice(GROUPS_SHOWN).reduce((sum, group) => sum + group.count, omitted);
  if (groups.length === 0 || count === 0) return shown;
  const sentence = `${counted(count)} more are not listed.`;
  return [...shown, { ...groups[0], severity: "note", sentence, numbers: [], count }];
}

/** The control whose name is the longest prefix of the pointer. */
function controlAt(controls, at) {
  return controls
    .filter(({ name }) => at === name || at.startsWith(`${name}/`))
    .reduce((best, control) => (best && best.name.length >= control.name.length ? best : control), undefined);
}

/** Writes a control's groups where its description is, and marks it. */
export function showAt(control, groups) {
  const place = document.getElementById(control.getAttribute("aria-describedby").split(" ").at(-1));
  const paragraphs = groups.map((group) => paragraph(group));
  const said = paragraphs.map(({ textContent }) => textContent).join("");
  // What is said already stays, with the focus that may be in it.
  if (place.textContent !== said) place.replaceChildren(...paragraphs);
  const wrong = groups.some(({ severity }) => severity === "error");
  // A group of controls has no such state of its own.
  if (control.tagName !== "FIELDSET") control.setAttribute("aria-invalid", wrong);
}

/** One finding, or those that read the same. */
export function paragraph({ severity, sentence, numbers = [], places }) {
  const out = element("p", { className: `issue ${severity}` }, element("strong", {}, NAMES[severity]), " ");
  if (numbers.length > 0) out.append(...placesNamed(numbers, places), ": ");
  out.append(sentence);
  return out;
}

/** "Lines 3, 5 and 17 more", each number leading to its place, where there is a way; the others come where they are wanted. */
function placesNamed(all, places) {
  // A line may have several.
  const numbers = [...new Set(all)];
  const named = numbers.map((number, index) => {
    const lead = places.leading(number);
    const out = lead ? button({ className: "line" }, lead) : element("span");
    out.append(counted(number));
    return index === 0 ? [out] : [", ", out];
  });
  const out = [numbers.length === 1 ? `${places.unit} ` : `${places.unit}s `, ...named.slice(0, PLACES_NAMED).flat()];
  if (numbers.length <= PLACES_NAMED) return out;
  const more = button({ className: "line" }, () => {
    const rest = named.slice(PLACES_NAMED).flat();
    more.replaceWith(...rest);
    rest[1].focus();
  });
  more.append(`and ${counted(numbers.length - PLACES_NAMED)} more`);
  return [...out, " ", more];
}

/** Writes the summary; without groups it goes away. */
export function summarize(summary, groups) {
  const items = groups.map(({ severity, sentence, control, numbers, places }) => {
    const text = numbers.length > 0 ? `${placesCounted(numbers, places)}: ${sentence}` : sentence;
    if (control === undefined) return element("li", {}, element("strong", {}, NAMES[severity]), ` ${text}`);
    const target = focusable(control);
    const link = element("a", { href: `#${target.id}` }, text);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      for (let around = target.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
      target.focus();
    });
    return element("li", {}, link);
  });
  summary.querySelector("ul").replaceChildren(...items);
  summary.hidden = items.length === 0;
}

/** What can have the focus for a control: of a fieldset its first, of one that is hidden what stands in its place. */
function focusable(control) {
  if (control.tagName === "FIELDSET") return control.querySelector("textarea, input, select");
  return control.hidden ? document.getElementById(control.dataset.instead) : control;
}

function placesCounted(all, { unit }) {
  const numbers = [...new Set(all)];
  return numbers.length === 1 ? `${unit} ${counted(numbers[0])}` : `${counted(numbers.length)} ${unit.toLowerCase()}s`;
}
