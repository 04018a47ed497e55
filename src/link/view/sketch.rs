//! What is likely to be played next, as the worker leaves it for the window; and whether there is a
//! window that looks.
//!
//! The worker's scout writes the notes, the window reads them: a lock that the audio thread has no
//! part in. The window says in each frame that it is there; the worker asks before it goes scouting.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use harmonai_core::music::note::Note;

use crate::link::sync::lock;

/// A window that has not drawn for so long is closed, or nobody can see it. A test may be kept from
/// drawing for a while, and says when it closes.
const WATCHED: Duration = Duration::from_secs(if cfg!(test) { 300 } else { 1 });

/// The notes, and who looks.
pub struct Sketch {
    made: Instant,
    /// When the window last drew, in milliseconds since this was made, and one more; 0 is never.
    drawn: AtomicU64,
    notes: Mutex<Vec<Note>>,
}

impl Default for Sketch {
    fn default() -> Self {
        Self {
            made: Instant::now(),
            drawn: AtomicU64::new(0),
            notes: Mutex::default(),
        }
    }
}

impl Sketch {
    pub fn watch(&self, now: Instant) {
        // Relaxed, here and below: a number by itself, nothing else is read on the strength of it.
        self.drawn.store(self.millis(now) + 1, Ordering::Relaxed);
    }

    /// The window is closed.
    #[cfg(test)]
    pub fn close(&self) {
        self.drawn.store(0, Ordering::Relaxed);
    }

    /// Whether it has drawn within the last second.
    pub fn is_watched(&self, now: Instant) -> bool {
        let drawn = self.drawn.load(Ordering::Relaxed);
        drawn > 0 && self.millis(now) < drawn + WATCHED.as_millis() as u64
    }

    /// These notes, in place of those before.
    pub fn set(&self, notes: impl Iterator<Item = Note>) {
        let mut kept = lock(&self.notes);
        kept.clear();
        kept.extend(notes);
    }

    pub fn notes(&self) -> Vec<Note> {
        lock(&self.notes).clone()
    }

    fn millis(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.made).as_millis() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_that_no_longer_draws_is_gone() {
        let sketch = Sketch::default();
        let at = |times, millis| sketch.made + WATCHED * times + Duration::from_millis(millis);
        assert!(!sketch.is_watched(at(0, 0)), "there was none yet");
        sketch.watch(at(0, 0));
        assert!(sketch.is_watched(at(0, 0)) && sketch.is_watched(at(1, 0)));
        assert!(!sketch.is_watched(at(1, 1)));
        sketch.watch(at(5, 0));
        assert!(sketch.is_watched(at(5, 900)) && !sketch.is_watched(at(6, 100)));
        sketch.close();
        assert!(!sketch.is_watched(at(5, 900)));
    }
}
