//! Templates and values that cost much, made of bytes, so that each is a whole one: long values, and templates that look
//! through them, in loops that never end by themselves.

/// How long all values may be together, in bytes of JSON.
const ROOM: usize = 150_000;
/// How long a template may become before nothing is repeated any more, in bytes.
const LONGEST: usize = 60_000;
/// How deep statements, expressions and values go.
const DEPTH: usize = 4;

/// The variables that have values. Templates assign to some of them, too.
const NAMES: [&str; 4] = ["a", "b", "c", "d"];
/// How often something is there again.
const TIMES: [usize; 10] = [1, 2, 3, 20, 70, 300, 2_000, 9_000, 40_000, 150_000];
/// What long texts are made of, as JSON.
const UNITS: [&str; 20] = [
    "x", " ", "7", "é", "a b ", "&", "<", "&amp;", "<script", "<!--", "\\u0001", "\\n", "=", "QUJD", "%41", "-1.5,",
    "_1", "A", "%1000d", "🙂",
];
/// The filters, one that does not exist, and with how many arguments each is called.
const FILTERS: &str = "abs append:1 at_least:1 at_most:1 base64_decode base64_encode base64_url_safe_decode \
    base64_url_safe_encode capitalize ceil compact compact:1 concat:1 date:1 default:1 divided_by:1 downcase escape \
    escape_once find:1 find:2 find_index:2 first floor h has:1 has:2 join:1 last lstrip map:1 minus:1 modulo:1 \
    newline_to_br nope plus:1 prepend:1 reject:2 remove:1 remove_first:1 remove_last:1 replace:2 replace_first:2 \
    replace_last:2 reverse round:1 rstrip size slice:1 slice:2 sort sort:1 sort_natural sort_natural:1 split:1 squish \
    strip strip_html strip_newlines sum sum:1 times:1 truncate:1 truncate:2 truncatewords:2 uniq uniq:1 upcase \
    url_decode url_encode where:1 where:2";
const NUMBERS: &str = "0 1 -7 3000 2.5 1e300 1e-300 123456789.123456789";
const SMALL: &str = "null true false \"\" \"now\" \"1\" [] {}";
const LITERALS: &str =
    "blank empty nil true 1 0 -3 70000 2.5 99999999999999999999 '' 'x' 'a' ',' '%s%B' 'now' '1' \"y\"";

/// The template that some bytes make, and the values of its variables.
pub(super) fn made_of(data: &[u8]) -> (String, String) {
    let mut maker = Maker { data, out: String::new(), room: ROOM };
    let mut values = String::from("{");
    for name in NAMES {
        maker.value(DEPTH);
        let value = std::mem::take(&mut maker.out);
        values += &format!("\"{name}\":{value},");
    }
    values += "\"e\":{}}";
    maker.room = LONGEST;
    let pads = ["", "{% comment %}", "", "é"];
    let pad = pads[maker.next(pads.len())];
    let padding = if pad.is_empty() { 0 } else { maker.times().min(20_000) };
    maker.repeated(if pad == "é" { "é" } else { " " }, padding);
    let padding = std::mem::take(&mut maker.out);
    let comment = if pad.starts_with('{') { ("{% comment %}", "{% endcomment %}") } else { ("", "") };
    maker.statements(DEPTH);
    let body = maker.out;
    let text = format!(
        "{}{padding}{}{{% for m in (1..1000) %}}{{% for n in (1..1000) %}}{body}{{% endfor %}}{{% endfor %}}",
        comment.0, comment.1
    );
    (text, values)
}

/// Makes texts of bytes: each choice takes one, and those after the last take the first of what there is.
struct Maker<'d> {
    data: &'d [u8],
    out: String,
    /// How much longer it may become.
    room: usize,
}

