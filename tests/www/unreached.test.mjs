// Whom a send did not reach, as the form tells it in real Chromium: counted by reason, and saved to be repaired.

import assert from "node:assert/strict";
import test, { after } from "node:test";

import { launch } from "../chromium.mjs";
import { Gate } from "../gate.mjs";
import { shared } from "../setup.mjs";
import { Form } from "./page.mjs";

const { edge, sandbox } = await shared(Gate.start());
const browser = await launch();
after(() => browser.close());

const open = (options) => Form.open(browser, edge.url, options);

/** What stands in the list, once as much is known as is read by itself. */
async function told(form) {
  await form.page.locator(".operation:first-child .unreached .save:visible").waitFor();
  await form.page.locator(".operation:first-child .unreached progress").waitFor({ state: "hidden" });
  const items = await form.page.locator(".operation:first-child .unreached li").allInnerTexts();
  return items.map((item) => item.replace(/ About this error$/, ""));
}

const POSTED = { method: "POST", path: "/v1/Messages" };

test("who was not reached is counted by reason, with Twilio's number and sentence, and saved as it came", async () => {
  const form = await open();
  const { page } = form;
  const numbers = { 2: "+15005550004", 3: "", 5: "(500) 555-0009", 7: "+1 500 555 0004", 9: "+15005553003", 11: "+44 1" };
  const rows = Array.from({ length: 20 }, (_, at) => `"Name; ${at}";${numbers[at] ?? `+1${2_012_000_000 + at}`}`);
  await form.write("Hi {{ name }}");
  await page.fill("#region", "US");
  await form.choose(`name;mobile\r\n${rows.join("\r\n")}\r\n`, "guests.csv");
  await page.check("#without");
  assert.match(await form.send(), /Delivered\s+14\s+Undelivered\s+1\s+Failed\s+3\s+Left out\s+1/);
  assert.deepEqual(await told(form), [
    "2 Failed, error 21610: The recipient has opted out.",
    "1 Failed, error 21614: The number is no mobile number.",
    "1 Left out: The number is too short: numbers in its country have at least 9 digits, country code included.",
    "1 Undelivered, error 30003: The handset cannot be reached.",
  ]);
  await page.locator(".unreached summary").first().click();
  const item = page.locator(".unreached li").first();
  assert.match(await item.innerText(), /\+15005550004/);
  assert.equal(await item.locator("a").getAttribute("href"), "https://www.twilio.com/docs/api/errors/21610");
  const { name, lines } = await form.unreached();
  assert.equal(name, "guests-not-reached.csv");
  assert.deepEqual(lines, [
    "name;mobile;postgate_reason",
    '"Name; 2";+15005550004;Row 4: Failed, error 21610: The recipient has opted out.',
    '"Name; 3";;This row has no address.',
    '"Name; 5";(500) 555-0009;Row 7: Failed, error 21614: The number is no mobile number.',
    '"Name; 7";+1 500 555 0004;Row 9: Failed, error 21610: The recipient has opted out.',
    '"Name; 9";+15005553003;Row 11: Undelivered, error 30003: The handset cannot be reached.',
    '"Name; 11";+44 1;The number is too short: numbers in its country have at least 9 digits, country code included.',
  ]);
  // What is repaired can be chosen as it is.
  await form.write("Hi {{ name }}");
  await form.choose(lines.join("\r\n").replace("+15005550004", "+14155550100").replace("(500) 555-0009", "+14155550101"), name);
  await form.sums("recipients", "5");
  assert.match(await page.locator("#columns > summary").innerText(), /variables are name$/);
  await form.close();
});

test("numbers are saved by line; where the file has gone, by address", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hello");
  await page.fill("#to", "+14155550100\n\n+15005550004, +15005553003");
  await form.send();
  await told(form);
  assert.deepEqual((await form.unreached()).lines.slice(1), [
    "'+15005550004,\"Line 3: Failed, error 21610: The recipient has opted out.\"",
    "'+15005553003,\"Line 3: Undelivered, error 30003: The handset cannot be reached.\"",
  ]);

  await form.write("Hello");
  await form.choose("phone,name\n+14155550100,Zoe\n+15005550004,Max\n");
  await form.sums("recipients", "2");
  // From here on no file can be read.
  await page.route("**/source.js", (route) => route.fulfill({ contentType: "text/javascript", body: "export const contents = async () => undefined;" }));
  await form.send();
  await told(form);
  const { lines } = await form.unreached();
  assert.deepEqual(lines, ["address,postgate_reason", `"'+15005550004","Failed, error 21610: The recipient has opted out."`]);
  await page.locator(".operation:first-child").getByText("only addresses and reasons").waitFor();
  await form.close();
});

