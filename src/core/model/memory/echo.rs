//! An echo: an earlier note of the melody, as a prediction of the note to come.
//!
//! What is known of it is how many notes before it agree with the last ones heard, in pitch (up to
//! one shift for all) and in rhythm, how many notes ago it was, and how many bars. Each of these
//! falls into a bucket, and the buckets are the rows of the memory's tables. Made and read by the
//! memory.

use crate::model::token::{END, Event, Factor, NONE, Targets};
use crate::music::note::Pitch;
use crate::music::scale::PitchClasses;
use crate::music::time::{Metre, Ticks};

/// Agreeing notes are counted up to here.
const LONGEST: usize = 24;

/// Buckets of how many notes agree in pitch.
const LENGTHS: usize = 8;
/// Kinds of agreement in pitch: none, then a bucket of lengths at the same height, one shifted.
const PITCHES: usize = 1 + 2 * LENGTHS;
/// Buckets of how many onset intervals agree.
const RHYTHMS: usize = 7;

/// Buckets of agreement in pitch and rhythm together.
pub(super) const AGREEMENTS: usize = PITCHES * RHYTHMS;
/// Buckets of the number of notes ago.
pub(super) const AGES: usize = 10;
/// Buckets of the number of bars ago.
pub(super) const LAGS: usize = 14;

/// Values of [`Echo::clarity`].
pub const CLARITIES: usize = LENGTHS;

/// A note that may come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Echo {
    then: Targets,
    /// The pitch that came then, at the present height; none beyond the keyboard, or where it is
    /// not to come again.
    pitch: Option<u16>,
    /// Semitones from then to now.
    shift: i16,
    pitches: u8,
    rhythm: u8,
    age: u8,
    lag: u8,
}

/// What an echo makes likely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub symbol: u16,
    /// Rows of the memory's tables, laid end to end, whose values add up to its log weight.
    pub rows: [u16; 3],
}

impl Echo {
    /// Of the note to come at `onset`, after `events`, of which number `then`, at least 1, is it.
    pub(super) fn new(events: &[Event], then: usize, onset: Ticks, metre: Metre) -> Self {
        let now = events.len();
        let symbol = |i: usize, factor: Factor| i32::from(events[i].targets[factor.index()]);
        let difference =
            |ago: usize| symbol(now - ago, Factor::Pitch) - symbol(then - ago, Factor::Pitch);
        let shift = difference(1);
        let longest = then.min(LONGEST);
        let pitches = 1
            + (2..=longest)
                .take_while(|ago| difference(*ago) == shift)
                .count();
        let same_time = |ago: &usize| {
            symbol(now - ago, Factor::Interval) == symbol(then - ago, Factor::Interval)
        };
        let rhythm = (1..=longest).take_while(same_time).count();
        let pitch = symbol(then, Factor::Pitch) + shift;
        Self {
            then: events[then].targets,
            pitch: (0..i32::from(END)).contains(&pitch).then_some(pitch as u16),
            shift: shift as i16,
            pitches: pitches as u8,
            rhythm: rhythm as u8,
            age: (now - then).ilog2().min(AGES as u32 - 1) as u8,
            lag: lag(onset - events[then].onset, metre),
        }
    }

    /// The note that came then.
    pub fn then(&self) -> &Targets {
        &self.then
    }

    /// How many notes before it agree in pitch, the first one by definition.
    pub fn pitches(&self) -> u8 {
        self.pitches
    }

    /// Whether what came then would come at another height now.
    pub fn is_moved(&self) -> bool {
        self.shift != 0
    }

    /// How many onset intervals before it agree.
    pub fn rhythm(&self) -> u8 {
        self.rhythm
    }

    /// How well pitch and rhythm agree, below [`CLARITIES`].
    pub fn clarity(&self) -> u16 {
        length(self.pitches.min(self.rhythm).max(1).into()) as u16
    }

    /// The pitch that came then, at the present height, where it may come again.
    pub fn pitch(&self) -> Option<u16> {
        self.pitch
    }

    /// What came then comes at no height again; its rhythm may.
    pub(super) fn drop_pitch(&mut self) {
        self.pitch = None;
    }

    /// A tonal answer, as in a fugue: what would leave the `scale` at another height moves by the
    /// other size of the same interval from the note `before`, a minor third in place of a major
    /// one. No pitch comes where that lies outside too.
    pub(super) fn keep_to(&mut self, scale: PitchClasses, before: u16) {
        let Some(pitch) = self.pitch.filter(|_| self.is_moved()) else {
            return;
        };
        let inside = |pitch: &u16| scale.contains(Pitch::clamped((*pitch).into()));
        if inside(&pitch) {
            return;
        }
        let (from, to) = (before as i16, pitch as i16);
        let other = match (to - from).abs() % 12 {
            1 | 3 | 5 | 8 | 10 => 1,
            2 | 4 | 7 | 9 | 11 => -1,
            // An augmented fourth is a fourth on the whole.
            6 => -1,
            _ => 0,
        };
        let other = to + other * (to - from).signum();
        let other = u16::try_from(other).ok().filter(|other| *other < END);
        self.pitch = other.filter(inside);
    }

