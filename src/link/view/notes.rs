//! The latest notes, as the window draws them.
//!
//! The audio thread appends what happens (a key down, a key up, a note planned) to a ring; the
//! window reads the ring and works out which notes that makes.

use std::sync::atomic::{AtomicU64, Ordering};

use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::Ticks;

use super::seqlock::SeqLock;

/// How many happenings are kept: some three a note, so several hundred notes.
const KEPT: usize = 1024;

/// Whose note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteSource {
    Phrase,
    Answer,
}

/// A note as the window draws it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    pub source: NoteSource,
    /// Still to come, and may be dropped yet.
    pub planned: bool,
    pub onset: Ticks,
    /// Where it ends; `None` while it is held.
    pub end: Option<Ticks>,
    /// Where it is to end as far as is known, while it is held.
    pub until: Option<Ticks>,
    pub pitch: Pitch,
    pub velocity: Velocity,
}

/// Something that happened to the notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    On(NoteSource, Ticks, Pitch, Velocity),
    Off(NoteSource, Ticks, Pitch),
    Planned(Note),
    Hush,
    Jump { from: Ticks, to: Ticks },
}

/// The last entries. One writer at a time.
pub struct Ring {
    written: AtomicU64,
    /// Each with its number, so that a reader knows one that was overwritten meanwhile.
    entries: [SeqLock<4>; KEPT],
}

impl Default for Ring {
    fn default() -> Self {
        // No entry ever has this number.
        let entries = std::array::from_fn(|_| SeqLock::new([u64::MAX; 4]));
        Self {
            written: AtomicU64::new(0),
            entries,
        }
    }
}

impl Ring {
    /// Appends an entry, over the oldest one. Wait-free.
    pub fn push(&self, entry: Entry) {
        // Relaxed: only this thread writes it.
        let number = self.written.load(Ordering::Relaxed);
        if let Some(place) = self.place(number) {
            place.write(encode(number, entry));
        }
        // Release: whoever sees the new count sees the entry.
        self.written.store(number + 1, Ordering::Release);
    }

    fn place(&self, number: u64) -> Option<&SeqLock<4>> {
        self.entries.get(number as usize % KEPT)
    }

    /// Works out the notes, oldest first.
    pub fn read(&self, shown: &mut Vec<Shown>) {
        shown.clear();
        // Acquire: pairs with the store in `push`.
        let written = self.written.load(Ordering::Acquire);
        for number in written.saturating_sub(KEPT as u64)..written {
            let place = self.place(number);
            if let Some(words) = place.and_then(SeqLock::read)
                && let Some(entry) = decode(number, words)
            {
                apply(shown, entry);
            }
        }
    }
}

fn apply(shown: &mut Vec<Shown>, entry: Entry) {
    match entry {
        Entry::On(source, onset, pitch, velocity) => {
            let plan = match source {
                NoteSource::Answer => unplan(shown, onset, pitch),
                NoteSource::Phrase => None,
            };
            shown.push(Shown {
                source,
                planned: false,
                onset,
                end: None,
                until: plan.and_then(|plan| plan.end),
                pitch,
                velocity,
            });
        }
        Entry::Off(source, at, pitch) => {
            let held = shown.iter_mut().find(|note| {
                note.source == source && !note.planned && note.end.is_none() && note.pitch == pitch
            });
            // A note whose start has left the ring is no longer shown.
            if let Some(note) = held {
                note.end = Some(at.max(note.onset + Ticks::new(1)));
                note.until = None;
            }
        }
        Entry::Planned(note) => {
            // One plan may take another's place.
            let _ = unplan(shown, note.onset, note.pitch);
            shown.push(Shown {
                source: NoteSource::Answer,
                planned: true,
                onset: note.onset,
                end: Some(note.end()),
                until: None,
                pitch: note.pitch,
                velocity: note.velocity.unwrap_or(Velocity::DEFAULT),
            });
        }
        Entry::Hush => shown.retain(|note| !note.planned),
        Entry::Jump { from, to } => {
            shown.retain(|note| !note.planned && note.onset < to);
            for note in shown.iter_mut() {
                note.until = None;
                // What was held ended where the position left it.
                let end = note.end.unwrap_or(from).min(to);
                note.end = Some(end.max(note.onset + Ticks::new(1)));
            }
        }
    }
}

/// Removes the plan that has become, or is replaced by, another note.
fn unplan(shown: &mut Vec<Shown>, onset: Ticks, pitch: Pitch) -> Option<Shown> {
    let is_it = |note: &Shown| note.planned && note.onset == onset && note.pitch == pitch;
    let found = shown.iter().rposition(is_it)?;
    Some(shown.remove(found))
}

const ON: u64 = 0;
const OFF: u64 = 2;
const PLANNED: u64 = 4;
const HUSH: u64 = 5;
const JUMP: u64 = 6;

fn encode(number: u64, entry: Entry) -> [u64; 4] {
    let answer = |source| u64::from(source == NoteSource::Answer);
    // What an entry has none of.
    let (zero, key, loud) = (Ticks::ZERO, Pitch::MIDDLE_C, Velocity::DEFAULT);
    let (kind, at, other, pitch, velocity) = match entry {
        Entry::On(source, at, pitch, velocity) => (ON + answer(source), at, zero, pitch, velocity),
        Entry::Off(source, at, pitch) => (OFF + answer(source), at, zero, pitch, loud),
        Entry::Planned(note) => {
            let velocity = note.velocity.unwrap_or(loud);
            (PLANNED, note.onset, note.duration, note.pitch, velocity)
        }
        Entry::Hush => (HUSH, zero, zero, key, loud),
        Entry::Jump { from, to } => (JUMP, from, to, key, loud),
    };
    let keys = u64::from(pitch.get()) << 8 | u64::from(velocity.get()) << 16;
    [number, kind | keys, at.get() as u64, other.get() as u64]
}

fn decode(number: u64, words: [u64; 4]) -> Option<Entry> {
    let [found, word, at, other] = words;
    let (at, other) = (Ticks::new(at as i64), Ticks::new(other as i64));
    let pitch = Pitch::new((word >> 8 & 0xff) as u8)?;
    let velocity = Velocity::clamped((word >> 16 & 0xff) as i64);
    let kind = word & 0xff;
    let source = if kind & 1 == 1 {
        NoteSource::Answer
    } else {
        NoteSource::Phrase
    };
    let entry = match kind {
        ON | 1 => Entry::On(source, at, pitch, velocity),
        OFF | 3 => Entry::Off(source, at, pitch),
        PLANNED => Entry::Planned(Note {
            onset: at,
            duration: other,
            pitch,
            velocity: Some(velocity),
        }),
        HUSH => Entry::Hush,
        JUMP => Entry::Jump {
            from: at,
            to: other,
        },
        _ => return None,
    };
    (found == number).then_some(entry)
}

#[cfg(test)]
mod tests;
