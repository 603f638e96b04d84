// The command line, as `npx postgate` runs it from the installed package.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import test from "node:test";

import { Project } from "./installed.mjs";

const GOOD = JSON.stringify({ to: [{ address: "+14155550100", channel: "PHONE" }], content: { text: "Hello" } });
const BAD = JSON.stringify({ to: [{ address: "4155550100", channel: "PHONE" }], content: { text: "Hello" } });
const card = (title) => ({
  title,
  media: { contentInfo: { fileUrl: "https://example.com/a.png" }, height: "SHORT" },
  suggestions: [{ reply: { text: "Yes", postbackData: "yes" } }],
});
const project = await Project.with({
  "good.json": GOOD,
  "bad.json": BAD,
  "head.json": JSON.stringify({ content: { text: "Hello" } }),
  "text.txt": "Soon – at 8…\n",
  "named.json": JSON.stringify({ content: { text: "Hi {{ name | default: 'you' }}" } }),
  "two.json": JSON.stringify({
    to: ["Zoe", "Ann"].map((name, row) => ({ address: `+1415555010${row}`, channel: "PHONE", variables: { name } })),
    from: { address: "+15017122661", channel: "SMS" },
    content: { text: "Hi {{ name | default: 'you' }},\nhi" },
  }),
  "gap.json": JSON.stringify({ to: [{ address: "+14155550100", channel: "PHONE" }], content: { text: "{{ name }}" } }),
  "rich.json": JSON.stringify({
    to: [{ address: "+14155550100", channel: "PHONE", variables: { name: "Zoe" } }],
    content: { modules: [{ sms: { text: "Hi" } }, { rcs: { richCard: { carouselCard: { cardContents: [card("For \u0007{{ name }}"), card("Two")] } } } }] },
  }),
  "prices.json": JSON.stringify({ currency: "EUR", sms: "0.0079", rcs: "0" }),
  "people.csv": "Mobile,name\n+14155550100,Zoe\n+14155550101,Ann\n",
  "rejects.csv": "Mobile,name\n+14155550100,Zoe\n,Ann\n4155550101,Max\n",
  "template.txt": "\ufeffHi\n",
  "binary.txt": Buffer.from([0xff, 0xfe, 0x48, 0x00]),
});
const bin = project.path("node_modules/.bin/postgate");

/** Runs the command, or another program: its code, and what it printed. */
function run(words, { program = bin, input = "", env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd: project.folder, env: { ...process.env, ...env } });
    const printed = { out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (text) => (printed.out += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (printed.err += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...printed }));
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

test("check: 0 where it is clean, 1 where it is not, 2 where it was not understood", async () => {
  const clean = await run(["check", "good.json"]);
  assert.deepEqual([clean.code, clean.err], [0, ""]);
  assert.match(clean.out, /ok {2}good\.json: 1 recipient, 1 request/);

  const bad = await run(["check", "bad.json"]);
  assert.equal(bad.code, 1);
  assert.match(bad.out, /^error +\/to\/0\/address {2}The number has no country code.*address\/needs-region$/m);
  assert.doesNotMatch(bad.out, /4155550100/, "no recipient's data is printed");
  assert.equal((await run(["check", "--default-region", "US", "bad.json"])).code, 0);

  for (const words of [
    [],
    ["chek", "good.json"],
    ["check"],
    ["check", "good.json", "bad.json"],
    ["check", "missing.json"],
    ["check", "--colour", "good.json"],
    ["check", "--limits", "none", "good.json"],
    ["check", "--head", "head.json", "good.json"],
    ["check", "--csv", "Mobile", "people.csv"],
    ["split", "good.json"],
  ]) {
    const wrong = await run(words);
    assert.equal(wrong.code, 2, words.join(" "));
    assert.ok(words.length === 0 || /^postgate: .{10}/.test(wrong.err), `${words.join(" ")}: ${wrong.err}`);
    assert.doesNotMatch(wrong.err, /^ +at /m, "no stack");
  }
});

