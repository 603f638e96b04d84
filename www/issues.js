// Issues on the page: each at the control it belongs to, the others in the summary.

import { selectLine } from "./recipients.js";

const NAMES = { error: "Error:", warning: "Warning:", note: "Note:" };

/** The worst first. */
const RANKS = Object.keys(NAMES);

/** How many lines of a list of recipients are named for one kind of issue. */
const LINES_NAMED = 8;

/** How many groups are shown at one control. */
const GROUPS_SHOWN = 10;

const counted = new Intl.NumberFormat("en");

/**
 * @typedef {object} Finding
 * @property {"error" | "warning" | "note"} severity
 * @property {string} at A JSON Pointer, or the name of a control.
 * @property {string} sentence
 *
 * @typedef {Finding & { control?: Element, lines: number[], count: number }} Group Findings that read the same at one
 *   control.
 */

/**
 * Groups findings by control and sentence, the worst first. Where there are more than can be taken in, the rest is counted.
 *
 * @param {Finding[]} findings
 * @param {Element[]} controls Each named by the pointer it edits.
 * @param {number[]} lines The line that each row of `to` came from.
 * @param {number} omitted How many findings there are besides; so many can only be about recipients.
 * @returns {Group[]}
 */
export function group(findings, controls, lines, omitted = 0) {
  const groups = new Map();
  for (const { severity, at, sentence } of findings) {
    const control = controlAt(controls, at);
    const key = [severity, control?.name, sentence].join("\n");
    if (!groups.has(key)) groups.set(key, { severity, at, sentence, control, lines: [], count: 0 });
    groups.get(key).count += 1;
    const row = /^\/to\/(\d+)/.exec(at);
    if (row) groups.get(key).lines.push(lines[row[1]]);
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
  const sentence = `${counted.format(count)} more are not listed.`;
  return [...shown, { ...groups[0], severity: "note", sentence, lines: [], count }];
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

function paragraph({ severity, sentence, control, lines }) {
  const out = document.createElement("p");
  out.className = `issue ${severity}`;
  out.append(element("strong", NAMES[severity]), " ");
  if (lines.length > 0) out.append(...linesNamed(lines, control), ": ");
  out.append(sentence);
  return out;
}

/** "Lines 3, 5 and 17 more", each number leading to its line. */
function linesNamed(lines, textarea) {
  const out = [lines.length === 1 ? "Line " : "Lines "];
  lines.slice(0, LINES_NAMED).forEach((line, index) => {
    if (index > 0) out.push(", ");
    const button = element("button", counted.format(line));
    button.type = "button";
    button.className = "line";
    button.addEventListener("click", () => selectLine(textarea, line));
    out.push(button);
  });
  if (lines.length > LINES_NAMED) out.push(` and ${counted.format(lines.length - LINES_NAMED)} more`);
  return out;
}

/** Writes the summary; without groups it goes away. */
export function summarize(summary, groups) {
  const items = groups.map(({ severity, sentence, control, lines }) => {
    const item = document.createElement("li");
    const text = lines.length > 0 ? `${linesCounted(lines)}: ${sentence}` : sentence;
    if (control === undefined) {
      item.append(element("strong", NAMES[severity]), ` ${text}`);
      return item;
    }
    const target = control.tagName === "FIELDSET" ? control.querySelector("textarea, input, select") : control;
    const link = element("a", text);
    link.href = `#${target.id}`;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      target.focus();
    });
    item.append(link);
    return item;
  });
  summary.querySelector("ul").replaceChildren(...items);
  summary.hidden = items.length === 0;
}

function linesCounted(lines) {
  return lines.length === 1 ? `Line ${counted.format(lines[0])}` : `${counted.format(lines.length)} lines`;
}

function element(name, text) {
  const out = document.createElement(name);
  out.textContent = text;
  return out;
}