test("a lost connection and a busy gate are waited out while it is read, and what is refused can be tried again", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hello");
  await page.fill("#to", "+14155550100\n+15005550004\n+15005553003");
  const answers = { lists: ["lost", 503, 200, 200, "half"], messages: ["lost", 429, 403] };
  const spoil = (kind) => (route) => {
    const answer = answers[kind].shift() ?? 200;
    if (answer === "lost") return route.abort();
    if (answer === "half") return route.fulfill({ status: 200, contentType: "application/json", body: '{"messages":[' });
    if (answer === 200) return route.continue();
    const errors = [{ code: answer, message: "Not now." }];
    return route.fulfill({ status: answer, headers: { "retry-after": "1" }, json: { errors } });
  };
  await page.route("**/v1/Messages?*", spoil("lists"));
  await page.route("**/v1/Messages/comms_message_*", spoil("messages"));
  await form.send();
  const unreached = page.locator(".unreached");
  await unreached.getByText("No answer at the moment; still asking.").waitFor();
  await unreached.getByText("Not now.").waitFor();
  await unreached.getByRole("button", { name: /^Ask for \d more reasons?$/ }).click();
  await unreached.getByText("1 Undelivered, error 30003").waitFor();
  assert.deepEqual((await told(form)).sort(), [
    "1 Failed, error 21610: The recipient has opted out.",
    "1 Undelivered, error 30003: The handset cannot be reached.",
  ]);
  assert.ok(form.complaints.splice(0).every((said) => said.startsWith("Failed to load resource")));
  await form.close();
});

test("a part that Twilio refuses is told apart from what is behind it, and each recipient of both is saved", async () => {
  const form = await open();
  const { page } = form;
  const others = [
    "10,000 Not sent: Twilio refused the request that they were in, error 20400.",
    "1 Failed, error 21610: The recipient has opted out.",
  ];
  // The first of three requests is taken, and one of its recipients opted out; the second is refused. What is behind it is
  // sent all the same where somebody said that it may go without some rows.
  for (const [third, counts, list, lines] of [
    ["+12012000003", /Delivered\s+9,999\s+Failed\s+10,001\s+Not sent\s+2/, "2 Not sent: the send was canceled, or ended before them.", [
      /^\+15005550004,"Row 7: Failed, error 21610/,
      /^\+12012010000,"Row 10002: Not sent: Twilio refused the request/,
      /^\+12012020001,"?Row 20003: Not sent: the send was canceled/,
    ]],
    ["4155550101", /Delivered\s+10,000\s+Failed\s+10,001\s+Left out\s+1/, "1 Left out: The number has no country code; expected + and the country code first, or a default country.", [
      /^\+15005550004,"Row 7: Failed, error 21610/,
      /^\+12012010001,"Row 10003: Not sent: Twilio refused the request/,
      /^\+12012020000,"Row 20002: Not sent: Twilio refused the request/,
    ]],
  ]) {
    const number = (at) => (at === 3 ? third : at === 5 ? "+15005550004" : `+1${2_012_000_000 + at}`);
    await sandbox.unkind({ ...POSTED, skip: 1, answer: 400 });
    await form.write("Hello");
    await form.choose(`phone\n${Array.from({ length: 20_002 }, (_, at) => number(at)).join("\n")}\n`);
    const lenient = third.startsWith("4");
    if (lenient) await page.check("#without");
    assert.match(await form.send("COMPLETED", lenient ? /errors left out/ : /refused a part/), counts);
    assert.deepEqual(new Set(await told(form)), new Set([...others, list]));
    const { lines: saved } = await form.unreached();
    const [first, part, last] = lines;
    if (lenient) assert.match(saved.splice(1, 1)[0], /^4155550101,"The number has no country code;/);
    assert.match(saved[1], first);
    assert.match(saved[2], part);
    assert.match(saved.at(-1), last);
    assert.equal(saved.length, 1 + 1 + 10_000 + (lenient ? 0 : 2));
  }
  await sandbox.unkind();
  await form.close();
});

test("a send that Twilio refuses whole is saved whole", async () => {
  const form = await open();
  const { page } = form;
  await sandbox.unkind({ ...POSTED, answer: 400 });
  await form.write("Hello", "+15017122662");
  await page.fill("#to", "+14155550100\n+14155550101");
  assert.match(await form.send("COMPLETED", /refused a part/), /Delivered\s+0\s+Failed\s+2/);
  assert.deepEqual(await told(form), ["2 Not sent: Twilio refused the request that they were in, error 20400."]);
  assert.equal((await form.unreached()).lines.length, 3);
  await sandbox.unkind();
  await form.close();
});

test("who may have been reached is counted, and not saved among those who were not", async () => {
  const form = await open();
  const { page } = form;
  await sandbox.unkind({ ...POSTED, answer: 503 });
  await form.write("Hello", "+15017122663");
  const rows = Array.from({ length: 10_001 }, (_, at) => (at === 10_000 ? "+15005550004" : `+1${2_012_000_000 + at}`));
  await form.choose(`phone\n${rows.join("\n")}\n`);
  await form.send("PROCESSING", /Failed\s*1In doubt/);
  await page.getByText("Not reached so far").waitFor();
  await page.getByRole("button", { name: "Find out who, and why" }).click();
  assert.deepEqual(await told(form), ["1 Failed, error 21610: The recipient has opted out."]);
  const { lines } = await form.unreached();
  assert.deepEqual(lines.slice(1), ['+15005550004,"Row 10002: Failed, error 21610: The recipient has opted out."']);
  assert.match(await page.locator(".operation .state").innerText(), /10,000 recipients.*not in the file of those not reached/);
  await sandbox.unkind();
  await form.close();
});
