// Recipients of the form in real Chromium: numbers and tables that are typed, pasted, chosen and dropped, and what arrives
// of them.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";

import { launch } from "../chromium.mjs";
import { Gate } from "../gate.mjs";
import { shared } from "../setup.mjs";
import { Form, received } from "./page.mjs";

const { edge, sandbox } = await shared(Gate.start());
const browser = await launch();
after(() => browser.close());

const open = (options) => Form.open(browser, edge.url, options);

/** A table as spreadsheets of several countries write it: a byte order mark, semicolons, quotes, CRLF. */
const TABLE = [
  "\u{feff}Name;Mobile;City",
  'Zoë;+14155550100;"Saint; Denis"',
  "Max;;Bonn",
  '"Anna ""A""";+14155550101;Köln',
  "Ida;+14155550102;Ulm;more",
  "Eve;+14155550103;",
  "",
].join("\r\n");

test("a chosen table is read, its rejects are named and saved, and each person gets their own text", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hi {{ Name }}, see you in {{ City | default: 'town' }}.");
  await form.choose(TABLE, "guests.csv");
  await form.sums("recipients", "3");
  assert.match(await page.locator("#chosen").innerText(), /guests\.csv.*3 recipients/s);
  assert.match(await page.locator("#columns > summary").innerText(), /Numbers are in “Mobile”, variables are Name, City/);
  const examples = await page.locator("#columns .example").allTextContents();
  assert.ok(examples.length > 0 && examples.every((text) => !text.includes(", ")), `${examples}: cells may have commas`);

  assert.equal(await page.locator("#rejects > summary").innerText(), "2 rows left out");
  await page.click("#rejects > summary");
  const rejects = await page.locator("#rejects li").allInnerTexts();
  assert.match(rejects[0], /^Row 3: This row has no address/);
  assert.match(rejects[1], /^Row 5: This row has 4 cells/);
  const { name, lines } = await form.repairs();
  assert.equal(name, "guests-to-repair.csv");
  assert.equal(lines[0], "\u{feff}Name;Mobile;City;postgate_reason");
  assert.equal(lines[1], "Max;;Bonn;This row has no address.");
  assert.equal(lines.length, 3);

  // Nothing goes without them before somebody says so.
  const before = (await sandbox.received()).length;
  await page.click("#send");
  await page.locator("#summary:focus").waitFor();
  assert.match(await page.locator("#summary").innerText(), /2 rows are left out/);
  await page.click("#summary a");
  assert.equal(await page.evaluate(() => document.activeElement.id), "without");
  assert.equal((await sandbox.received()).length, before);
  await page.check("#without");
  await form.send();

  const { body, read } = await received(sandbox);
  assert.deepEqual(body.to, [
    { address: "+14155550100", channel: "PHONE", variables: { Name: "Zoë", City: "Saint; Denis" } },
    { address: "+14155550101", channel: "PHONE", variables: { Name: 'Anna "A"', City: "Köln" } },
    { address: "+14155550103", channel: "PHONE", variables: { Name: "Eve" } },
  ]);
  assert.deepEqual(read, ['Hi Anna "A", see you in Köln.', "Hi Eve, see you in town.", "Hi Zoë, see you in Saint; Denis."]);
  assert.equal(await page.locator("#chosen").isVisible(), false, "the next message begins without the file");
  await form.close();
});

test("JSON lines that are dropped onto the field are taken, and what misses the field is not", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hi {{ name }}.");
  const lines = ['{"name":"Zoe","phone":"+14155550100"}', "", '{"name":["no"],"phone":"+14155550101"}', '{"phone":"+14155550102","name":"Max"}'];
  const drop = (selector) =>
    page.locator(selector).evaluate((place, text) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([text], "people.ndjson"));
      const events = ["dragover", "drop"].map((name) => new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true }));
      return events.map((event) => !place.dispatchEvent(event));
    }, lines.join("\n"));
  assert.deepEqual(await drop("h1"), [true, true], "the page is not left for a file");
  assert.equal(await page.locator("#chosen").isVisible(), false);
  assert.deepEqual(await drop("#to"), [true, true]);
  await form.sums("recipients", "2");
  assert.match(await page.locator("#rejects").textContent(), /Line 3: A member is an array/);
  await page.check("#without");
  await form.send();
  assert.deepEqual((await received(sandbox)).read, ["Hi Max.", "Hi Zoe."]);
  await form.close();
});

