// Prints texts and what sms-segments-calculator makes of each, for `tests/segments.rs` to compare. First its release and
// its alphabet; then 20,000 texts that were put together by chance, the same in every run, each with whether smart
// encoding was on, the encoding, the number of segments, the most segments by the clusters of this Node's ICU, and the
// text with whatever smart encoding knows replaced.
import { createRequire } from 'node:module';

import { random } from '../random.mjs';

const require = createRequire(import.meta.url);
const { SegmentedMessage } = require('sms-segments-calculator');
const { default: smart } = require('sms-segments-calculator/dist/libs/SmartEncodingMap.js');
const { default: gsm } = require('sms-segments-calculator/dist/libs/UnicodeToGSM.js');
const { name, version } = require('sms-segments-calculator/package.json');
const TEXTS = 20_000;

// The same texts in every run.
const below = random(2_463_534_242);
const one = (list) => list[below(list.length)];

const points = Object.keys(gsm).map(Number);
const septets = (text) => Array.from(text, (c) => gsm[c.codePointAt(0)]?.length);
console.log(JSON.stringify(`${name} ${version}`));
console.log(JSON.stringify(points.map((point) => [point, gsm[point].length])));
console.log(JSON.stringify(Object.entries(smart).map(([c, text]) => [c, septets(text).reduce((sum, n) => sum + n, 0)])));

const alphabet = points.map((point) => String.fromCodePoint(point));
const letters = Array.from('abcdefghijklmnopqrstuvwxyz ABC 0123456789.,!');
const escaped = alphabet.filter((c) => gsm[c.codePointAt(0)].length === 2);
const replaced = Object.keys(smart);
const emoji = ['😀', '🎉', '❤️', '👍🏽', '👨‍👩‍👧‍👦', '🏳️‍🌈', '🇩🇪', '🇫🇷', '1️⃣', '🧑🏿‍🚀', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🫱🏻‍🫲🏿', '🇺'];
const marked = ['e\u0301', 'o\u0308', 'n\u0303', 'a\u0300\u0323', 'x\u20DD'];
const scripts = ['नमस्ते ', 'क्षत्रिय ', 'স্বাগত ', 'ยินดี ', 'สวัสดีครับ ', 'வணக்கம் ', '안녕하세요 ', '한글', 'مرحبًا ', 'שָׁלוֹם ', '你好', 'こんにちは', 'ガ', 'Привет ', 'မင်္ဂလာ'];
const odd = ['\t', '\0', '\u001B', '\u200D', '\u200B', '\u00AD', '\u0600', '\u0301', '\uFFFD', '`', 'ë', 'ç', '\u{10FFFF}'];

/** What a text is made of: lists, of which each gives one time out of so many. */
const MIXES = [
  [[letters, 1]],
  [[letters, 8], [alphabet, 2], [escaped, 1]],
  [[letters, 6], [escaped, 4]],
  [[letters, 30], [['\r\n'], 2], [['\n', '\r'], 1]],
  [[letters, 12], [replaced, 2]],
  [[letters, 12], [replaced, 2], [emoji, 1]],
  [[letters, 20], [emoji, 2]],
  [[emoji, 1]],
  [[letters, 10], [marked, 3]],
  [[scripts, 4], [letters, 1]],
  [[letters, 10], [scripts, 2], [emoji, 1], [marked, 1], [replaced, 1], [odd, 1]],
  [[letters, 20], [odd, 3], [replaced, 1]],
];
/** Where counting turns: the lengths are chosen around these. */
const LENGTHS = [0, 10, 70, 134, 160, 201, 306];

function text() {
  const mix = one(MIXES).flatMap(([list, times]) => Array(times).fill(list));
  const length = one(LENGTHS) + below(15) - 4;
  let made = '';
  while (made.length < length) made += one(one(mix));
  // A few have more marks on one letter than a segment holds.
  if (below(400) === 0) made = made.slice(0, below(100)) + 'e' + '\u0301'.repeat(60 + below(100)) + made.slice(100);
  return made.toWellFormed();
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** How many segments it takes if clusters are cut only where they fit into none. */
function wholeClusters(made, units, [alone, each]) {
  const atoms = Array.from(segmenter.segment(made), ({ segment }) => Array.from(segment, units).filter((n) => n > 0));
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  const all = sum(atoms.flat());
  if (all <= alone) return Math.sign(all);
  let [count, used] = [1, 0];
  const put = (size) => {
    if (used + size > each) [count, used] = [count + 1, 0];
    used += size;
  };
  for (const cluster of atoms) {
    const size = sum(cluster);
    if (size <= each) {
      put(size);
      continue;
    }
    // Too long for any segment: from the beginning of one it is cut between its characters.
    if (used > 0) [count, used] = [count + 1, 0];
    cluster.forEach(put);
  }
  return count;
}

for (let made = 0; made < TEXTS; made += 1) {
  const [input, on] = [text(), below(3) === 0];
  const { encodingName, segmentsCount } = new SegmentedMessage(input, 'auto', on);
  const all = on ? Array.from(input, (c) => smart[c] ?? c).join('') : input;
  // Smart encoding changes all or nothing here, which is where the two differ.
  const fits = septets(all).every(Boolean);
  const most = fits ? wholeClusters(all, (c) => gsm[c.codePointAt(0)].length, [160, 153]) : wholeClusters(input, (c) => c.length, [70, 67]);
  console.log(JSON.stringify([input, on, encodingName, segmentsCount, most, all]));
}
