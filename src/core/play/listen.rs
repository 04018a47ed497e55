//! One melody out of everything that the player does with both hands.
//!
//! ```text
//! keys struck and let go ──► onsets ──► voice separation ──► rhythm ──► notes, one after the other
//!                            chords     melody or            human
//!                            are one    accompaniment        timing
//! ```
//!
//! Keys struck within [`CHORD`] of each other are one onset; the highest of them speaks for it.
//! Whether an onset is melody may show only later ([`voice_separation`]): until then it waits, and
//! all after it wait too. A note is given once the two onsets after it are known ([`rhythm`]). What
//! is played exactly and one note at a time comes out as it went in.
//!
//! Owned by the continuation, on the worker's thread; a phrase out of a file is heard by one too.
//! Everything follows from the times that it is told, in their order; it knows no clock. Allocates
//! only when made.

mod rhythm;
#[cfg(test)]
mod tests;
mod voice_separation;

use std::collections::VecDeque;

use crate::music::note::{Note, Pitch, Velocity};
use crate::music::pitch_set::PitchSet;
use crate::music::time::Ticks;
use rhythm::Rhythm;
use voice_separation::{AccompanimentRange, Onset};

pub use voice_separation::CHORD;

/// How many onsets may wait to be decided; where more come, the oldest undecided one is given up.
const ROOM: usize = 64;

/// Which of the player's notes count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Voices {
    /// The top voice: what is struck below a held note of the melody is its accompaniment.
    #[default]
    Top,
    /// Every onset, of chords the highest note.
    All,
}

/// What has been heard and not been given yet.
#[derive(Clone, Debug)]
pub struct MelodyListener {
    voices: Voices,
    /// The latest time that it was told.
    now: Ticks,
    down: PitchSet,
    /// Those keys that are down and melody, or may become it.
    melody: PitchSet,
    /// Onsets in their order: one of the melody, if any, then those that wait behind it.
    struck: Vec<Onset>,
    accompaniment_range: AccompanimentRange,
    rhythm: Rhythm,
    notes: VecDeque<Note>,
}

impl Default for MelodyListener {
    fn default() -> Self {
        Self {
            voices: Voices::default(),
            now: Ticks::new(i64::MIN),
            down: PitchSet::EMPTY,
            melody: PitchSet::EMPTY,
            struck: Vec::with_capacity(ROOM),
            accompaniment_range: AccompanimentRange::default(),
            rhythm: Rhythm::default(),
            notes: VecDeque::with_capacity(ROOM + 2),
        }
    }
}

impl MelodyListener {
    /// Forgets everything, the keys that are down too: they belong to what was before.
    pub fn clear(&mut self, voices: Voices) {
        self.voices = voices;
        self.now = Ticks::new(i64::MIN);
        (self.down, self.melody) = (PitchSet::EMPTY, PitchSet::EMPTY);
        self.struck.clear();
        self.notes.clear();
        (self.accompaniment_range, self.rhythm) = Default::default();
    }

    pub fn note_on(&mut self, at: Ticks, pitch: Pitch, velocity: Velocity) {
        let at = self.advance_to(at);
        let newest = self.struck.last();
        let together = newest.is_some_and(|newest| newest.is_one_with(at, self.down));
        if self.down.contains(pitch) {
            if together {
                return;
            }
            // Some hosts leave out the end of a note that is struck again.
            self.release(at, pitch);
        }
        self.down.insert(pitch);
        if together {
            self.add_to_chord(pitch, velocity);
        } else {
            self.add_onset(at, pitch, velocity);
        }
        self.decide();
    }

    pub fn note_off(&mut self, at: Ticks, pitch: Pitch) {
        let at = self.advance_to(at);
        if self.down.contains(pitch) {
            self.release(at, pitch);
            self.decide();
        }
    }