test("check: ends with 1 also where nobody reads to the end", async () => {
  const to = Array.from({ length: 20_000 }, () => ({ address: "4155550100", channel: "PHONE" }));
  const child = spawn(bin, ["check", "--json", "-"], { cwd: project.folder, stdio: ["pipe", "pipe", "inherit"] });
  child.stdout.destroy();
  child.stdin.on("error", () => {});
  child.stdin.end(JSON.stringify({ to, content: { text: "Hello" } }));
  const code = await new Promise((resolve) => child.on("close", resolve));
  assert.equal(code, 1);
});

test("check: JSON is the verdict, and standard input is a file", async () => {
  const { checkBytes } = await import(project.path("node_modules/postgate/node.js"));
  const now = ["--now", "2026-01-01T00:00:00Z"];
  const verdict = Buffer.from(checkBytes(BAD, { now: now[1] })).toString();
  for (const answer of [await run(["check", "--json", ...now, "bad.json"]), await run(["check", "--json", ...now, "-"], { input: BAD })]) {
    assert.equal(answer.code, 1);
    assert.equal(answer.out, `${verdict}\n`);
  }
});

test("check: colours only where they are asked for", async () => {
  assert.doesNotMatch((await run(["check", "bad.json"])).out, /\u001b/);
  assert.match((await run(["check", "bad.json"], { env: { FORCE_COLOR: "1" } })).out, /\u001b\[31m/);
  assert.doesNotMatch((await run(["check", "bad.json"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } })).out, /\u001b/);
});

test("check: what a name in the request says to a terminal is not said", async () => {
  const input = JSON.stringify({ ...JSON.parse(GOOD), "\u001b]0;owned\u0007": 1 });
  const { out } = await run(["check", "-"], { input });
  assert.match(out, /\\u001b\]0;owned\\u0007/);
  assert.doesNotMatch(out, /[\u0007\u001b]/);
});

test("no command and no kind of output says to a terminal what a text or a name would have it do", async () => {
  const said = "\u001b]0;owned\u0007 \u009b31m \u202e";
  const name = "no\u001b[31mfile";
  writeFileSync(project.path("said.txt"), said);
  writeFileSync(project.path("said.json"), JSON.stringify({ ...JSON.parse(GOOD), content: { text: said }, [said]: 1 }));
  const commands = [
    ["check", "said.json"],
    ["check", "--json", "said.json"],
    ["preview", "--recipient", "0", "said.json"],
    ["preview", "--recipient", "0", "--json", "said.json"],
    ["preview", "--json", "said.json"],
    ["split", "--json", "--out", "said", "said.json"],
    ["segments", "said.txt"],
    ["segments", "--json", "said.txt"],
    ["render", "said.txt"],
    ["render", "--json", "said.txt"],
    ["check", name],
    ["check", "--csv", `{"${name}":1}`, "good.json"],
    ["render", "--variables", name, "said.txt"],
    [name],
  ];
  for (const words of commands) {
    const quoted = [bin, ...words].map((word) => `'${word}'`).join(" ");
    const { out } = await run(["-qec", quoted, "/dev/null"], { program: "script", env: { NO_COLOR: "1" } });
    assert.notEqual(out, "", words.join(" "));
    assert.doesNotMatch(out, /[\u0007\u001b\u009b\u202e]/, words.join(" "));
  }
  // What is read by a program is as it is.
  assert.equal((await run(["render", "said.txt"])).out, `${said}\n`);
  assert.equal(JSON.parse((await run(["render", "--json", "said.txt"])).out).text, said);
});

test("check: rejects are never written over what is read", async () => {
  const table = "Mobile,name\n+14155550100,Zoe\n";
  writeFileSync(project.path("only.csv"), table);
  symlinkSync("only.csv", project.path("link.csv"));
  for (const name of ["only.csv", "./only.csv", "link.csv"]) {
    const { code, err } = await run(["check", "--csv", "auto", "--rejects", name, "only.csv"]);
    assert.deepEqual([code, readFileSync(project.path("only.csv"), "utf8")], [2, table], name);
    assert.match(err, /written over/);
  }
  const head = readFileSync(project.path("head.json"), "utf8");
  assert.equal((await run(["check", "--csv", "auto", "--head", "head.json", "--rejects", "head.json", "only.csv"])).code, 2);
  assert.equal(readFileSync(project.path("head.json"), "utf8"), head);
});

