// The packed package in projects of their own, as users install it.

import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { cases, others, given } from "../doors/suite.mjs";

const execute = promisify(execFile);
const packed = new URL("../../target/npm/", import.meta.url).pathname;

export const TARBALL = join(packed, readdirSync(packed).find((name) => name.endsWith(".tgz")));
/** Where the pinned tools are installed. */
export const TOOLS = new URL("node_modules/", import.meta.url).pathname;
/** Those that the whole checkout uses. */
export const ROOT_TOOLS = new URL("../../node_modules/", import.meta.url).pathname;

/** A few cases of each area, small enough to be written into a program: name, do, what it takes, answer. */
export const SAMPLE = sample();

function sample() {
  const areas = new Map();
  for (const entry of [...cases, ...others]) {
    if (entry.input.length > 2_000 || !["check", "split", "segments", "phone", "render"].includes(entry.do)) continue;
    if (Buffer.compare(Buffer.from(entry.input.toString()), entry.input) !== 0) continue;
    const area = entry.name.split("/")[0];
    const known = areas.get(area) ?? [];
    if (known.length < 3) areas.set(area, [...known, entry]);
  }
  return [...areas.values()].flat().map((entry) => {
    const { name, options } = entry;
    const act = entry.judges ? "check" : entry.do;
    const args = entry.judges ? [entry.input.toString(), options] : given(entry);
    return { name, do: act, args, answer: JSON.parse(entry.answer) };
  });
}

/** A program's text that runs the sample with what is in scope, and gives the names of the cases that went wrong. */
export const RUN_SAMPLE = `
const sample = ${JSON.stringify(SAMPLE)};
const wrong = sample
  .filter((entry) => JSON.stringify(postgate[entry.do](...entry.args)) !== JSON.stringify(entry.answer))
  .map((entry) => entry.name);
const answer = JSON.stringify({ ran: sample.length, wrong });
`;

/** What RUN_SAMPLE answers where all is well. */
export const WELL = JSON.stringify({ ran: SAMPLE.length, wrong: [] });

const folders = [];
process.on("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export class Project {
  static #template;

  /** A new project with the package in it; `files` by their names, `tools` linked from the pinned ones. */
  static async with(files, { tools = [] } = {}) {
    const project = new Project();
    Project.#template ??= new Project().#install();
    cpSync((await Project.#template).path("node_modules"), project.path("node_modules"), { recursive: true });
    for (const tool of tools) {
      mkdirSync(join(project.path("node_modules"), tool, ".."), { recursive: true });
      symlinkSync(join(TOOLS, tool), join(project.path("node_modules"), tool));
    }
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(project.path(name), ".."), { recursive: true });
      writeFileSync(project.path(name), content);
    }
    return project;
  }

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "postgate-package-"));
    folders.push(this.folder);
    writeFileSync(this.path("package.json"), '{"private":true,"type":"module"}');
  }

  async #install() {
    await this.run("npm", ["install", "--offline", "--no-audit", "--no-fund", TARBALL]);
    return this;
  }

  path(name) {
    return join(this.folder, name);
  }

  /** What a program prints; one that fails throws with what it said. */
  async run(program, words, { env = {}, timeout = 120_000 } = {}) {
    const options = { cwd: this.folder, timeout, maxBuffer: 64 << 20, env: { ...process.env, ...env } };
    try {
      return (await execute(program, words, options)).stdout.trim();
    } catch (error) {
      throw new Error(`${program} ${words.join(" ")}: ${error.message}\n${error.stdout}\n${error.stderr}`);
    }
  }
}
