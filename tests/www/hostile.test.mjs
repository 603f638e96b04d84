// The form in real Chromium, given what somebody wrote who means harm: nothing of it runs, nothing is loaded for it, and
// nothing that was written stays behind in the browser.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import test, { after } from "node:test";

import { launch } from "../chromium.mjs";
import { Gate } from "../gate.mjs";
import { shared } from "../setup.mjs";
import { Form } from "./page.mjs";

const { edge, sandbox } = await shared(Gate.start());
const browser = await launch();
after(() => browser.close());

/** Runs and loads something, wherever it is taken for HTML. */
const MARKUP = `"'><img src=//127.0.0.1:9/x onerror=owned()><script>owned()</script><svg onload=owned()>`;

/** What the page must not have become, at the end of each test. */
async function clean({ page }, asked) {
  const found = await page.evaluate(() => ({
    ran: globalThis.owned !== undefined || {}.polluted !== undefined || Object.keys(Object.prototype).length > 0,
    foreign: document.querySelectorAll("script:not([src]), iframe, object, embed, [onerror], [onload]").length,
    images: [...document.images].map(({ src }) => new URL(src).pathname),
  }));
  assert.deepEqual(found, { ran: false, foreign: 0, images: ["/icon.svg"] });
  assert.deepEqual(asked.filter((url) => new URL(url).origin !== edge.url && !/^(blob|data):/.test(url)), []);
}

/** Opens the form, and notes what it asks for. */
async function open(path = "") {
  const context = await browser.newContext();
  const asked = [];
  context.on("request", (request) => asked.push(request.url()));
  const form = await Form.open(context, edge.url + path);
  return { form, asked, context };
}

test("names of files, headers, cells and texts are texts, wherever they are shown", async () => {
  const { form, asked, context } = await open(`/?x=${encodeURIComponent(MARKUP)}#${encodeURIComponent(MARKUP)}`);
  const { page } = form;
  const cell = `"${MARKUP.replaceAll('"', '""')}"`;
  const rows = [`Mobile,__proto__,constructor,${cell}`, `+14155550100,polluted,${cell},${cell}`, `,${cell},x,y`, `${cell},a,b,c`];
  await form.choose(rows.join("\n"), `${MARKUP}.csv`.replaceAll("/", "_"));
  await form.write(`${MARKUP} {{ constructor | default: "x" }} {{ __proto__ | default: "x" }}`, MARKUP);
  await page.locator("#rejects:not([hidden])").waitFor({ state: "attached" });
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
  await page.fill("#media", MARKUP);
  await page.fill("#countries", `__proto__ 1\nconstructor ${MARKUP}`);
  await page.fill("#price-sms", MARKUP);
  await page.locator("#preview-figures .bubble").getByText("<script>owned()</script>").first().waitFor();
  await page.locator("#rejects li").first().waitFor();
  // Everything is said, then.
  await page.fill("#key", MARKUP);
  await page.fill("#secret", MARKUP);
  await page.click("#send");
  await page.locator("#summary:focus").waitFor();
  const { name } = await form.repairs();
  assert.doesNotMatch(name, /[/\\]/);
  await clean(form, asked);
  await form.close();
  await context.close();
});

test("what the gate answers is text, too, whatever it says", async () => {
  const { form, asked, context } = await open();
  const { page } = form;
  await form.write("Hello");
  await page.fill("#to", "+14155550100");
  const named = { code: "template/no-default", at: MARKUP, params: { name: MARKUP } };
  const answers = [
    { status: 400, json: { errors: [{ issue: { code: MARKUP, at: `/to/0/${MARKUP}` } }, { message: MARKUP }, { issue: named }] } },
    { status: 500, contentType: "text/html", body: MARKUP },
    { status: 202, headers: { operationId: MARKUP.replaceAll("/", "") } },
  ];
  const shown = { status: MARKUP, stats: { total: 1, [MARKUP]: 3, ["__proto__"]: 1 }, postgate: { halted: { by: "refused", code: MARKUP } } };
  let operations = 0;
  await page.route("**/v1/Messages/Operations/**", (route) => {
    operations += 1;
    return route.fulfill({ json: shown });
  });
  await page.route("**/v1/Messages", (route) => route.fulfill(answers.shift()));
  await page.fill("#key", "dev");
  await page.fill("#secret", "dev");
  for (const said of [/script/, /500/]) {
    await page.click("#send");
    await page.locator("#summary").filter({ hasText: said }).waitFor();
  }
  await page.click("#send");
  await page.locator("#operations .state").filter({ hasText: "<script>" }).waitFor();
  assert.ok(operations > 0);
  await clean(form, asked);
  // The browser itself says of the two refusals that they were none of 2xx.
  form.complaints.splice(0).forEach((complaint) => assert.match(complaint, /status of [45]00/));
  await form.close();
  await context.close();
});

test("nothing that was written or sent stays in the browser", async () => {
  const { form, asked, context } = await open();
  const { page } = form;
  await form.write("Only for your eyes");
  await page.fill("#to", "+14155550177");
  await form.send();
  await clean(form, asked);
  const kept = () =>
    page.evaluate(async () => {
      const databases = await indexedDB.databases();
      const workers = await navigator.serviceWorker.getRegistrations();
      return [localStorage.length, sessionStorage.length, databases.length, workers.length, (await caches.keys()).length, document.cookie, history.state];
    });
  assert.deepEqual(await kept(), [0, 0, 0, 0, 0, "", null]);
  assert.deepEqual(await context.cookies(), []);
  const addresses = asked.filter((url) => url.startsWith("http"));
  for (const word of ["14155550177", "dev", "eyes"]) assert.deepEqual(addresses.filter((url) => url.includes(word)), [], word);
  await page.fill("#to", "+14155550178");
  await page.reload();
  await page.locator("#send:enabled").waitFor();
  const fields = await page.evaluate(() => ["key", "secret", "to", "text", "from-address"].map((id) => document.getElementById(id).value));
  assert.deepEqual(fields, ["", "", "", "", ""]);
  assert.equal((await sandbox.received()).at(-1).recipients, 1);
  await form.close();
  await context.close();
});

test("no other page can put the form into a frame", async () => {
  const server = createServer((_, response) => response.setHeader("content-type", "text/html").end(`<iframe src="${edge.url}/"></iframe>`));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const page = await browser.newPage();
  try {
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    const frame = page.frames().find((frame) => frame !== page.mainFrame());
    assert.equal(await frame.locator("#send").count(), 0);
    assert.doesNotMatch(frame.url(), /^http/, "the browser shows its own page in its place");
  } finally {
    await page.close();
    server.closeAllConnections();
    server.close();
  }
});
