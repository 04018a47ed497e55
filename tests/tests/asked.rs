//! Answers that the player asks for, and four answers to one phrase.

mod common;

use common::{BAR, BEAT, at, call_and_response, hosts, melody, with_tiny};
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_tests::{Blocks, Host, Script};

/// A phrase of two bars, then silence until `beats` after it.
fn script(host: &dyn Host, beats: i64) -> Script {
    let script = call_and_response(beats);
    with_tiny(host, script.on(48_000.0, Blocks::Fixed(64)))
}

#[test]
fn manual_is_silent_until_it_is_asked_and_plays_on_when_asked_again() {
    let (first, again) = (2 * BAR + 3 * BEAT + 5, 2 * BAR + 12 * BEAT + 7);
    for host in hosts() {
        let script = script(host.as_ref(), 24)
            .set("Mode", "Manual")
            .set("Length", "4");
        assert_eq!(melody(host.as_ref(), &script), [], "{}", host.format());
        let asked = script
            .turn(at(first), "Generate", "On")
            .turn(at(first + 6), "Generate", "Off")
            .turn(at(again), "Generate", "On");
        let notes = melody(host.as_ref(), &asked);
        let onsets: Vec<i64> = notes.iter().map(|note| note.onset.get()).collect();
        let (one, two) = (2 * BAR + 4 * BEAT, 2 * BAR + 13 * BEAT);
        assert_eq!(onsets.first(), Some(&one), "{}", host.format());
        assert!(onsets.contains(&two), "{onsets:?}");
        let inside = |onset: &i64| {
            (one..one + 4 * BEAT).contains(onset) || (two..two + 4 * BEAT).contains(onset)
        };
        assert!(onsets.iter().all(inside), "{onsets:?}");
    }
}

#[test]
fn four_variations_differ_and_each_is_the_same_every_time() {
    for host in hosts() {
        let variation = |letter: &str| {
            let script = script(host.as_ref(), 16).set("Length", "16");
            melody(host.as_ref(), &script.set("Variation", letter))
        };
        let answers = ["A", "B", "C", "D"].map(variation);
        for (i, answer) in answers.iter().enumerate() {
            assert!(!answers[..i].contains(answer), "{i} in {}", host.format());
        }
        assert_eq!(variation("C"), answers[2], "{}", host.format());
    }
}

#[test]
fn a_frozen_phrase_is_answered_whatever_is_played_after_it() {
    for host in hosts() {
        // Two bars of call, two of answer, and so on; the second call is one of two.
        let second_answer = |frozen: &str, key: i64| {
            let mut script = script(host.as_ref(), 24).set("Length", "8");
            let call = |onset: i64| Note {
                onset: at(onset),
                duration: at(20),
                pitch: Pitch::clamped(key),
                velocity: Some(Velocity::clamped(80)),
            };
            script
                .phrase
                .extend([4 * BAR, 4 * BAR + BEAT, 5 * BAR].map(call));
            let script = script.turn(at(3 * BAR), "Freeze", frozen);
            let notes = melody(host.as_ref(), &script);
            let later = notes.into_iter().filter(|note| note.onset.get() >= 6 * BAR);
            later.collect::<Vec<_>>()
        };
        let frozen = second_answer("On", 40);
        assert!(!frozen.is_empty());
        assert_eq!(frozen, second_answer("On", 90), "{}", host.format());
        assert_ne!(second_answer("Off", 40), second_answer("Off", 90));
    }
}
