//! The key of a phrase: a tonic and a mode, found from its notes alone.
//!
//! By the method of Krumhansl and Schmuckler (Krumhansl, *Cognitive Foundations of Musical Pitch*,
//! 1990, chapter 4): how long each pitch class sounds is correlated with a profile of every major
//! and every minor key; the best correlation names the key. The profiles are Temperley's, from the
//! Kostka-Payne corpus (*Music and Probability*, 2007, table 6.1). Pure and without allocation;
//! any thread.

use crate::music::note::{Note, Pitch};
use crate::music::scale::Scale;
use crate::music::time::Ticks;

/// The share of the segments of the Kostka-Payne corpus in which a degree occurs, from the tonic up
/// in semitones, for the major keys.
const MAJOR: [f64; 12] = [
    0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400,
];
/// The same for the minor keys.
const MINOR: [f64; 12] = [
    0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyMode {
    Major,
    Minor,
}

impl KeyMode {
    fn profile(self) -> &'static [f64; 12] {
        match self {
            Self::Major => &MAJOR,
            Self::Minor => &MINOR,
        }
    }
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

    /// The key that fits the notes best, each weighed by how long it sounds. `None` where none fits
    /// better than another: no notes, or all twelve pitch classes alike.
    pub fn estimate(notes: impl IntoIterator<Item = (Pitch, Ticks)>) -> Option<Self> {
        Self::estimate_on(None, notes)
    }

    /// The key of a melody, or a part of one.
    pub fn of(notes: &[Note]) -> Option<Self> {
        Self::estimate(notes.iter().map(|note| (note.pitch, note.duration)))
    }

    /// As [`Key::estimate`], but of the keys on one tonic, where that is known.
    pub fn estimate_on(
        known: Option<u8>,
        notes: impl IntoIterator<Item = (Pitch, Ticks)>,
    ) -> Option<Self> {
        let mut weights = [0.0; 12];
        for (pitch, duration) in notes {
            weights[usize::from(pitch.get() % 12)] += duration.max(Ticks::ZERO).get() as f64;
        }
        let mut best: Option<(f64, Self)> = None;
        for mode in [KeyMode::Major, KeyMode::Minor] {
            for tonic in (0..12).filter(|tonic| known.is_none_or(|known| known == *tonic)) {
                let fit = correlation(&weights, usize::from(tonic), mode.profile())?;
                if best.is_none_or(|(best, _)| fit > best) {
                    best = Some((fit, Self { tonic, mode }));
                }
            }
        }
        best.map(|(_, key)| key)
    }

    /// Its tonic as a pitch class; C is 0.
    pub const fn tonic(self) -> u8 {
        self.tonic
    }

    pub const fn mode(self) -> KeyMode {
        self.mode
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

    /// The name of a pitch as this key writes it, with its octave: sharps in keys with sharps, flats
    /// in keys with flats, the usual ones where the key has neither. Middle C is C4.
    pub fn spell(self, pitch: Pitch) -> String {
        const SHARPS: [&str; 5] = ["C#", "D#", "F#", "G#", "A#"];
        const FLATS: [&str; 5] = ["Db", "Eb", "Gb", "Ab", "Bb"];
        let names = match self.major_tonic() {
            0 => return pitch.to_string(),
            1 | 3 | 5 | 8 | 10 => FLATS,
            _ => SHARPS,
        };
        let black = [1, 3, 6, 8, 10];
        match black.iter().position(|class| *class == pitch.get() % 12) {
            Some(i) => format!("{}{}", names[i], i16::from(pitch.get() / 12) - 1),
            None => pitch.to_string(),
        }
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

/// Pearson's correlation of the weights, read from the tonic up, with a profile. `None` where all
/// weights are the same.
fn correlation(weights: &[f64; 12], tonic: usize, profile: &[f64; 12]) -> Option<f64> {
    let mean = weights.iter().sum::<f64>() / 12.0;
    let profile_mean = profile.iter().sum::<f64>() / 12.0;
    let (mut product, mut square, mut profile_square) = (0.0, 0.0, 0.0);
    for (degree, expected) in profile.iter().enumerate() {
        let weight = weights[(tonic + degree) % 12] - mean;
        let expected = expected - profile_mean;
        product += weight * expected;
        square += weight * weight;
        profile_square += expected * expected;
    }
    (square > 0.0).then(|| product / (square * profile_square).sqrt())
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

    fn estimate(notes: &[(i64, i64)]) -> Option<Key> {
        let notes = notes.iter();
        Key::estimate(notes.map(|(key, duration)| (Pitch::clamped(*key), Ticks::new(*duration))))
    }

    fn key(tonic: i64, mode: KeyMode) -> Key {
        Key::new(Pitch::clamped(tonic), mode)
    }

    /// The first line of the Ode to Joy.
    const ODE: [(i64, i64); 15] = [
        (64, 24),
        (64, 24),
        (65, 24),
        (67, 24),
        (67, 24),
        (65, 24),
        (64, 24),
        (62, 24),
        (60, 24),
        (60, 24),
        (62, 24),
        (64, 24),
        (64, 36),
        (62, 12),
        (62, 48),
    ];
    /// How the subject of Bach's fugue in G minor, BWV 578, begins.
    const FUGUE: [(i64, i64); 12] = [
        (67, 24),
        (74, 24),
        (70, 36),
        (69, 12),
        (67, 12),
        (70, 12),
        (69, 12),
        (67, 12),
        (66, 12),
        (69, 12),
        (62, 24),
        (67, 12),
    ];

    #[test]
    fn known_tunes_are_in_their_keys_wherever_they_are_played() {
        for up in 0..12 {
            let moved = |tune: &[(i64, i64)]| -> Vec<(i64, i64)> {
                tune.iter().map(|(key, long)| (key + up, *long)).collect()
            };
            assert_eq!(estimate(&moved(&ODE)), Some(key(60 + up, KeyMode::Major)));
            assert_eq!(estimate(&moved(&FUGUE)), Some(key(67 + up, KeyMode::Minor)));
        }
    }

    #[test]
    fn what_sounds_long_counts_more() {
        // The same seven notes: which of them are long tells C major from A minor.
        let scale = |long: [i64; 3]| -> Vec<(i64, i64)> {
            let weigh = |key: i64| if long.contains(&key) { 48 } else { 6 };
            let keys = [60, 62, 64, 65, 67, 69, 71];
            keys.iter().map(|key| (*key, weigh(*key))).collect()
        };
        assert_eq!(estimate(&scale([60, 64, 67])), Some(key(0, KeyMode::Major)));
        assert_eq!(estimate(&scale([69, 60, 64])), Some(key(9, KeyMode::Minor)));
    }

    #[test]
    fn nothing_and_everything_have_no_key() {
        assert_eq!(estimate(&[]), None);
        assert_eq!(estimate(&[(60, 0), (62, -5)]), None);
        let chromatic: Vec<_> = (60..72).map(|key| (key, 6)).collect();
        assert_eq!(estimate(&chromatic), None);
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
            ["Db4", "Eb4", "Gb4", "Ab4", "Bb4"]
        );
        assert_eq!(
            spelt(key(9, KeyMode::Minor)),
            ["C#4", "Eb4", "F#4", "Ab4", "Bb4"]
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
