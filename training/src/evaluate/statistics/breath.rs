//! How an answer breathes, and how its rhythm goes with the phrase's.
//!
//! Called through [`super::measures`]. Any thread.

use harmonai_core::music::note::Note;
use harmonai_core::music::time::{Metre, Span, Ticks};

use super::ratio::Ratio;

/// A shorter silence is articulation: the notes are merely detached.
const SHORTEST_REST: Ticks = Ticks::new(6);

/// Silences in a span, in which `notes` begin. `before` sounds up to there.
pub fn rests(before: &[Note], notes: &[Note], span: &Span) -> Vec<Ticks> {
    let sounding = before.last().map_or(span.start, |last| last.end());
    let mut silent_from = sounding.max(span.start);
    let mut rests = Vec::new();
    let onsets = notes.iter().map(|note| (note.onset, note.end()));
    for (onset, end) in onsets.chain([(span.end, span.end)]) {
        let rest = onset - silent_from;
        if rest >= SHORTEST_REST {
            rests.push(rest);
        }
        silent_from = silent_from.max(end);
    }
    rests
}

/// Notes that are struck off the beat and have none on the beat after them.
pub fn syncopated(notes: &[Note], metre: Metre) -> usize {
    let beat = metre.beat();
    let next_onsets = notes.iter().skip(1).map(|note| Some(note.onset));
    let pairs = notes.iter().zip(next_onsets.chain([None]));
    let across = pairs.filter(|(note, next)| {
        let next_beat = metre.part_from(note.onset, beat);
        let end = next.unwrap_or(note.end());
        note.onset < next_beat && end > next_beat
    });
    across.count()
}

/// Where the onsets of the bar from `line` on lie in it.
fn rhythm(notes: &[Note], line: Ticks, bar: Ticks) -> Vec<Ticks> {
    let inside = notes
        .iter()
        .filter(|note| (line..line + bar).contains(&note.onset));
    inside.map(|note| note.onset - line).collect()
}

/// The lines of the whole bars in a span that begins with one.
fn lines(span: &Span, bar: Ticks) -> impl Iterator<Item = Ticks> {
    let (start, count) = (span.start, (span.end - span.start).get() / bar.get());
    (0..count).map(move |nth| start + Ticks::new(nth * bar.get()))
}

/// Bars of the answer in `span`, which begins on a bar line, whose onsets stand as in some bar of
/// the phrase's. `whole` are the notes of both, `from` is the phrase's first bar line.
pub fn bars_of_phrase(whole: &[Note], from: Ticks, span: &Span, metre: Metre) -> Ratio {
    let rhythm = |line| rhythm(whole, line, metre.bar());
    let phrase: Vec<_> = lines(&(from..span.start), metre.bar())
        .map(rhythm)
        .collect();
    let known = |line| Ratio::count(phrase.contains(&rhythm(line)).into(), 1);
    lines(span, metre.bar()).map(known).sum()
}

/// Those whose onsets stand as in the bar four bars earlier, where there is one.
pub fn bars_four_earlier(whole: &[Note], from: Ticks, span: &Span, metre: Metre) -> Ratio {
    let rhythm = |line| rhythm(whole, line, metre.bar());
    let earlier = |line: Ticks| line - Ticks::new(4 * metre.bar().get());
    let bars = lines(span, metre.bar()).filter(|line| earlier(*line) >= from);
    bars.map(|line| Ratio::count((rhythm(line) == rhythm(earlier(line))).into(), 1))
        .sum()
}

#[cfg(test)]
mod tests {
    use harmonai_core::music::note::Pitch;

    use super::*;

    fn notes(timed: &[(i64, i64)]) -> Vec<Note> {
        let note = |(onset, duration): &(i64, i64)| Note {
            onset: Ticks::new(*onset),
            duration: Ticks::new(*duration),
            pitch: Pitch::MIDDLE_C,
            velocity: None,
        };
        timed.iter().map(note).collect()
    }

    #[test]
    fn silence_of_a_sixteenth_and_more_is_a_rest() {
        let span = Ticks::new(96)..Ticks::new(192);
        let check = |before: &[(i64, i64)], answer: &[(i64, i64)], expect: &[i64]| {
            let rests = rests(&notes(before), &notes(answer), &span);
            let rests: Vec<i64> = rests.into_iter().map(Ticks::get).collect();
            assert_eq!(rests, expect);
        };
        // A quarter late, an eighth between, detached by a thirty-second, a half at the end.
        let answer = [(120, 12), (144, 3), (150, 18)];
        check(&[(72, 24)], &answer, &[24, 12, 24]);
        // The phrase's last note rings into the first rest.
        check(&[(72, 36)], &answer, &[12, 12, 24]);
        check(&[], &[], &[96]);
        check(&[], &[(96, 200)], &[]);
    }

    #[test]
    fn what_is_struck_off_the_beat_and_held_across_it_is_syncopated() {
        let check = |metre: &str, timed: &[(i64, i64)], expect: usize| {
            let metre = Metre::parse(metre).unwrap();
            assert_eq!(syncopated(&notes(timed), metre), expect, "{timed:?}");
        };
        check("4/4", &[(0, 12), (12, 24), (36, 12), (48, 24)], 1);
        check("4/4", &[(0, 12), (12, 12), (24, 12), (36, 12)], 0);
        check("4/4", &[(0, 48), (48, 12), (60, 36)], 1);
        // An eighth is a beat of 6/8.
        check("6/8", &[(0, 12), (12, 24), (36, 12)], 0);
        check("6/8", &[(6, 24)], 1);
    }

    #[test]
    fn a_bar_is_known_by_its_onsets() {
        // Five bars of 2/4: quarters, a half, quarters, quarters; then eighths and a half.
        let phrase = [
            (0, 24),
            (24, 24),
            (48, 48),
            (96, 24),
            (120, 24),
            (144, 24),
            (168, 24),
        ];
        let answer = [(192, 12), (204, 12), (240, 48)];
        let whole = notes(&[&phrase[..], &answer].concat());
        let metre = Metre::parse("2/4").unwrap();
        let span = Ticks::new(192)..Ticks::new(300);
        let found = |from| {
            let of_phrase = bars_of_phrase(&whole, from, &span, metre);
            [of_phrase, bars_four_earlier(&whole, from, &span, metre)]
        };
        assert_eq!(found(Ticks::ZERO), [Ratio::count(1, 2), Ratio::count(1, 2)]);
        let later = found(Ticks::new(48));
        assert_eq!(later, [Ratio::count(1, 2), Ratio::count(1, 1)]);
    }
}
