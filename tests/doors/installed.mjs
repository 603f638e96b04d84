// The packed package, installed as a user installs it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

const packed = new URL("../../target/npm/", import.meta.url).pathname;

/** The tarball's name. */
export const tarball = readdirSync(packed).find((name) => name.endsWith(".tgz"));

/** Where it is installed. */
export const folder = mkdtempSync(join(tmpdir(), "postgate-npm-"));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "package.json"), '{"private":true,"type":"module"}');
const npm = ["install", "--offline", "--no-audit", "--no-fund", join(packed, tarball)];
execFileSync("npm", npm, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
writeFileSync(join(folder, "main.mjs"), 'export * from "postgate";');

/** What it exports. */
export const postgate = await import(join(folder, "main.mjs"));

/** Whether an error is the package's own, with that code and such a sentence. */
export const refused = (code, said) => (error) => {
  assert.ok(error instanceof postgate.PostgateError, `${error}`);
  assert.equal(error.code, code, error.message);
  assert.match(error.message, said);
  return true;
};
