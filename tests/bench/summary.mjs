// What each recipient reads and what that takes: judge, render and count 10,000 recipients of a text with Liquid.

import { Liquid } from "liquidjs";
import { SegmentedMessage } from "sms-segments-calculator";

import { rounds, same, sides, summary, table } from "./measure.mjs";
import { BATCH_ROWS, LIQUID, PAYLOADS, request } from "./payload.mjs";
import * as peer from "./peer.mjs";
import * as stack from "./stack.mjs";

const PACKAGE = new URL("../../target/npm/package/", import.meta.url);
const { check, split, summarize } = await import(new URL("node.js", PACKAGE));

const SIDES = {
  postgate: "as in the whole job, and everybody's text and its segments: how many in all, the longest, the ten dearest",
  "JS stack": "TextDecoder, JSON.parse, Ajv, libphonenumber-js max, liquidjs, sms-segments-calculator",
  "strongest JavaScript": "TextDecoder, JSON.parse, validator and table as in the whole job, liquidjs, a count by hand",
};

const engine = new Liquid();

/** Renders and counts what was judged; what the package's summary says too. */
function counted({ to, content }, segments) {
  const template = engine.parse(content.text);
  const counts = to.map(({ variables }, row) => {
    const text = engine.renderSync(template, variables);
    return { row, characters: [...text].length, segments: segments(text) };
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

const judged = (bytes) => stack.normalized(stack.validated(stack.parse(stack.decode(bytes))));
const libraries = (bytes) => counted(judged(bytes), (text) => new SegmentedMessage(text).segmentsCount);
const strongest = (bytes) => counted(peer.normalized(bytes), peer.segments);

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
  sides("Judge, render and count: bytes of a request in, what it takes out. A text with Liquid, another for everybody.", SIDES);
  const payload = PAYLOADS[1];
  const bytes = request(payload, LIQUID);
  let theirs;
  // The calculator takes a minute for some rounds, and needs none to warm up.
  const stackTimes = slowly(() => (theirs = libraries(bytes)), Math.min(count, 3));
  const found = ours(bytes);
  same(payload.name, found, theirs);
  same(payload.name, found, strongest(bytes));
  const parsed = stack.parse(stack.decode(bytes));
  const template = engine.parse(parsed.content.text);
  const { "postgate: summarize": whole, ...others } = await rounds(
    {
      "postgate: summarize": () => summarize(bytes),
      "strongest JavaScript": () => strongest(bytes),
      "postgate: check, which renders too": () => check(bytes),
      "postgate: split, which renders too": () => split(bytes, { batchRows: BATCH_ROWS }),
      "  stage of the JavaScript: liquidjs": () => parsed.to.map(({ variables }) => engine.renderSync(template, variables)),
    },
    count,
  );
  const measured = { "postgate: summarize": whole, "JS stack": stackTimes, ...others };
  table(`judge, render and count, ${payload.name}: 10,000 recipients`, measured, { goals: { "JS stack": 50 } });
}
