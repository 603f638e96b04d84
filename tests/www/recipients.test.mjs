// Recipients of the form in real Chromium: tables that are pasted, chosen and dropped, and what arrives of them.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";

import { launch } from "../chromium.mjs";
import { Gate } from "../gate.mjs";
import { shared } from "../setup.mjs";
import { Form } from "./page.mjs";

const { edge, sandbox } = await shared(Gate.start());
const browser = await launch();
after(() => browser.close());

const open = (options) => Form.open(browser, edge.url, options);

/** What the sandbox received last, and what each recipient of it reads. */
async function received() {
  const last = (await sandbox.received()).at(-1);
  const { messages } = await sandbox.json("GET", `/v1/Messages?operationId=${last.operationId}&pageSize=100`);
  const read = await Promise.all(messages.map(({ id }) => sandbox.json("GET", `/v1/Messages/${id}`)));
  return { body: await sandbox.body(last.n), read: read.map(({ content }) => content.text).sort() };
}

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

  const { body, read } = await received();
  assert.deepEqual(body.to, [
    { address: "+14155550100", channel: "PHONE", variables: { Name: "Zoë", City: "Saint; Denis" } },
    { address: "+14155550101", channel: "PHONE", variables: { Name: 'Anna "A"', City: "Köln" } },
    { address: "+14155550103", channel: "PHONE", variables: { Name: "Eve" } },
  ]);
  assert.deepEqual(read, ['Hi Anna "A", see you in Köln.', "Hi Eve, see you in town.", "Hi Zoë, see you in Saint; Denis."]);
  assert.equal(await page.locator("#chosen").isVisible(), false, "the next message begins without the file");
  await form.close();
});

