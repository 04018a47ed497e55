//! Bars of written music with their repeat marks, played out from the first note to the last.
//!
//! Called by the readers of ABC and MusicXML. Repeats and their endings are played; jumps by words
//! (da capo, dal segno) are not, the music goes on where it is written. Pure; any thread.

use std::collections::HashMap;

use harmonai_core::music::note::Pitch;

use super::notated::NotatedNote;

/// Parts of a quarter note that the readers of notation count lengths in: what divides it into a
/// power of two (down to 1/256 notes) or into 3, 5, 7, 9 or 11 comes out exactly.
pub const PER_BEAT: i64 = 665_280;
/// A repeat is played no more often.
const MOST_TIMES: u8 = 8;
/// Bars within which the endings of a repeat are looked for.
const LONGEST_REPEAT: usize = 1000;
/// Bars that are played at the most.
const MOST_BARS: usize = 40_000;

/// A note within a bar, in the reader's own parts of a quarter note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarNote {
    /// From the start of the bar.
    pub onset: i64,
    pub duration: i64,
    pub pitch: Pitch,
    /// Whether it is held on into the next note of this pitch.
    pub tied: bool,
    /// Whether it may be what a tied note is held on into.
    pub held: bool,
}

/// What the lines at a bar's sides say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    pub begins: bool,
    /// A repeat ends with it, played this many times in all.
    pub ends: Option<u8>,
    /// An ending begins with it, for these rounds.
    pub ending: Vec<u8>,
    /// An ending, if there is one, closes with it.
    pub closes: bool,
}

