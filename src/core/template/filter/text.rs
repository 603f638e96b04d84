//! Filters that make one text of another. Characters are Unicode's; white space is that of ASCII, as in Ruby.
//!
//! Source of each: its page at <https://shopify.dev/docs/api/liquid/filters>.

use super::{Call, Filter, Length, Nil, Outcome, Run, Texts, Write, Writer, as_text, letters, whole};
use crate::template::search::Search;
use crate::template::space::{is_space, strips, trim_end, trim_start, word};
use crate::template::value::Value;

const fn row(name: &'static str, arguments: (u8, u8), length: Length, run: Run) -> Filter {
    Filter { name, arguments, named: "", length, run }
}

const fn text(name: &'static str, arguments: (u8, u8), length: Length, write: Write) -> Filter {
    row(name, arguments, length, Run::Text(Nil::Empty, write))
}

pub(super) const FILTERS: &[Filter] = &[
    text("append", (1, 1), Length::Sum, |of, out| {
        out.push(of.text);
        out.push(of.first);
    }),
    text("prepend", (1, 1), Length::Sum, |of, out| {
        out.push(of.first);
        out.push(of.text);
    }),
    text("capitalize", (0, 0), Length::Times(3), |of, out| change_case(of, Case::First, out)),
    text("downcase", (0, 0), Length::Times(3), |of, out| change_case(of, Case::Lower, out)),
    text("upcase", (0, 0), Length::Times(3), |of, out| change_case(of, Case::Upper, out)),
    text("strip", (0, 0), Length::Shorter, |of, out| strip(of, true, true, out)),
    text("lstrip", (0, 0), Length::Shorter, |of, out| strip(of, true, false, out)),
    text("rstrip", (0, 0), Length::Shorter, |of, out| strip(of, false, true, out)),
    row("squish", (0, 0), Length::Shorter, Run::Text(Nil::Stays, squish)),
    text("strip_newlines", (0, 0), Length::Shorter, |of, out| replace_newlines(of, "", out)),
    text("newline_to_br", (0, 0), Length::Times(7), |of, out| replace_newlines(of, "<br />\n", out)),
    text("replace", (1, 2), Length::Any, |of, out| replace(of, Which::All, out)),
    text("replace_first", (1, 2), Length::Any, |of, out| replace(of, Which::First, out)),
    text("replace_last", (2, 2), Length::Any, |of, out| replace(of, Which::Last, out)),
    text("remove", (1, 1), Length::Shorter, |of, out| replace(of, Which::All, out)),
    text("remove_first", (1, 1), Length::Shorter, |of, out| replace(of, Which::First, out)),
    text("remove_last", (1, 1), Length::Shorter, |of, out| replace(of, Which::Last, out)),
    row("slice", (1, 2), Length::Shorter, Run::Value(slice)),
    row("truncate", (0, 2), Length::Any, Run::Cut(50, truncate)),
    row("truncatewords", (0, 2), Length::Any, Run::Cut(15, truncatewords)),
];

#[derive(PartialEq, Eq)]
enum Case {
    First,
    Lower,
    Upper,
}

fn change_case(of: &Texts<'_>, case: Case, out: &mut Writer<'_>) {
    if of.text.is_ascii() {
        out.push(of.text);
        if case == Case::Upper {
            out.text().make_ascii_uppercase();
        } else {
            out.text().make_ascii_lowercase();
        }
        if let (Case::First, Some(first)) = (case, out.text().get_mut(..1)) {
            first.make_ascii_uppercase();
        }
        return;
    }
    let mut first = case == Case::First;
    for c in of.text.chars() {
        let upper = first || case == Case::Upper;
        let changed = if upper { letters::upper(c) } else { letters::lower(c) };
        for (place, letter) in changed.into_iter().enumerate() {
            if place > 0 && letter == '\0' {
                break;
            }
            // Of what one letter becomes, only the first is a capital: Ss for ß.
            out.push_char(if first && place > 0 { letters::lower(letter)[0] } else { letter });
        }
        first = false;
    }
}

fn strip(of: &Texts<'_>, left: bool, right: bool, out: &mut Writer<'_>) {
    let end = if right { trim_end(of.text, strips).len() } else { of.text.len() };
    let kept = of.text.get(..end).unwrap_or_default();
    out.keep(if left { end - trim_start(kept, strips).len() } else { 0 }, end);
}

