//! Phrases whose key a musician hears at once, and those of which he doubts.

use super::*;
use crate::music::time::Ticks;

/// Notes in 4/4 as a musician writes them: a name and an octave, a quarter long; each `-` halves it,
/// each `=` doubles it, and `.` makes it half as long again. R is a rest, and `|` a bar line.
fn phrase(text: &str) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut at = Ticks::ZERO;
    for word in text.split_whitespace().filter(|word| *word != "|") {
        let name = word.trim_end_matches(['-', '=', '.']);
        let mut long = 24;
        for sign in word[name.len()..].chars() {
            long = match sign {
                '-' => long / 2,
                '=' => long * 2,
                _ => long * 3 / 2,
            };
        }
        let duration = Ticks::new(long);
        if let Some(pitch) = Pitch::named(name) {
            notes.push(Note {
                onset: at,
                duration,
                pitch,
                velocity: None,
            });
        }
        at += duration;
    }
    notes
}

fn heard(text: &str) -> KeyEstimate {
    KeyEstimate::of(&phrase(text), Metre::COMMON).unwrap()
}

fn key(tonic: i64, mode: KeyMode) -> Key {
    Key::new(Pitch::clamped(tonic), mode)
}

const ODE: &str = "E4 E4 F4 G4 | G4 F4 E4 D4 | C4 C4 D4 E4 | E4. D4- D4=";

#[test]
fn tunes_are_heard_in_their_keys() {
    for (tune, tonic, mode) in [
        (ODE, 0, KeyMode::Major),
        // How the subject of Bach's fugue in G minor, BWV 578, begins.
        (
            "G4 D5 Bb4. A4- | G4- Bb4- A4- G4- F#4- A4- D4",
            7,
            KeyMode::Minor,
        ),
        (
            "A4 C5- B4- A4 E4 | F4 A4- G4- F4= | G4 B4- A4- G4 D4 | E4 G#4 A4=",
            9,
            KeyMode::Minor,
        ),
        // Both sevenths and both sixths of the minor.
        (
            "A4 B4 C5 D5 | E5 F#5 G#5 A5 | G5 F5 E5 D5 | C5 B4 A4=",
            9,
            KeyMode::Minor,
        ),
        (
            "C4 E4 G4 C5 | B4 A4 G4= | A4 F4 D4 B3 | C4==",
            0,
            KeyMode::Major,
        ),
        // It has an accidental, but stays at home.
        (
            "E4 F#4 G4 E4 | C4 D4 E4 C4 | F4 A4 G4 E4 | D4 G4 C4=",
            0,
            KeyMode::Major,
        ),
    ] {
        let estimate = heard(tune);
        assert_eq!(estimate.key(), key(tonic, mode), "{tune} {estimate:?}");
        assert!(
            estimate.probability_of_signature(estimate.key()) > 0.5,
            "{tune}"
        );
    }
}

#[test]
fn a_key_moves_with_the_notes() {
    let ode = phrase(ODE);
    let home = heard(ODE);
    for up in -24..24 {
        let mut moved = ode.clone();
        for note in &mut moved {
            note.pitch = note.pitch.transposed(up).unwrap();
        }
        let there = KeyEstimate::of(&moved, Metre::COMMON).unwrap();
        for (tonic, mode) in (0..12).flat_map(|t| [(t, KeyMode::Major), (t, KeyMode::Minor)]) {
            let (before, after) = (
                home.probability(key(tonic, mode)),
                there.probability(key(60 + tonic + i64::from(up), mode)),
            );
            assert!((before - after).abs() < 1e-4, "{up}: {before} {after}");
        }
        assert_eq!(there.key(), key(60 + i64::from(up), KeyMode::Major));
    }
}

#[test]
fn what_fits_several_keys_is_doubted() {
    let signature = |text: &str| {
        let estimate = heard(text);
        estimate.probability_of_signature(estimate.key())
    };
    // Few notes, one pitch, all twelve; five notes that C, F and G major share.
    for text in [
        "C4",
        "C4 C4 C4 C4",
        "C4 G4",
        "C4 Db4 D4 Eb4 E4 F4 F#4 G4 Ab4 A4 Bb4 B4",
    ] {
        assert!(signature(text) < 0.5, "{text}: {}", signature(text));
    }
    let pentatonic = heard("C4 D4 E4 G4 A4");
    let of = |tonic: i64| pentatonic.probability_of_signature(key(tonic, KeyMode::Major));
    assert!(
        of(0) < 0.75 && of(5) > 0.05 && of(7) > 0.02,
        "{pentatonic:?}"
    );
    assert!(of(0) + of(5) + of(7) > 0.8, "{pentatonic:?}");
    // More of the same takes the doubt away.
    let [few, more, all] = [
        "C4 D4 E4 C4",
        "C4 D4 E4 C4 | E4 F4 G4=",
        "C4 D4 E4 C4 | E4 F4 G4= | G4- A4- G4- F4- E4 C4 | C4 G3 C4=",
    ]
    .map(|text| heard(text).probability(key(0, KeyMode::Major)));
    assert!(few < more && more < all && all > 0.8, "{few} {more} {all}");
    assert_eq!(KeyEstimate::of(&[], Metre::COMMON), None);
}

#[test]
fn probabilities_add_up_to_one_and_a_drum_pattern_has_no_key() {
    let drums: Vec<i64> = (0..16).map(|i| [36, 42, 38, 42][i % 4]).collect();
    let estimate = KeyEstimate::of(&Note::line(&drums, 12), Metre::COMMON).unwrap();
    let sum: f32 = estimate.probabilities.as_flattened().iter().sum();
    assert!((sum - 1.0).abs() < 1e-5);
    assert!(estimate.probability_of_signature(estimate.key()) < 0.6);
}

#[test]
fn of_a_tonic_that_is_known_the_mode_is_found() {
    let ode = heard(ODE);
    assert_eq!(ode.key_on(0), key(0, KeyMode::Major));
    let minor = heard("B4 C#5 D5 B4 | F#5 E5 D5 C#5 | B4=");
    assert_eq!(minor.key_on(11), key(11, KeyMode::Minor));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what it is measured by")]
fn powers_are_right_to_six_digits() {
    for i in 0..8000 {
        let x = i as f32 * -0.01;
        let right = f64::from(x).exp();
        assert!((f64::from(exp(x)) - right).abs() <= 1e-6 * right, "{x}");
    }
}
