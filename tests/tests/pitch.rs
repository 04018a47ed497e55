//! The answer's pitches stay where the player wants them, in both formats.

mod common;

use common::{BAR, BEAT, at, call_and_response, hosts, melody, with_tiny};
use harmonai_core::music::note::{Note, Pitch};
use harmonai_core::music::scale::Scale;
use harmonai_tests::{Blocks, Host, Script};

/// The call, and an answer of eight bars by a small network that has learnt nothing: it would play
/// all over the keyboard.
fn script(host: &dyn Host) -> Script {
    let script = call_and_response(32)
        .set("Length", "32")
        .set("Temperature", "2");
    with_tiny(host, script.on(48_000.0, Blocks::Fixed(256)))
}

fn keys(notes: &[Note]) -> Vec<u8> {
    notes.iter().map(|note| note.pitch.get()).collect()
}

#[test]
fn scale_and_range_are_kept() {
    for host in hosts() {
        let free = melody(host.as_ref(), &script(host.as_ref()));
        let scale = Scale::MinorPentatonic.on(3);
        assert!(free.iter().any(|note| !scale.contains(note.pitch)));
        let bounded = script(host.as_ref())
            .set("Key", "Eb")
            .set("Scale", "Minor pentatonic")
            .set("Lowest note", "C3")
            .set("Highest note", "G4");
        let notes = melody(host.as_ref(), &bounded);
        assert!(notes.len() > 10, "{} notes", notes.len());
        let range = Pitch::clamped(48)..=Pitch::clamped(67);
        for note in &notes {
            assert!(
                scale.contains(note.pitch),
                "{} in {}",
                note.pitch,
                host.format()
            );
            assert!(
                range.contains(&note.pitch),
                "{} in {}",
                note.pitch,
                host.format()
            );
        }
    }
}

#[test]
fn an_octave_lower_is_the_same_answer_an_octave_lower() {
    for host in hosts() {
        let narrow = |octave: &str| {
            // Within two octaves on both sides, so that nothing leaves the keyboard.
            let (low, high) = if octave == "0" {
                ("C3", "C5")
            } else {
                ("C2", "C4")
            };
            let script = script(host.as_ref()).set("Octave", octave);
            let script = script.set("Lowest note", low).set("Highest note", high);
            keys(&melody(host.as_ref(), &script))
        };
        let lower: Vec<u8> = narrow("0").iter().map(|key| key - 12).collect();
        assert_eq!(narrow("-1"), lower, "{}", host.format());
    }
}

#[test]
fn the_range_acts_within_a_sixteenth_while_it_plays() {
    let turned = 2 * BAR + 8 * BEAT;
    for host in hosts() {
        let script = script(host.as_ref()).turn(at(turned), "Highest note", "C3");
        let notes = melody(host.as_ref(), &script);
        let (before, after): (Vec<_>, Vec<_>) = notes
            .iter()
            .partition(|note| note.onset.get() < turned + 6 + 1);
        let high = |notes: &[&Note]| notes.iter().any(|note| note.pitch.get() > 48);
        assert!(high(&before) && !after.is_empty());
        assert!(!high(&after), "{after:?} in {}", host.format());
    }
}
