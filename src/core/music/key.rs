//! Keys: a tonic and a mode, with the signature, the scale and the spelling that belong to them.
//!
//! Which key a phrase is in is found by [`key_finding`](super::key_finding). Pure and without
//! allocation; any thread.

use crate::music::note::Pitch;
use crate::music::scale::Scale;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyMode {
    Major,
    Minor,
}

/// A major or minor key. Its text is its name: `D minor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    tonic: u8,
    mode: KeyMode,
}

impl Key {
    /// The key on `tonic`, in whatever octave.
    pub const fn new(tonic: Pitch, mode: KeyMode) -> Self {
        Self {
            tonic: tonic.get() % 12,
            mode,
        }
    }

    /// All 24, major first.
    pub fn all() -> impl Iterator<Item = Self> {
        let modes = [KeyMode::Major, KeyMode::Minor].into_iter();
        modes.flat_map(|mode| (0..12).map(move |tonic| Self { tonic, mode }))
    }

    /// Its tonic as a pitch class; C is 0.
    pub const fn tonic(self) -> u8 {
        self.tonic
    }

    pub const fn mode(self) -> KeyMode {
        self.mode
    }

    /// The other key with the same signature.
    pub const fn relative(self) -> Self {
        match self.mode {
            KeyMode::Major => Self {
                tonic: (self.tonic + 9) % 12,
                mode: KeyMode::Minor,
            },
            KeyMode::Minor => Self {
                tonic: self.major_tonic(),
                mode: KeyMode::Major,
            },
        }
    }

    /// Sharps of its signature; flats are negative. Of two spellings the one with fewer signs, six
    /// sharps rather than six flats.
    pub const fn signature(self) -> i8 {
        let fifths = (self.major_tonic() as i8 * 7 + 5) % 12;
        fifths - 5
    }

    /// The tonic of the major key with the same signature.
    const fn major_tonic(self) -> u8 {
        match self.mode {
            KeyMode::Major => self.tonic,
            KeyMode::Minor => (self.tonic + 3) % 12,
        }
    }

    /// How many semitones a pitch lies above the next tonic below it, 0 to 11.
    pub const fn degree(self, pitch: Pitch) -> u8 {
        (pitch.get() + 12 - self.tonic) % 12
    }

    pub const fn scale(self) -> Scale {
        match self.mode {
            KeyMode::Major => Scale::Major,
            KeyMode::Minor => Scale::Minor,
        }
    }

    /// Whether a pitch belongs to its scale.
    pub fn contains(self, pitch: Pitch) -> bool {
        self.scale().on(self.tonic).contains(pitch)
    }

    /// The name of a pitch as this key writes it, with its octave: in major keys with sharps sharps, in
    /// those with flats flats, the usual ones where the key has neither; in minor keys the third, the
    /// fourth, the sixth and the seventh are raised to sharps, as in the melodic minor. Middle C is C4.
    pub fn spell(self, pitch: Pitch) -> String {
        const SHARPS: [&str; 5] = ["C#", "D#", "F#", "G#", "A#"];
        const FLATS: [&str; 5] = ["Db", "Eb", "Gb", "Ab", "Bb"];
        let names = match (self.mode, self.major_tonic()) {
            (KeyMode::Minor, _) if self.fifths_in_minor(pitch) > 5 => SHARPS,
            (KeyMode::Minor, _) => FLATS,
            (KeyMode::Major, 0) => return pitch.to_string(),
            (KeyMode::Major, 1 | 3 | 5 | 8 | 10) => FLATS,
            (KeyMode::Major, _) => SHARPS,
        };
        let black = [1, 3, 6, 8, 10];
        match black.iter().position(|class| *class == pitch.get() % 12) {
            Some(i) => format!("{}{}", names[i], i16::from(pitch.get() / 12) - 1),
            None => pitch.to_string(),
        }
    }

    /// How many fifths above C a pitch is written, where this key is minor: beyond B, at 5, the sharps
    /// begin.
    const fn fifths_in_minor(self, pitch: Pitch) -> i8 {
        const ABOVE_TONIC: [i8; 12] = [0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5];
        // The tonic itself lies three above that of the relative major.
        self.signature() + 3 + ABOVE_TONIC[self.degree(pitch) as usize]
    }

