// Writes Ajv's validator of a request as a program of its own, to the file that is named.

import { readFileSync, writeFileSync } from "node:fs";

import Ajv from "ajv";
import standaloneCode from "ajv/dist/standalone/index.js";

const schema = JSON.parse(readFileSync(new URL("request.schema.json", import.meta.url)));
const ajv = new Ajv.default({ code: { source: true }, allErrors: true });
writeFileSync(process.argv[2], standaloneCode.default(ajv, ajv.compile(schema)));
