// A verdict as a person reads it.

import { inRows, sentence } from "../node.js";
import { count, inJson, paint, plain } from "./terminal.js";

/** Prints the issues and what they come to. Where there is a table, each row is named as it lies there. */
export function print(name, { verdict, table, row, rowLines }) {
  printIssues(verdict, row, rowLines);
  // Of a table that was not read to its end, the verdict is the table's own.
  if (table?.complete) {
    for (const issue of table.issues) {
      const { row: number, line: begins } = issue.params;
      line(issue, number === undefined ? "table" : placed(number, begins));
    }
    omitted(table.omitted);
    if (table.rejected > 0) console.log(`${paint("error", "error  ")} ${count(table.rejected, "row")} of the table cannot be read`);
  }
  if (table === undefined && verdict.counts["request/not-json"] > 0) {
    console.log(paint("dim", "If this is a table of recipients, say so with --csv auto."));
  }

  if (table?.rows === 0 && table.mapping?.format === "ndjson") {
    console.log(paint("dim", "If this is a whole request, and no table, leave --csv out."));
  }

  const { recipients, batches } = verdict.totals;
  const people = [count(recipients.listed, "recipient")];
  if (recipients.groups > 0) people.push(count(recipients.groups, "group"));
  if (recipients.dropped > 0) people.push(`${count(recipients.dropped, "duplicate")} left out`);
  if (verdict.ok) people.push(count(batches.length, "request"));
  const well = verdict.ok ? paint("ok", "ok") : paint("error", "refused");
  console.log(`${well}  ${plain(name)}: ${people.join(", ")}`);
}

/** Prints issues, and how many were left out. */
export function printIssues({ issues, omitted: more }, row, lines) {
  for (const issue of issues) {
    const index = Number(/^\/to\/(\d+)/.exec(issue.at)?.[1]);
    const number = row === undefined ? undefined : row(index);
    if (number === undefined) line(issue, plain(issue.at) || "/");
    else line(inRows(issue, row), `${placed(number, lines[index])} ${plain(issue.at)}`);
  }
  omitted(more);
}

/** A row as a spreadsheet counts it, and where that is another one, the line as an editor does. */
function placed(row, line) {
  return row === line ? `row ${row}` : `row ${row} (line ${line})`;
}

function line(issue, place) {
  const severity = paint(issue.severity, issue.severity.padEnd(7));
  console.log(`${severity} ${place}  ${plain(sentence(issue))}  ${paint("dim", issue.code)}`);
}

function omitted(number) {
  if (number > 0) console.log(paint("dim", `${count(number, "more issue")} not listed`));
}

/** The verdict, and with it the report on a table: what it refuses is not in the verdict. */
export function json({ verdict, table }) {
  return inJson({ ...verdict, table });
}

/** Whether there is an error: in the request, or in a row that did not come into it. */
export function isClean({ verdict, table }) {
  return verdict.ok && !(table?.rejected > 0);
}
