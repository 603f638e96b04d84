#!/usr/bin/env node
// The command line: `postgate COMMAND`. Findings about a request end it with 1, misuse with 2.

import { readFileSync } from "node:fs";

import { PostgateError } from "../node.js";
import { check } from "./check.js";
import { preview } from "./preview.js";
import { render } from "./render.js";
import { segments } from "./segments.js";
import { split } from "./split.js";
import { plain } from "./terminal.js";
import { typed, Usage } from "./usage.js";

const COMMANDS = { check, preview, split, segments, render };

const HELP = `postgate COMMAND [OPTIONS] FILE

Judges bulk messaging requests to the Twilio Communications API before anything is sent. FILE is - for standard input.

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join("\n")}

  postgate COMMAND --help tells a command's options; postgate --version the version.
Ends with 0 where all is well, 1 where there are errors, 2 where it was not understood or a file cannot be read.`;

/** What the system says, in words. */
const FAULTS = {
  EACCES: "This may not be read or written",
  EEXIST: "This is there already",
  EISDIR: "Expected a file, and this is a folder",
  ENOSPC: "There is no room left for what is to be written",
  ENOENT: "There is no such file or folder",
  ENOTDIR: "A file stands where a folder is needed",
};

function fault({ code, path, message }) {
  const said = FAULTS[code] ?? message;
  return plain(path === undefined ? `${said}.` : `${said}: ${path}`);
}

async function main([name, ...words]) {
  if (name === "help" && words.length > 0) return main([...words, "--help"]);
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

// Whoever reads the output may have had enough, such as head; what it ends with is to be told all the same.
process.stdout.on("error", (error) => {
  if (error.code === "EPIPE") return;
  console.error(`postgate: ${fault(error)}`);
  process.exit(2);
});

try {
  // Not exit(): what is written to a pipe may still be on its way.
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const expected = error instanceof Usage || error instanceof PostgateError || error.code?.startsWith?.("ERR_PARSE_ARGS");
  const message = error.syscall === undefined ? error.stack : fault(error);
  // What the parser of options says may have several lines.
  console.error(`postgate: ${expected ? plain(typed(error.message).replaceAll("\n", " ")) : message}`);
  process.exitCode = 2;
}