test("check: a rejected number is no formula, and is read as a number once it is repaired", async () => {
  writeFileSync(project.path("numbers.txt"), "+14155550100\n=1+1\n+1415\n");
  assert.equal((await run(["check", "--csv", "format=list", "--rejects", "formulas.csv", "numbers.txt"])).code, 1);
  const lines = readFileSync(project.path("formulas.csv"), "utf8").split("\r\n");
  assert.deepEqual(lines.map((line) => line.split(",")[0]), ["record", "'=1+1", "'+1415", ""]);
  writeFileSync(project.path("formulas.csv"), lines[2].replace("1415", "14155550101"));
  assert.equal((await run(["check", "--csv", "format=csv,address=0", "formulas.csv"])).code, 0);
});

test("what is written is for nobody else's eyes", async () => {
  const mode = (name) => statSync(project.path(name)).mode & 0o777;
  assert.equal((await run(["check", "--csv", "auto", "--rejects", "private.csv", "rejects.csv"])).code, 1);
  assert.equal((await run(["split", "--out", "private/batches", "good.json"])).code, 0);
  const made = ["private.csv", "private", "private/batches", "private/batches/batch-000001.json"];
  assert.deepEqual(made.map(mode), [0o600, 0o700, 0o700, 0o600]);
});

test("a column becomes a variable of any name", async () => {
  const words = ["--csv", "address=Mobile,__proto__=name,constructor=name", "--head", "head.json", "people.csv"];
  assert.equal((await run(["split", "--out", "names", ...words])).code, 0);
  const [row] = JSON.parse(readFileSync(project.path("names/batch-000001.json"))).to;
  assert.deepEqual(Object.entries(row.variables), [["__proto__", "Zoe"], ["constructor", "Zoe"]]);
});

test("check: a table, with and without the rest of its request", async () => {
  assert.equal((await run(["check", "--csv", "address=Mobile,first=name", "people.csv"])).code, 0);
  assert.equal((await run(["check", "--csv", "auto", "--head", "head.json", "people.csv"])).code, 0);
  const refused = await run(["check", "--csv", '{"address":"Mobile"}', "--rejects", "out.csv", "rejects.csv"]);
  assert.equal(refused.code, 1);
  assert.match(refused.out, /^error +row 3 {2}.*table\/no-address$/m, "why a row is none");
  const [header, ...rejects] = readFileSync(project.path("out.csv"), "utf8").split("\r\n");
  assert.equal(header, "Mobile,name,postgate_reason");
  assert.deepEqual(rejects.map((line) => line.slice(0, 14)), [",Ann,This row ", "4155550101,Max", ""], "both kinds, as they came");
  const json = JSON.parse((await run(["check", "--json", "--csv", "auto", "rejects.csv"])).out);
  assert.deepEqual([json.ok, json.table.ok, json.table.rejected], [false, false, 1]);
  const unread = { input: "Mobile,name\n+14155550100,Zoe\n,Ann\n" };
  const { ok, table } = JSON.parse((await run(["check", "--json", "--csv", "auto", "-"], unread)).out);
  assert.deepEqual([ok, table.ok, table.rejected], [true, false, 1], "why it ends with 1");
  const lines = { input: 'Mobile,text\n+14155550100,"a\nb"\n,x\n4155550101,y\n' };
  const placed = (await run(["check", "--csv", "auto", "-"], lines)).out;
  assert.match(placed, /^error +row 4 \(line 5\) \/to\/1\/address {2}/m, "as an editor counts");
  assert.match(placed, /^error +row 3 \(line 4\) {2}This row has no address/m);
  const repeats = { input: `Mobile\n${"+14155550100\n".repeat(1_003)}` };
  const { err } = await run(["check", "--csv", "auto", "--duplicates", "refuse", "--rejects", "out.csv", "-"], repeats);
  assert.equal(err, "2 rows that repeat others are not in out.csv.\n", "what the file lacks is said");
  const empty = await run(["check", "--csv", "auto", "-"]);
  assert.match(empty.out, /^error +table {2}.*table\/empty$/m);

  const alone = await run(["check", "--csv", "auto", "people.csv"]);
  assert.deepEqual([alone.code, alone.out.split("\n").length], [0, 2], "without a text none leaves a variable unused");
  assert.deepEqual(JSON.parse((await run(["check", "--json", "--csv", "auto", "people.csv"])).out).counts, {});
  assert.match((await run(["check", "people.csv"])).out, /--csv auto/);
  assert.match((await run(["check", "--csv", "auto", "good.json"])).out, /^If this is a whole request, .* leave --csv out\.$/m);
  const twice = await run(["check", "--csv", "auto", "-"], { input: "Mobile\n+14155550100\n+14155550100\n" });
  assert.match(twice.out, /^warning row 3 \/to\/1 {2}.* is already in row 2 /m, "rows as they are counted in the table");
});

