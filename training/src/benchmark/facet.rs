//! Facets: single things to look at when a pitch is to be predicted.
//!
//! IDyOM's basic, derived and threaded viewpoints (Conklin & Witten 1995; Pearce 2005, chapter 5),
//! as far as they are contexts here. Everything about note i is found from notes 0 to i-1, from
//! where note i begins, and from the metre: its own pitch and duration are never looked at. Called
//! by the models. Pure; any thread.

use super::data::Melody;

/// Stands where there is no note to look at.
pub const NOTHING: i32 = i32::MIN;

/// Four quarters: the bar of a melody without a metre.
const BAR: i64 = 96;
/// A quarter: its beat.
const BEAT: i64 = 24;

/// Notes in a row that [`Facet::Repeating`] counts.
const REPEATED: usize = 4;

/// One thing to look at. A lag of 1 is the note before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facet {
    /// A pitch.
    Pitch(usize),
    /// The interval that led to a note.
    Interval(usize),
    /// A pitch, from the first note.
    FromFirst(usize),
    /// A pitch, from the first note of this bar.
    FromBar(usize),
    /// Time between the onsets of two neighbours; 0 is the time to the coming one.
    Ioi(usize),
    /// Such a time in proportion to the one before it.
    Ratio(usize),
    /// Whether there is a rest before the coming note.
    Rest,
    /// The metre and the place in the bar.
    Position,
    /// How strong that place is.
    Strength,
    /// Which bar of a period of four it is.
    Period,
    /// What sounded so many bars ago at this place in the bar, from the note before.
    BarsAgo(i64),
    /// The step that followed there.
    BarsAgoStep(i64),
    /// How many of the notes before, up to four without a break, are what was so many bars ago.
    Repeating(i64),
    /// How far the note before is below the highest so far, at most an octave.
    BelowHighest,
    /// How far it is above the lowest so far.
    AboveLowest,
    /// How much longer such a time is than the one before it, in doublings, rounded away from 0.
    Longer(usize),
    /// The melody's first pitch.
    FirstPitch,
    /// The lowest pitch so far.
    Lowest,
    /// What sounded so many bars ago at this place in the bar.
    PitchBarsAgo(i64),
    /// The number of notes so far, up to a limit.
    Count(usize),
}

impl Facet {
    /// What it is at note `i`, or [`NOTHING`].
    pub fn value(self, melody: &Melody, i: usize) -> i32 {
        self.find(melody, i).unwrap_or(NOTHING)
    }

    fn find(self, melody: &Melody, i: usize) -> Option<i32> {
        let notes = &melody.notes;
        let pitch = |at: usize| i32::from(notes[at].pitch);
        let back = |lag: usize| i.checked_sub(lag);
        let bar = bar(melody);
        let ago = |bars: i64, onset: i64| sounding(melody, i, onset - bars * bar);
        Some(match self {
            Self::Pitch(lag) => pitch(back(lag)?),
            Self::Interval(lag) => pitch(back(lag)?) - pitch(back(lag + 1)?),
            Self::FromFirst(lag) => pitch(back(lag)?) - pitch(0),
            Self::FromBar(lag) => pitch(back(lag)?) - pitch(first_of_bar(melody, i)?),
            Self::Ioi(lag) => time(melody, i, lag)?.min(400) as i32,
            Self::Ratio(lag) => {
                let pair = [lag, lag + 1].map(|lag| time(melody, i, lag));
                let [a, b] = [pair[0]?.min(1000), pair[1]?.min(1000)];
                let shared = greatest_divisor(a, b);
                (a / shared * 1001 + b / shared) as i32
            }
            Self::Rest => {
                let before = notes[back(1)?];
                i32::from(notes[i].onset > before.onset + before.duration)
            }
            Self::Position => {
                let metre = melody.metre.map_or(0, |metre| {
                    i32::from(metre.numerator()) * 64 + i32::from(metre.denominator())
                });
                metre * 10_000 + position(melody, notes[i].onset).min(9_999) as i32
            }
            Self::Strength => strength(melody, notes[i].onset),
            Self::Period => {
                // Counted from the first whole bar: an upbeat falls into the bar before it.
                let first = bar_number(melody, notes[0].onset + bar / 2);
                (bar_number(melody, notes[i].onset) - first).rem_euclid(4) as i32
            }
            Self::BarsAgo(bars) => pitch(ago(bars, notes[i].onset)?) - pitch(back(1)?),
            Self::BarsAgoStep(bars) => {
                let then = ago(bars, notes[i].onset)?;
                // The coming note itself is not to be looked at.
                (then + 1 < i).then(|| pitch(then + 1) - pitch(then))?
            }
            Self::Repeating(bars) => {
                ago(bars, notes[back(1)?].onset)?;
                let same = |at: &usize| {
                    let then = ago(bars, notes[*at].onset);
                    then.is_some_and(|then| notes[then].pitch == notes[*at].pitch)
                };
                (0..i).rev().take(REPEATED).take_while(same).count() as i32
            }
            Self::BelowHighest => {
                let highest = notes[..i].iter().map(|note| note.pitch).max()?;
                (i32::from(highest) - pitch(i - 1)).min(12)
            }
            Self::AboveLowest => {
                let lowest = notes[..i].iter().map(|note| note.pitch).min()?;
                (pitch(i - 1) - i32::from(lowest)).min(12)
            }
            Self::Longer(lag) => {
                let pair = [lag, lag + 1].map(|lag| time(melody, i, lag));
                let (a, b) = (pair[0]?.max(1), pair[1]?.max(1));
                let doublings =
                    |a: i64, b: i64| (1..8).take_while(|n| a > b << (n - 1)).count() as i32;
                doublings(a, b) - doublings(b, a)
            }
            Self::FirstPitch => {
                back(1)?;
                pitch(0)
            }
            Self::Lowest => i32::from(notes[..i].iter().map(|note| note.pitch).min()?),
            Self::PitchBarsAgo(bars) => pitch(ago(bars, notes[i].onset)?),
            Self::Count(limit) => i.min(limit) as i32,
        })
    }
}

