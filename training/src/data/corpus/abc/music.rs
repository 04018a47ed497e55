//! A line of music: signs to notes.
//!
//! Called by [`super::Tune`] for each line. Pure; any thread.

use super::key::letter;
use super::voice::{Name, Voice};
use crate::data::corpus::bars::Marks;

/// Numbers in a tune are no larger.
const LARGEST: i64 = 100_000;
/// A chord has no more notes.
const MOST_IN_CHORD: usize = 128;

/// Why the scanner comes back before the end of a line, or that it is there.
#[derive(Debug, PartialEq, Eq)]
pub enum Stop<'a> {
    /// The line is done.
    End,
    /// A field within the line, such as `[K:D]`.
    Field(char, &'a str),
    /// A sign that means nothing here.
    Unknown(char),
}

/// Reads `line` into the voice up to the first [`Stop`]; returns what is left of it.
pub fn scan<'a>(voice: &mut Voice, line: &'a str) -> (&'a str, Stop<'a>) {
    let mut rest = line;
    loop {
        let Some(sign) = rest.chars().next() else {
            return (rest, Stop::End);
        };
        let after = &rest[sign.len_utf8()..];
        rest = match sign {
            '|' | ':' => bar_line(voice, rest),
            '[' => {
                if let Some((field, after)) = inline_field(rest) {
                    return (after, field);
                }
                match after.chars().next() {
                    Some('|' | ']') => bar_line(voice, rest),
                    Some(next) if next.is_ascii_digit() => bar_line(voice, rest),
                    // A named ending, or a chord with its symbol in it.
                    Some('"') if !closes_first(after) => bar_line(voice, rest),
                    _ => match chord(voice, after, ']') {
                        Ok(after) => after,
                        Err(()) => return (after, Stop::Unknown('[')),
                    },
                }
            }
            '^' | '_' | '=' | 'A'..='G' | 'a'..='g' => match note(rest) {
                Some((name, accidental, after)) => {
                    let (length, after) = length(after);
                    voice.strike(&[(name, accidental, false)], length);
                    after
                }
                None => return (after, Stop::Unknown(sign)),
            },
            'z' | 'x' => {
                let (length, after) = length(after);
                voice.strike(&[], length);
                after
            }
            'Z' | 'X' => {
                let ((bars, _), after) = length(after);
                voice.rest_bars(bars);
                after
            }
            'y' => length(after).1,
            '-' => {
                voice.tie();
                after
            }
            '>' | '<' => {
                let times = rest.chars().take_while(|next| *next == sign).count();
                voice.broken_rhythm(sign == '>', times as u32);
                &rest[times..]
            }
            '(' => tuplet(voice, after),
            '&' => {
                voice.layer();
                after
            }
            '"' => after.find('"').map_or(after, |end| &after[end + 1..]),
            '{' => after.find('}').map_or(after, |end| &after[end + 1..]),
            '+' if is_old_chord(after) => match chord(voice, after, '+') {
                Ok(after) => after,
                Err(()) => return (after, Stop::Unknown('+')),
            },
            '+' | '!' => decoration(sign, after),
            // Slurs, decorations of one sign, line breaks, beams, spaces.
            'H'..='W' | 'h'..='w' => after,
            _ if sign.is_whitespace() || r").~\$*`;?@/".contains(sign) => after,
            _ => return (after, Stop::Unknown(sign)),
        };
    }
}

/// Whether a `]` comes before the next bar line.
fn closes_first(text: &str) -> bool {
    let close = text.find(']');
    close.is_some_and(|close| text.find('|').is_none_or(|line| close < line))
}

/// `[K:D]` and the like at the start of `text`.
fn inline_field(text: &str) -> Option<(Stop<'_>, &str)> {
    let mut signs = text.strip_prefix('[')?.chars();
    let letter = signs.next().filter(char::is_ascii_alphabetic)?;
    let rest = signs.as_str().strip_prefix(':')?;
    // `[A:|` is no field.
    let end = rest.find(']').filter(|_| !rest.starts_with('|'))?;
    Some((Stop::Field(letter, rest[..end].trim()), &rest[end + 1..]))
}