test("what is wrong with a file is said of that file", async () => {
  mkdirSync(project.path("folder"));
  for (const [words, said] of [
    [["check", "folder"], /^postgate: Expected a file, and this is a folder: folder$/m],
    [["segments", "folder"], /^postgate: Expected a file, and this is a folder: folder$/m],
    [["preview", "--prices", "folder", "good.json"], /^postgate: Expected a file, and this is a folder: folder$/m],
    [["preview", "--recipient", "-1", "good.json"], /^postgate: [^\n\\]+\n$/],
    [["preview", "--recipient", "1.5", "good.json"], /^postgate: --recipient must be a place in to/],
    [["check", "missing.json"], /^postgate: There is no such file or folder: missing\.json$/m],
    [["split", "--out", "text.txt", "good.json"], /^postgate: This is there already: text\.txt$/m],
    [["segments", "binary.txt"], /^postgate: Expected text in UTF-8: binary\.txt$/m],
    [["render", "binary.txt"], /Expected text in UTF-8/],
    [["check", "--csv", "auto", "--head", "binary.txt", "people.csv"], /Expected text in UTF-8/],
    [["check", "--rejects", "out.csv", "good.json"], /--rejects is for a table/],
    [["check", "--batch-rows", "0", "good.json"], /^postgate: The option --batch-rows must be/],
    [["segments"], /Name a file.* or give --text/],
    [["render", "--text", "Hi", "template.txt"], /not both/],
    [["preview", "--recipient", "7", "good.json"], /There is no recipient 7: the request has 1 recipient/],
  ]) {
    const { code, err } = await run(words);
    assert.equal(code, 2, words.join(" "));
    assert.match(err, said);
  }
  const unreadable = await run(["preview", "--recipient", "0", "text.txt"]);
  assert.equal(unreadable.code, 1);
  assert.match(unreadable.out, /request\/not-json/);
  assert.deepEqual(await run(["render", "template.txt"]), { code: 0, out: "Hi\n", err: "" }, "no byte order mark");
});

test("a pipe is read like standard input, though all of it is wanted twice", async () => {
  const piped = (command) => run(["-c", command], { program: "bash" });
  const { code, out } = await piped(`${bin} check <(cat good.json)`);
  assert.equal(code, 0);
  assert.match(out, /^ok .*: 1 recipient, 1 request$/m);
  assert.equal((await piped(`${bin} check --csv auto --rejects piped.csv <(cat rejects.csv)`)).code, 1);
  assert.match(readFileSync(project.path("piped.csv"), "utf8"), /^4155550101,Max,/m);
  assert.equal((await piped(`${bin} segments <(cat text.txt)`)).code, 0);
});

test("check: what cannot be written is said", async () => {
  const { code, err } = await run(["-c", `${bin} check good.json > /dev/full`], { program: "sh" });
  assert.deepEqual([code, err], [2, "postgate: There is no room left for what is to be written.\n"]);
});

