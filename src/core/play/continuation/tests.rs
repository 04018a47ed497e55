//! Tests of the answer.

mod entry;
mod joining;
mod swap;

use super::transcript::REMEMBERED;
use super::*;
use crate::model::cadence::Cadence;
use crate::model::checkpoint::Checkpoint;
use crate::model::config::{Cell, Config};
use crate::model::memory::{self, TABLES};
use crate::music::key_finding::KeyEstimate;
use crate::music::melody::Melody;

fn network(seed: u64) -> Arc<Network> {
    let config = Config::new(Cell::Lstm, 2, 24, 16, vec![]).unwrap();
    Arc::new(Network::new(Checkpoint::noise(config, seed)))
}

/// A network of two styles.
fn styled(seed: u64) -> Arc<Network> {
    let config = Config::new(Cell::Lstm, 1, 24, 16, vec!["a".into(), "b".into()]).unwrap();
    Arc::new(Network::new(Checkpoint::noise(config, seed)))
}

fn hear(continuation: &mut Continuation) {
    continuation.clear(Metre::COMMON, Style::ANY, Voices::Top);
    for (i, key) in [60, 62, 64, 65, 67].into_iter().enumerate() {
        let at = Ticks::new(i as i64 * 12);
        continuation.note_on(at, Pitch::clamped(key), Velocity::clamped(80));
        continuation.note_off(at + Ticks::new(10), Pitch::clamped(key));
    }
}

fn answer(continuation: &mut Continuation, step: i64, seed: u64) -> Vec<Note> {
    let (start, end) = (Ticks::new(96), Ticks::new(96 * 5));
    continuation.begin_answer(start, Some(end), seed, None, Entry::Prompt);
    let mut notes = Vec::new();
    let mut at = start;
    while at < end {
        let span = at..at + Ticks::new(step);
        let settings = Settings::default();
        continuation.plan(span.clone(), Some(end), &settings, &mut |note| {
            assert!(span.contains(&note.onset), "{note:?} outside {span:?}");
            notes.push(note);
        });
        at += Ticks::new(step);
    }
    notes
}

#[test]
fn the_horizon_does_not_show_in_the_notes() {
    let mut continuation = Continuation::new(network(1));
    hear(&mut continuation);
    let once = answer(&mut continuation, 3, 5);
    assert!(
        once.len() > 1 && once[0].onset == Ticks::new(96),
        "{once:?}"
    );
    for pair in once.windows(2) {
        assert!(pair[0].end() <= pair[1].onset);
    }
    hear(&mut continuation);
    assert_eq!(answer(&mut continuation, 96, 5), once);
    hear(&mut continuation);
    assert_ne!(answer(&mut continuation, 3, 6), once);
}

/// A network that is always sure of itself.
fn decided(seed: u64) -> Arc<Network> {
    let config = Config::new(Cell::Lstm, 2, 24, 16, vec![]).unwrap();
    let mut checkpoint = Checkpoint::noise(config, seed);
    let names = checkpoint.header.config.tensors();
    for (spec, values) in names.iter().zip(&mut checkpoint.tensors) {
        if spec.name.starts_with("head") {
            values.iter_mut().for_each(|value| *value *= 1000.0);
        }
    }
    Arc::new(Network::new(checkpoint))
}

/// The answer from `start` on, of what is likeliest.
fn likeliest(continuation: &mut Continuation, start: i64, again: bool) -> Vec<Note> {
    let settings = Settings {
        temperature: 0.01,
        rhythm_temperature: 0.01,
        ..Settings::default()
    };
    let span = Ticks::new(start)..Ticks::new(start + 4 * 96);
    continuation.begin_answer(
        span.start,
        Some(span.end),
        0,
        again.then_some(Repeat::Same),
        Entry::Prompt,
    );
    let mut notes = Vec::new();
    continuation.plan(span.clone(), Some(span.end), &settings, &mut |note| {
        notes.push(note)
    });
    notes
}

#[test]
fn a_phrase_is_answered_again_wherever_it_is_asked_for() {
    let mut continuation = Continuation::new(decided(1));
    hear(&mut continuation);
    let once = likeliest(&mut continuation, 96, false);
    let moved = |by: i64| -> Vec<Note> {
        let notes = once.iter().map(|note| Note {
            onset: note.onset + Ticks::new(by),
            ..*note
        });
        notes.collect()
    };
    for bars in [4, 9, 2] {
        let by = 96 * bars;
        assert_eq!(
            likeliest(&mut continuation, 96 + by, true),
            moved(by),
            "{bars}"
        );
    }
    // Another network hears the phrase as it is kept.
    let mut other = Continuation::new(decided(2));
    hear(&mut other);
    other.swap(decided(1));
    assert_eq!(likeliest(&mut other, 96, false), once);
    continuation.swap(decided(2));
    continuation.swap(decided(1));
    assert_eq!(likeliest(&mut continuation, 96, true), once);
    // Not again: it plays on from what it played.
    assert_ne!(likeliest(&mut continuation, 96 * 5, false), moved(96 * 4));
    // Another phrase is another phrase.
    continuation.clear(Metre::COMMON, Style::ANY, Voices::Top);
    continuation.note_on(Ticks::new(960), Pitch::clamped(40), Velocity::DEFAULT);
    assert_ne!(likeliest(&mut continuation, 984, true), moved(888));
}

