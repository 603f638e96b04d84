// The functions that are done in one call of the module.

import * as glue from "./glue.js";
import { bytes, index, json, judged, mapped, named, parse, string, SUMMARY, tableBytes } from "./input.js";
import { call } from "./instance.js";
import { ready } from "./load.js";
import { spelled } from "./options.js";
import { bodies, join } from "./parts.js";

export function checkBytes(input, options) {
  ready();
  const [request, chosen] = [bytes(input), judged(options)];
  return call(() => glue.check(request, spelled(chosen)));
}

export function check(input, options) {
  return parse(checkBytes(input, options));
}

export function split(input, options) {
  ready();
  const [request, chosen, written] = [bytes(input), judged(options), []];
  const verdict = parse(call(() => glue.split(request, spelled(chosen), written)));
  return { verdict, batches: bodies(written, request) };
}

export function normalize(input, options) {
  ready();
  const [request, chosen, written] = [bytes(input), judged(options), []];
  call(() => glue.normalize(request, spelled(chosen), written));
  return written.length > 0 ? join(bodies(written, request)) : null;
}

export function summarize(input, options) {
  ready();
  const [request, chosen] = [bytes(input), judged(options, SUMMARY)];
  return parse(call(() => glue.summarize(request, spelled(chosen))));
}

export function preview(input, recipientIndex, options) {
  ready();
  const [request, row, chosen] = [bytes(input), index(recipientIndex), judged(options)];
  return parse(call(() => glue.preview(request, row, spelled(chosen))));
}

export function segments(text, options) {
  ready();
  const [written, chosen] = [string(text, "text"), named(options, ["smartEncoding"])];
  return parse(call(() => glue.segments(written, spelled(chosen))));
}

export function render(template, variables, options) {
  ready();
  const [written, values, chosen] = [string(template, "template"), json(variables), judged(options, ["now"])];
  return parse(call(() => glue.render(written, values, spelled(chosen))));
}

export function variables(template) {
  ready();
  const written = string(template, "template");
  return parse(call(() => glue.variables(written)));
}

export function phone(address, options) {
  ready();
  const [written, chosen] = [string(address, "phone number"), named(options, ["defaultRegion"])];
  return parse(call(() => glue.phone(written, spelled(chosen))));
}

export function fromTable(input, mapping) {
  ready();
  const [table, plan, rows, rejects, places] = [tableBytes(input), mapped(mapping), [], [], []];
  const report = JSON.parse(call(() => glue.fromTable(table, plan, rows, rejects, places)));
  const [rowNumbers, rowLines] = places;
  return { rows: join(rows, "[", "]"), rejects: join(rejects), rowNumbers, rowLines, table: report };
}