test("split: the batches are files, and a refused request leaves none", async () => {
  const to = Array.from({ length: 25 }, (_, row) => ({ address: `+141555501${String(row).padStart(2, "0")}`, channel: "PHONE" }));
  writeFileSync(project.path("many.json"), JSON.stringify({ to, content: { text: "Hello" } }));
  const { code, out } = await run(["split", "--out", "batches", "--batch-rows", "10", "many.json"]);
  assert.equal(code, 0);
  assert.match(out, /3 batches in batches/);
  const files = readdirSync(project.path("batches")).sort();
  assert.deepEqual(files, ["batch-000001.json", "batch-000002.json", "batch-000003.json"]);
  const rows = files.flatMap((name) => JSON.parse(readFileSync(project.path(`batches/${name}`))).to);
  assert.deepEqual(rows, to);

  assert.equal((await run(["split", "--out", "batches", "good.json"])).code, 2, "a folder that is not empty");
  assert.equal((await run(["split", "--out", "none", "bad.json"])).code, 1);
  assert.deepEqual(readdirSync(project.path("none")), []);
  assert.equal((await run(["split", "--out", "table", "--csv", "auto", "people.csv"])).code, 2, "a table without a head");
  assert.equal((await run(["split", "--out", "table", "--csv", "auto", "--head", "head.json", "people.csv"])).code, 0);
  assert.equal(JSON.parse(readFileSync(project.path("table/batch-000001.json"))).to.length, 2);
});

test("split: what a run that was broken off left behind is in nobody's way", async () => {
  mkdirSync(project.path("broken/.unfinished"), { recursive: true });
  writeFileSync(project.path("broken/.unfinished/batch-000001.json"), "{");
  assert.equal((await run(["split", "--out", "broken", "good.json"])).code, 0);
  assert.deepEqual(readdirSync(project.path("broken")), ["batch-000001.json"]);
});

test("what came in on standard input lies nowhere when the process is killed", async () => {
  mkdirSync(project.path("temporary"));
  const child = spawn(bin, ["check", "-"], { cwd: project.folder, env: { ...process.env, TMPDIR: project.path("temporary") } });
  const ended = new Promise((resolve) => child.on("close", resolve));
  child.stdin.on("error", () => {});
  for (let piece = 0; piece < 40; piece += 1) {
    await new Promise((resolve) => child.stdin.write(Buffer.alloc(1 << 20, " "), resolve));
  }
  child.kill("SIGKILL");
  await ended;
  assert.deepEqual(readdirSync(project.path("temporary")), []);
});