    /// Whether a pitch is the tonic, the third or the fifth.
    pub fn is_in_tonic_triad(self, pitch: Pitch) -> bool {
        let third = match self.mode {
            KeyMode::Major => 4,
            KeyMode::Minor => 3,
        };
        [0, third, 7].contains(&self.degree(pitch))
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tonic = self.spell(Pitch::clamped(60 + i64::from(self.tonic)));
        let mode = match self.mode {
            KeyMode::Major => "major",
            KeyMode::Minor => "minor",
        };
        write!(
            f,
            "{} {mode}",
            tonic.trim_end_matches(|c: char| c.is_ascii_digit())
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(tonic: i64, mode: KeyMode) -> Key {
        Key::new(Pitch::clamped(tonic), mode)
    }

    #[test]
    fn names_are_those_of_the_key() {
        let spelt = |key: Key| -> Vec<String> {
            let black = [61, 63, 66, 68, 70].map(Pitch::clamped);
            black.map(|pitch| key.spell(pitch)).into()
        };
        assert_eq!(
            spelt(key(2, KeyMode::Major)),
            ["C#4", "D#4", "F#4", "G#4", "A#4"]
        );
        assert_eq!(
            spelt(key(0, KeyMode::Minor)),
            ["Db4", "Eb4", "F#4", "Ab4", "Bb4"]
        );
        assert_eq!(
            spelt(key(5, KeyMode::Major)),
            ["Db4", "Eb4", "Gb4", "Ab4", "Bb4"]
        );
        // Its leading note is G sharp.
        assert_eq!(
            spelt(key(9, KeyMode::Minor)),
            ["C#4", "D#4", "F#4", "G#4", "Bb4"]
        );
        assert_eq!(
            spelt(key(2, KeyMode::Minor)),
            ["C#4", "Eb4", "F#4", "G#4", "Bb4"]
        );
        let minor = (0..12).map(|tonic| key(tonic, KeyMode::Minor).to_string());
        let tonics: Vec<String> = minor.map(|name| name.replace(" minor", "")).collect();
        assert_eq!(
            tonics,
            [
                "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "Bb", "B"
            ]
        );
        assert_eq!(key(7, KeyMode::Major).spell(Pitch::MIDDLE_C), "C4");
    }

    #[test]
    fn signatures_go_round_the_circle_of_fifths() {
        for (tonic, mode, sharps) in [
            (0, KeyMode::Major, 0),
            (7, KeyMode::Major, 1),
            (4, KeyMode::Major, 4),
            (6, KeyMode::Major, 6),
            (1, KeyMode::Major, -5),
            (5, KeyMode::Major, -1),
            (9, KeyMode::Minor, 0),
            (6, KeyMode::Minor, 3),
            (0, KeyMode::Minor, -3),
            (3, KeyMode::Minor, 6),
        ] {
            assert_eq!(key(tonic, mode).signature(), sharps, "{tonic} {mode:?}");
        }
    }

    #[test]
    fn the_scales_and_triads_are_the_textbooks() {
        let members = |key: Key| -> Vec<i64> {
            let inside = |pitch: &i64| key.contains(Pitch::clamped(*pitch));
            (60..72).filter(inside).collect()
        };
        assert_eq!(
            members(key(2, KeyMode::Major)),
            [61, 62, 64, 66, 67, 69, 71]
        );
        // A minor has G and G sharp.
        let minor = key(69, KeyMode::Minor);
        assert_eq!(members(minor), [60, 62, 64, 65, 67, 68, 69, 71]);
        let triad = (60..72).filter(|pitch| minor.is_in_tonic_triad(Pitch::clamped(*pitch)));
        assert_eq!(triad.collect::<Vec<_>>(), [60, 64, 69]);
        assert_eq!(minor.degree(Pitch::clamped(0)), 3);
        assert_eq!((minor.tonic(), minor.mode()), (9, KeyMode::Minor));
    }
}