/// Leaves one blank of white space inside, and none around.
fn squish(of: &Texts<'_>, out: &mut Writer<'_>) {
    let mut rest = trim_end(trim_start(of.text, strips), strips);
    while !rest.is_empty() {
        let (word, behind) = rest.split_at_checked(word(rest)).unwrap_or_default();
        out.push(word);
        rest = trim_start(behind, is_space);
        out.push(if rest.is_empty() { "" } else { " " });
    }
}

/// A carriage return before a newline belongs to it.
fn replace_newlines(of: &Texts<'_>, by: &str, out: &mut Writer<'_>) {
    let mut rest = of.text;
    while let Some((line, behind)) = rest.split_once('\n') {
        out.push(line.strip_suffix('\r').unwrap_or(line));
        out.push(by);
        rest = behind;
    }
    out.push(rest);
}

#[derive(PartialEq, Eq)]
enum Which {
    All,
    First,
    Last,
}

/// Puts the second argument, or nothing, in the place of the first. The empty text is found around every character.
fn replace(of: &Texts<'_>, which: Which, out: &mut Writer<'_>) {
    let mut copied = 0;
    let mut put = |at: usize| {
        out.push(of.text.get(copied..at).unwrap_or_default());
        out.push(of.second);
        copied = at + of.first.len();
    };
    let (mut search, mut last) = (Search::new(of.text, of.first), None);
    while let Some(at) = search.next() {
        if which == Which::Last {
            last = Some(at);
            continue;
        }
        put(at);
        if which == Which::First {
            break;
        }
        search.pass();
    }
    if let Some(last) = last {
        put(last);
    }
    out.push(of.text.get(copied..).unwrap_or_default());
}

/// Where a character begins, counted from 0; the end of the text for the one after the last. None beyond.
fn place(text: &str, index: usize) -> Option<usize> {
    if index > text.len() {
        return None;
    }
    // Only as far as that: what is cut off may be long.
    if text.get(..index).is_some_and(str::is_ascii) {
        return Some(index);
    }
    text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(index)
}

/// That many characters or elements from an offset on, which counts from the end where it is negative; without a length,
/// one of them.
fn slice(call: &mut Call<'_>) -> Outcome {
    let offset = whole(call.arguments.first(), 0)?;
    let length = whole(call.arguments.get(1).filter(|length| length.is_truthy()), 1)?;
    let mut input = call.take();
    let count = if let Value::Array(values) = &input {
        values.len()
    } else {
        as_text(&mut input, &mut call.budget)?;
        input.as_str().chars().count()
    };
    // What is out of range is empty; after the end of a range that begins inside nothing is missed.
    let start = if offset < 0 {
        count.checked_sub(usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX))
    } else {
        usize::try_from(offset).ok()
    };
    let start = start.filter(|start| *start <= count && length >= 0).unwrap_or(count);
    let end = usize::try_from(length).unwrap_or(0).saturating_add(start).min(count);
    if let Value::Array(values) = &input {
        let mut part = Vec::new();
        part.extend_from_slice(values.get(start..end).unwrap_or_default());
        return call.list(part);
    }
    let text = input.as_str();
    let (start, end) = (place(text, start).unwrap_or(0), place(text, end).unwrap_or(0));
    call.part(input, start, end)
}

/// At most that many characters, the mark for what was left out included.
fn truncate(of: &Texts<'_>, out: &mut Writer<'_>) {
    let (text, length) = (of.text, usize::try_from(of.length));
    if length.is_ok_and(|length| place(text, length).is_none_or(|end| end == text.len())) {
        return out.keep(0, text.len());
    }
    let kept = length.unwrap_or(0).saturating_sub(of.second.chars().count());
    out.push(text.get(..place(text, kept).unwrap_or(0)).unwrap_or_default());
    out.push(of.second);
}

/// At most that many words, with a mark where others were left out.
fn truncatewords(of: &Texts<'_>, out: &mut Writer<'_>) {
    let mut rest = trim_start(of.text, is_space);
    for count in 1.. {
        let (word, behind) = rest.split_at_checked(word(rest)).unwrap_or_default();
        if behind.is_empty() {
            break;
        }
        out.push(word);
        if count >= of.length {
            return out.push(of.second);
        }
        out.push(" ");
        rest = trim_start(behind, is_space);
    }
    out.keep(0, of.text.len());
}
