//! Numbers that tell one melody, or one collection of melodies, from another.
//!
//! FNV-1a over the fields, which must stay what it is from one version to the next: a melody's part
//! and whether a run may be resumed follow from it. Pure; any thread.

use harmonai_core::music::melody::Melody;

struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn number(&mut self, value: i64) {
        self.add(&value.to_le_bytes());
    }
}

/// A number of the notes and the metre alone, equal for a melody and all its transpositions, and
/// well mixed.
pub fn of_melody(melody: &Melody) -> u64 {
    let mut fnv = Fnv::new();
    fnv.number(melody.metre().numerator().into());
    fnv.number(melody.metre().denominator().into());
    let first = melody.notes()[0];
    fnv.number(melody.metre().position(first.onset).get());
    for note in melody.notes() {
        fnv.number((note.onset - first.onset).get());
        fnv.number(note.duration.get());
        fnv.number(i64::from(note.pitch.get()) - i64::from(first.pitch.get()));
    }
    let hash = fnv.0;
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// Tells one collection of tunes from another, by everything that is learnt from.
pub fn of_music(tunes: &[Melody]) -> String {
    let mut fnv = Fnv::new();
    for tune in tunes {
        fnv.add(tune.style().unwrap_or("").as_bytes());
        fnv.add(&[0, tune.metre().numerator(), tune.metre().denominator()]);
        for note in tune.notes() {
            fnv.number(note.onset.get());
            fnv.number(note.duration.get());
            let velocity = note.velocity.map_or(0, |velocity| velocity.get());
            fnv.add(&[note.pitch.get(), velocity]);
        }
    }
    format!("{} tunes, {:016x}", tunes.len(), fnv.0)
}

#[cfg(test)]
mod tests {
    use harmonai_core::music::note::{Note, Pitch};
    use harmonai_core::music::time::{Metre, Ticks};

    use super::*;
    use crate::data::corpus::Split;

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
        let print = of_melody(&tune);
        // Pinned: another value would put every user's melodies into other parts.
        assert_eq!(print, 8_288_227_402_504_034_774);
        assert_eq!(print, of_melody(&tune.transposed(-7).unwrap()));
        assert_eq!(print, of_melody(&melody(108, 6, "4/4")));
        assert_ne!(print, of_melody(&melody(18, 6, "4/4")));
        assert_ne!(print, of_melody(&melody(12, 12, "4/4")));
        assert_ne!(print, of_melody(&melody(12, 6, "2/2")));
    }

    #[test]
    fn nine_of_ten_melodies_are_for_training() {
        let mut counts = [0usize; 3];
        for onset in 0..96 {
            for step in 6..46 {
                counts[Split::by_key(of_melody(&melody(onset, step, "4/4"))) as usize] += 1;
            }
        }
        let [train, valid, test] = counts;
        let all = train + valid + test;
        assert!(train * 100 > all * 87 && valid * 100 > all * 4 && test * 100 > all * 4);
    }
}