impl Maker<'_> {
    fn next(&mut self, count: usize) -> usize {
        let Some((first, rest)) = self.data.split_first() else { return 0 };
        self.data = rest;
        usize::from(*first) % count
    }

    fn one_of<'s>(&mut self, words: &[&'s str]) -> &'s str {
        words[self.next(words.len())]
    }

    fn word<'s>(&mut self, words: &'s str) -> &'s str {
        let all: Vec<&str> = words.split_whitespace().collect();
        self.one_of(&all)
    }

    fn times(&mut self) -> usize {
        TIMES[self.next(TIMES.len())]
    }

    fn push(&mut self, text: &str) {
        self.room = self.room.saturating_sub(text.len());
        self.out.push_str(text);
    }

    /// Writes something as often as there is room for.
    fn repeated(&mut self, text: &str, times: usize) {
        let most = self.room / text.len().max(1);
        self.push(&text.repeat(times.min(most)));
    }

    /// What is written by `make`, taken out again.
    fn apart(&mut self, make: impl FnOnce(&mut Self)) -> String {
        let start = self.out.len();
        make(self);
        self.out.split_off(start)
    }

    /// A value as JSON.
    fn value(&mut self, depth: usize) {
        let kinds = if depth == 0 { 3 } else { 8 };
        match self.next(kinds) {
            0 => self.long_text(),
            1 => {
                let number = self.word(NUMBERS);
                self.push(number);
            }
            2 => {
                let word = self.word(SMALL);
                self.push(word);
            }
            3 => {
                let item = self.apart(|maker| maker.value(depth - 1));
                self.listed(&item, "");
            }
            // Texts that differ at their ends.
            4 => {
                let front = self.apart(Self::text_inside);
                self.listed(&["\"", &front].concat(), "\"");
            }
            5 => {
                let front = self.apart(Self::text_inside);
                let member = self.apart(|maker| maker.value(depth - 1));
                self.push("{");
                let each = front.len() + member.len() + 8;
                for at in 0..self.times().min(self.room / each) {
                    let comma = if at > 0 { "," } else { "" };
                    self.push(&format!("{comma}\"{front}{at:04}\":{member}"));
                }
                self.push("}");
            }
            6 => {
                let name = self.one_of(&["a", "b", "x"]);
                let member = self.apart(|maker| maker.value(depth - 1));
                let object = format!("{{\"{name}\":{member}}}");
                self.listed(&object, "");
            }
            _ => {
                let inner = self.apart(|maker| maker.value(0));
                let deep = self.times().min(90);
                self.push(&"[".repeat(deep));
                self.push(&inner);
                self.push(&"]".repeat(deep));
            }
        }
    }

    /// A list of one thing many times; with an end each is numbered in front of that.
    fn listed(&mut self, item: &str, end: &str) {
        self.push("[");
        let most = self.room / (item.len() + 8);
        for at in 0..self.times().min(most) {
            let number = if end.is_empty() { String::new() } else { format!("{at:04}") };
            self.push(&[if at > 0 { "," } else { "" }, item, &number, end].concat());
        }
        self.push("]");
    }

    fn long_text(&mut self) {
        self.push("\"");
        self.text_inside();
        self.push("\"");
    }

    fn text_inside(&mut self) {
        let (unit, times) = (self.one_of(&UNITS), self.times());
        self.repeated(unit, times);
        let end = self.one_of(&["", "", "y", "=", "é"]);
        self.push(end);
    }

    /// A body of one to four statements.
    fn statements(&mut self, depth: usize) {
        for _ in 0..=self.next(4) {
            if self.room == 0 {
                return;
            }
            let statement = self.apart(|maker| maker.statement(depth));
            let times = if self.next(6) == 5 { self.times() } else { 1 };
            self.repeated(&statement, times);
        }
    }

    fn statement(&mut self, depth: usize) {
        let kinds = if depth == 0 { 7 } else { 13 };
        match self.next(kinds) {
            0 => {
                self.push("{{ ");
                self.chain();
                self.push(" }}");
            }
            1 => {
                let name = self.one_of(&["x", "y", "a"]);
                self.push(&format!("{{% assign {name} = "));
                self.chain();
                self.push(" %}");
            }
            2 => {
                self.push("{% if ");
                self.condition();
                self.push(" %}x{% endif %}");
            }
            3 => {
                self.push("{% cycle ");
                if self.next(2) == 1 {
                    self.expression(1);
                    self.push(": ");
                }
                self.expressions(1);
                self.push(" %}");
            }
            4 => {
                let tag =
                    self.one_of(&["{% increment x %}", "{% decrement k %}", "{% increment a %}", "{% continue %}"]);
                self.push(tag);
            }
            5 => self.push("text"),
            6 => {
                self.push("{% case ");
                self.expression(1);
                self.push(" %}{% when ");
                self.expressions(1);
                self.push(" %}x{% else %}y{% endcase %}");
            }
            7 => self.around("{% capture y %}", "{% endcapture %}", depth),
            8 => self.around("{% ifchanged %}", "{% endifchanged %}", depth),
            9 => {
                self.push("{% unless ");
                self.condition();
                self.push(" %}");
                self.around("", "{% else %}z{% endunless %}", depth);
            }
            kind => {
                let table = kind == 12;
                self.push(if table { "{% tablerow i in " } else { "{% for i in " });
                self.expression(1);
                for bound in [" limit:", " offset:", " cols:"] {
                    if self.next(3) == 2 && (table || bound != " cols:") {
                        self.push(bound);
                        self.expression(1);
                    }
                }
                self.push(" %}");
                self.around("", if table { "{% endtablerow %}" } else { "{% endfor %}" }, depth);
            }
        }
    }

    fn around(&mut self, head: &str, end: &str, depth: usize) {
        self.push(head);
        self.statements(depth - 1);
        self.push(end);
    }

    fn chain(&mut self) {
        self.expression(2);
        for _ in 0..self.next(4) {
            let filter = self.apart(Self::filter);
            let times = if self.next(8) == 7 { self.times() } else { 1 };
            self.repeated(&filter, times);
        }
    }

    fn filter(&mut self) {
        let called = self.word(FILTERS);
        let (name, count) = called.split_once(':').unwrap_or((called, "0"));
        let most = count.parse().unwrap_or_default();
        self.push(" | ");
        self.push(name);
        let mut mark = ": ";
        for _ in 0..most {
            self.push(mark);
            self.expression(1);
            mark = ", ";
        }
        if self.next(8) == 7 {
            let named = self.apart(|maker| {
                maker.push(", allow_false: ");
                maker.expression(1);
            });
            let times = self.times();
            let named = if most == 0 { named.replacen(",", ":", 1) } else { named };
            self.push(&named);
            if most > 0 {
                self.repeated(&named, times);
            }
        }
    }

    fn condition(&mut self) {
        let one = self.apart(|maker| {
            maker.expression(2);
            if maker.next(4) > 0 {
                let operator = maker.one_of(&[" == ", " != ", " < ", " >= ", " contains ", " == "]);
                maker.push(operator);
                maker.expression(2);
            }
        });
        self.push(&one);
        if self.next(8) == 7 {
            let join = self.one_of(&[" and ", " or "]);
            let times = self.times();
            self.repeated(&format!("{join}{one}"), times);
        }
    }

    /// One or more, with commas.
    fn expressions(&mut self, depth: usize) {
        self.expression(depth);
        for _ in 0..self.next(3) {
            let more = self.apart(|maker| {
                maker.push(", ");
                maker.expression(depth);
            });
            let times = if self.next(8) == 7 { self.times() } else { 1 };
            self.repeated(&more, times);
        }
    }

    fn expression(&mut self, depth: usize) {
        let kinds = if depth == 0 { 4 } else { 8 };
        match self.next(kinds) {
            0 | 4 => {
                let name = self.word("a b c d x y i n forloop e lacking");
                self.push(name);
            }
            1 | 2 => {
                let literal = self.word(LITERALS);
                self.push(literal);
            }
            3 => {
                let unit = self.one_of(&["x", "é", "%c", " ", "7"]);
                let times = self.times();
                self.push("'");
                self.repeated(unit, times);
                self.push("'");
            }
            5 => {
                self.push("(");
                self.expression(0);
                self.push("..");
                self.expression(0);
                self.push(")");
            }
            6 => {
                self.push("[");
                self.expression(depth - 1);
                self.push("]");
            }
            _ => {
                let name = self.word("a b c d x y i forloop");
                self.push(name);
                let step = self.apart(|maker| match maker.next(6) {
                    0 => maker.push(".size"),
                    1 => maker.push(".first"),
                    2 => maker.push(".last"),
                    3 => maker.push(".a"),
                    4 => maker.push(".parentloop"),
                    _ => {
                        maker.push("[");
                        maker.expression(depth - 1);
                        maker.push("]");
                    }
                });
                let times = if self.next(6) == 5 { self.times() } else { 1 };
                self.repeated(&step, times);
            }
        }
    }
}
