// What is uploaded to Cloudflare, as far as that can be seen without an account: wrangler packs it, it is within its
// budget, and an edge that lacks a setting refuses to serve.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { promisify } from "node:util";

import { unstable_readConfig } from "wrangler";

import { Edge } from "../edge.mjs";
import { Gate } from "../gate.mjs";
import { eventually } from "../waiting.mjs";
import { key, setting } from "./keys.mjs";

const ROOT = new URL("../..", import.meta.url).pathname;
/** Where wrangler and a Node that is new enough for it are. */
const BIN = join(ROOT, "node_modules/.bin");

/**
 * Most that may be uploaded, compressed, in KiB as wrangler counts; Cloudflare takes 3,072 on its smallest plan. Lower it
 * when something became smaller.
 */
const UPLOAD = 460;

const run = promisify(execFile);

for (const environment of ["production", "development"]) {
  test(`wrangler packs what it would upload to ${environment}`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "postgate-deploy-"));
    const words = ["deploy", "--dry-run", "--outdir", folder];
    if (environment === "production") words.push("--env", "production");
    else words.push("--env", "");
    const { stdout, stderr } = await run(join(BIN, "wrangler"), words, {
      cwd: ROOT,
      timeout: 300_000,
      env: { ...process.env, PATH: `${BIN}:${process.env.PATH}`, CI: "1", NO_COLOR: "1", WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", POSTGATE_DEV_BUILDS: "1" },
    });
    await rm(folder, { recursive: true, force: true });
    const [, size] = /gzip: ([\d.]+) KiB/.exec(stdout) ?? assert.fail(stdout + stderr);
    t.diagnostic(`${environment}: ${size} KiB compressed`);
    assert.ok(Number(size) <= UPLOAD, `${size} KiB are more than ${UPLOAD}`);
    // wrangler names what development has and production has not: the secrets, but for those that development needs not.
    const lacking = [...(stdout + stderr).matchAll(/^ +- ([A-Z_]+)$/gm)].map(([, name]) => name);
    assert.deepEqual(lacking, environment === "production" ? ["UPSTREAM_KEY", "UPSTREAM_SECRET", "ID_SECRET"] : []);
    for (const binding of ["OPERATIONS", "USAGE"]) assert.match(stdout, new RegExp(`env\\.${binding}\\b`), stdout);
    assert.match(stdout, new RegExp(`ENVIRONMENT.*"${environment}"`));
    if (environment === "production") assert.doesNotMatch(stdout, /sandbox/);
  });
}

/** Starts an edge with these settings, and hands it to `look`. */
async function started(settings, look) {
  const gate = await Gate.start(settings);
  try {
    await look(gate);
  } finally {
    await gate.stop();
  }
}

test("an edge outside of development does not serve without what it needs, and says what", { timeout: 400_000 }, async () => {
  await started({ ENVIRONMENT: "production" }, async ({ edge }) => {
    const health = await edge.call("GET", "/health");
    assert.equal(health.status, 503);
    const text = await health.text();
    const { ok, reasons } = JSON.parse(text);
    assert.equal(ok, false);
    for (const words of [/UPSTREAM_URL must begin with https/, /ID_SECRET must have/, /No keys are configured/]) {
      assert.ok(reasons.some((reason) => words.test(reason)), `${words} ${text}`);
    }
    assert.doesNotMatch(text, /sandbox|127\.0\.0\.1/);
    const answer = await edge.post("{}");
    assert.equal(answer.status, 503);
    assert.ok(answer.headers.get("retry-after"));
    assert.equal((await edge.call("GET", "/issues")).status, 200);
    for (const word of ["panic", "clock"]) {
      assert.equal((await edge.call("POST", `/development/${word}`, "{}")).status, 404, word);
    }
  });
});

test("what the platform logs by itself in production are no URLs and no header fields", () => {
  const { observability } = unstable_readConfig({ config: join(ROOT, "wrangler.toml"), env: "production" });
  const { enabled, redact_query_string: redacted, logs, traces } = observability;
  assert.deepEqual([enabled, redacted, { ...logs }, traces], [true, true, { enabled: true, invocation_logs: false }, undefined]);
});

test("an edge with the settings of development serves nothing that comes over Cloudflare's network", { timeout: 400_000 }, async () => {
  await started({}, async ({ edge }) => {
    const headers = { "cf-ray": "8f2b9c1d2e3f4a5b-FRA" };
    assert.equal((await edge.post("{}", { headers })).status, 503);
    const health = await edge.call("GET", "/health", undefined, { headers });
    assert.equal(health.status, 503);
    assert.match((await health.json()).reasons[0], /deploy with --env production/);
    assert.equal((await edge.call("GET", "/health")).status, 200);
  });
});

test("an edge with the settings of development serves nobody in front of an upstream elsewhere", { timeout: 400_000 }, async () => {
  const vars = { UPSTREAM_URL: "https://upstream.example/v1", KEYS: setting(key("acme", "acme", ["send"])) };
  const refused = await Edge.start({ vars }).then((edge) => edge.stop(), (error) => error);
  assert.match(String(refused), /does not serve: .*UPSTREAM_URL must be on this machine in development/);
});

test("a production that is set up serves its keys, and neither dev nor now", { timeout: 400_000 }, async () => {
  const acme = key("acme", "acme", ["send", "read"]);
  const settings = {
    ENVIRONMENT: "production",
    UPSTREAM_URL: "https://127.0.0.1:9/v1",
    ID_SECRET: "0123456789abcdef0123456789abcdef",
    KEYS: setting(acme),
    LOCATION_HINT: "weur",
  };
  await started(settings, async ({ edge }) => {
    assert.deepEqual(await edge.json("GET", "/health"), { environment: "production", ok: true, reasons: [] });
    assert.equal((await edge.post("{}")).status, 401);
    for (const word of ["panic", "clock"]) {
      assert.equal((await edge.call("POST", `/development/${word}`, "{}")).status, 404, word);
    }
    const body = JSON.stringify({ to: [{ address: "+14155550100", channel: "PHONE" }], content: { text: "Hello" } });
    const now = await edge.post(body, { path: "/v1/Messages/DryRun?now=2026-01-01T00:00:00Z", key: acme.headers });
    assert.equal(now.status, 400);
    // What comes over the network comes over https, or is told before its key is looked at.
    const clear = await edge.post(body, { headers: { "cf-ray": "8f2b9c1d2e3f4a5b-FRA" }, key: acme.headers });
    assert.equal(clear.status, 403);
    assert.match((await clear.json()).errors[0].message, /over https/);
    const id = await edge.send(body, { key: acme.headers });
    assert.equal((await edge.operation(id, { key: acme.headers })).id, id);
  });
});

test("objects are asked for in their jurisdiction, which a workerd of one's own does not have", { timeout: 400_000 }, async () => {
  await started({ JURISDICTION: "eu" }, async (gate) => {
    const body = JSON.stringify({ to: [{ address: "+14155550100", channel: "PHONE" }], content: { text: "Hello" } });
    assert.equal((await gate.edge.post(body)).status, 500);
    // What a Worker logs comes a moment after its answer.
    await eventually(() => /Jurisdiction restrictions are not implemented/.test(gate.log), "the reason in the log");
  });
});
