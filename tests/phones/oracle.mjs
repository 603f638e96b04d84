// Prints numbers and what google-libphonenumber makes of each, for `tests/phones.rs` to compare. Three lists: the
// examples of all regions and types in every way of writing them, 100,000 numbers made by changing some digits, and
// numbers behind the prefixes for calls abroad of all regions. All deterministic. It is the very package that the table
// is made from, so the releases of both metadata are the same.
import { createRequire } from 'node:module';

import { random } from '../random.mjs';

const require = createRequire(import.meta.url);
const libphonenumber = require('google-libphonenumber');
const { name, version } = require('google-libphonenumber/package.json');

const { metadata, PhoneNumberFormat: Format, PhoneNumberType: Type, PhoneNumberUtil } = libphonenumber;
const { IS_POSSIBLE } = PhoneNumberUtil.ValidationResult;
const MUTATED = 100_000;
const util = PhoneNumberUtil.getInstance();
const { countryCodeToRegionCodeMap: codes, countryToMetadata: regions } = metadata;
const typeNames = Object.fromEntries(Object.entries(Type).map(([key, value]) => [value, key.toLowerCase().replaceAll('_', '-')]));

// The same numbers in every run.
const below = random(2_463_534_242);
const one = (list) => list[below(list.length)];

// A random text that a pattern of the metadata matches.
function sample(pattern) {
  let at = 0;
  function choice() {
    const ways = [[]];
    while (at < pattern.length && pattern[at] !== ')') {
      if (pattern[at] === '|') {
        at += 1;
        ways.push([]);
      } else {
        ways.at(-1).push(term());
      }
    }
    return () => one(ways).map((make) => make()).join('');
  }
  function term() {
    let make;
    if (pattern[at] === '(') {
      at += pattern.startsWith('(?:', at) ? 3 : 1;
      make = choice();
      at += 1;
    } else if (pattern[at] === '[') {
      const end = pattern.indexOf(']', at);
      const digits = [...'0123456789'].filter((digit) => new RegExp(pattern.slice(at, end + 1)).test(digit));
      make = () => one(digits);
      at = end + 1;
    } else if (pattern[at] === '\\') {
      make = () => String(below(10));
      at += 2;
    } else {
      const digit = pattern[at];
      make = () => digit;
      at += 1;
    }
    const [text, , fewest, most] = /^(\?|\{(\d+)(?:,(\d+))?\})?/.exec(pattern.slice(at));
    at += text.length;
    if (!text) return make;
    const range = text === '?' ? [0, 1] : [Number(fewest), Number(most ?? fewest)];
    return () => Array.from({ length: range[0] + below(range[1] - range[0] + 1) }, make).join('');
  }
  return choice()();
}

// What the number becomes when it is read until that changes nothing: the parser may find a second prefix.
function settled(e164) {
  for (let times = 0; times < 15; times += 1) {
    let again;
    try {
      again = util.format(util.parse(e164, undefined), Format.E164);
    } catch {
      return e164;
    }
    if (again === e164) break;
    e164 = again;
  }
  return e164;
}

// What the oracle says: how good a number it is, E.164, and of a valid one region and type; last the settled E.164.
function answer(text, region) {
  let number;
  try {
    number = util.parse(text, region);
  } catch {
    return ['refused', '', '', '', ''];
  }
  const valid = util.isValidNumber(number);
  const state = valid ? 'valid' : util.isPossibleNumberWithReason(number) === IS_POSSIBLE ? 'possible' : 'impossible';
  const e164 = util.format(number, Format.E164);
  return [state, e164, valid ? util.getRegionCodeForNumber(number) : '', valid ? typeNames[util.getNumberType(number)] : '', valid ? e164 : settled(e164)];
}

const seen = new Set();
function print(list, text, region) {
  const key = `${text}\t${region ?? ''}`;
  if (seen.has(key)) return false;
  seen.add(key);
  console.log([list, key, ...answer(text, region)].join('\t'));
  return true;
}

// Fields of PhoneMetadata that describe numbers: all types, the general one first.
const DESCRIPTIONS = [1, 2, 3, 4, 5, 6, 7, 8, 21, 25, 28];

console.log(`${name} ${version}`);
const pool = [];
for (const [code, names] of Object.entries(codes)) {
  for (const region of names) {
    const national = region !== '001';
    const data = regions[national ? region : code];
    for (const number of DESCRIPTIONS) {
      const { 2: pattern, 7: example } = data[number] ?? [];
      if (!pattern) continue;
      const digits = new Set(Array.from({ length: 12 }, () => sample(pattern)));
      if (example) digits.add(example);
      for (const text of digits) {
        const international = `+${code}${text}`;
        pool.push([code, text, national ? region : undefined]);
        print('written', international);
        let number;
        try {
          number = util.parse(international, undefined);
        } catch {
          continue;
        }
        if (text !== example && below(4) > 0) continue;
        print('written', util.format(number, Format.INTERNATIONAL));
        print('written', util.format(number, Format.RFC3966));
        print('written', `+${code} (0) ${text}`);
        print('written', `00${code} ${text}`, 'DE');
        if (!national) continue;
        print('written', util.format(number, Format.NATIONAL), region);
        print('written', text, region);
        print('written', `${code}${text}`, region);
        print('written', `${data[12] ?? '0'}${text}`, region);
        print('written', util.formatOutOfCountryCallingNumber(number, 'AU'), 'AU');
        print('written', util.formatOutOfCountryCallingNumber(number, 'US'), 'US');
        print('written', util.formatOutOfCountryCallingNumber(number, 'JP'), 'JP');
      }
    }
  }
}

const names = Object.values(codes).flat().filter((region) => region !== '001');
const digit = () => String(below(10));
for (let made = 0; made < MUTATED; ) {
  const [code, national, region] = one(pool);
  const way = below(8);
  let digits = way === 0 ? Array.from({ length: 4 + below(10) }, digit).join('') : national;
  const at = below(digits.length);
  if (way === 1) digits = digits.slice(0, at) + digits.slice(at + 1);
  if (way === 2) digits = digits.slice(0, at) + digit() + digits.slice(at);
  if (way >= 3 && way <= 5) digits = digits.slice(0, at) + digit() + digits.slice(at + 1);
  if (way === 6) digits = digits.slice(0, at) + Array.from(digits.slice(at), digit).join('');
  const form = below(8);
  if (form <= 3) made += print('mutated', `+${code}${digits}`);
  if (form === 4 || form === 5) made += print('mutated', digits, region ?? one(names));
  if (form === 6) made += print('mutated', digits, one(names));
  if (form === 7) made += print('mutated', `${one(['0', '1', '8', '00', '011', code])}${digits}`, region ?? one(names));
}

// Numbers as they are dialled from another country: behind each prefix for calls abroad that a region has, and behind 00.
for (const region of names) {
  const { 11: pattern, 17: preferred } = regions[region];
  const prefixes = new Set(['00', ...(preferred ? [preferred] : []), ...Array.from({ length: 24 }, () => sample(pattern))]);
  for (const prefix of prefixes) {
    for (let count = 0; count < 16; count += 1) {
      const [code, national] = one(pool);
      print('dialled', `${prefix}${code}${national}`, region);
    }
  }
}
