// Prints what characters do to grapheme clusters, found out by asking the segmenter of this Node's ICU: its Unicode
// version, then a line for each code point from which on characters do something else, with the sum of what core's
// `cluster.rs` names. Unassigned ones count as what is before them, which makes the table shorter.

const [JOINED, LINKS, PREPENDED, INDICATOR] = [1, 2, 4, 8];
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const whole = (text) => segmenter.segment(text)[Symbol.iterator]().next().value.segment === text;

function does(c) {
  // Most of all characters are of these kinds, and known to do nothing.
  if (/[\p{Co}\p{Script=Han}\p{Lu}\p{Ll}]/u.test(c) || (c >= '\uAC00' && c <= '\uD7A3')) return 0;
  if (/\p{Regional_Indicator}/u.test(c)) return INDICATOR;
  const joined = whole(`a${c}`) || whole(`가${c}`);
  const links = whole(`क${c}क`) || whole(`❤${c}❤`);
  if (joined) return links ? JOINED + LINKS : JOINED;
  if (whole(`${c}a`)) return PREPENDED;
  return whole(`${c}가`) ? LINKS : 0;
}

console.log(`Unicode ${process.versions.unicode}`);
let last = 0;
for (let code = 0x300; code < 0x110000; code += 1) {
  const c = String.fromCodePoint(code);
  if (/[\p{Cn}\p{Cs}]/u.test(c)) continue;
  const now = does(c);
  if (now !== last) console.log(`${code} ${now}`);
  last = now;
}
