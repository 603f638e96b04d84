// Prints templates with variables and what liquidjs renders them to, for `tests/liquid.rs` to compare. First its
// release; then templates that were put together by chance from a grammar of Liquid, the same in every run: each with
// its variables as JSON, what it was made of, and the text, or null where liquidjs refuses it.
import { createRequire } from 'node:module';

import { random } from '../random.mjs';

const require = createRequire(import.meta.url);
const { Liquid } = require('liquidjs');
const { name, version } = require('liquidjs/package.json');
const FILTERED = 4_000;
const TAGGED = 4_000;

// The same templates in every run.
const below = random(2_463_534_242);
const one = (list) => list[below(list.length)];
const often = (times, of) => below(of) < times;

const people = [
  { name: 'Zoë', age: 31, city: 'Bern', vip: true },
  { name: 'ali', age: 27, city: 'Rome', vip: false },
  { name: 'Bo', age: 31, city: 'Rome' },
];
const VARIABLES = {
  name: 'anne-marie', title: 'Ground Control to Major Tom', blank: '  ', none: '', html: '<b>1 & 2</b> "x"',
  padded: ' \n padded\t', lines: 'one\ntwo\r\nthree', csv: 'b,a,,c', code: 'ab+c%20d', date: '2016-03-14T10:11:12Z',
  count: 3, zero: 0, minus: -7, price: 19.95, half: 2.5, digits: '12', decimal: '3.50', mixed: '7up', yes: true, no: false,
  nil: null, words: ['delta', 'Alpha', 'charlie', 'Bravo', 'alpha'], numbers: [5, 3, 8, 3], nobody: [], people, person: people[0],
};
const TEXTS = ['name', 'title', 'blank', 'none', 'html', 'padded', 'lines', 'csv', 'code', 'person.name', 'digits', 'decimal', 'mixed'];
const NUMBERS = ['count', 'zero', 'minus', 'price', 'half', 'digits', 'decimal', 'person.age', '4', '-2', '1.25', '0', '10'];
const LISTS = ['words', 'numbers', 'nobody', 'people'];
const OTHERS = ['nil', 'yes', 'no', 'missing', 'person.nothing'];
const QUOTED = ["'a'", "''", "' '", "','", "'x y'", '"b"', "'0'", "'Ground'"];
const KEYS = ["'name'", "'age'", "'city'", "'vip'", "'nothing'"];
const FORMATS = ["'%Y-%m-%d'", "'%-d %b %y, %H:%M'", "'%A %j %p'", "'%s'", "'%e. %B %l %M %S'", "'%% %y %w %u'"];

const text = () => one(often(1, 3) ? QUOTED : TEXTS);
const number = () => one(NUMBERS);
const whole = () => String(below(9) - 2);
const key = () => one(KEYS);
const any = () => one(one([TEXTS, NUMBERS, OTHERS, QUOTED]));

/** Filters by what they take, with what their arguments are. */
const FILTERS = {
  text: [
    ['append', text], ['prepend', text], ['capitalize'], ['downcase'], ['upcase'], ['strip'], ['lstrip'], ['rstrip'],
    ['strip_newlines'], ['newline_to_br'], ['replace', text, text], ['replace_first', text, text], ['replace_last', text, text],
    ['remove', text], ['remove_first', text], ['remove_last', text], ['slice', whole], ['slice', whole, whole], ['size'],
    ['truncate', whole], ['truncate', whole, text], ['truncatewords', whole], ['truncatewords', whole, text], ['escape'],
    ['escape_once'], ['strip_html'], ['url_encode'], ['url_decode'], ['base64_encode'], ['default', any], ['first'], ['last'],
    ['split', text],
  ],
  number: [
    ['abs'], ['at_least', number], ['at_most', number], ['ceil'], ['floor'], ['round'], ['round', whole], ['plus', number],
    ['minus', number], ['times', number], ['divided_by', number], ['modulo', number],
  ],
  list: [
    ['compact'], ['concat', () => one(LISTS)], ['reverse'], ['sort'], ['sort', key], ['sort_natural'], ['sort_natural', key],
    ['uniq'], ['uniq', key], ['where', key], ['where', key, any], ['reject', key], ['reject', key, any], ['slice', whole, whole],
  ],
  // What is asked of a list, and is none.
  answer: [
    ['first'], ['last'], ['join'], ['join', text], ['sum'], ['sum', key], ['find', key, any], ['find_index', key, any],
    ['has', key, any], ['has', key], ['size'],
  ],
};

function filter(kind, made) {
  const [filterName, ...takes] = one(FILTERS[kind]);
  made.push(filterName);
  const given = takes.map((take) => take());
  return ` | ${filterName}${given.length ? `: ${given.join(', ')}` : ''}`;
}

/** A value and filters for its kind. What people are is not shown, only what they have. */
function chain(made) {
  switch (below(4)) {
    case 0:
      return one(TEXTS) + filter('text', made) + (often(1, 3) ? filter('text', made) : '');
    case 1:
      return number() + filter('number', made) + (often(1, 3) ? filter('number', made) : '');
    case 2: {
      const list = one(LISTS);
      const written = list + filter('list', made) + (often(1, 3) ? filter('list', made) : '');
      return `${written} | ${list === 'people' || written.includes('people') ? `map: ${key()}` : 'join: "/"'}`;
    }
    default:
      return often(1, 2) ? any() + filter(one(['text', 'number']), made) : `${one(LISTS)}${filter('answer', made)}`;
  }
}

