//! A set of pitches, such as the keys that are down.
//!
//! Used by the turn-taking on the audio thread and by the listener on the worker's: a `Copy` value
//! of 128 bits.

use crate::music::note::Pitch;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PitchSet(u128);

impl PitchSet {
    pub const EMPTY: Self = Self(0);

    pub const fn of(pitch: Pitch) -> Self {
        Self(1 << pitch.get())
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub const fn contains(self, pitch: Pitch) -> bool {
        self.0 & Self::of(pitch).0 != 0
    }

    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Its lowest pitch.
    pub fn lowest(self) -> Option<Pitch> {
        Pitch::new(self.0.trailing_zeros() as u8)
    }

    /// Those of its pitches that are higher than `pitch`.
    pub const fn above(self, pitch: Pitch) -> Self {
        Self(self.0 & (u128::MAX << pitch.get() << 1))
    }

    pub fn insert(&mut self, pitch: Pitch) {
        self.0 |= Self::of(pitch).0;
    }

    /// Whether the pitch was in it.
    pub fn remove(&mut self, pitch: Pitch) -> bool {
        let was = self.contains(pitch);
        self.0 &= !Self::of(pitch).0;
        was
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_what_was_put_in_from_the_lowest_key_to_the_highest() {
        let mut set = PitchSet::EMPTY;
        assert_eq!((set.lowest(), set.is_empty()), (None, true));
        let keys = [127, 0, 60].map(Pitch::clamped);
        keys.into_iter().for_each(|key| set.insert(key));
        assert!(keys.into_iter().all(|key| set.contains(key)));
        assert_eq!(set.lowest(), Some(keys[1]));
        assert_eq!(set.above(keys[1]).lowest(), Some(keys[2]));
        assert_eq!(set.above(keys[2]), PitchSet::of(keys[0]));
        assert!(set.above(keys[0]).is_empty());
        assert!(set.remove(keys[0]) && !set.remove(keys[0]));
        assert!(!set.intersects(PitchSet::of(keys[0])));
        assert!(set.intersects(PitchSet::of(keys[2])));
    }
}