/// Whether a `+` begins a chord as it was written before brackets were, `+CEG+`.
fn is_old_chord(after: &str) -> bool {
    let notes = after.split_once('+').map_or("", |(notes, _)| notes);
    let is_length = |sign: char| "^_=,'/-".contains(sign) || sign.is_ascii_digit();
    notes.contains(|sign| letter(sign).is_some())
        && notes
            .chars()
            .all(|sign| is_length(sign) || letter(sign).is_some())
}

/// `!trill!`, or a `!` alone, which was a line break.
fn decoration(sign: char, after: &str) -> &str {
    let end = after.find(sign).filter(|end| {
        let name = &after[..*end];
        name.len() < 40 && !name.contains('|')
    });
    end.map_or(after, |end| &after[end + 1..])
}

/// An accidental, a letter and octave marks.
fn note(text: &str) -> Option<(Name, Option<i8>, &str)> {
    let mut rest = text;
    let mut accidental = None;
    while let Some(sign) = rest.chars().next().filter(|sign| "^_=".contains(*sign)) {
        let sum = accidental.unwrap_or(0i8);
        accidental = Some(match sign {
            '^' => (sum + 1).min(2),
            '_' => (sum - 1).max(-2),
            _ => 0,
        });
        rest = &rest[1..];
    }
    // Quarter tones, such as `^/c`, go to the sharp or flat.
    if accidental.is_some() {
        rest = rest.trim_start_matches('/');
    }
    let sign = rest.chars().next()?;
    let place = letter(sign)?;
    let mut octave = i64::from(sign.is_ascii_lowercase());
    rest = &rest[1..];
    while let Some(sign) = rest.chars().next().filter(|sign| "',".contains(*sign)) {
        octave += if sign == '\'' { 1 } else { -1 };
        rest = &rest[1..];
    }
    Some(((place, octave.clamp(-12, 12)), accidental, rest))
}

/// A whole number at the start of `text`, if there is one.
fn number(text: &str) -> (Option<i64>, &str) {
    let end = text
        .find(|sign: char| !sign.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let value = digits.parse::<i64>().map(|value| value.min(LARGEST));
    let value = value.or_else(|error| match error.kind() {
        std::num::IntErrorKind::PosOverflow => Ok(LARGEST),
        _ => Err(error),
    });
    (value.ok(), rest)
}

/// A length in units: `2`, `3/2`, `/`, `//`, `/4`, or nothing, which is one.
fn length(text: &str) -> ((i64, i64), &str) {
    let (above, mut rest) = number(text);
    let mut below = 1;
    while let Some(after) = rest.strip_prefix('/') {
        let (value, after) = number(after);
        below = (below * value.filter(|value| *value > 0).unwrap_or(2)).min(LARGEST);
        rest = after;
    }
    ((above.unwrap_or(1), below), rest)
}

/// The notes up to the closing sign or the line's end, and the chord's length. Its own is that of
/// its first note.
fn chord<'a>(voice: &mut Voice, text: &'a str, close: char) -> Result<&'a str, ()> {
    let mut rest = text;
    let mut notes: Vec<(Name, Option<i8>, bool)> = Vec::new();
    let mut own = (1, 1);
    loop {
        let sign = rest.chars().next().unwrap_or(close);
        let after = rest.get(sign.len_utf8()..).unwrap_or_default();
        rest = match sign {
            sign if sign == close => {
                rest = after;
                break;
            }
            '^' | '_' | '=' | 'A'..='G' | 'a'..='g' => {
                let (name, accidental, after) = note(rest).ok_or(())?;
                let (length, after) = length(after);
                if notes.is_empty() {
                    own = length;
                }
                if notes.len() < MOST_IN_CHORD {
                    notes.push((name, accidental, false));
                }
                after
            }
            '-' => {
                if let Some(last) = notes.last_mut() {
                    last.2 = true;
                }
                after
            }
            'z' | 'x' => length(after).1,
            '"' => after.find('"').map_or(after, |end| &after[end + 1..]),
            '!' | '+' => decoration(sign, after),
            '|' => return Err(()),
            _ => after,
        };
    }
    let (outer, rest) = length(rest);
    let length = (
        (own.0 * outer.0).min(LARGEST * LARGEST),
        (own.1 * outer.1).min(LARGEST * LARGEST),
    );
    if !notes.is_empty() {
        voice.strike(&notes, length);
    }
    Ok(rest)
}