/** One whose text every reader agrees on, for blocks. */
const agreed = () => one([...TEXTS.map((name) => `${name} | ${one(['upcase', 'strip', "append: '!'", "default: 'none'", 'size'])}`), 'count | plus: 2']);

const operand = () => one([...TEXTS, ...NUMBERS, ...OTHERS, ...QUOTED, 'empty', 'blank', 'true', 'false', 'words']);
function comparison(made) {
  if (often(1, 4)) return operand();
  const operator = one(['==', '!=', '<', '>', '<=', '>=', 'contains']);
  made.push(operator);
  return `${operand()} ${operator} ${operand()}`;
}
function condition(made) {
  let written = comparison(made);
  while (often(1, 4)) written += ` ${one(['and', 'or'])} ${comparison(made)}`;
  return written;
}

const plain = () => one(['a', ' b ', '\n', 'é', ' c\n', '-', '.']);
const dash = (made) => {
  if (!often(1, 12)) return '';
  made.push('dash');
  return '-';
};
function tag(made, inside) {
  return `{%${dash(made)} ${inside} ${dash(made)}%}`;
}
function output(made, inside) {
  return `{{${dash(made)} ${inside} ${dash(made)}}}`;
}

/** A few blocks, one inside another at most three deep. */
function blocks(made, depth, looped) {
  let written = '';
  for (let left = 1 + below(3); left > 0; left -= 1) written += block(made, depth, looped);
  return written;
}
function block(made, depth, looped) {
  const simple = [
    () => plain(),
    () => output(made, any()),
    () => output(made, agreed()),
    () => tag(made, `assign v = ${agreed()}`) + output(made, 'v'),
    () => tag(made, `increment n`),
    () => tag(made, `decrement n`),
    () => tag(made, `cycle ${one(["'a', 'b'", "'x', 'y', 'z'", "'g': 1, 2"])}`),
    () => tag(made, `echo ${any()}`),
    () => tag(made, '# nothing'),
    () => tag(made, 'comment') + plain() + tag(made, 'endcomment'),
    () => tag(made, 'raw') + '{{ x }}' + '{% endraw %}',
    () => output(made, one(['people[0].name', 'people.first.city', 'words.last', 'words[-1]', 'words.size', 'person["age"]', 'title.size'])),
  ];
  if (looped) {
    simple.push(() => output(made, 'item'), () => output(made, `forloop.${one(['index', 'index0', 'rindex', 'first', 'last', 'length'])}`));
    simple.push(() => tag(made, `if forloop.index == 2`) + tag(made, one(['break', 'continue'])) + tag(made, 'endif'));
  }
  if (depth === 0 || often(1, 2)) return one(simple)();
  const nested = () => blocks(made, depth - 1, looped);
  switch (below(6)) {
    case 0: {
      made.push('if');
      let written = tag(made, `if ${condition(made)}`) + nested();
      if (often(1, 3)) written += tag(made, `elsif ${condition(made)}`) + nested();
      if (often(1, 2)) written += tag(made, 'else') + nested();
      return written + tag(made, 'endif');
    }
    case 1:
      made.push('unless');
      return tag(made, `unless ${condition(made)}`) + nested() + (often(1, 2) ? tag(made, 'else') + nested() : '') + tag(made, 'endunless');
    case 2: {
      made.push('case');
      const when = () => tag(made, `when ${operand()}${often(1, 3) ? `${one([',', ' or'])} ${operand()}` : ''}`) + nested();
      return tag(made, `case ${operand()}`) + when() + (often(1, 2) ? when() : '') + (often(1, 2) ? tag(made, 'else') + nested() : '') + tag(made, 'endcase');
    }
    case 3: {
      made.push('for');
      const list = one(['words', 'numbers', 'nobody', '(1..4)', '(2..count)', 'nil', 'name', 'person']);
      const how = (often(1, 4) ? ` limit: ${below(4)}` : '') + (often(1, 4) ? ` offset: ${below(3)}` : '');
      if (list === 'name') made.push('for of a text');
      if (how) made.push('for of a part');
      const reversed = often(1, 5) ? ' reversed' : '';
      const body = blocks(made, depth - 1, true);
      return tag(made, `for item in ${list}${reversed}${how}`) + body + (often(1, 4) ? tag(made, 'else') + plain() : '') + tag(made, 'endfor');
    }
    case 4:
      made.push('capture');
      return tag(made, 'capture w') + nested() + tag(made, 'endcapture') + '[' + output(made, 'w') + ']';
    default:
      made.push('tablerow');
      return tag(made, `tablerow item in ${one(['words', 'numbers', 'nobody'])}${often(1, 2) ? ` cols: ${1 + below(3)}` : ''}`) + output(made, 'item') + tag(made, 'endtablerow');
  }
}

const engine = new Liquid({ strictFilters: true, timezoneOffset: 0, ownPropertyOnly: true });
function print(template, made) {
  let rendered = null;
  try {
    rendered = engine.parseAndRenderSync(template, structuredClone(VARIABLES));
  } catch {
    // Refused.
  }
  console.log(JSON.stringify([template, [...new Set(made)], rendered]));
}

console.log(JSON.stringify(`${name} ${version}`));
console.log(JSON.stringify(VARIABLES));
for (let left = FILTERED; left > 0; left -= 1) {
  const made = [];
  print(output(made, chain(made)), made);
}
for (let left = TAGGED; left > 0; left -= 1) {
  const made = [];
  print(blocks(made, 3, false), made);
}
