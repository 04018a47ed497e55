//! Which part of the corpus a melody belongs to: learnt from, chosen by, or kept for measuring.
//!
//! Where a file does not say it, the melody's own notes decide, so that the same music is always
//! on the same side, in any key and in whatever company.

use std::str::FromStr;

use harmonai_core::music::melody::Melody;

/// A part of the corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Split {
    /// Learnt from.
    Train,
    /// The best checkpoint is chosen by it.
    Valid,
    /// Kept for measuring.
    Test,
}

impl Split {
    /// Its name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Valid => "valid",
            Self::Test => "test",
        }
    }

    /// 90 of 100 keys train, 5 valid, 5 test.
    pub fn by_key(key: u64) -> Self {
        match key % 100 {
            0..90 => Self::Train,
            90..95 => Self::Valid,
            _ => Self::Test,
        }
    }
}

impl FromStr for Split {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "train" => Ok(Self::Train),
            "valid" => Ok(Self::Valid),
            "test" => Ok(Self::Test),
            _ => Err(format!("split `{text}` is not train, valid or test")),
        }
    }
}

/// A number of the notes and the metre alone, equal for a melody and all its transpositions. FNV-1a
/// over the fields, well mixed at the end: it must stay what it is from one version to the next.
pub fn fingerprint(melody: &Melody) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut add = |value: i64| {
        for byte in value.to_le_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    add(melody.metre().numerator().into());
    add(melody.metre().denominator().into());
    let first = melody.notes()[0];
    add(melody.metre().position(first.onset).get());
    for note in melody.notes() {
        add((note.onset - first.onset).get());
        add(note.duration.get());
        add(i64::from(note.pitch.get()) - i64::from(first.pitch.get()));
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use harmonai_core::music::note::{Note, Pitch};
    use harmonai_core::music::time::{Metre, Ticks};

    use super::*;

    fn melody(onset: i64, step: i64, metre: &str) -> Melody {
        let note = |i: i64| Note {
            onset: Ticks::new(onset + i * step),
            duration: Ticks::new(6),
            pitch: Pitch::clamped(60 + i),
            velocity: None,
        };
        let metre = Metre::parse(metre).unwrap();
        Melody::new(String::new(), None, metre, (0..4).map(note).collect()).unwrap()
    }

    #[test]
    fn transposing_and_whole_bars_change_nothing_and_all_else_does() {
        let tune = melody(12, 6, "4/4");
        let print = fingerprint(&tune);
        // Pinned: another value would put every user's melodies into other parts.
        assert_eq!(print, 8_288_227_402_504_034_774);
        assert_eq!(print, fingerprint(&tune.transposed(-7).unwrap()));
        assert_eq!(print, fingerprint(&melody(108, 6, "4/4")));
        assert_ne!(print, fingerprint(&melody(18, 6, "4/4")));
        assert_ne!(print, fingerprint(&melody(12, 12, "4/4")));
        assert_ne!(print, fingerprint(&melody(12, 6, "2/2")));
    }

    #[test]
    fn nine_of_ten_melodies_are_for_training() {
        let mut counts = [0usize; 3];
        for onset in 0..96 {
            for step in 6..46 {
                counts[Split::by_key(fingerprint(&melody(onset, step, "4/4"))) as usize] += 1;
            }
        }
        let [train, valid, test] = counts;
        let all = train + valid + test;
        assert!(train * 100 > all * 87 && valid * 100 > all * 4 && test * 100 > all * 4);
    }
}
