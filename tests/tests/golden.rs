//! The exact notes that small networks answer, cell by cell: what they answered yesterday.
//!
//! `tests/golden/continuation.txt` holds them. Where a change of the notes is intended, write it again:
//! `HARMONAI_REGENERATE=1 cargo test -p harmonai-tests --test golden`

mod common;

use common::{BAR, at, tune};
use harmonai_core::model::config::Cell;
use harmonai_core::model::network::Network;
use harmonai_core::model::vocabulary::Style;
use harmonai_core::music::note::{Note, Velocity};
use harmonai_core::music::time::Metre;
use harmonai_core::play::continuation::{Continuation, Entry, Settings};
use harmonai_core::play::listen::Voices;
use harmonai_tests::bundle::workspace;
use harmonai_tests::tiny_model::tiny;
use std::fmt::Write;
use std::sync::Arc;

const HEAD: &str = "\
# What tests/tests/golden.rs expects: onset, duration (ticks), key, velocity of each note.
# Written by: HARMONAI_REGENERATE=1 cargo test -p harmonai-tests --test golden
";

fn answer(cell: Cell, settings: &Settings, seed: u64) -> Vec<Note> {
    let network = Arc::new(Network::new(tiny(cell, 5)));
    let mut continuation = Continuation::new(network);
    continuation.clear(Metre::COMMON, Style::ANY, Voices::Top);
    for note in tune() {
        let velocity = note.velocity.unwrap_or(Velocity::DEFAULT);
        continuation.note_on(note.onset, note.pitch, velocity);
        continuation.note_off(note.end(), note.pitch);
    }
    let (start, end) = (at(2 * BAR), at(6 * BAR));
    continuation.begin_answer(start, Some(end), seed, None, Entry::Prompt);
    let mut notes = Vec::new();
    continuation.plan(start..end, Some(end), settings, &mut |note| {
        notes.push(note)
    });
    notes
}

fn actual() -> String {
    let settings = |temperature, rhythm_temperature, top_p| Settings {
        temperature,
        rhythm_temperature,
        top_p,
        ..Settings::default()
    };
    let cases = [
        ("as trained", settings(1.0, 1.0, 1.0)),
        ("cold", settings(0.3, 0.3, 1.0)),
        ("hot pitches, top-p 0.9", settings(1.8, 0.7, 0.9)),
    ];
    let mut text = HEAD.to_string();
    for cell in Cell::ALL {
        for (name, settings) in &cases {
            writeln!(text, "\n[{cell}, {name}]").unwrap();
            for note in answer(cell, settings, 7) {
                let (onset, duration) = (note.onset.get(), note.duration.get());
                let velocity = note.velocity.map_or(0, Velocity::get);
                writeln!(text, "{onset} {duration} {} {velocity}", note.pitch.get()).unwrap();
            }
        }
    }
    text
}

#[test]
fn small_networks_answer_the_same_notes_as_ever() {
    let path = workspace().join("tests/golden/continuation.txt");
    let actual = actual();
    assert!(
        actual.lines().count() > 100,
        "too few notes to tell a change: {actual}"
    );
    if std::env::var_os("HARMONAI_REGENERATE").is_some() {
        std::fs::write(&path, &actual).unwrap();
    }
    let expect = std::fs::read_to_string(&path).unwrap();
    let differing = expect
        .lines()
        .zip(actual.lines())
        .find(|(expect, actual)| expect != actual);
    assert_eq!(differing, None, "expected and actual differ");
    assert_eq!(expect.lines().count(), actual.lines().count());
}