#[test]
fn a_phrase_that_comes_from_elsewhere_is_answered_like_one_that_was_played() {
    let mut continuation = Continuation::new(decided(1));
    hear(&mut continuation);
    assert_eq!(continuation.phrase(), None);
    let once = likeliest(&mut continuation, 96, false);
    let phrase = continuation.phrase().unwrap();
    let mut other = Continuation::new(decided(1));
    other.load(&phrase, Style::ANY);
    assert_eq!(likeliest(&mut other, 96, true), once);
    assert_eq!(other.phrase(), Some(phrase));
}

#[test]
fn a_kept_phrase_outlasts_the_longest_answer() {
    let mut continuation = Continuation::new(decided(1));
    hear(&mut continuation);
    let once = likeliest(&mut continuation, 96, false);
    let mut count = 0;
    let span = Ticks::new(480)..Ticks::new(1_000_000);
    continuation.begin_answer(span.start, None, 3, Some(Repeat::Same), Entry::Prompt);
    continuation.plan(span, None, &Settings::default(), &mut |_| count += 1);
    assert!(count > REMEMBERED, "{count}");
    assert_eq!(likeliest(&mut continuation, 96, true), once);
}

#[test]
fn of_keys_struck_together_the_highest_is_heard() {
    let settings = Settings::default();
    let run = |keys: &[i64]| {
        let mut continuation = Continuation::new(network(1));
        continuation.clear(Metre::COMMON, Style::ANY, Voices::Top);
        for key in keys {
            continuation.note_on(Ticks::ZERO, Pitch::clamped(*key), Velocity::clamped(80));
        }
        continuation.begin_answer(Ticks::new(24), None, 1, None, Entry::Prompt);
        let mut notes = Vec::new();
        let span = Ticks::new(24)..Ticks::new(2400);
        continuation.plan(span, None, &settings, &mut |note| notes.push(note));
        notes
    };
    assert_eq!(run(&[60, 72, 64]), run(&[72]));
    assert_ne!(run(&[60]), run(&[72]));
}

#[test]
fn an_answer_to_nothing_and_wild_times_are_survived() {
    let mut continuation = Continuation::new(network(1));
    continuation.note_off(Ticks::ZERO, Pitch::MIDDLE_C);
    continuation.begin_answer(Ticks::new(-7), None, 0, None, Entry::Prompt);
    let mut count = 0;
    let span = Ticks::new(-7)..Ticks::new(20_000);
    continuation.plan(span, None, &Settings::default(), &mut |_| count += 1);
    assert!(count > REMEMBERED / 10, "{count}");
    for at in [i64::MAX, i64::MIN, 0] {
        continuation.note_on(Ticks::new(at), Pitch::MIDDLE_C, Velocity::DEFAULT);
        continuation.begin_answer(
            Ticks::new(at),
            None,
            0,
            (at == 0).then_some(Repeat::New),
            Entry::Prompt,
        );
    }
}

/// A network that has learnt nothing but to look back: every echo is worth what it is worth before
/// any training, and trusted well.
fn listener() -> Arc<Network> {
    let config = Config::new(Cell::Gru, 1, 16, 8, vec![]).unwrap();
    let mut checkpoint = Checkpoint::noise(config, 3);
    let names = checkpoint.header.config.tensors();
    let worths = memory::initial_log_weights();
    for (spec, values) in names.iter().zip(&mut checkpoint.tensors) {
        let mut at = 0;
        for (table, rows) in TABLES {
            if spec.name.starts_with("memory") && spec.name.ends_with(&format!(".{table}.weight")) {
                values.copy_from_slice(&worths[at..at + rows]);
            }
            at += rows;
        }
        if spec.name.ends_with("trust.bias") {
            values.fill(8.0);
        }
    }
    Arc::new(Network::new(checkpoint))
}

