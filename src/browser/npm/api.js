// What all entries offer. They differ in how the module is loaded.

import { checkers } from "./checker.js";
import { PostgateError } from "./error.js";
import * as glue from "./glue.js";
import { bytes, index, json, judged, mapped, parse, string, tableBytes } from "./input.js";
import { call } from "./instance.js";
import { join } from "./parts.js";
import { sentence } from "./sentence.js";

export { PostgateError, sentence };

/** The functions that need the module; `ready` is called in front of each call and throws when it is not there. */
export function functions(ready) {
  function checkBytes(input, options) {
    ready();
    const [request, chosen] = [bytes(input), judged(options)];
    return call(() => glue.check(request, chosen));
  }

  function check(input, options) {
    return parse(checkBytes(input, options));
  }

  function split(input, options) {
    ready();
    const [request, chosen, batches] = [bytes(input), judged(options), []];
    const verdict = parse(call(() => glue.split(request, chosen, batches)));
    return { verdict, batches };
  }

  function normalize(input, options) {
    ready();
    const [request, chosen, parts] = [bytes(input), judged(options), []];
    return call(() => glue.normalize(request, chosen, parts)) ? join(parts) : null;
  }

  function summarize(input, options) {
    ready();
    const [request, chosen] = [bytes(input), judged(options)];
    return parse(call(() => glue.summarize(request, chosen)));
  }

  function preview(input, recipientIndex, options) {
    ready();
    const [request, row, chosen] = [bytes(input), index(recipientIndex), judged(options)];
    return parse(call(() => glue.preview(request, row, chosen)));
  }

  function segments(text, options) {
    ready();
    const written = string(text, "text");
    return parse(call(() => glue.segments(written, { ...options })));
  }

  function render(template, variables, options) {
    ready();
    const [written, values, chosen] = [string(template, "template"), json(variables), judged(options)];
    return parse(call(() => glue.render(written, values, chosen)));
  }

  function variables(template) {
    ready();
    const written = string(template, "template");
    return parse(call(() => glue.variables(written)));
  }

  function phone(address, options) {
    ready();
    const written = string(address, "phone number");
    return parse(call(() => glue.phone(written, { ...options })));
  }

  function fromTable(input, mapping) {
    ready();
    const [table, plan, rows, rejects, numbers] = [tableBytes(input), mapped(mapping), [], [], []];
    const report = JSON.parse(call(() => glue.fromTable(table, plan, rows, rejects, numbers)));
    return { rows: join(rows, "[", "]"), rejects: join(rejects), rowNumbers: numbers[0], table: report };
  }

  return {
    check,
    checkBytes,
    normalize,
    split,
    summarize,
    preview,
    segments,
    render,
    variables,
    phone,
    fromTable,
    ...checkers(ready),
  };
}
