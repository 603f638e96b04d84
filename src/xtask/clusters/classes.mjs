// Prints what characters do to grapheme clusters, found out by asking the segmenter of this Node's ICU: its Unicode
// version, then a line for each code point that does something, with the sum of what core's `cluster.rs` names.

const [JOINED, LINKS, PREPENDED, INDICATOR] = [1, 2, 4, 8];
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const whole = (text) => segmenter.segment(text)[Symbol.iterator]().next().value.segment === text;

console.log(`Unicode ${process.versions.unicode}`);
for (let code = 0x300; code < 0x110000; code += 1) {
  const c = String.fromCodePoint(code);
  // What is left out is known to join nothing, and it is most of all.
  if (/[\p{Cn}\p{Co}\p{Cs}\p{Script=Han}\p{Lu}\p{Ll}]/u.test(c)) continue;
  if (c >= '\uAC00' && c <= '\uD7A3') continue;
  let does = 0;
  if (whole(`a${c}`) || whole(`가${c}`)) does += JOINED;
  if (whole(`क${c}क`) || whole(`❤${c}❤`)) does += LINKS;
  if (!(does & JOINED)) {
    if (whole(`${c}a`)) does += PREPENDED;
    else if (whole(`${c}가`)) does += LINKS;
    if (whole(c + c) && /\p{Regional_Indicator}/u.test(c)) does = INDICATOR;
  }
  if (does > 0) console.log(`${code} ${does}`);
}
