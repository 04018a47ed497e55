//! One voice of a tune: what holds for its next note, and the bars that it has written so far.
//!
//! Filled by [`super::music`] and the fields of [`super`]. Pure; any thread.

use std::collections::HashMap;

use harmonai_core::music::note::Pitch;

use super::key::{self, Signature};
use super::metre::{self, Beat};
use crate::data::corpus::bars::{Bar, BarNote, Marks, PER_BEAT};

/// No note is longer, in parts: a thousand whole notes.
const LONGEST_NOTE: i64 = 4000 * PER_BEAT;
/// A tune with more notes is none.
const MOST_NOTES: usize = 1 << 20;

/// A note's name as it is written: its letter from C to B and its octave.
pub type Name = (usize, i64);

/// The last note, chord or rest, which broken rhythm changes and ties go out from.
#[derive(Clone, Debug, Default)]
struct Last {
    /// Its place among the bar's notes, and how many of them it has.
    first: usize,
    count: usize,
    onset: i64,
    duration: i64,
    names: Vec<(Name, Pitch)>,
}

/// A tuplet under way: the length of each note is multiplied by `times / of`.
#[derive(Clone, Copy, Debug)]
struct Tuplet {
    of: i64,
    times: i64,
    left: i64,
}

/// A voice while it is read.
#[derive(Clone, Debug, Default)]
pub struct Voice {
    pub name: String,
    pub metre: Beat,
    /// The metre at its first note.
    pub first_metre: Option<Beat>,
    pub bars: Vec<Bar>,
    signature: Signature,
    unit: Option<i64>,
    /// Semitones from what is written to what sounds.
    shift: i64,
    bar: Bar,
    /// Where the next note falls in the bar.
    at: i64,
    /// Accidentals of this bar, by letter.
    altered: HashMap<usize, i8>,
    last: Option<Last>,
    /// Pitches that the last note ties to the next, by the name they were written under.
    tied: Vec<(Name, Pitch)>,
    /// What broken rhythm multiplies the next note by.
    broken: Option<(i64, i64)>,
    tuplet: Option<Tuplet>,
    count: usize,
}

impl Voice {
    /// A field that holds from here on.
    pub fn field(&mut self, letter: char, text: &str) {
        match letter {
            'K' => {
                if let Some(signature) = key::signature(text) {
                    self.signature = signature;
                    self.altered.clear();
                }
                self.shift = key::shift(text).unwrap_or(self.shift);
            }
            'M' => self.metre = Beat::parse(text),
            'L' => self.unit = metre::unit(text).or(self.unit),
            _ => {}
        }
    }

    /// What a `V:` says beside the voice's name.
    pub fn properties(&mut self, text: &str) {
        self.shift = key::shift(text).unwrap_or(self.shift);
        let name = text.split_once("name=").or(text.split_once("nm="));
        if let Some((_, name)) = name {
            let quoted = name
                .strip_prefix('"')
                .and_then(|rest| rest.split('"').next());
            let word = quoted.or(name.split_whitespace().next());
            self.name = word.unwrap_or_default().trim().into();
        }
    }

    /// The length that `above / below` units are. Without `L:` the metre at the first note decides
    /// what a unit is, and a change of metre does not.
    fn length(&mut self, (above, below): (i64, i64)) -> i64 {
        let unit = *self.unit.get_or_insert_with(|| self.metre.unit());
        let parts = i128::from(unit) * i128::from(above) / i128::from(below.max(1));
        parts.clamp(0, LONGEST_NOTE.into()) as i64
    }

    /// Notes struck together, of a length in units. No notes are a rest.
    pub fn strike(&mut self, notes: &[(Name, Option<i8>, bool)], length: (i64, i64)) {
        self.first_metre.get_or_insert(self.metre);
        let mut duration = self.length(length);
        if let Some((above, below)) = self.broken.take() {
            duration = duration * above / below;
        }
        if let Some(tuplet) = &mut self.tuplet {
            duration = duration * tuplet.times / tuplet.of;
            tuplet.left -= 1;
            if tuplet.left == 0 {
                self.tuplet = None;
            }
        }
        let first = self.bar.notes.len();
        let tied = std::mem::take(&mut self.tied);
        let mut names = Vec::with_capacity(notes.len());
        for (name, accidental, ties) in notes {
            let pitch = self.pitch(*name, *accidental, &tied);
            names.push((*name, pitch));
            if *ties {
                self.tied.push((*name, pitch));
            }
            // A note without length is a stem's end or the like.
            if duration > 0 && self.count < MOST_NOTES {
                self.count += 1;
                self.bar.notes.push(BarNote {
                    onset: self.at,
                    duration,
                    pitch,
                    tied: *ties,
                    held: true,
                });
            }
        }
        self.last = Some(Last {
            first,
            count: self.bar.notes.len() - first,
            onset: self.at,
            duration,
            names,
        });
        self.advance(duration);
    }

