//! A network answers a phrase, as the plug-in would.
//!
//! Called by the commands that let a model play. Pure; any thread.

use harmonai_core::music::note::{Note, Velocity};
use harmonai_core::music::smf::Track;
use harmonai_core::music::time::{Metre, Span, Ticks};
use harmonai_core::play::continuation::{Continuation, Entry, Settings};
use harmonai_core::play::duet::PLAN_STEP;
use harmonai_core::play::listen::Voices;

/// A last note may ring past the bar line by this much and the answer still begins there.
const RING: Ticks = Ticks::new(3);

/// The notes with which a network answers `heard` in `span`, and no other phrase before it. The model
/// is told that the answer `ends` there, or goes on without knowing.
pub fn reply(
    continuation: &mut Continuation,
    heard: &[Note],
    metre: Metre,
    span: Span,
    ends: bool,
    seed: u64,
    settings: &Settings,
) -> Vec<Note> {
    continuation.clear(metre, settings.style, Voices::Top);
    hear(continuation, heard, span.start);
    answer(continuation, span, ends, seed, settings)
}

/// What the tracks of a written file are called.
pub const PHRASE: &str = "Phrase";
pub const ANSWER: &str = "Answer";

/// Phrase and answer, as a file has them.
pub fn tracks(phrase: Vec<Note>, answer: Vec<Note>) -> Vec<Track> {
    let track = |name: &str, channel, notes| Track {
        name: name.into(),
        channel,
        notes,
    };
    vec![track(PHRASE, 0, phrase), track(ANSWER, 1, answer)]
}

/// How long an answer is that nobody gave a length.
pub fn four_bars(metre: Metre) -> Ticks {
    Ticks::new(4 * metre.bar().get())
}

/// The bar line at or after the phrase's end.
pub fn answer_start(heard: &[Note], metre: Metre) -> Ticks {
    let bar = metre.bar();
    heard.last().map_or(Ticks::ZERO, |last| {
        let after_onset = (last.onset + Ticks::new(1)).ceil_to(bar);
        (last.end() - RING).ceil_to(bar).max(after_onset)
    })
}

/// Plays the phrase to the continuation, as the plug-in would hear it up to `until`.
pub fn hear(continuation: &mut Continuation, notes: &[Note], until: Ticks) {
    for note in notes {
        let velocity = note.velocity.unwrap_or(Velocity::DEFAULT);
        continuation.note_on(note.onset, note.pitch, velocity);
        if note.end() <= until {
            continuation.note_off(note.end(), note.pitch);
        }
    }
}

/// The answer's notes in `span`, asked for line by line as the plug-in does. The model is told that
/// the answer is to `end` there, or goes on without knowing.
pub fn answer(
    continuation: &mut Continuation,
    Span { start, end }: Span,
    ends: bool,
    seed: u64,
    settings: &Settings,
) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    let known = ends.then_some(end);
    // As in Call & response.
    continuation.begin_answer(start, known, seed, None, Entry::Free);
    let mut from = start;
    while from < end {
        let line = from..end.min(from + PLAN_STEP);
        continuation.plan(line, known, settings, &mut |note| notes.push(note));
        from += PLAN_STEP;
    }
    if let Some(last) = notes.last_mut() {
        last.duration = last.duration.min(end - last.onset);
    }
    notes
}

#[cfg(test)]
mod tests {
    use harmonai_core::music::note::Pitch;

    use super::*;

    #[test]
    fn the_answer_begins_on_the_next_bar_line() {
        let check = |onset: i64, duration: i64, metre: &str, expect: i64| {
            let note = Note {
                onset: Ticks::new(onset),
                duration: Ticks::new(duration),
                pitch: Pitch::MIDDLE_C,
                velocity: None,
            };
            let start = answer_start(&[note], Metre::parse(metre).unwrap());
            assert_eq!(start, Ticks::new(expect), "{onset} {duration} {metre}");
        };
        check(72, 24, "4/4", 96);
        check(72, 26, "4/4", 96);
        check(72, 30, "4/4", 192);
        check(96, 2, "4/4", 192);
        check(96, 24, "3/4", 144);
        check(0, 1, "6/8", 72);
    }
}