    /// What it makes likely for `factor`, given the factors in `known`. One symbol; for a pitch
    /// two, where the one at the present height is not the one that was.
    pub fn candidates(&self, factor: Factor, known: &Targets) -> [Option<Candidate>; 2] {
        let (pitches, rhythm) = (usize::from(self.pitches), usize::from(self.rhythm));
        let then = self.then[factor.index()];
        if factor == Factor::Pitch {
            let moved = self
                .pitch
                .map(|pitch| self.candidate(pitch, self.pitch_kind(pitches), rhythm));
            let same = (self.shift != 0).then(|| self.candidate(then, 0, rhythm));
            return [moved, same];
        }
        let goes_on = self.pitch == Some(known[Factor::Pitch.index()]);
        let pitch_kind = if goes_on {
            self.pitch_kind(pitches + 1)
        } else {
            0
        };
        let interval = Factor::Interval.index();
        let rhythm = match factor {
            Factor::Interval => rhythm,
            _ if known[interval] == self.then[interval] => rhythm + 1,
            _ => 0,
        };
        let known = then != NONE;
        [
            known.then(|| self.candidate(then, pitch_kind, rhythm)),
            None,
        ]
    }

    fn candidate(&self, symbol: u16, pitch_kind: usize, rhythm: usize) -> Candidate {
        let agreement = pitch_kind * RHYTHMS + beats(rhythm);
        let age = AGREEMENTS + usize::from(self.age);
        let lag = AGREEMENTS + AGES + usize::from(self.lag);
        Candidate {
            symbol,
            rows: [agreement as u16, age as u16, lag as u16],
        }
    }

    /// The kind of agreement of this many pitches, at least one.
    fn pitch_kind(&self, pitches: usize) -> usize {
        let shifted = if self.shift == 0 { 0 } else { LENGTHS };
        1 + shifted + length(pitches)
    }
}

/// The log weight of bucket `row` of agreement, before anything is learnt.
pub(super) fn initial_log_weight(row: usize) -> f32 {
    let (pitch_kind, rhythm) = (row / RHYTHMS, row % RHYTHMS);
    let pitches = match pitch_kind {
        0 => 0,
        kind => 1 + (kind - 1) % LENGTHS,
    };
    0.6 * pitches.min(5) as f32 + 0.3 * rhythm.min(4) as f32 - 5.0
}

/// Buckets of 1, 2, 3, 4, 5-6, 7-9, 10-15, 16 and more.
fn length(n: usize) -> usize {
    match n {
        0..=4 => n.max(1) - 1,
        5..=6 => 4,
        7..=9 => 5,
        10..=15 => 6,
        _ => 7,
    }
}

/// Buckets of 0, 1, 2, 3-4, 5-8, 9-15, 16 and more.
fn beats(n: usize) -> usize {
    match n {
        0..=2 => n,
        3..=4 => 3,
        5..=8 => 4,
        9..=15 => 5,
        _ => 6,
    }
}

/// Buckets of how many bars ago, then of on the beat and off it where it is no whole bars.
fn lag(ago: Ticks, metre: Metre) -> u8 {
    let (ago, bar, beat) = (ago.get(), metre.bar().get(), metre.beat().get());
    if ago % bar != 0 {
        return if ago % beat == 0 { 13 } else { 12 };
    }
    match ago / bar {
        bars @ 1..=4 => bars as u8 - 1,
        5..=7 => 4,
        8 => 5,
        9..=11 => 6,
        12 => 7,
        13..=15 => 8,
        16 => 9,
        24 | 32 => 10,
        _ => 11,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bucket_is_inside_its_table() {
        let metres = ["4/4", "6/8", "15/8", "1/32"].map(|text| Metre::parse(text).unwrap());
        for n in 0..200 {
            assert!(length(n) < LENGTHS && beats(n) < RHYTHMS);
            assert!(n == 0 || (length(n) >= length(n - 1) && beats(n) >= beats(n - 1)));
        }
        for (ticks, metre) in (-5..4000).flat_map(|t| metres.map(|metre| (t, metre))) {
            assert!(usize::from(lag(Ticks::new(ticks), metre)) < LAGS);
        }
    }
}