test("segments and preview", async () => {
  const { code, out } = await run(["segments", "text.txt"]);
  assert.equal(code, 0);
  assert.match(out, /^1 segment, UCS-2, 12 units$/m);
  assert.match(out, /^longer +at 5: "–" is not in GSM-7; "-" is$/m);
  const smart = await run(["segments", "--smart-encoding", "text.txt"]);
  assert.match(smart.out, /^replaced at 5: "–" by "-"$/m);
  assert.equal(JSON.parse((await run(["segments", "--json", "--text", "Hi"])).out).encoding, "GSM-7");
  assert.equal((await run(["segments"])).code, 2);

  const estimate = JSON.parse((await run(["preview", "--json", "good.json"])).out);
  assert.equal(estimate.estimate.segments.max, 1);
  const priced = ["--prices", "prices.json", "--mps", "0.01"];
  const summed = await run(["preview", ...priced, "two.json"]);
  assert.match(summed.out, /^people +2 people$/m);
  assert.match(summed.out, /^SMS +2 people$/m);
  assert.match(summed.out, /^takes +2 segments of SMS$/m);
  assert.match(summed.out, /^cost +0\.0158 EUR$/m);
  assert.match(summed.out, /^time +3 minutes 20 seconds$/m);
  assert.match(summed.out, /^longest +recipient 0: 10 characters, GSM-7$/m);
  assert.equal((await run(["preview", "--csv", "auto", "people.csv"])).code, 2, "a table without a text");
  const table = await run(["preview", "--csv", "auto", "--head", "named.json", "people.csv"]);
  assert.match(table.out, /^longest +row 2: 6 characters, GSM-7$/m);

  const one = await run(["preview", "--recipient", "1", "two.json"]);
  assert.equal(one.code, 0);
  assert.match(one.out, /^SMS {2}1 segment {2}GSM-7 {2}10 characters\n {2}Hi Ann,\n {2}hi$/m, "lines as they are read");
  assert.doesNotMatch(one.out, /\{/, "no JSON");
  assert.deepEqual(await run(["preview", "--recipient", "1", "-"], { input: readFileSync(project.path("two.json")) }), one);
  const row = await run(["preview", "--recipient", "1", "--csv", "auto", "--head", "named.json", "people.csv"]);
  assert.match(row.out, /^row 3\n.*\n {2}Hi Ann$/m);
  const rich = await run(["preview", "--recipient", "0", "rich.json"]);
  assert.match(rich.out, /^RCS\n {2}card: 1\n {2}title: For \\u0007Zoe\n {2}media: https:.*\n {2}reply: Yes\n {2}card: 2\n/m);
  const gap = await run(["preview", "--recipient", "0", "gap.json"]);
  assert.equal(gap.code, 1);
  assert.match(gap.out, /^error +\/to\/0 {2}The text uses name.* {2}template\/missing-variable$/m);
  for (const [option, people] of [["--lenient", "0"], ["--json", "1"]]) {
    assert.match((await run(["preview", option, "gap.json"])).out, new RegExp(`people"?:? *${people}\\b`), option);
  }

  const json = JSON.parse((await run(["preview", "--json", "--recipient", "0", "good.json"])).out);
  assert.deepEqual([json.row, json.channels[0].text], [0, "Hello"]);
  assert.equal((await run(["preview", "--recipient", "7", "good.json"])).code, 2);
});

test("render", async () => {
  writeFileSync(project.path("zoe.json"), '{"name":"Zoe"}');
  const well = await run(["render", "--text", "Hi {{ name }}", "--variables", "zoe.json"]);
  assert.deepEqual([well.code, well.out, well.err], [0, "Hi Zoe\n", ""]);
  const broken = await run(["render", "-"], { input: "Hi {% if %}" });
  assert.equal(broken.code, 1);
  assert.match(broken.err, /^error +1:4 {2}.*template\//);
  const lines = await run(["render", "--text", "a\n{{ b | c }}"]);
  assert.match(lines.err, /^warning 2:8 {2}Liquid has no filter/);
});

test("help and version", async () => {
  const manifest = JSON.parse(readFileSync(project.path("node_modules/postgate/package.json")));
  assert.equal((await run(["--version"])).out, `${manifest.version}\n`);
  const help = await run(["--help"]);
  assert.equal(help.code, 0);
  for (const command of ["check", "preview", "split", "segments", "render"]) {
    assert.match(help.out, new RegExp(`^ {2}${command} `, "m"));
    const { out } = await run([command, "--help"]);
    assert.match(out, new RegExp(`^postgate ${command}`));
    assert.equal((await run(["help", command])).out, out);
  }
});

test("a large request from standard input is not held in memory", async () => {
  // 120 MB in a process whose JavaScript may hold 64; buffers are watched by their high-water mark.
  const program = `
    import { writeSync } from "node:fs";
    const head = '{"content":{"text":"Hello"},"to":[';
    writeSync(1, head);
    let line = "";
    for (let row = 0; row < 1000000; row += 1) {
      line += (row ? "," : "") + '{"address":"+1415' + String(2000000 + row) + '","channel":"PHONE","variables":{"name":"' + "x".repeat(60) + '"}}';
      if (line.length > 1 << 20 || row === 999999) { for (let at = 0; at < line.length; ) at += writeSync(1, line.slice(at)); line = ""; }
    }
    writeSync(1, "]}");`;
  writeFileSync(project.path("large.mjs"), program);
  writeFileSync(project.path("high.mjs"), `process.on("exit", () => console.error("high " + process.resourceUsage().maxRSS));`);
  const run = `${process.execPath} large.mjs > large.json && ${process.execPath} --import ./high.mjs ${bin} check --json - < large.json`;
  const child = spawn("sh", ["-c", run], { cwd: project.folder });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (err += text));
  const code = await new Promise((resolve) => child.on("close", resolve));
  assert.equal(code, 0, err + out.slice(0, 400));
  assert.equal(JSON.parse(out).totals.recipients.listed, 1_000_000);
  const kibibytes = Number(/high (\d+)/.exec(err)?.[1]);
  const size = readFileSync(project.path("large.json")).length;
  assert.ok(size > 100e6 && kibibytes * 1024 < 300e6, `${size} bytes, ${kibibytes} KiB at most`);
});