test("a pasted table stays in the field, where each line that something is said of can be reached", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hi {{ name }}.");
  await form.paste("phone,name\n+14155550100,Zoe\n,Max\n4155550101,Ida\n");
  await form.sums("recipients", "2");
  assert.match(await page.locator("#to-issues").innerText(), /Error: Line 4: The number has no country code/);
  const selected = () => page.locator("#to").evaluate((to) => to.value.slice(to.selectionStart, to.selectionEnd));
  await page.click("#to-issues .line");
  assert.equal(await selected(), "4155550101,Ida");
  await page.click("#rejects > summary");
  await page.click("#rejects .line");
  assert.equal(await selected(), ",Max");
  // What is corrected in the field is read again.
  await page.keyboard.type("+14155550102,Max");
  await form.sums("recipients", "3");
  assert.equal(await page.locator("#rejects").isVisible(), false);
  await form.close();
});

test("what is said of a pasted table is said by line, also behind cells with line breaks", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hello");
  await form.paste('phone,text\n+14155550100,"a\nb\nc"\n,x\n4155550101,d\n');
  await page.locator("#to-issues").getByText("Error: Line 6: The number has no country code").waitFor();
  assert.match(await page.locator("#rejects").textContent(), /Line 5: This row has no address/);
  await page.click("#to-issues .line");
  assert.equal(await page.locator("#to").evaluate((to) => to.value.slice(to.selectionStart, to.selectionEnd)), "4155550101,d");
  await form.close();
});

test("numbers that are being written are no table, and what is written stays while a file is there", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hello");
  for (const [text, line] of [["+1415\n+14155550101", "Line 1"], ["+14155550100\n+1415", "Line 2"], ["Zoe", "Line 1"]]) {
    await page.fill("#to", text);
    await page.locator("#to-issues").getByText(line).waitFor();
    assert.equal(await page.locator("#columns").isVisible(), false, text);
  }
  await page.fill("#to", "+14155550100");
  await form.choose("+14155550101\n+14155550102\n", "numbers.txt");
  await form.sums("recipients", "2");
  assert.match(await page.locator("#chosen").innerText(), /What you wrote in the field is kept/);
  await page.click("#unchoose");
  await form.sums("recipients", "1");
  assert.equal(await page.inputValue("#to"), "+14155550100");
  await form.close();
});

test("files that are no table are refused with the reason, and nothing of them is sent", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hello");
  const before = (await sandbox.received()).length;
  for (const [content, reason] of [
    ["", "The table is empty, or has nothing"],
    ["phone,name\n", "No row of the table has a recipient"],
    [Buffer.from("PK\u0003\u0004……"), "a spreadsheet's own file"],
    [Buffer.from("phone\n+14155550100\n", "utf16le"), "text in UTF-16"],
    ['phone,name\n+14155550100,"Zoe\n', "The quote that opens a cell in line 2 is never closed"],
  ]) {
    await form.choose(content, "file.csv");
    const expected = reason.startsWith("The table") ? "No row of the table has a recipient" : reason;
    await page.locator("#to-issues").getByText(expected).waitFor();
    await page.click("#send");
    await page.locator("#summary:focus").waitFor();
    assert.match(await page.locator("#summary").innerText(), new RegExp(expected));
  }
  assert.equal((await sandbox.received()).length, before);
  await form.close();
});

test("a file of a spreadsheet that does not write UTF-8 is read in the encoding that is found out, or chosen", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hallo {{ Name }}");
  const table = "Name;Straße;Handy\r\nJörg;Höhe;+4915112345678\r\nÄnne;Ufer;\r\n";
  await form.choose(Buffer.from(table, "latin1"), "Kunden.csv");
  await page.locator("#preview .bubble").getByText("Hallo Jörg").waitFor();
  assert.equal(await page.inputValue("#encoding"), "windows-1252");
  await page.selectOption("#encoding", "utf-8");
  await page.locator("#to-issues").getByText("This text is not UTF-8").waitFor();
  await page.selectOption("#encoding", "windows-1250");
  await page.locator("#preview .bubble").getByText("Hallo Jörg").waitFor();
  assert.deepEqual((await form.repairs()).lines, [
    "\u{feff}Name;Straße;Handy;postgate_reason",
    "Änne;Ufer;;This row has no address.",
  ]);
  // UTF-16 has a mark, and the next file is one of its own.
  await form.choose(Buffer.from(`\u{feff}${table}`, "utf16le"), "Kunden.txt");
  await page.locator("#chosen").getByText("Kunden.txt").waitFor();
  await form.sums("recipients", "1");
  assert.equal(await page.inputValue("#encoding"), "utf-16le");
  await page.check("#without");
  await form.send();
  assert.deepEqual((await received(sandbox)).body.to, [{ address: "+4915112345678", channel: "PHONE", variables: { Name: "Jörg", Straße: "Höhe" } }]);
  await form.close();
});