impl Marks {
    /// Marks of another voice at the same bar.
    pub fn merge(&mut self, other: &Self) {
        self.begins |= other.begins;
        self.ends = self.ends.max(other.ends);
        if self.ending.is_empty() {
            self.ending.clone_from(&other.ending);
        }
        self.closes |= other.closes;
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bar {
    pub notes: Vec<BarNote>,
    pub length: i64,
    pub marks: Marks,
}

/// Places of the bars in the order in which they are played.
pub fn order(marks: &[Marks]) -> Vec<usize> {
    let mut order = Vec::new();
    let (mut at, mut start, mut round) = (0, 0, 1u8);
    // Where a jump went to, the beginning of a repeat does not start it again.
    let mut jumped = false;
    let mut in_ending = false;
    while at < marks.len() && order.len() < MOST_BARS {
        let bar = &marks[at];
        if bar.begins && !jumped {
            (start, round, in_ending) = (at, 1, false);
        }
        jumped = false;
        if !bar.ending.is_empty() {
            if !bar.ending.contains(&round) {
                at = after_ending(marks, at);
                continue;
            }
            in_ending = true;
        }
        order.push(at);
        at += 1;
        if let Some(times) = bar.ends {
            let rounds = times.max(rounds(marks, start)).min(MOST_TIMES);
            if round < rounds {
                (at, jumped, in_ending) = (start, true, false);
                round += 1;
            } else {
                (start, round, in_ending) = (at, 1, false);
            }
        } else if bar.closes && in_ending {
            (start, round, in_ending) = (at, 1, false);
        }
    }
    order
}

/// The bar after the ending that begins at `at`.
fn after_ending(marks: &[Marks], at: usize) -> usize {
    let mut next = at;
    loop {
        let closed = marks[next].ends.is_some() || marks[next].closes;
        next += 1;
        if closed || next == marks.len() || !marks[next].ending.is_empty() || marks[next].begins {
            return next;
        }
    }
}

/// The highest round that has an ending in the repeat that begins at `start`.
fn rounds(marks: &[Marks], start: usize) -> u8 {
    let mut highest = 1;
    for (i, bar) in marks.iter().enumerate().skip(start).take(LONGEST_REPEAT) {
        if bar.begins && i > start {
            break;
        }
        highest = highest.max(bar.ending.iter().copied().max().unwrap_or(1));
        // Bars after the last ending belong to another repeat.
        let last = bar.ends.is_some() || (bar.closes && highest > 1);
        if last && marks.get(i + 1).is_none_or(|next| next.ending.is_empty()) {
            break;
        }
    }
    highest
}

/// The notes of a voice whose bars are played in this order, tied notes as one.
pub fn play(bars: &[Bar], starts: &[i64], order: &[usize]) -> Vec<NotatedNote> {
    let mut notes = Vec::new();
    for (place, at) in order.iter().zip(starts) {
        let Some(bar) = bars.get(*place) else {
            continue;
        };
        notes.extend(bar.notes.iter().map(|note| BarNote {
            onset: note.onset.saturating_add(*at),
            ..*note
        }));
    }
    notes.sort_by_key(|note| note.onset);
    join_ties(&notes)
}

/// Where each bar begins that is played in this order; one more is the end.
pub fn starts(lengths: &[i64], order: &[usize]) -> Vec<i64> {
    let mut at = 0i64;
    let mut starts = vec![0];
    for place in order {
        at = at.saturating_add(lengths[*place]);
        starts.push(at);
    }
    starts
}

fn join_ties(notes: &[BarNote]) -> Vec<NotatedNote> {
    let mut joined: Vec<NotatedNote> = Vec::with_capacity(notes.len());
    // The note that is held, by pitch: its place in `joined`.
    let mut held: HashMap<Pitch, usize> = HashMap::new();
    for note in notes {
        let end = |first: &NotatedNote| first.onset.saturating_add(first.duration);
        let place = match held.remove(&note.pitch) {
            Some(place) if note.held && end(&joined[place]) == note.onset => {
                let first = &mut joined[place];
                first.duration = first.duration.saturating_add(note.duration);
                place
            }
            _ => {
                joined.push(NotatedNote {
                    onset: note.onset,
                    duration: note.duration,
                    pitch: note.pitch,
                    velocity: None,
                });
                joined.len() - 1
            }
        };
        if note.tied {
            held.insert(note.pitch, place);
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bars as letters: `[` begins and `]` ends a repeat, digits open an ending for the letter
    /// after them, `!` closes one after it.
    fn check(bars: &str, expect: &str) {
        let mut marks: Vec<Marks> = Vec::new();
        let mut names = Vec::new();
        let mut next = Marks::default();
        for sign in bars.chars() {
            match sign {
                '[' => next.begins = true,
                ']' => marks.last_mut().unwrap().ends = Some(2),
                '!' => marks.last_mut().unwrap().closes = true,
                digit if digit.is_ascii_digit() => next.ending.push(digit as u8 - b'0'),
                name => {
                    names.push(name);
                    marks.push(std::mem::take(&mut next));
                }
            }
        }
        let played: String = order(&marks).into_iter().map(|i| names[i]).collect();
        assert_eq!(played, expect, "{bars}");
    }

    #[test]
    fn repeats_and_endings_are_played_out() {
        check("ab", "ab");
        check("[ab]c", "ababc");
        check("ab]cd]", "ababcdcd");
        check("a[b]c", "abbc");
        check("[ab1c]2d!e", "abcabde");
        check("[a1b]2c![d1e]2f!", "abacdedf");
        // The second ending ends with a repeat sign, as many tune books have it.
        check("[a1b]2c][d1e]2f]", "abacdedf");
        check("a1b]2c!de]", "abacdede");
        check("[a13b]2c]4d!e", "abacabade");
        // An ending of several bars; only a first ending; an unfinished one.
        check("[a1bc]2de!f", "abcadef");
        check("[a1b]c", "abac");
        check("[a1b", "ab");
        check("a2b", "a");
        check("[a[b]", "abb");
    }

    #[test]
    fn repeats_without_end_do_not_run_for_ever() {
        let mark = Marks {
            begins: true,
            ends: Some(255),
            ending: vec![1, 2, 200],
            closes: false,
        };
        let played = order(&vec![mark; 30_000]);
        assert!(played.len() <= MOST_BARS);
    }

    #[test]
    fn ties_hold_over_bar_lines_and_only_where_notes_meet() {
        let note = |onset, key, tied| BarNote {
            onset,
            duration: 10,
            pitch: Pitch::clamped(key),
            tied,
            held: true,
        };
        let bars = [
            Bar {
                notes: vec![note(0, 60, true), note(0, 64, true), note(10, 60, true)],
                length: 20,
                ..Bar::default()
            },
            Bar {
                notes: vec![note(0, 60, false), note(0, 64, false)],
                length: 10,
                ..Bar::default()
            },
        ];
        let order = [0, 1];
        let starts = starts(&[20, 10], &order);
        assert_eq!(starts, [0, 20, 30]);
        let played: Vec<_> = play(&bars, &starts, &order)
            .iter()
            .map(|note| (note.onset, note.duration, note.pitch.get()))
            .collect();
        assert_eq!(played, [(0, 30, 60), (0, 10, 64), (20, 10, 64)]);
    }
}
