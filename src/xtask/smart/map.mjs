// Prints the smart-encoding map of sms-segments-calculator: its release, then a line for each entry, with the code points
// of the character and of what stands for it.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { default: map } = require('sms-segments-calculator/dist/libs/SmartEncodingMap.js');
const { name, version } = require('sms-segments-calculator/package.json');

const points = (text) => Array.from(text, (c) => c.codePointAt(0));
console.log(`${name} ${version}`);
for (const [character, replacement] of Object.entries(map)) {
  console.log([...points(character), '=', ...points(replacement)].join(' '));
}
