//! From one note to the next. Called by the other files of this folder. Pure; any thread.

use harmonai_core::music::note::{Note, Pitch};
use harmonai_core::music::time::Ticks;

/// Semitones and time from one note to the next.
pub fn step(one: Note, next: Note) -> (i64, Ticks) {
    let key = |pitch: Pitch| i64::from(pitch.get());
    (key(next.pitch) - key(one.pitch), next.onset - one.onset)
}