#[test]
fn with_memory_an_answer_quotes_what_was_played_four_times() {
    let figure = [(60, 12), (64, 6), (67, 6), (65, 24), (62, 24), (59, 24)];
    let mut continuation = Continuation::new(listener());
    let mut quotes = |memory: f32, seed: u64| {
        continuation.clear(Metre::COMMON, Style::ANY, Voices::Top);
        let mut at = Ticks::ZERO;
        for (key, length) in figure.iter().cycle().take(4 * figure.len()) {
            continuation.note_on(at, Pitch::clamped(*key), Velocity::DEFAULT);
            at += Ticks::new(*length);
            continuation.note_off(at, Pitch::clamped(*key));
        }
        let settings = Settings {
            memory,
            ..Settings::default()
        };
        let mut notes = Vec::new();
        continuation.begin_answer(at, None, seed, None, Entry::Prompt);
        let span = at..at + Ticks::new(8 * 96);
        continuation.plan(span, None, &settings, &mut |note| notes.push(note));
        let steps: Vec<_> = notes
            .windows(2)
            .map(|pair| {
                let leap = i64::from(pair[1].pitch.get()) - i64::from(pair[0].pitch.get());
                (leap, (pair[1].onset - pair[0].onset).get())
            })
            .collect();
        let turns = figure.iter().zip(figure.iter().cycle().skip(1));
        let turns: Vec<_> = turns.map(|(a, b)| (b.0 - a.0, a.1)).collect();
        steps.iter().filter(|step| turns.contains(step)).count()
    };
    let total = |quotes: &mut dyn FnMut(u64) -> usize| (0..8).map(quotes).sum::<usize>();
    let with = total(&mut |seed| quotes(1.0, seed));
    let half = total(&mut |seed| quotes(0.5, seed));
    let without = total(&mut |seed| quotes(0.0, seed));
    assert!(with > half && half > without, "{with} {half} {without}");
    assert!(with > 10 * without.max(1), "{with} {without}");
}

#[test]
fn the_last_note_and_no_other_closes_as_the_models_music_did() {
    let scale = |shift: i64| {
        let keys = [60, 64, 67, 65, 62, 64, 60, 67, 59, 60];
        Note::line(&keys.map(|key| key + shift), 12)
    };
    let tune = |notes| Melody::new(String::new(), None, Metre::COMMON, notes).unwrap();
    let tunes: Vec<_> = (0..300).map(|i| tune(scale(i % 12))).collect();
    let config = Config::new(Cell::Lstm, 2, 24, 16, vec![]).unwrap();
    let mut checkpoint = Checkpoint::noise(config, 1);
    let plain = Arc::new(Network::new(checkpoint.clone()));
    let cadence = Cadence::UNKNOWN.learn(&tunes);
    checkpoint.header.cadence = Some(cadence);
    let closing = Arc::new(Network::new(checkpoint));
    let (mut tonics, mut others) = (0, 0);
    for seed in 0..40 {
        let [mut with, mut without] = [&closing, &plain].map(|network| {
            let mut continuation = Continuation::new(network.clone());
            hear(&mut continuation);
            answer(&mut continuation, 3, seed)
        });
        let is_tonic = |last: Option<Note>, before: &[Note]| {
            let heard = scale(0);
            let key = KeyEstimate::of(&[&heard[..5], before].concat(), Metre::COMMON);
            key.unwrap().key().degree(last.unwrap().pitch) == 0
        };
        let (last, other) = (with.pop(), without.pop());
        assert_eq!(with, without);
        assert_eq!(last.unwrap().onset, other.unwrap().onset);
        tonics += usize::from(is_tonic(last, &with));
        others += usize::from(is_tonic(other, &without));
    }
    assert!(
        tonics > 2 * others.max(5),
        "{tonics} of 40, {others} without"
    );
}

#[test]
fn a_style_is_heard_from_the_next_planned_note_on() {
    let mut continuation = Continuation::new(styled(1));
    let mut answer = |heard: u16, first: u16, then: u16| {
        continuation.clear(Metre::COMMON, Style::new(heard), Voices::Top);
        for i in 0..4 {
            let at = Ticks::new(i * 12);
            continuation.note_on(at, Pitch::clamped(60 + i), Velocity::DEFAULT);
            continuation.note_off(at + Ticks::new(12), Pitch::clamped(60 + i));
        }
        let (start, turn, end) = (Ticks::new(48), Ticks::new(900), Ticks::new(4000));
        continuation.begin_answer(start, None, 5, None, Entry::Prompt);
        let mut notes = Vec::new();
        for (style, span) in [(first, start..turn), (then, turn..end)] {
            let settings = Settings {
                style: Style::new(style),
                ..Settings::default()
            };
            continuation.plan(span, None, &settings, &mut |note| notes.push(note));
        }
        notes
    };
    let same = answer(1, 1, 1);
    assert_eq!(answer(1, 1, 1), same);
    let turned = answer(1, 1, 2);
    let differing = same.iter().zip(&turned).find(|(a, b)| a != b);
    let (a, b) = differing.unwrap();
    let first = same.iter().find(|note| note.onset >= Ticks::new(900));
    assert_eq!(a.onset.min(b.onset), first.unwrap().onset, "the very next");
    assert_ne!(answer(0, 1, 1), same, "the phrase is heard in a style too");
    // Nobody has heard of styles 3 and 1000.
    assert_eq!(answer(3, 1000, 3), answer(0, 0, 0));
}
