// The package as its users call it, against the libraries as theirs call them. Runs in Node and in a page.

import { Liquid } from "liquidjs";
import Papa from "papaparse";
import parsePhoneNumber from "libphonenumber-js/max";
import { SegmentedMessage } from "sms-segments-calculator";

import { rounds, same } from "./measure.mjs";
import { BATCH_ROWS, LIQUID, PAYLOADS, PLAIN, numbers, request } from "./payload.mjs";
import * as stack from "./stack.mjs";

const ROWS = 10_000;
const FEW = 1_000;
/** Every so many recipients one has too short a number, so that there is something to find. */
const WRONG = 500;

const JUDGES = "Ajv, libphonenumber-js max";
const READS = `JSON.parse, ${JUDGES}`;

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const engine = new Liquid();
const read = (bytes) => JSON.parse(decoder.decode(bytes));

const TEMPLATE = `Hi {{ firstName | capitalize }}, your order {{ order }} arrives in {{ city | upcase }}
{%- if city == "London" %} today{% endif %}: {{ link }}`;

/** The pointers of a request's mistakes, found by the libraries. */
function mistakes(request) {
  const found = stack.mistakes(request);
  request.to.forEach(({ address }, row) => stack.isNumber(address) || found.push(`/to/${row}/address`));
  return found;
}

const errors = ({ issues }) => issues.filter(({ severity }) => severity === "error").map(({ at }) => at);

/** A CSV file and what its rows are. */
function table(to) {
  const cell = (value) => (/[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const rows = to.map(({ address, variables: { firstName, city, code } }) => [address, firstName, city, code].map(cell).join());
  return encoder.encode(["phone,firstName,city,code", ...rows, ""].join("\n"));
}

function libraryRows(bytes) {
  const { data } = Papa.parse(decoder.decode(bytes), { header: true, skipEmptyLines: true });
  const channel = (phone) => (phone.startsWith("whatsapp:") ? "WHATSAPP" : "PHONE");
  const rows = data.map(({ phone, ...variables }) => ({ address: phone, channel: channel(phone), variables }));
  return encoder.encode(JSON.stringify(rows));
}

function libraryTotals(bytes) {
  const { to, content } = stack.normalized(stack.validated(read(bytes)));
  const template = engine.parse(content.text);
  let segments = 0;
  for (const { variables } of to) segments += new SegmentedMessage(engine.renderSync(template, variables)).segmentsCount;
  return { people: to.length, segments };
}

const totals = ({ estimate: { people, segments } }) => ({ people, segments: segments.min });

/**
 * What is called: by `ours`, and instead of it by `theirs`; `times` calls each, or one. `said` brings what each answers to
 * the same form, for comparing.
 */
function jobs({ check, split, summarize, render, segments, phone, fromTable }) {
  const good = request(PAYLOADS[0], PLAIN);
  const wrong = read(good);
  for (let row = 17; row < ROWS; row += WRONG) wrong.to[row].address = "+1415";
  const wrongBytes = encoder.encode(JSON.stringify(wrong));
  const ones = wrong.to.slice(0, FEW).map((recipient) => ({ ...wrong, to: [recipient] }));
  const personal = request({ ...PAYLOADS[1], rows: FEW }, LIQUID);
  const people = read(personal).to.map(({ variables }) => variables);
  const texts = people.map((variables) => engine.parseAndRenderSync(LIQUID, variables));
  const csv = table(read(good).to);
  // Where both know the same of a number: their metadata are of different days.
  const listed = numbers(FEW, true, 7).filter((number) => phone(number).region === (parsePhoneNumber(number).country ?? null));
  const parsed = engine.parse(TEMPLATE);

  return [
    {
      name: "`check`: an object of 10,000 recipients", against: JUDGES,
      ours: () => check(wrong), theirs: () => mistakes(wrong), said: [errors, (found) => found],
    },
    {
      name: "`check`: the same as bytes", against: READS,
      ours: () => check(wrongBytes), theirs: () => mistakes(read(wrongBytes)), said: [errors, (found) => found],
    },
    {
      name: "`check`: an object of one recipient, as at a keystroke", against: JUDGES, times: FEW,
      ours: (at) => check(ones[at]), theirs: (at) => mistakes(ones[at]), said: [errors, (found) => found],
    },
    {
      name: "`split`: bytes of 10,000 recipients to bytes", against: `${READS}, JSON.stringify`,
      ours: () => split(good, { batchRows: BATCH_ROWS }).batches, theirs: () => stack.encoded(stack.split(good, BATCH_ROWS)),
      said: [(bodies) => bodies.map(read), (bodies) => bodies.map(read)],
    },
    {
      name: "`summarize`: bytes of 1,000 recipients, a text with Liquid", against: `${READS}, liquidjs, sms-segments-calculator`,
      ours: () => summarize(personal), theirs: () => libraryTotals(personal), said: [totals, (found) => found], slow: true,
    },
    {
      name: "`render`: one text", against: "liquidjs", times: FEW,
      ours: (at) => render(TEMPLATE, people[at]), theirs: (at) => engine.parseAndRenderSync(TEMPLATE, people[at]),
      said: [({ text }) => text, (text) => text],
    },
    {
      name: "`render`: one text", against: "liquidjs that keeps the template parsed", times: FEW,
      ours: (at) => render(TEMPLATE, people[at]), theirs: (at) => engine.renderSync(parsed, people[at]),
      said: [({ text }) => text, (text) => text],
    },
    {
      name: "`segments`: one text", against: "sms-segments-calculator", times: FEW, slow: true,
      ours: (at) => segments(texts[at]), theirs: (at) => new SegmentedMessage(texts[at]),
      said: [
        ({ encoding, units, segments: { min } }) => [encoding, units, min],
        ({ encodingName, messageSize, segmentsCount }) => [
          encodingName,
          messageSize / (encodingName === "GSM-7" ? 7 : 16),
          segmentsCount,
        ],
      ],
    },
    {
      name: "`phone`: one number", against: "libphonenumber-js max", times: listed.length,
      ours: (at) => phone(listed[at]),
      theirs: (at) => {
        const number = parsePhoneNumber(listed[at]);
        return { ok: number.isValid(), e164: number.number, region: number.country ?? null, type: number.getType() };
      },
      said: [({ ok, e164, region }) => [ok, e164, region], ({ ok, e164, region }) => [ok, e164, region]],
    },
    {
      name: "`fromTable`: 10,000 rows of CSV to JSON", against: "Papa Parse, JSON.stringify",
      ours: () => fromTable(csv, { address: "phone" }).rows, theirs: () => libraryRows(csv), said: [read, read],
    },
  ];
}

/** Measures all: for each job its name, what it stands instead of, and the times of both sides for one call in milliseconds. */
export async function measure(postgate, count) {
  const all = [];
  for (const { name, against, ours, theirs, said, times = 1, slow = false } of jobs(postgate)) {
    const often = (call) => () => {
      for (let at = 0; at < times; at += 1) call(at);
    };
    for (let at = 0; at < times; at += 1) same(name, said[0](ours(at)), said[1](theirs(at)));
    const measured = await rounds({ ours: often(ours), theirs: often(theirs) }, slow ? Math.min(count, 3) : count);
    const one = ({ median, least, most }) => ({ median: median / times, least: least / times, most: most / times });
    all.push({ name, against, ours: one(measured.ours), theirs: one(measured.theirs) });
  }
  return all;
}