    /// The phrase is over, and what comes after it begins at `at`. Keys that are still down count as
    /// sounding until then.
    pub fn settle(&mut self, at: Ticks) {
        let at = self.advance_to(at);
        while let Some(doubtful) = self.struck.iter().position(Onset::is_doubtful) {
            self.discard(doubtful);
            self.decide();
        }
        if let Some(last) = self.struck.pop() {
            let next = at.max(last.onset + Ticks::new(1));
            self.rhythm.place(&last, next, &mut self.notes);
        }
        self.rhythm.finish(at, &mut self.notes);
    }

    /// The next note of the melody that is known in full.
    pub fn next_note(&mut self) -> Option<Note> {
        self.notes.pop_front()
    }

    /// Time passes, never backwards.
    fn advance_to(&mut self, at: Ticks) -> Ticks {
        self.now = self.now.max(at);
        self.decide();
        self.now
    }

    /// A key of the newest onset: if it is the highest, it speaks for it.
    fn add_to_chord(&mut self, pitch: Pitch, velocity: Velocity) {
        let Some(mut newest) = self.struck.pop() else {
            return;
        };
        newest.keys.insert(pitch);
        if pitch > newest.pitch {
            self.melody.remove(newest.pitch);
            self.struck
                .iter_mut()
                .for_each(|waiting| waiting.ignore(newest.pitch));
            (newest.pitch, newest.velocity) = (pitch, velocity);
            newest.end = None;
            self.place(newest);
        } else {
            self.struck.push(newest);
        }
    }

    fn add_onset(&mut self, at: Ticks, pitch: Pitch, velocity: Velocity) {
        if self.struck.len() == ROOM {
            // There is one: of those without doubt no two stand one behind the other.
            let doubtful = self.struck.iter().position(Onset::is_doubtful);
            self.discard(doubtful.unwrap_or(0));
            self.emit_known();
        }
        self.place(Onset::new(at, pitch, velocity));
    }

    fn place(&mut self, mut struck: Onset) {
        if self.voices == Voices::Top {
            let above = self.melody.above(struck.pitch);
            struck.doubt(above, &self.accompaniment_range);
        }
        if struck.is_doubtful() {
            self.struck
                .iter_mut()
                .for_each(|waiting| waiting.wait_for(struck.pitch));
        }
        self.melody.insert(struck.pitch);
        self.struck.push(struck);
    }

    fn release(&mut self, at: Ticks, pitch: Pitch) {
        self.down.remove(pitch);
        if !self.melody.contains(pitch) {
            return;
        }
        let own = |struck: &Onset| struck.pitch == pitch && struck.end.is_none();
        match self.struck.iter().rposition(own) {
            // It has not become melody in its time.
            Some(own) if self.struck[own].is_doubtful() => return self.discard(own),
            Some(own) => self.struck[own].end = Some(at),
            None => {}
        }
        self.melody.remove(pitch);
        self.accompaniment_range.leave(pitch, at);
        self.struck
            .iter_mut()
            .for_each(|waiting| waiting.free(pitch, at));
    }

    /// Gives up an onset: it is accompaniment.
    fn discard(&mut self, place: usize) {
        let gone = self.struck.remove(place);
        self.melody.remove(gone.pitch);
        self.accompaniment_range.note(&gone);
        self.struck
            .iter_mut()
            .for_each(|waiting| waiting.ignore(gone.pitch));
    }

    /// Decides what can be decided by now, and gives what is known.
    fn decide(&mut self) {
        let mut place = 0;
        while let Some(struck) = self.struck.get(place) {
            let later = &self.struck[place + 1..];
            let overtaken = later.iter().any(|later| !later.is_doubtful());
            let verdict = struck.verdict(self.now, overtaken);
            place = match verdict {
                Some(true) if struck.is_doubtful() => {
                    self.struck[place].believe();
                    // That may decide about those before it.
                    0
                }
                Some(false) => {
                    self.discard(place);
                    0
                }
                _ => place + 1,
            };
        }
        self.emit_known();
    }

    /// Gives the first onset's note once the second is melody too.
    fn emit_known(&mut self) {
        while let [first, second, ..] = &self.struck[..]
            && !first.is_doubtful()
            && !second.is_doubtful()
        {
            self.rhythm.place(first, second.onset, &mut self.notes);
            self.struck.remove(0);
        }
    }
}
