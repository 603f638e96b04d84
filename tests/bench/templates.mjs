// Templates alone: 10,000 recipients' variables in one call of the module, and one a call of the package.

import { readFileSync } from "node:fs";

import { Liquid } from "liquidjs";

import { each, rounds, same, table } from "./measure.mjs";

const FOLDER = new URL("../../target/bench/", import.meta.url);
const { render } = await import(new URL("../../target/npm/package/node.js", import.meta.url));
const bench = await import(new URL("postgate_bench.js", FOLDER));

const TEMPLATES = {
  "one variable": "Hi {{ firstName }}",
  "four outputs, one filter":
    "Hi {{ firstName | capitalize }}, your order {{ orderId }} of {{ amount }} arrives on {{ day }}. Reply STOP to opt out.",
  "if, assign, filters and for": `{% assign name = firstName | strip | default: "there" | capitalize %}Hi {{ name }}!
{% if tier == "gold" %}As a gold member you have {{ points | plus: 100 }} points.{% elsif points > 500 %}You have {{ points }} points.{% else %}Collect points with every order.{% endif %}
In your cart: {% for item in items %}{{ item.title | upcase | truncate: 12 }} ({{ item.price }}){% unless forloop.last %}, {% endunless %}{% endfor %}. Total: {{ items | map: "price" | join: " + " }}.`,
};

const NAMES = ["anna", "BEN", " Chloé", "dmitri", "", "ömer", "Frances", "giulia ", "Hồng", "ivo"];
const TIERS = ["gold", "silver", "none"];
const TITLES = ["Espresso cups", "Filter paper", "Grinder", "Kettle, 1 litre", "Beans"];

/** The variables of a recipient, distinct for each. */
function variables(at) {
  const items = Array.from({ length: 1 + (at % 3) }, (_, place) => ({
    title: TITLES[(at + place) % TITLES.length],
    price: `${(at * 7 + place) % 90}.${String(at % 100).padStart(2, "0")}`,
  }));
  return {
    firstName: NAMES[at % NAMES.length],
    orderId: `A-${100_000 + at}`,
    amount: `${(at * 13) % 400}.95 EUR`,
    day: ["Monday", "Tuesday", "Friday"][at % 3],
    tier: TIERS[(at >> 2) % TIERS.length],
    points: (at * 37) % 1_000,
    items,
  };
}

export async function run({ count }) {
  bench.initSync({ module: readFileSync(new URL("postgate_bench_bg.wasm", FOLDER)) });
  const all = Array.from({ length: 10_000 }, (_, at) => variables(at));
  const lines = all.map((one) => JSON.stringify(one));
  const bytes = new TextEncoder().encode(lines.join("\n"));
  const decoder = new TextDecoder();
  const engine = new Liquid();
  for (const [name, text] of Object.entries(TEMPLATES)) {
    const parsed = engine.parse(text);
    const expected = all.map((one) => engine.renderSync(parsed, one));
    const recipients = bench.Recipients.read(text, bytes);
    same(name, expected, decoder.decode(recipients.rendered()).split("\0").slice(0, -1));
    same(name, expected, decoder.decode(bench.rendered(text, bytes)).split("\0").slice(0, -1));
    same(name, expected, all.map((one) => render(text, one).text));
    const read = await rounds(
      {
        "postgate: in a batch": () => recipients.rendered(),
        liquidjs: () => all.forEach((one) => engine.renderSync(parsed, one)),
        "postgate: render(), one a call, template parsed again": () => all.forEach((one) => render(text, one)),
      },
      count,
    );
    table(`templates, ${name}: ${all.length} recipients`, each(read, all.length), { unit: "µs", goals: { liquidjs: 12 } });
    const written = await rounds(
      {
        "postgate: in a batch": () => bench.rendered(text, bytes),
        "JSON.parse and liquidjs": () => lines.forEach((line) => engine.renderSync(parsed, JSON.parse(line))),
      },
      count,
    );
    table(`templates, ${name}, and their variables read from JSON`, each(written, all.length), { unit: "µs" });
  }
}
