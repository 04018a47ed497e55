//! Whether an onset is melody or accompaniment, where only the top voice counts. Part of the
//! melody listener, on the worker's thread.
//!
//! A key struck while none above it is held is melody. One struck below a held key of the melody is
//! accompaniment, unless
//!
//! - the key above is let go within [`OVERLAP`] and this one sounds on: the player plays legato;
//! - or it sounds on alone for longer than the two sounded together.
//!
//! A key more than an octave below can be melody for the second reason only. Where an accompaniment
//! has been going on, its register is known (the [`AccompanimentRange`]). Of a key in it, far below
//! the melody, more is asked: that it sounds alone for a quarter note. So the notes of a broken chord
//! are not taken for melody while a detached melody rests.

use crate::music::note::{Pitch, Velocity};
use crate::music::pitch_set::PitchSet;
use crate::music::time::Ticks;

/// Keys struck within this time of each other are struck at once.
pub const CHORD: Ticks = Ticks::new(2);

/// A note that is held no longer than this into the next one is played legato.
pub const OVERLAP: Ticks = Ticks::new(6);

/// How long the accompaniment's register is remembered: a bar of 4/4.
const MEMORY: Ticks = Ticks::new(96);

/// While the melody rests, where it was last counts for this long.
const REST: Ticks = Ticks::BEAT;

/// What lies more semitones than this below the melody, a fifth, is in another register.
const FAR: u8 = 7;

/// Nobody plays legato over more semitones than this, an octave.
const WIDE: u8 = 12;

/// An onset, and what may yet decide that it is melody.
#[derive(Clone, Copy, Debug)]
pub struct Onset {
    /// When the first of its keys was struck.
    pub onset: Ticks,
    /// The highest of its keys.
    pub pitch: Pitch,
    pub velocity: Velocity,
    /// When it was let go.
    pub end: Option<Ticks>,
    /// All its keys.
    pub keys: PitchSet,
    doubt: Option<Doubt>,
}

/// Why an onset may be accompaniment.
#[derive(Clone, Copy, Debug)]
struct Doubt {
    /// Keys above it that are held and melody, as far as is known.
    above: PitchSet,
    /// When the last of those that were melody was let go.
    free: Option<Ticks>,
    /// It lies more than an octave below them.
    wide: bool,
    /// It lies in the accompaniment's register.
    low: bool,
}

impl Onset {
    /// Of one key, and melody as long as nothing speaks against it.
    pub fn new(onset: Ticks, pitch: Pitch, velocity: Velocity) -> Self {
        Self {
            onset,
            pitch,
            velocity,
            end: None,
            keys: PitchSet::of(pitch),
            doubt: None,
        }
    }

    /// Whether a key struck at `at` is one more of its chord, given the keys that are down.
    pub fn is_one_with(&self, at: Ticks, down: PitchSet) -> bool {
        at == self.onset || (at - self.onset <= CHORD && self.keys.intersects(down))
    }

    /// Whether it is undecided.
    pub fn is_doubtful(&self) -> bool {
        self.doubt.is_some()
    }

    /// It is struck while the keys in `held`, above it, are down.
    pub fn doubt(&mut self, held: PitchSet, accompaniment_range: &AccompanimentRange) {
        let low = accompaniment_range.holds(self.pitch, held, self.onset);
        let legato = self.pitch.get() + WIDE;
        let doubt = Doubt {
            above: held,
            free: None,
            wide: held.lowest().is_none_or(|key| key.get() > legato),
            low,
        };
        self.doubt = (!held.is_empty() || low).then_some(doubt);
    }

    /// It is melody after all.
    pub fn believe(&mut self) {
        self.doubt = None;
    }

    /// Another undecided key is struck: while a higher one is held, this one does not sound alone.
    pub fn wait_for(&mut self, pitch: Pitch) {
        if let Some(doubt) = &mut self.doubt
            && pitch > self.pitch
        {
            doubt.above.insert(pitch);
        }
    }

    /// A key of the melody is let go.
    pub fn free(&mut self, pitch: Pitch, at: Ticks) {
        if let Some(doubt) = &mut self.doubt
            && doubt.above.remove(pitch)
        {
            doubt.free = Some(at);
        }
    }

    /// A key has turned out not to be melody.
    pub fn ignore(&mut self, pitch: Pitch) {
        if let Some(doubt) = &mut self.doubt {
            doubt.above.remove(pitch);
        }
    }

    /// Whether it is melody, once that is known, at `now`; `overtaken` by a later onset that is.
    pub fn verdict(&self, now: Ticks, overtaken: bool) -> Option<bool> {
        let Some(doubt) = self.doubt else {
            return Some(true);
        };
        if !doubt.above.is_empty() {
            return (overtaken && now - self.onset > OVERLAP).then_some(false);
        }
        if doubt.free.is_none() && !doubt.low {
            return Some(true);
        }
        let alone = doubt.free.unwrap_or(self.onset);
        let overlap = alone - self.onset;
        let needed = match doubt.low {
            true => overlap.max(Ticks::BEAT),
            false if overlap <= OVERLAP && !doubt.wide => Ticks::ZERO,
            false => overlap,
        };
        if now - alone > needed {
            Some(true)
        } else {
            (overtaken && needed > Ticks::ZERO).then_some(false)
        }
    }
}

/// How high the accompaniment reaches, and where the melody was last.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccompanimentRange {
    accompaniment: Option<(Pitch, Ticks)>,
    melody: Option<(Pitch, Ticks)>,
}

impl AccompanimentRange {
    /// `gone` is accompaniment. One that was struck in a rest of the melody proves nothing.
    pub fn note(&mut self, gone: &Onset) {
        let proof = |doubt: Doubt| !doubt.above.is_empty() || doubt.free.is_some();
        if !gone.doubt.is_some_and(proof) {
            return;
        }
        let fresh = |(_, at): &(Pitch, Ticks)| gone.onset - *at <= MEMORY;
        let before = self.accompaniment.filter(fresh);
        let pitch = before.map_or(gone.pitch, |(pitch, _)| pitch.max(gone.pitch));
        self.accompaniment = Some((pitch, gone.onset));
    }

    /// The melody leaves a key.
    pub fn leave(&mut self, pitch: Pitch, at: Ticks) {
        self.melody = Some((pitch, at));
    }

    /// Whether a key struck at `at` under the keys in `held` lies in its register.
    fn holds(&self, pitch: Pitch, held: PitchSet, at: Ticks) -> bool {
        let melody = held.lowest().or_else(|| {
            let rest = |(_, left): &(Pitch, Ticks)| at - *left <= REST;
            self.melody.filter(rest).map(|(pitch, _)| pitch)
        });
        let far = melody.is_some_and(|melody| melody.get() > pitch.get() + FAR);
        let inside = |(top, heard): (Pitch, Ticks)| pitch <= top && at - heard <= MEMORY;
        far && self.accompaniment.is_some_and(inside)
    }
}