test("the rows to repair are one file: those that cannot be read and those that are refused, as they came, however many", async () => {
  const form = await open();
  const { page } = form;
  const rows = Array.from({ length: 3_000 }, (_, row) => {
    if (row === 7) return ';"=""x"""';
    if (row === 8) return "4.91512E+12;Ann";
    return row % 2 === 0 ? `415555${1_000 + row};"Zoe; ${row}"` : `+1${2_012_000_000 + row};${row === 2_999 ? "" : "Ann"}`;
  });
  await form.write("Hi {{ name }}.");
  assert.equal(await page.locator("#repairs").isVisible(), false);
  await form.choose(`phone;name\n${rows.join("\n")}\n`);
  await page.locator("#repairs").waitFor();
  const { lines } = await form.repairs();
  assert.equal(lines.length, 1 + 1_499 + 3);
  const country = '"The number has no country code; expected + and the country code first, or a default country."';
  assert.equal(lines[1], `4155551000;"Zoe; 0";${country}`);
  assert.deepEqual(lines.slice(5, 8).map((line) => line.split(";")[0]), ["", "4.91512E+12", "4155551010"]);
  assert.match(lines.at(-1), /^\+12012002999;;"The text uses name, which this recipient lacks/);
  // The others can go without them, if nothing else is wrong. Then the sums are theirs.
  for (const [name, sum] of [["recipients", "2,998"], ["wrong", "at least 1,000"], ["segments", "2,998"]]) await form.sums(name, sum);
  await page.check("#without");
  for (const [name, sum] of [["recipients", "1,498"], ["left", "1,500"], ["segments", "1,498"]]) await form.sums(name, sum);
  await page.fill("#from-address", "+0");
  await page.click("#send");
  await page.locator("#summary:focus").waitFor();
  await page.fill("#from-address", "+15017122661");
  await page.locator("#from-address-issues:empty").waitFor({ state: "attached" });
  await page.locator("form:not(.judging)").waitFor();
  await page.check("#without");
  assert.match(await form.send(), /^To 1,498: Hi.*Completed\. 1,500 recipients with errors left out\..*Delivered\s+1,498/s);
  await form.write("Hi {{ name }}.");
  await form.choose(`phone;name\n${rows.join("\n")}\n`);
  await page.locator("#repairs").waitFor();
  assert.equal(await page.isChecked("#without"), false);
  // The same once the fault of half of them is repaired.
  await page.fill("#region", "US");
  await page.locator("#to-issues").getByText("The text uses name").waitFor();
  assert.equal((await form.repairs()).lines.length, 4);
  await page.fill("#text", "Hi.");
  await page.locator("#to-issues").getByText("The text uses name").waitFor({ state: "detached" });
  assert.equal((await form.repairs()).lines.length, 3);
  await form.choose("phone;name\n+14155550100;Zoe\n");
  await page.locator("#repairs").waitFor({ state: "hidden" });
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
  assert.deepEqual((await received()).read, ["Hi Max.", "Hi Zoe."]);
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

test("who says which column is what is heard, and forgotten with the table", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hi {{ first }}.");
  await form.choose("Office phone,First name,Private phone\n+14155550100,Zoe,+442071838750\n+14155550101,Max,\n");
  await form.sums("recipients", "2");
  await page.locator("#variables").getByRole("button", { name: "First name needs another name" }).click();
  assert.equal(await page.evaluate(() => document.activeElement.value), "First name", "a text cannot use this name");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("first");
  const before = (await sandbox.received()).length;
  await page.keyboard.press("Enter");
  await page.locator("#variables").getByRole("button", { name: "first" }).waitFor();
  await page.focus('[aria-label="Use of Private phone"]');
  await page.selectOption('[aria-label="Use of Private phone"]', "address");
  await page.locator("#columns > summary").getByText("Numbers are in “Private phone”").waitFor();
  const focused = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  assert.equal(focused, "Use of Private phone", "the table stays as it is read again");
  await page.selectOption('[aria-label="Use of Office phone"]', "none");
  await page.locator("#preview .bubble").getByText("Hi Zoe.").waitFor();
  await page.check("#without");
  assert.equal((await sandbox.received()).length, before, "Enter in such a field sends nothing");
  await form.send();
  assert.deepEqual((await received()).body.to, [{ address: "+442071838750", channel: "PHONE", variables: { first: "Zoe" } }]);

  await form.choose("Office phone,First name,Private phone\n+14155550100,Zoe,+442071838750\n");
  await form.sums("recipients", "1");
  assert.equal(await page.inputValue('[aria-label="Use of Office phone"]'), "address", "found out anew");
  await form.close();
});

test("a table that cannot be read by itself is sent once somebody says what its columns are", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hello");
  await page.fill("#region", "u");
  await page.locator("#region-issues").getByText("The default country must be a region such as US or GB").waitFor();
  await page.fill("#region", "us");
  await form.choose("who,where\nZoe,x\n");
  await page.locator("#to-issues").getByText("No column looks like phone numbers").waitFor();
  assert.ok(await page.locator("#columns").evaluate((columns) => columns.open), "what is to be done is seen");
  await page.selectOption('[aria-label="Use of where"]', "address");
  await page.locator("#to-issues").getByText("Error: Row 2").waitFor();
  await form.choose("who,phone,where,where\nZoe,415 555 0100,here,there\n");
  await page.locator("#to-issues").getByText("The columns 3 and 4 have the same name").waitFor();
  await page.selectOption('[aria-label="Use of phone"]', "address");
  await form.sums("recipients", "1");
  await form.send();
  assert.deepEqual((await received()).body.to, [{ address: "+14155550100", channel: "PHONE", variables: { who: "Zoe", where: "here", where_2: "there" } }]);
  await form.close();
});

test("a title above the names of the columns is left out once somebody says how many lines it takes", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hi {{ Name }}");
  await form.choose("\u{feff}Guests of the spring, 2026;;\r\n;;\r\nName;Phone;Town\r\nZoe;+14155550100;Ulm\r\nMax;;Bonn\r\nIda;4155550101;\r\n", "guests.csv");
  await page.locator("#columns > summary").getByText("perhaps there is a title above the column names").waitFor();
  await page.fill("#table-above", "1");
  await page.keyboard.press("Enter");
  await form.sums("recipients", "2");
  assert.match(await page.locator("#columns > summary").innerText(), /Numbers are in “Phone”, variables are Name, Town/);
  await page.locator("#to-issues").getByText("Error: Row 6: The number has no country code").waitFor();
  assert.match(await page.locator("#rejects").textContent(), /Row 5: This row has no address/);
  await page.selectOption('[aria-label="Use of Town"]', "none");
  await page.locator("#columns > summary").getByText("variables are Name").waitFor();
  assert.equal(await page.inputValue("#table-above"), "1");
  const { lines } = await form.repairs();
  assert.deepEqual(lines.map((line) => line.split(";")[0]), ["\u{feff}Name", "Max", "Ida"]);
  await page.fill("#region", "US");
  await page.locator("#to-issues").getByText("The number has no country code").waitFor({ state: "detached" });
  await page.check("#without");
  await form.send();
  assert.deepEqual((await received()).read, ["Hi Ida", "Hi Zoe"]);
  await form.close();
});

test("what is pasted over a table has columns of its own, and one that is too large for the field stands beside it", async () => {
  const form = await open();
  const { page } = form;
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const paste = async (text) => {
    await page.evaluate((text) => navigator.clipboard.writeText(text), text);
    await page.focus("#to");
    await page.keyboard.press("Control+A");
    await page.keyboard.press("Control+V");
  };
  await form.write("Hello");
  await paste("phone,name\n+14155550100,Zoe\n");
  await form.sums("bytes", "157 bytes");
  await page.click("#columns > summary");
  await page.selectOption('[aria-label="Use of name"]', "none");
  await form.sums("bytes", "130 bytes");
  await paste("phone,name\n+14155550100,Max\n");
  await form.sums("bytes", "157 bytes");
  assert.equal(await page.inputValue('[aria-label="Use of name"]'), "variable");
  // The header is another one, so these are other columns.
  await page.selectOption('[aria-label="Use of name"]', "none");
  await form.sums("bytes", "130 bytes");
  await page.focus("#to");
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("i");
  await form.sums("bytes", "157 bytes");

  await paste(`phone,name\n${Array.from({ length: 5_000 }, (_, row) => `+1${2_012_000_000 + row},Name ${row}`).join("\n")}\n`);
  await form.sums("recipients", "5,000");
  assert.match(await page.locator("#chosen").innerText(), /Pasted.*What you wrote in the field is kept/s);
  assert.equal(await page.evaluate(() => document.activeElement.id), "unchoose");
  await form.close();
});

