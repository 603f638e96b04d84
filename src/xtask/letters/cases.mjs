// Prints what letters become in the other case, as this Node's Unicode data has it: its version, then a line for each
// letter that is not ASCII: `upper` or `lower`, its code point, and the code points that it becomes.

console.log(`Unicode ${process.versions.unicode}`);
const points = (text) => Array.from(text, (c) => c.codePointAt(0)).join(' ');

for (const [name, change] of [['upper', (c) => c.toUpperCase()], ['lower', (c) => c.toLowerCase()]]) {
  for (let code = 0x80; code < 0x110000; code += 1) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const c = String.fromCodePoint(code);
    if (change(c) !== c) console.log(`${name} ${code} ${points(change(c))}`);
  }
}
