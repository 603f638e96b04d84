#!/usr/bin/env node
// The command line: `postgate COMMAND`. Findings about a request end it with 1, misuse with 2.

import { readFileSync } from "node:fs";

import { PostgateError } from "../node.js";
import { check } from "./check.js";
import { preview } from "./preview.js";
import { render } from "./render.js";
import { segments } from "./segments.js";
import { split } from "./split.js";
import { Usage } from "./usage.js";

const COMMANDS = { check, preview, split, segments, render };

const HELP = `postgate COMMAND [OPTIONS] FILE

Judges bulk messaging requests to the Twilio Communications API before anything is sent. FILE is - for standard input.

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join("\n")}

  postgate COMMAND --help tells a command's options; postgate --version the version.
Ends with 0 where all is well, 1 where there are errors, 2 where it was not understood or a file cannot be read.`;

async function main([name, ...words]) {
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    console.log(HELP);
    return name === undefined ? 2 : 0;
  }
  if (name === "--version" || name === "-v") {
    console.log(JSON.parse(readFileSync(new URL("../package.json", import.meta.url))).version);
    return 0;
  }
  if (!Object.hasOwn(COMMANDS, name)) throw new Usage(`There is no command ${name}; postgate --help lists them.`);
  const command = COMMANDS[name];
  if (words.includes("--help") || words.includes("-h")) {
    console.log(command.help);
    return 0;
  }
  return command.run(words);
}

// Whoever reads the output may have had enough, such as head.
process.stdout.on("error", (error) => process.exit(error.code === "EPIPE" ? 0 : 2));

try {
  // Not exit(): what is written to a pipe may still be on its way.
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const expected = error instanceof Usage || error instanceof PostgateError || error.code?.startsWith?.("ERR_PARSE_ARGS");
  const system = error.syscall !== undefined;
  console.error(`postgate: ${expected || system ? error.message : error.stack}`);
  process.exitCode = 2;
}
