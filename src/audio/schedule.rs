//! The answer's notes that are planned and do not sound yet, in the order of their onsets.

use harmonai_core::music::note::Note;
use harmonai_core::music::time::Ticks;

/// Notes that can wait: many times those of the two planning spans that are ever ahead.
const CAPACITY: usize = 256;

/// Planned notes. Never allocates once it is made.
pub struct Schedule {
    /// Latest first, so that the next one is taken off the end.
    notes: Vec<Note>,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            notes: Vec::with_capacity(CAPACITY),
        }
    }
}

impl Schedule {
    /// Adds a note; `false` if there is no room for it. Notes of one onset keep their order.
    #[must_use]
    pub fn insert(&mut self, note: Note) -> bool {
        if self.notes.len() == CAPACITY {
            return false;
        }
        let later = |other: &Note| other.onset > note.onset;
        let place = self.notes.iter().rposition(later);
        self.notes.insert(place.map_or(0, |place| place + 1), note);
        true
    }

    /// The note to play next.
    pub fn next(&self) -> Option<Note> {
        self.notes.last().copied()
    }

    pub fn pop(&mut self) -> Option<Note> {
        self.notes.pop()
    }

    /// Drops what begins at `end` or later.
    pub fn truncate(&mut self, end: Ticks) {
        self.notes.retain(|note| note.onset < end);
    }

    pub fn clear(&mut self) {
        self.notes.clear();
    }

    /// What is planned, soonest first.
    pub fn iter(&self) -> impl Iterator<Item = Note> + '_ {
        self.notes.iter().rev().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use harmonai_core::music::note::Pitch;

    fn note(onset: i64, key: i64) -> Note {
        Note {
            onset: Ticks::new(onset),
            duration: Ticks::new(6),
            pitch: Pitch::clamped(key),
            velocity: None,
        }
    }

    fn filled(onsets: &[i64]) -> Schedule {
        let mut schedule = Schedule::default();
        for (key, onset) in onsets.iter().enumerate() {
            assert!(schedule.insert(note(*onset, key as i64)));
        }
        schedule
    }

    #[test]
    fn notes_come_in_the_order_of_their_onsets() {
        let mut schedule = filled(&[12, 0, 24, -6, 12, 24]);
        let order: Vec<_> = std::iter::from_fn(|| schedule.pop())
            .map(|note| (note.onset.get(), note.pitch.get()))
            .collect();
        assert_eq!(order, [(-6, 3), (0, 1), (12, 0), (12, 4), (24, 2), (24, 5)]);
        assert_eq!(schedule.next(), None);
    }

    #[test]
    fn what_lies_past_the_end_is_dropped() {
        let mut schedule = filled(&[0, 6, 12]);
        schedule.truncate(Ticks::new(6));
        assert_eq!(schedule.iter().collect::<Vec<_>>(), [note(0, 0)]);
        schedule.clear();
        assert_eq!(schedule.next(), None);
    }

    #[test]
    fn a_full_schedule_refuses_and_does_not_grow() {
        let mut schedule = filled(&(0..CAPACITY as i64).rev().collect::<Vec<_>>());
        assert!(!schedule.insert(note(5, 60)));
        assert_eq!(schedule.notes.capacity(), CAPACITY);
        assert_eq!(schedule.next(), Some(note(0, 127)));
    }
}
