//! Notes, as the player plays them and as the network answers them.
//!
//! Used everywhere; small `Copy` values, safe on any thread.

// On the audio thread too.
#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::unwrap_used, clippy::panic)
)]
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unreachable))]

use crate::music::time::Ticks;

/// A MIDI key, 0 to 127; 60 is middle C.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pitch(u8);

impl Pitch {
    pub const MIDDLE_C: Self = Self(60);

    /// The key, or `None` beyond 127.
    pub const fn new(key: u8) -> Option<Self> {
        if key < 128 { Some(Self(key)) } else { None }
    }

    /// The nearest key to any number.
    pub const fn clamped(key: i64) -> Self {
        Self(if key < 0 {
            0
        } else if key > 127 {
            127
        } else {
            key as u8
        })
    }

    pub const fn get(self) -> u8 {
        self.0
    }

    /// The key that has this name, however it is spelt: `Bb3`, `a#3`, `B♭3` are all 58.
    pub fn named(name: &str) -> Option<Self> {
        let mut letters = name.trim().chars();
        let white = match letters.next()?.to_ascii_uppercase() {
            'C' => 0,
            'D' => 2,
            'E' => 4,
            'F' => 5,
            'G' => 7,
            'A' => 9,
            'B' => 11,
            _ => return None,
        };
        let rest = letters.as_str();
        let octave = rest.trim_start_matches(['#', '♯', 'b', 'B', '♭']);
        let signs = rest.strip_suffix(octave)?.chars();
        let moved: i64 = signs
            .map(|sign| if "#♯".contains(sign) { 1 } else { -1 })
            .sum();
        let octave: i8 = octave.trim().parse().ok()?;
        let key = 12 * (i64::from(octave) + 1) + white + moved;
        Self::new(u8::try_from(key).ok()?)
    }

    /// Moved by `semitones`, or `None` where that leaves the keyboard.
    pub fn transposed(self, semitones: i8) -> Option<Self> {
        self.0.checked_add_signed(semitones).and_then(Self::new)
    }
}

impl std::fmt::Display for Pitch {
    /// Note name with octave, middle C = C4.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const NAMES: [&str; 12] = [
            "C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B",
        ];
        let octave = i16::from(self.0 / 12) - 1;
        let name = NAMES.get(usize::from(self.0 % 12)).unwrap_or(&"");
        write!(f, "{name}{octave}")
    }
}

/// How hard a key was struck, 1 to 127 (a MIDI velocity of 0 would be a note-off).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Velocity(u8);

impl Velocity {
    /// For a note whose velocity is not known.
    pub const DEFAULT: Self = Self(90);

    pub const fn clamped(velocity: i64) -> Self {
        Self(if velocity < 1 {
            1
        } else if velocity > 127 {
            127
        } else {
            velocity as u8
        })
    }

    /// The bare MIDI value, 1 to 127.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// As hosts give it, 0 to 1.
    pub fn unit(self) -> f32 {
        f32::from(self.0) / 127.0
    }

    /// From a host's 0 to 1; what is not a number becomes the softest.
    pub fn from_unit(unit: f32) -> Self {
        Self::clamped((unit * 127.0).round() as i64)
    }
}

/// One note of a melody or of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Note {
    pub onset: Ticks,
    /// How long it sounds; at least one tick.
    pub duration: Ticks,
    pub pitch: Pitch,
    /// `None` where it is not known.
    pub velocity: Option<Velocity>,
}

#[cfg(test)]
impl Note {
    /// Notes on these keys, one after the other, each of `each` ticks.
    pub(crate) fn line(keys: &[i64], each: i64) -> Vec<Self> {
        let notes = (0..).zip(keys).map(|(i, key)| Self {
            onset: Ticks::new(i * each),
            duration: Ticks::new(each),
            pitch: Pitch::clamped(*key),
            velocity: None,
        });
        notes.collect()
    }
}

impl Note {
    pub fn end(self) -> Ticks {
        self.onset + self.duration
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_each_of_its_names() {
        for key in (0..128).map(Pitch::clamped) {
            assert_eq!(Pitch::named(&key.to_string()), Some(key));
        }
        for (name, key) in [
            ("Bb3", Some(58)),
            (" a#3 ", Some(58)),
            ("bb3", Some(58)),
            ("B♭3", Some(58)),
            ("Cb4", Some(59)),
            ("B#3", Some(60)),
            ("F##-1", Some(7)),
            ("C-1", Some(0)),
            ("Cb-1", None),
            ("G#9", None),
            ("H4", None),
            ("C", None),
            ("", None),
            ("b", None),
            ("C999", None),
            ("48", None),
        ] {
            assert_eq!(Pitch::named(name).map(Pitch::get), key, "{name}");
        }
    }
}
