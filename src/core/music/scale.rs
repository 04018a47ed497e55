//! Scales: which of the twelve degrees above a tonic belong together.
//!
//! Chosen by the player for the answer; pure, any thread.

use crate::music::note::Pitch;
use crate::music::time::Ticks;

/// A set of degrees above a tonic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scale {
    Major,
    /// Aeolian, with the leading note of the harmonic minor: melodies change between the two sevenths
    /// from bar to bar.
    Minor,
    Dorian,
    Phrygian,
    Lydian,
    Mixolydian,
    /// Five notes without semitones, from the major third's side.
    MajorPentatonic,
    /// The same five from the minor third's side.
    MinorPentatonic,
    /// The minor pentatonic with the diminished fifth between.
    Blues,
}

impl Scale {
    pub const ALL: [Self; 9] = [
        Self::Major,
        Self::Minor,
        Self::Dorian,
        Self::Phrygian,
        Self::Lydian,
        Self::Mixolydian,
        Self::MajorPentatonic,
        Self::MinorPentatonic,
        Self::Blues,
    ];

    /// Its degrees, semitones above the tonic.
    pub const fn degrees(self) -> &'static [u8] {
        match self {
            Self::Major => &[0, 2, 4, 5, 7, 9, 11],
            Self::Minor => &[0, 2, 3, 5, 7, 8, 10, 11],
            Self::Dorian => &[0, 2, 3, 5, 7, 9, 10],
            Self::Phrygian => &[0, 1, 3, 5, 7, 8, 10],
            Self::Lydian => &[0, 2, 4, 6, 7, 9, 11],
            Self::Mixolydian => &[0, 2, 4, 5, 7, 9, 10],
            Self::MajorPentatonic => &[0, 2, 4, 7, 9],
            Self::MinorPentatonic => &[0, 3, 5, 7, 10],
            Self::Blues => &[0, 3, 5, 6, 7, 10],
        }
    }

    /// Its pitch classes on `tonic`.
    pub fn on(self, tonic: u8) -> PitchClasses {
        let bit = |degree: &u8| 1 << ((u16::from(tonic) + u16::from(*degree)) % 12);
        PitchClasses(self.degrees().iter().map(bit).fold(0, |all, one| all | one))
    }

    /// The tonic on which it fits the notes best, each weighed by how long it sounds: the one with
    /// most of them in the scale; of several, the one whose tonic and fifth sound longest. `None`
    /// without notes.
    pub fn tonic(self, notes: impl IntoIterator<Item = (Pitch, Ticks)>) -> Option<u8> {
        let mut sounding = [0i64; 12];
        for (pitch, duration) in notes {
            sounding[usize::from(pitch.get() % 12)] += duration.max(Ticks::ZERO).get();
        }
        let fit = |tonic: u8| {
            let scale = self.on(tonic);
            let inside =
                (0..12u8).filter(|class| scale.contains(Pitch::clamped(i64::from(*class))));
            let inside: i64 = inside.map(|class| sounding[usize::from(class)]).sum();
            let (root, fifth) = (usize::from(tonic), usize::from(tonic + 7) % 12);
            (inside, 2 * sounding[root] + sounding[fifth])
        };
        // The lowest of equals, so that the same notes always give the same.
        let best = (0..12).rev().max_by_key(|tonic| fit(*tonic));
        best.filter(|_| sounding.iter().any(|time| *time > 0))
    }
}

/// A set of pitch classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PitchClasses(u16);

impl PitchClasses {
    pub const ALL: Self = Self(0xfff);

    /// These and that of a pitch.
    pub const fn with(self, pitch: Pitch) -> Self {
        Self(self.0 | 1 << (pitch.get() % 12))
    }

    /// Whether a pitch is of one of them.
    pub const fn contains(self, pitch: Pitch) -> bool {
        self.0 & (1 << (pitch.get() % 12)) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(keys: &[i64]) -> Vec<(Pitch, Ticks)> {
        let notes = keys.iter().map(|key| (Pitch::clamped(*key), Ticks::BEAT));
        notes.collect()
    }

    #[test]
    fn every_scale_finds_its_tonic_wherever_it_is_played() {
        for scale in Scale::ALL {
            for tonic in 0..12u8 {
                // Up the scale and home.
                let up = scale.degrees().iter().map(|degree| 48 + tonic + degree);
                let keys: Vec<i64> = up
                    .chain([48 + tonic, 55 + tonic, 48 + tonic])
                    .map(i64::from)
                    .collect();
                assert_eq!(scale.tonic(notes(&keys)), Some(tonic), "{scale:?}");
                assert!(
                    keys.iter()
                        .all(|key| scale.on(tonic).contains(Pitch::clamped(*key)))
                );
            }
        }
        assert_eq!(Scale::Major.tonic(notes(&[])), None);
    }

    #[test]
    fn modes_are_the_major_scale_from_another_degree() {
        for (mode, tonic) in [
            (Scale::Dorian, 2),
            (Scale::Phrygian, 4),
            (Scale::Lydian, 5),
            (Scale::Mixolydian, 7),
        ] {
            assert_eq!(mode.on(tonic), Scale::Major.on(0));
        }
        assert_eq!(Scale::MinorPentatonic.on(9), Scale::MajorPentatonic.on(0));
        assert!(PitchClasses::ALL.contains(Pitch::MIDDLE_C));
    }
}