/// `(3`, `(3:2:4`; a `(` without a number is a slur.
fn tuplet<'a>(voice: &mut Voice, text: &'a str) -> &'a str {
    let (Some(of), mut rest) = number(text) else {
        return text;
    };
    let mut more = [None, None];
    for value in &mut more {
        if let Some(after) = rest.strip_prefix(':') {
            (*value, rest) = number(after);
        }
    }
    voice.tuplet(of, more[0], more[1]);
    rest
}

/// Any run of the signs that bar lines are made of, with an ending's number behind it.
fn bar_line<'a>(voice: &mut Voice, text: &'a str) -> &'a str {
    let mut end = 0;
    let signs = text.as_bytes();
    while let Some(sign) = signs.get(end) {
        let open = *sign == b'[' && end > 0 && !matches!(signs.get(end + 1), Some(b'|' | b']'));
        // `|[CEG]` is a bar line and a chord, `|[1` an ending, `|]` and `[|` are lines.
        if open && !signs.get(end + 1).is_some_and(u8::is_ascii_digit) {
            break;
        }
        if !matches!(sign, b'|' | b':' | b'[' | b']') {
            break;
        }
        end += 1;
    }
    let (line, mut rest) = text.split_at(end);
    let mut marks = Marks {
        // Dots before the line end a repeat, dots after it begin one; `::` does both.
        ends: (line.contains(":|") || line.contains("::")).then_some(2),
        begins: line.contains("|:") || line.contains("::") && line.ends_with(':'),
        ending: Vec::new(),
        closes: line.contains("||") || line.contains("|]") || line.contains("[|"),
    };
    // A lone colon is no line.
    if line == ":" {
        return rest;
    }
    // More dots, more rounds: `:|` has two, `::|` three.
    let dots = line.bytes().take_while(|sign| *sign == b':').count();
    if dots > 1 && dots < line.len() && line.as_bytes()[dots] == b'|' {
        marks.ends = Some((dots + 1).min(9) as u8);
    }
    let numbered = rest.trim_start_matches([' ']);
    if line.ends_with('[') || rest.starts_with(|sign: char| sign.is_ascii_digit()) {
        (marks.ending, rest) = ending(rest);
    } else if line.ends_with('|') && numbered.starts_with(|sign: char| sign.is_ascii_digit()) {
        (marks.ending, rest) = ending(numbered);
    }
    if !marks.ending.is_empty() || marks.begins {
        marks.closes = false;
    }
    voice.bar_line(&marks);
    rest
}

/// The rounds of an ending, such as `1`, `1,3`, `1-3`.
fn ending(text: &str) -> (Vec<u8>, &str) {
    let mut rounds: Vec<u8> = Vec::new();
    let mut rest = text;
    let mut range = false;
    loop {
        let (Some(value), after) = number(rest) else {
            return (rounds, rest);
        };
        let value = value.clamp(1, 99) as u8;
        let from = match rounds.last() {
            Some(last) if range => last + 1,
            _ => value,
        };
        rounds.extend(from..=value);
        let next = after.chars().next().filter(|sign| ",-".contains(*sign));
        let more = next.is_some() && after[1..].starts_with(|sign: char| sign.is_ascii_digit());
        if !more {
            return (rounds, after);
        }
        range = next == Some('-');
        rest = &after[1..];
    }
}
