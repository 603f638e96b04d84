//! Filters that make one text of another. Characters are Unicode's; white space is that of ASCII, as in Ruby.
//!
//! Source of each: its page at <https://shopify.dev/docs/api/liquid/filters>.

use super::{Call, Filter, Length, Outcome, letters};
use crate::template::failure::Failure;
use crate::template::number::whole_int;
use crate::template::value::{Str, Value, is_space};

const fn row(
    name: &'static str,
    arguments: (u8, u8),
    length: Length,
    run: for<'c, 'a> fn(&mut Call<'c, 'a>) -> Outcome<'a>,
) -> Filter {
    Filter { name, arguments, named: &[], length, run }
}

pub(super) const FILTERS: &[Filter] = &[
    row("append", (1, 1), Length::Sum, |call| {
        let added = call.argument(0);
        let added = call.text_of(&added)?;
        let mut text = call.input_text()?;
        call.budget.memory(added.len())?;
        text.push_str(&added);
        Ok(text.into())
    }),
    row("prepend", (1, 1), Length::Sum, |call| {
        let (input, added) = (call.take_input(), call.argument(0));
        let mut out = call.writer();
        out.push_value(&added)?;
        out.push_value(&input)?;
        Ok(out.finish().into())
    }),
    row("capitalize", (0, 0), Length::Times(3), |call| change_case(call, Case::First)),
    row("downcase", (0, 0), Length::Times(3), |call| change_case(call, Case::Lower)),
    row("upcase", (0, 0), Length::Times(3), |call| change_case(call, Case::Upper)),
    row("strip", (0, 0), Length::Shorter, |call| strip(call, true, true)),
    row("lstrip", (0, 0), Length::Shorter, |call| strip(call, true, false)),
    row("rstrip", (0, 0), Length::Shorter, |call| strip(call, false, true)),
    row("squish", (0, 0), Length::Shorter, squish),
    row("strip_newlines", (0, 0), Length::Shorter, |call| replace_newlines(call, "")),
    row("newline_to_br", (0, 0), Length::Times(7), |call| replace_newlines(call, "<br />\n")),
    row("replace", (1, 2), Length::Any, |call| replace(call, Which::All)),
    row("replace_first", (1, 2), Length::Any, |call| replace(call, Which::First)),
    row("replace_last", (2, 2), Length::Any, |call| replace(call, Which::Last)),
    row("remove", (1, 1), Length::Shorter, |call| replace(call, Which::All)),
    row("remove_first", (1, 1), Length::Shorter, |call| replace(call, Which::First)),
    row("remove_last", (1, 1), Length::Shorter, |call| replace(call, Which::Last)),
    row("slice", (1, 2), Length::Shorter, slice),
    row("truncate", (0, 2), Length::Any, truncate),
    row("truncatewords", (0, 2), Length::Any, truncatewords),
];

enum Case {
    First,
    Lower,
    Upper,
}

fn change_case<'a>(call: &mut Call<'_, 'a>, case: Case) -> Outcome<'a> {
    let mut text = call.input_text()?;
    if text.is_ascii() {
        if let Case::Upper = case {
            text.make_ascii_uppercase();
        } else {
            text.make_ascii_lowercase();
        }
        if let (Case::First, Some(first)) = (case, text.get_mut(..1)) {
            first.make_ascii_uppercase();
        }
        return Ok(text.into());
    }
    let mut out = call.writer();
    let mut first = matches!(case, Case::First);
    for c in text.chars() {
        if first || matches!(case, Case::Upper) {
            for (place, upper) in letters::upper(c).enumerate() {
                // Of what one letter becomes, only the first is a capital: Ss for ß.
                let title = if first && place > 0 { letters::lower(upper).next().unwrap_or(upper) } else { upper };
                out.push_char(title)?;
            }
            first = false;
        } else {
            for lower in letters::lower(c) {
                out.push_char(lower)?;
            }
        }
    }
    Ok(out.finish().into())
}

/// What `strip` takes for white space: the character of value zero too.
fn is_stripped(c: char) -> bool {
    is_space(c) || c == '\0'
}

fn strip<'a>(call: &mut Call<'_, 'a>, left: bool, right: bool) -> Outcome<'a> {
    let input = call.take_input();
    let text = call.text_of(&input)?;
    let end = if right { text.trim_end_matches(is_stripped).len() } else { text.len() };
    let kept = text.get(..end).unwrap_or_default();
    let start = if left { end - kept.trim_start_matches(is_stripped).len() } else { 0 };
    drop(text);
    call.part(input, start, end)
}

/// Leaves one blank of white space inside, and none around.
fn squish<'a>(call: &mut Call<'_, 'a>) -> Outcome<'a> {
    let input = call.take_input();
    if matches!(input, Value::Nil) {
        return Ok(input);
    }
    let text = call.text_of(&input)?;
    let mut out = call.writer();
    let mut glue = "";
    for word in text.trim_matches(is_stripped).split(is_space).filter(|word| !word.is_empty()) {
        out.push(glue)?;
        out.push(word)?;
        glue = " ";
    }
    Ok(out.finish().into())
}

/// A carriage return in front of a newline belongs to it.
fn replace_newlines<'a>(call: &mut Call<'_, 'a>, by: &str) -> Outcome<'a> {
    let input = call.take_input();
    let text = call.text_of(&input)?;
    let mut out = call.writer();
    let mut rest = &*text;
    while let Some((line, behind)) = rest.split_once('\n') {
        out.push(line.strip_suffix('\r').unwrap_or(line))?;
        out.push(by)?;
        rest = behind;
    }
    out.push(rest)?;
    Ok(out.finish().into())
}

enum Which {
    All,
    First,
    Last,
}