test("a file that has changed since it was chosen is not sent", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "postgate-"));
  context.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "people.csv");
  await writeFile(file, "phone,name\n+14155550100,Zoe\n");
  const form = await open();
  const { page } = form;
  await form.write("Hello");
  await page.setInputFiles("#file", file);
  await form.sums("recipients", "1");
  await writeFile(file, "phone,name\n+14155550100,Zoe\n+14155550101,Max\n");
  await page.click("#columns > summary");
  await page.selectOption('[aria-label="Use of name"]', "none");
  await page.locator("#to-issues").getByText("The file cannot be read").waitFor();
  await form.sums("recipients", "0");
  await page.click("#send");
  await page.locator("#summary:focus").waitFor();
  await page.click("#summary a");
  assert.equal(await page.evaluate(() => document.activeElement.id), "unchoose");
  await form.close();
});

test("a hundred thousand rows are read while the page goes on, and arrive", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "postgate-"));
  context.after(() => rm(folder, { recursive: true }));
  const form = await open();
  const { page } = form;
  const number = (row) => (row % 80 === 0 ? "+15005553003" : `+1${2_012_000_000 + row}`);
  const rows = Array.from({ length: 100_000 }, (_, row) => `${number(row)},Name ${row}`);
  await form.write("Hi {{ name }}.");
  // How long the page did nothing else at a time, as a clock sees it that ticks each millisecond.
  await page.evaluate(() => {
    window.longest = 0;
    let last = performance.now();
    setInterval(() => {
      const now = performance.now();
      window.longest = Math.max(window.longest, now - last);
      last = now;
    }, 1);
  });
  const file = join(folder, "people.csv");
  await writeFile(file, `phone,name\n${rows.join("\n")}\n`);
  await page.setInputFiles("#file", file);
  await form.sums("recipients", "100,000");
  await page.locator("#text").pressSequentially(" See you soon.");
  await page.locator("#preview .bubble").getByText("Hi Name 0. See you soon.").waitFor();
  console.log(`# longest pause of the page: ${Math.round(await page.evaluate(() => window.longest))} ms`);
  await form.paste(`phone,name\n${rows.join("\n")}\n`);
  await page.locator("#chosen").getByText("Pasted").waitFor();
  await form.sums("recipients", "100,000");
  await form.sums("batches", "10");
  await form.send();
  // Of those who were not reached, some are asked for the reason by themselves, and the others when somebody wants that.
  const unreached = page.locator(".unreached");
  // Each reason is a request through two Workers.
  const requests = { timeout: 240_000 };
  await unreached.getByText("500 Undelivered, error 30003").waitFor(requests);
  await page.evaluate(() => (window.longest = 0));
  await unreached.getByRole("button", { name: "Ask for 750 more reasons" }).click();
  await unreached.getByRole("button", { name: "Stop" }).click();
  await unreached.getByText("Stopped.").waitFor();
  const more = unreached.getByRole("button", { name: /^Ask for [\d,]+ more reasons?$/ });
  assert.ok(await more.evaluate((button) => button === document.activeElement), "who stops it by keyboard can go on");
  await more.click();
  await unreached.getByText("1,250 Undelivered, error 30003").waitFor(requests);
  const { lines } = await form.unreached();
  console.log(`# and while the reasons are read: ${Math.round(await page.evaluate(() => window.longest))} ms`);
  assert.equal(lines.length, 1 + 1_250);
  assert.equal(lines[2], "+15005553003,Name 80,\"Row 82: Undelivered, error 30003: The handset cannot be reached.\"");
  const last = (await sandbox.received()).at(-1);
  const { to } = await sandbox.body(last.n);
  assert.equal(to.length, 10_000);
  assert.deepEqual(to.at(-1), { address: "+12012099999", channel: "PHONE", variables: { name: "Name 99999" } });
  await form.close();
});
