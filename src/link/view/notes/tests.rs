//! The ring under one writer and one reader, and the notes that come of its entries.

use super::*;
use std::sync::atomic::AtomicBool;

fn pitch(key: u8) -> Pitch {
    Pitch::new(key).unwrap()
}

fn on(source: NoteSource, onset: i64, key: u8) -> Entry {
    let velocity = Velocity::clamped(80);
    Entry::On(source, Ticks::new(onset), pitch(key), velocity)
}

fn off(source: NoteSource, at: i64, key: u8) -> Entry {
    Entry::Off(source, Ticks::new(at), pitch(key))
}

fn plan(onset: i64, duration: i64, key: u8) -> Entry {
    Entry::Planned(Note {
        onset: Ticks::new(onset),
        duration: Ticks::new(duration),
        pitch: pitch(key),
        velocity: Some(Velocity::clamped(80)),
    })
}

/// `p`hrase, `a`nswer or `A`nswer planned, with onset, end (-1: held) and key.
fn check(entries: &[Entry], expect: &[(char, i64, i64, u8)]) {
    let ring = Ring::default();
    entries.iter().for_each(|entry| ring.push(*entry));
    let mut shown = Vec::new();
    ring.read(&mut shown);
    let found: Vec<_> = shown
        .iter()
        .map(|note| {
            let source = match (note.source, note.planned) {
                (NoteSource::Phrase, _) => 'p',
                (NoteSource::Answer, false) => 'a',
                (NoteSource::Answer, true) => 'A',
            };
            assert_eq!(note.velocity, Velocity::clamped(80));
            let end = note.end.map_or(-1, Ticks::get);
            (source, note.onset.get(), end, note.pitch.get())
        })
        .collect();
    assert_eq!(found, expect);
}

use NoteSource::{Answer, Phrase};

#[test]
fn notes_are_held_until_their_off() {
    check(
        &[on(Phrase, -24, 60), on(Phrase, 0, 64), off(Phrase, 12, 60)],
        &[('p', -24, 12, 60), ('p', 0, -1, 64)],
    );
    // The answer's off does not end the phrase's note, nor an off without a note anything.
    check(
        &[on(Phrase, 0, 60), off(Answer, 12, 60)],
        &[('p', 0, -1, 60)],
    );
    // Off before on at the same pitch and place.
    check(
        &[
            on(Answer, 0, 60),
            off(Answer, 24, 60),
            on(Answer, 24, 60),
            off(Answer, 48, 60),
        ],
        &[('a', 0, 24, 60), ('a', 24, 48, 60)],
    );
}

#[test]
fn plans_turn_into_notes_or_are_dropped() {
    check(
        &[plan(0, 24, 60), plan(24, 24, 62), on(Answer, 0, 60)],
        &[('A', 24, 48, 62), ('a', 0, -1, 60)],
    );
    check(
        &[
            plan(0, 24, 60),
            on(Answer, 0, 60),
            plan(24, 9, 62),
            Entry::Hush,
        ],
        &[('a', 0, -1, 60)],
    );
    check(&[plan(0, 24, 60), plan(0, 12, 60)], &[('A', 0, 12, 60)]);
}

#[test]
fn a_jump_takes_back_what_lies_ahead() {
    check(
        &[
            on(Phrase, 0, 60),
            off(Phrase, 24, 60),
            on(Phrase, 96, 62),
            off(Phrase, 120, 62),
            on(Answer, 40, 64),
            plan(192, 24, 65),
            Entry::Jump {
                from: Ticks::new(130),
                to: Ticks::new(48),
            },
            off(Answer, 48, 64),
            on(Answer, 48, 67),
        ],
        &[('p', 0, 24, 60), ('a', 40, 48, 64), ('a', 48, -1, 67)],
    );
}

#[test]
fn a_jump_ahead_ends_notes_where_it_began() {
    let jump = Entry::Jump {
        from: Ticks::new(30),
        to: Ticks::new(960),
    };
    check(&[on(Answer, 24, 60), jump], &[('a', 24, 30, 60)]);
}

#[test]
fn the_oldest_give_way() {
    let ring = Ring::default();
    for i in 0..3 * KEPT as i64 {
        ring.push(on(Phrase, i, 60));
    }
    let mut shown = Vec::new();
    ring.read(&mut shown);
    let onsets: Vec<_> = shown.iter().map(|note| note.onset.get()).collect();
    assert_eq!(
        onsets,
        (2 * KEPT as i64..3 * KEPT as i64).collect::<Vec<_>>()
    );
}

#[test]
fn a_reader_never_sees_a_mixed_note() {
    let ring = Ring::default();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for i in (0..).take_while(|_| !done.load(Ordering::Relaxed)) {
                ring.push(plan(i, i + 1, (i % 128) as u8));
            }
        });
        let mut shown = Vec::new();
        let mut seen = 0;
        while seen < 100_000 {
            ring.read(&mut shown);
            seen += shown.len();
            for note in &shown {
                let onset = note.onset.get();
                assert_eq!(note.end, Some(Ticks::new(2 * onset + 1)));
                assert_eq!(i64::from(note.pitch.get()), onset % 128);
            }
            assert!(shown.is_sorted_by_key(|note| note.onset), "out of order");
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_note_that_sounds_as_planned_knows_where_it_will_end() {
    let ring = Ring::default();
    let until = |ring: &Ring| {
        let mut shown = Vec::new();
        ring.read(&mut shown);
        shown.last().unwrap().until
    };
    ring.push(plan(24, 48, 60));
    ring.push(on(NoteSource::Answer, 24, 60));
    assert_eq!(until(&ring), Some(Ticks::new(72)));
    ring.push(off(NoteSource::Answer, 60, 60));
    assert_eq!(until(&ring), None);
    ring.push(plan(96, 48, 60));
    ring.push(on(NoteSource::Phrase, 96, 60));
    assert_eq!(until(&ring), None, "the player's own note has no plan");
}