    /// Rests of whole bars.
    pub fn rest_bars(&mut self, bars: i64) {
        let length = self.metre.length().saturating_mul(bars.clamp(0, 1000));
        self.last = None;
        self.advance(length);
    }

    fn advance(&mut self, duration: i64) {
        self.at = self.at.saturating_add(duration);
        self.bar.length = self.bar.length.max(self.at);
    }

    fn pitch(&mut self, name: Name, accidental: Option<i8>, tied: &[(Name, Pitch)]) -> Pitch {
        const STEPS: [i64; 7] = [0, 2, 4, 5, 7, 9, 11];
        let (letter, octave) = name;
        if let Some(accidental) = accidental {
            // As the standard has it: to the end of the bar, in all octaves.
            self.altered.insert(letter, accidental);
        } else if let Some((_, pitch)) = tied.iter().find(|(tied, _)| *tied == name) {
            // A tie carries an accidental over the bar line.
            return *pitch;
        }
        let altered = self.altered.get(&letter).copied();
        let altered = altered.unwrap_or(self.signature[letter]);
        Pitch::clamped(60 + 12 * octave + STEPS[letter] + i64::from(altered) + self.shift)
    }

    /// The last note or chord is held on into the next.
    pub fn tie(&mut self) {
        let Some(last) = &self.last else { return };
        let within = last.first..last.first + last.count;
        for note in self.bar.notes.get_mut(within).into_iter().flatten() {
            note.tied = true;
        }
        self.tied.clone_from(&last.names);
    }

    /// `>` (longer, then shorter) or `<`, once or repeated, between the last note and the next.
    pub fn broken_rhythm(&mut self, longer_first: bool, times: u32) {
        let whole = 1i64 << times.clamp(1, 3);
        let (long, short) = ((2 * whole - 1, whole), (1, whole));
        let (before, after) = if longer_first {
            (long, short)
        } else {
            (short, long)
        };
        let Some(last) = &mut self.last else { return };
        let duration = last.duration * before.0 / before.1;
        let within = last.first..last.first + last.count;
        for note in self.bar.notes.get_mut(within).into_iter().flatten() {
            note.duration = duration;
        }
        let ended = last.onset + last.duration;
        last.duration = duration;
        if self.at == ended {
            // The bar is as long as what is in it, unless another layer is longer.
            let longest = self.bar.length;
            self.at = last.onset + duration;
            self.bar.length = if longest == ended {
                self.at
            } else {
                longest.max(self.at)
            };
        }
        self.broken = Some(after);
    }

    /// `of` notes in the time of `times`, for the next `notes`.
    pub fn tuplet(&mut self, of: i64, times: Option<i64>, notes: Option<i64>) {
        let usual = match of {
            2 | 4 | 8 => 3,
            3 | 6 => 2,
            _ if self.metre.compound() => 3,
            _ => 2,
        };
        let times = times.filter(|times| *times > 0).unwrap_or(usual);
        let left = notes.filter(|notes| *notes > 0).unwrap_or(of);
        self.tuplet = (of > 0).then_some(Tuplet { of, times, left });
    }

    /// `&`: another layer of the same bar.
    pub fn layer(&mut self) {
        self.at = 0;
        self.last = None;
        self.tied.clear();
        self.altered.clear();
    }

    /// Ends the bar. `begins` and `ending` are of the bar that follows.
    pub fn bar_line(&mut self, marks: &Marks) {
        if self.bar.length > 0 {
            self.bar.marks.ends = marks.ends;
            self.bar.marks.closes = marks.closes;
            self.bars.push(std::mem::take(&mut self.bar));
            self.last = None;
        } else if let Some(before) = self.bars.last_mut() {
            // Two bar lines with nothing between them, as at a line's end.
            before.marks.ends = before.marks.ends.max(marks.ends);
            before.marks.closes |= marks.closes;
        }
        self.bar.marks.begins |= marks.begins;
        if !marks.ending.is_empty() {
            self.bar.marks.ending.clone_from(&marks.ending);
        }
        self.at = 0;
        self.altered.clear();
    }
}
