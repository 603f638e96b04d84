// Prints libphonenumber's metadata: the release, then one line for each region of each calling code, both in
// libphonenumber's own order, with tabs between the fields. `metadata.rs` reads it.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { countryCodeToRegionCodeMap: codes, countryToMetadata: regions } = require('google-libphonenumber').metadata;
const { name, version } = require('google-libphonenumber/package.json');

// Fields of PhoneMetadata and PhoneNumberDesc, by their numbers in libphonenumber's phonemetadata.proto.
const [INTERNATIONAL_PREFIX, NATIONAL_PREFIX, TRANSFORM, SAME_MOBILE_AND_FIXED, LEADING_DIGITS] = [11, 15, 16, 18, 23];
const [PATTERN, LENGTHS, LOCAL_LENGTHS] = [2, 9, 10];
// General, then the types in the order in which libphonenumber asks for them.
const DESCRIPTIONS = [1, 5, 4, 6, 8, 7, 21, 25, 28, 2, 3];

console.log(`${name} ${version}`);
for (const [code, names] of Object.entries(codes)) {
  for (const region of names) {
    const data = regions[region === '001' ? code : region];
    const fields = [code, region, data[INTERNATIONAL_PREFIX], data[NATIONAL_PREFIX], data[TRANSFORM]];
    fields.push(data[LEADING_DIGITS], data[SAME_MOBILE_AND_FIXED] ? 'same' : 'apart');
    for (const number of DESCRIPTIONS) {
      const description = data[number] ?? [];
      fields.push(description[PATTERN], description[LENGTHS]?.join(), description[LOCAL_LENGTHS]?.join());
    }
    console.log(fields.map((field) => field ?? '').join('\t'));
  }
}