/// Puts the second argument, or nothing, in the place of the first. The empty text is found around every character.
fn replace<'a>(call: &mut Call<'_, 'a>, which: Which) -> Outcome<'a> {
    let (input, pattern, by) = (call.take_input(), call.argument(0), call.argument(1));
    let (text, pattern, by) = (call.text_of(&input)?, call.text_of(&pattern)?, call.text_of(&by)?);
    let mut out = call.writer();
    let mut copied = 0;
    let mut put = |at: usize| {
        out.push(text.get(copied..at).unwrap_or_default())?;
        copied = at + pattern.len();
        out.push(&by)
    };
    match which {
        Which::All => text.match_indices(&*pattern).try_for_each(|(at, _)| put(at))?,
        Which::First => text.find(&*pattern).map_or(Ok(()), put)?,
        Which::Last => text.rfind(&*pattern).map_or(Ok(()), put)?,
    }
    out.push(text.get(copied..).unwrap_or_default())?;
    Ok(out.finish().into())
}

/// The whole number that an argument is; `missing` where there is none.
fn whole(argument: Option<&Value<'_>>, missing: i64) -> Result<i64, Failure> {
    match argument {
        None => Ok(missing),
        Some(Value::Int(number)) => Ok(*number),
        Some(other) => whole_int(&other.text()).ok_or_else(|| Failure::invalid("a whole number")),
    }
}

/// Where a character begins, counted from 0; the end of the text for the one behind the last. None beyond.
fn place(text: &str, index: usize) -> Option<usize> {
    if index > text.len() {
        return None;
    }
    text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(index)
}

/// So many characters or elements from an offset, which counts from the end where it is negative; one without a length.
fn slice<'a>(call: &mut Call<'_, 'a>) -> Outcome<'a> {
    let offset = whole(call.arguments.first(), 0)?;
    let length = whole(call.arguments.get(1).filter(|length| length.is_truthy()), 1)?;
    let input = call.take_input();
    let count = match &input {
        Value::Array(values) => values.len(),
        other => call.text_of(other)?.chars().count(),
    };
    // What is out of range is empty; behind the end of a range that begins inside nothing is missed.
    let start = if offset < 0 {
        count.checked_sub(usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX))
    } else {
        usize::try_from(offset).ok()
    };
    let start = start.filter(|start| *start <= count && length >= 0).unwrap_or(count);
    let end = usize::try_from(length).unwrap_or(0).saturating_add(start).min(count);
    if let Value::Array(values) = &input {
        let part = values.get(start..end).unwrap_or_default().to_vec();
        return call.list(part);
    }
    let text = call.text_of(&input)?;
    let (start, end) = (place(&text, start).unwrap_or(0), place(&text, end).unwrap_or(0));
    drop(text);
    call.part(input, start, end)
}

/// At most so many characters, the mark of what was left out among them.
fn truncate<'a>(call: &mut Call<'_, 'a>) -> Outcome<'a> {
    let input = call.take_input();
    if matches!(input, Value::Nil) {
        return Ok(input);
    }
    let length = whole(call.arguments.first(), 50)?;
    let mark = call.arguments.get(1).cloned().unwrap_or_else(|| "...".into());
    let mark = call.text_of(&mark)?;
    let text = call.text_of(&input)?;
    let fits = usize::try_from(length).is_ok_and(|length| place(&text, length).is_none_or(|end| end == text.len()));
    if fits {
        let end = text.len();
        drop(text);
        return call.part(input, 0, end);
    }
    let kept = usize::try_from(length).unwrap_or(0).saturating_sub(mark.chars().count());
    let mut out = call.writer();
    out.push(text.get(..place(&text, kept).unwrap_or(0)).unwrap_or_default())?;
    out.push(&mark)?;
    Ok(out.finish().into())
}

/// At most so many words, with a mark where others were left out.
fn truncatewords<'a>(call: &mut Call<'_, 'a>) -> Outcome<'a> {
    let input = call.take_input();
    if matches!(input, Value::Nil) {
        return Ok(input);
    }
    let words = whole(call.arguments.first(), 15)?.max(1);
    let mark = call.arguments.get(1).cloned().unwrap_or_else(|| "...".into());
    let text = call.text_of(&input)?;
    let mut out = call.writer();
    let mut rest = text.trim_start_matches(is_space);
    for count in 1.. {
        let end = rest.find(is_space).unwrap_or(rest.len());
        let (word, behind) = rest.split_at_checked(end).unwrap_or_default();
        if behind.is_empty() {
            break;
        }
        out.push(word)?;
        if count == words {
            out.push_value(&mark)?;
            return Ok(out.finish().into());
        }
        out.push(" ")?;
        rest = behind.trim_start_matches(is_space);
    }
    let end = text.len();
    drop(text);
    call.part(input, 0, end)
}

impl<'a> Call<'_, 'a> {
    /// The input's text, to change. What a filter in front made is not copied.
    fn input_text(&mut self) -> Result<String, Failure> {
        let input = self.take_input();
        if let Value::Text(Str::Owned(text)) = input {
            return Ok(text);
        }
        let text = self.text_of(&input)?;
        let mut buffer = self.buffer(text.len())?;
        buffer.push_str(&text);
        Ok(buffer)
    }

    /// A part of the input's text. What belongs to the template or a recipient is not copied.
    pub(super) fn part(&mut self, input: Value<'a>, start: usize, end: usize) -> Outcome<'a> {
        if let Value::Text(Str::Borrowed(text)) = input {
            return Ok(text.get(start..end).unwrap_or_default().into());
        }
        let text = self.text_of(&input)?;
        let mut out = self.writer();
        out.push(text.get(start..end).unwrap_or_default())?;
        Ok(out.finish().into())
    }
}