test("what is left out of numbers is named by line, and each line once", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hello");
  await page.fill("#to", "+14155550100\n4.91512E+12\n4155550101, 4155550102\n+14155550103");
  await form.sums("recipients", "4");
  assert.match(await page.locator("#rejects").textContent(), /1 line left out.*Line 2: A spreadsheet has rounded this number/s);
  assert.match(await page.locator("#to-issues").innerText(), /Error: Line 3: The number has no country code/);
  const numbers = Array.from({ length: 20 }, (_, row) => `41555501${10 + row}`);
  await page.fill("#to", numbers.join("\n"));
  const more = page.locator("#to-issues").getByRole("button", { name: "and 12 more" });
  await more.click();
  assert.match(await page.locator("#to-issues").innerText(), /Lines 1, 2, .*, 19, 20: The number/);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "9");
  await form.close();
});

test("a send that nobody answered is sent once, however often it is tried", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hello");
  await page.fill("#to", "+14155550100");
  const before = (await sandbox.received()).length;
  let answers = 0;
  await page.route("**/v1/Messages", async (route) => {
    answers += 1;
    if (answers > 1) return route.continue();
    await route.fetch();
    return route.abort();
  });
  await page.fill("#key", "dev");
  await page.fill("#secret", "dev");
  await page.click("#send");
  await page.locator("#summary:focus").waitFor();
  assert.match(await page.locator("#summary").innerText(), /No answer came back.*Press Send again/);
  await form.send();
  assert.equal(answers, 2);
  assert.equal((await sandbox.received()).length, before + 1);
  assert.equal(form.complaints.length, 1, "of the answer that was lost");
  form.complaints.length = 0;
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

test("a file of a spreadsheet that does not write UTF-8 is read once its encoding is chosen", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hallo {{ Name }}");
  const table = "Name;Straße;Handy\r\nJörg;Höhe;+4915112345678\r\nÄnne;Ufer;\r\n";
  await form.choose(Buffer.from(table, "latin1"), "Kunden.csv");
  await page.locator("#to-issues").getByText("This text is not UTF-8").waitFor();
  await page.selectOption("#encoding", "windows-1252");
  await page.locator("#preview .bubble").getByText("Hallo Jörg").waitFor();
  assert.deepEqual((await form.repairs()).lines, [
    "\u{feff}Name;Straße;Handy;postgate_reason",
    "Änne;Ufer;;This row has no address.",
  ]);
  // UTF-16 has a mark, and the next file is one of its own.
  await form.choose(Buffer.from(`\u{feff}${table}`, "utf16le"), "Kunden.txt");
  await page.locator("#chosen").getByText("Kunden.txt").waitFor();
  await form.sums("recipients", "1");
  assert.equal(await page.inputValue("#encoding"), "utf-8");
  await page.check("#without");
  await form.send();
  assert.deepEqual((await received()).body.to, [{ address: "+4915112345678", channel: "PHONE", variables: { Name: "Jörg", Straße: "Höhe" } }]);
  await form.close();
});

test("who agreed to send without some rows may go on writing", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hi {{ name }}");
  await form.choose("phone,name\n+14155550100,Zoe\n4155550101,Max\n");
  await page.locator("#text-issues").getByText("name has no default").waitFor();
  await page.check("#without");
  await page.fill("#text", "Hello");
  await page.locator("#to-issues").getByText("variables that no text uses").waitFor();
  assert.equal(await page.isChecked("#without"), true, "the same rows are to be repaired");
  await page.fill("#text", "Hi {{ city }}");
  await page.locator("#to-issues").getByText("which this recipient lacks").first().waitFor();
  assert.equal(await page.isChecked("#without"), false, "others are");
  await form.close();
});

test("who agreed to send without some rows has not agreed for another file", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hello");
  await form.choose("phone,name\n+14155550100,Zoe\n,Max\n", "one.csv");
  await page.check("#without");
  await form.choose("phone,name\n+14155550100,Zoe\n,Ida\n", "other.csv");
  await page.locator("#chosen").getByText("other.csv").waitFor();
  await form.sums("recipients", "1");
  assert.equal(await page.isChecked("#without"), false);
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