/// Of the notes before note `i`, the first one of its bar; where there is none, the first one of
/// the last bar that has any.
pub fn first_of_bar(melody: &Melody, i: usize) -> Option<usize> {
    let last = i.checked_sub(1)?;
    let number = |at: usize| bar_number(melody, melody.notes[at].onset);
    let earlier = (0..last).rev().take_while(|at| number(*at) == number(last));
    Some(earlier.last().unwrap_or(last))
}

/// Ticks of a bar.
fn bar(melody: &Melody) -> i64 {
    melody.metre.map_or(BAR, |metre| metre.bar().get()).max(1)
}

fn bar_number(melody: &Melody, onset: i64) -> i64 {
    (onset - melody.bar_line).div_euclid(bar(melody))
}

fn position(melody: &Melody, onset: i64) -> i64 {
    (onset - melody.bar_line).rem_euclid(bar(melody))
}

/// 0 for the bar line, 1 for the middle of an even bar, 2 for a beat, 3 for half a beat or a
/// third, 4 for the rest.
fn strength(melody: &Melody, onset: i64) -> i32 {
    let (bar, position) = (bar(melody), position(melody, onset));
    let beat = melody.metre.map_or(BEAT, |metre| {
        let unit = 4 * BEAT / i64::from(metre.denominator());
        let compound = metre.numerator() > 3 && metre.numerator() % 3 == 0;
        (if compound { 3 * unit } else { unit }).max(1)
    });
    let beats = bar / beat;
    if position == 0 {
        0
    } else if beats > 2 && beats % 2 == 0 && position * 2 == bar {
        1
    } else if position % beat == 0 {
        2
    } else if (position * 2) % beat == 0 || (position * 3) % beat == 0 {
        3
    } else {
        4
    }
}

/// Of the notes before note `i`, the last one that began at `onset` or earlier.
fn sounding(melody: &Melody, i: usize, onset: i64) -> Option<usize> {
    let count = melody.notes[..i].partition_point(|note| note.onset <= onset);
    count.checked_sub(1)
}

/// From the onset before to the onset of the note `lag` before note `i`.
fn time(melody: &Melody, i: usize, lag: usize) -> Option<i64> {
    let later = i.checked_sub(lag)?;
    let earlier = later.checked_sub(1)?;
    Some(melody.notes[later].onset - melody.notes[earlier].onset)
}

fn greatest_divisor(a: i64, b: i64) -> i64 {
    if b == 0 {
        a.max(1)
    } else {
        greatest_divisor(b, a % b)
    }
}

#[cfg(test)]
mod tests {
    use harmonai_core::music::time::Metre;

    use super::*;

    /// An upbeat of a quarter, then two bars of 3/4: 60 | 62 64 65 | 67 64 .
    fn melody() -> Melody {
        Melody {
            metre: Metre::parse("3/4"),
            bar_line: 24,
            ..Melody::of_quarters(&[60, 62, 64, 65, 67, 64])
        }
    }

    #[test]
    fn facets_are_what_they_are_called() {
        let melody = melody();
        let check = |facet: Facet, i: usize, expected: i32| {
            assert_eq!(facet.value(&melody, i), expected, "{facet:?} at {i}");
        };
        check(Facet::Pitch(1), 3, 64);
        check(Facet::Interval(1), 3, 2);
        check(Facet::Interval(1), 1, NOTHING);
        check(Facet::FromFirst(2), 4, 4);
        check(Facet::FromBar(1), 3, 2);
        // The bar of note 4 begins with note 4: the one before stands in for it.
        check(Facet::FromBar(1), 4, 3);
        check(Facet::Ioi(0), 1, 24);
        check(Facet::Ratio(0), 2, 1002);
        check(Facet::Rest, 2, 0);
        for (i, strength) in [2, 0, 2, 2, 0, 2].into_iter().enumerate() {
            check(Facet::Strength, i, strength);
        }
        check(Facet::Period, 0, 3);
        check(Facet::Period, 3, 0);
        check(Facet::Period, 4, 1);
        check(Facet::BarsAgo(1), 4, 62 - 65);
        check(Facet::BarsAgoStep(1), 4, 2);
        check(Facet::BarsAgo(2), 4, NOTHING);
        check(Facet::Repeating(1), 5, 0);
        check(Facet::BelowHighest, 5, 0);
        check(Facet::AboveLowest, 5, 7);
        check(Facet::Count(3), 5, 3);
    }
}
