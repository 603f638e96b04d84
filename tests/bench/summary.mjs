// What each recipient reads and what that takes: judge, render and count 10,000 recipients.

import { Liquid } from "liquidjs";
import { SegmentedMessage } from "sms-segments-calculator";

import { rounds, same, summary, table } from "./measure.mjs";
import { PAYLOADS, request } from "./payload.mjs";
import * as stack from "./stack.mjs";

const PACKAGE = new URL("../../target/npm/package/", import.meta.url);
const { check, summarize } = await import(new URL("node.js", PACKAGE));

const engine = new Liquid();

/** The job as it is done with libraries; what the package's summary says too. */
function libraries(bytes) {
  const { to, content } = stack.normalized(stack.validated(stack.parse(stack.decode(bytes))));
  const template = engine.parse(content.text);
  const counts = to.map(({ variables }, row) => {
    const text = engine.renderSync(template, variables);
    return { row, characters: [...text].length, segments: new SegmentedMessage(text).segmentsCount };
  });
  const longest = counts.reduce((most, next) => (next.characters > most.characters ? next : most));
  const dear = counts.filter(({ segments }) => segments > 1).sort((a, b) => b.segments - a.segments || a.row - b.row);
  return {
    people: to.length,
    segments: counts.reduce((sum, { segments }) => sum + segments, 0),
    longest: [longest.row, longest.characters],
    dearest: dear.slice(0, 10).map(({ row, segments }) => [row, segments]),
  };
}

function ours(bytes) {
  const { people, segments, longest, dearest } = summarize(bytes).estimate;
  return {
    people,
    segments: segments.min,
    longest: [longest.row, longest.characters],
    dearest: dearest.map(({ row, segments: { min } }) => [row, min]),
  };
}

/** Runs a side that takes seconds, as often as is asked for. */
function slowly(side, count) {
  const times = [];
  for (let round = 0; round < count; round += 1) {
    const began = performance.now();
    side();
    times.push(performance.now() - began);
  }
  return summary(times);
}

export async function run({ count }) {
  const payload = PAYLOADS[1];
  const bytes = request(payload);
  let theirs;
  // The calculator takes a minute for some rounds, and needs none to warm up.
  const stackTimes = slowly(() => (theirs = libraries(bytes)), Math.min(count, 3));
  same(payload.name, ours(bytes), theirs);
  const parsed = stack.parse(stack.decode(bytes));
  const template = engine.parse(parsed.content.text);
  const measured = rounds(
    {
      "postgate: summarize": () => summarize(bytes),
      "postgate: check, which renders too": () => check(bytes),
      "  stage of the JS stack: liquidjs": () => parsed.to.map(({ variables }) => engine.renderSync(template, variables)),
    },
    count,
  );
  const sides = { "postgate: summarize": measured["postgate: summarize"], "JS stack": stackTimes, ...measured };
  table(`judge, render and count, ${payload.name}: 10,000 recipients`, sides, { goals: { "JS stack": 50 } });
}
