// A verdict as a person reads it.

import { sentence } from "../node.js";
import { count, paint, plain } from "./terminal.js";

/** Prints the issues and what they come to. Where there is a table, each row is named as it lies there. */
export function print(name, { verdict, table, row }) {
  for (const issue of verdict.issues) {
    const number = row === undefined ? undefined : row(Number(/^\/to\/(\d+)/.exec(issue.at)?.[1]));
    const place = number === undefined ? plain(issue.at) || "/" : `row ${number} ${plain(issue.at)}`;
    const code = paint("dim", issue.code);
    console.log(`${paint(issue.severity, issue.severity.padEnd(7))} ${place}  ${plain(sentence(issue))}  ${code}`);
  }
  if (verdict.omitted > 0) console.log(paint("dim", `${count(verdict.omitted, "issue")} more not listed`));
  if (table !== undefined) for (const line of refused(table)) console.log(line);

  const { recipients, batches } = verdict.totals;
  const people = [count(recipients.listed, "recipient")];
  if (recipients.groups > 0) people.push(count(recipients.groups, "group"));
  if (recipients.dropped > 0) people.push(`${count(recipients.dropped, "duplicate")} left out`);
  if (verdict.ok) people.push(count(batches.length, "request"));
  const well = verdict.ok ? paint("ok", "ok") : paint("error", "refused");
  console.log(`${well}  ${plain(name)}: ${people.join(", ")}`);
}

/** What became of rows that are none. */
function refused({ rejected }) {
  return rejected > 0 ? [`${paint("error", "error  ")} ${count(rejected, "row")} of the table cannot be read`] : [];
}

/** Whether there is an error: in the request, or in a row that did not come into it. */
export function isClean({ verdict, table }) {
  return verdict.ok && !(table?.rejected > 0);
}
