// Requests for the comparison with the contract's schema: right ones of every shape, and then harmed a little. The same
// in every run.

import { random } from "../random.mjs";

const below = random(3_141_592_653);
const one = (list) => list[below(list.length)];
const some = (list, most) => Array.from({ length: below(most + 1) }, () => one(list));

const TAIL = "01h2xcejqtf2nbrexx3vqjhp41";
const SENDER = `comms_sender_${TAIL}`;
const POOL = `comms_senderpool_${TAIL}`;
const NUMBERS = ["+14155550100", "+14155550101", "+4915123456789", "+447400123456", "+61491570156"];
const VARIABLES = [{}, { name: "Ana" }, { 1: "Ana", 2: "8 pm" }, { name: "Zoë 🎉", when: "now" }];

function recipient(channel) {
  const address = () => ({ address: one(NUMBERS), channel });
  const row = one([
    address,
    address,
    address,
    () => ({ addresses: [address(), address()] }),
    () => ({ profileId: `mem_profile_${TAIL}`, memoryStoreId: `mem_store_${TAIL}` }),
    () => ({ cohortId: `cmp_cohort_${TAIL}` }),
  ])();
  if (below(2) === 0 && row.cohortId === undefined) row.variables = { ...one(VARIABLES) };
  return row;
}

function sender(channel) {
  const word = one(["SMS", "RCS", "WHATSAPP"]);
  return one([
    () => undefined,
    () => ({ address: "+15017122661", channel: channel === "PHONE" ? "SMS" : "WHATSAPP" }),
    () => ({ senderId: SENDER }),
    () => ({ senderPoolId: POOL }),
    () => ({ senderPoolId: POOL, channels: { filterIn: [word] } }),
    () => ({ senderPoolId: POOL, channels: { priority: [{ channel: word, priority: below(3) }] } }),
  ])();
}

function content() {
  const card = { title: "Table for two", description: "At eight", suggestions: [{ reply: { text: "Yes", postbackData: "y" } }] };
  return one([
    () => ({ text: "Your table is ready." }),
    () => ({ text: "Look", media: [{ url: "https://example.com/a.jpg" }] }),
    () => ({ media: [{ url: "https://example.com/a.jpg" }] }),
    () => ({ contentId: "HX0123456789abcdef0123456789abcdef" }),
    () => ({ modules: [{ sms: { text: "Your table is ready." } }] }),
    () => ({ modules: [{ rcs: { richCard: { standaloneCard: { cardContent: card } } } }, { sms: { text: "Ready" } }] }),
  ])();
}

/** A request with nothing wrong in it. */
function right() {
  const channel = one(["PHONE", "PHONE", "WHATSAPP"]);
  const request = { to: Array.from({ length: 1 + below(3) }, () => recipient(channel)), content: content() };
  const from = sender(channel);
  if (from) request.from = from;
  if (below(4) === 0) request.schedule = { sendAt: ["2026-12-02T12:00:00Z"] };
  if (below(3) === 0) request.tags = { campaign: "spring-2026", "a.b_c~d": "1" };
  return request;
}

/** Every place in a value: what holds it, and under which name. */
function places(value, out = []) {
  if (value === null || typeof value !== "object") return out;
  for (const name of Object.keys(value)) {
    out.push([value, name]);
    places(value[name], out);
  }
  return out;
}

const OTHERS = [null, true, 0, -1, 1.5, "", "x", "sms", "phone", "PUSH", "{{ name }}", [], [[]], {}, { x: 1 }];
const LONG = [128, 129, 256, 257, 1600, 1601].map((length) => "k".repeat(length));

const HARMS = [
  ([holder, name]) => (Array.isArray(holder) ? holder.splice(Number(name), 1) : delete holder[name]),
  ([holder, name]) => (holder[name] = structuredClone(one(OTHERS))),
  ([holder, name]) => (holder[name] = [holder[name]]),
  ([holder, name]) => (holder[name] = one(LONG)),
  ([holder, name]) => {
    if (Array.isArray(holder)) holder.push(structuredClone(holder[name]));
    else holder[one(["statusCallback", "chanel", "text", "address", "cohortId", "senderId", "x y"])] = structuredClone(one(OTHERS));
  },
  ([holder, name]) => {
    if (typeof holder[name] === "string") holder[name] = one([holder[name].toLowerCase(), `${holder[name]}!`, ` ${holder[name]}`]);
  },
  ([, name], request) => {
    const tags = (request.tags = {});
    for (const key of [name, ...some(["a", "b-c", "d e", "{f}", ...LONG.slice(0, 4)], 12)]) tags[key] = one(["1", "", "a b", LONG[2], LONG[3]]);
  },
  (_, request) => {
    request.tags = Object.fromEntries(Array.from({ length: 9 + below(3) }, (_, n) => [`k${n}`, "v"]));
  },
];

/** So many requests: a fifth with nothing wrong, the others with one to three harms. */
export function* requests(count) {
  for (let n = 0; n < count; n += 1) {
    const request = right();
    const harms = n % 5 === 0 ? 0 : 1 + below(3);
    for (let harm = 0; harm < harms; harm += 1) {
      const all = places(request);
      if (all.length > 0) one(HARMS)(one(all), request);
    }
    yield request;
  }
}
