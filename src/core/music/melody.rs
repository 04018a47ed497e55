//! A melody: one voice of notes with its bar lines.
//!
//! Made by the readers of music files; read by the vocabulary. Any thread but the audio thread
//! (it allocates).

use crate::music::note::Note;
use crate::music::time::{Metre, Ticks};

/// Why a list of notes is no melody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MelodyError {
    #[error("it has no notes")]
    Empty,
    /// Two notes begin together, or a later one comes first.
    #[error("note {0} does not begin after the note before it")]
    Order(usize),
    #[error("note {0} has no length")]
    Length(usize),
}

/// One voice: at least one note, onsets strictly rising, every duration a tick or more. Bar lines
/// lie at the multiples of the metre's bar, so an upbeat of `a` ticks begins at `bar - a`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Melody {
    title: String,
    style: Option<String>,
    metre: Metre,
    notes: Vec<Note>,
}

impl Melody {
    /// Checks the notes and takes them in.
    pub fn new(
        title: String,
        style: Option<String>,
        metre: Metre,
        notes: Vec<Note>,
    ) -> Result<Self, MelodyError> {
        if notes.is_empty() {
            return Err(MelodyError::Empty);
        }
        if let Some(i) = notes
            .windows(2)
            .position(|pair| pair[1].onset <= pair[0].onset)
        {
            return Err(MelodyError::Order(i + 1));
        }
        if let Some(i) = notes.iter().position(|note| note.duration <= Ticks::ZERO) {
            return Err(MelodyError::Length(i));
        }
        Ok(Self {
            title,
            style,
            metre,
            notes,
        })
    }

    /// Adds a note, with the checks of [`Self::new`]; one that does not pass changes nothing.
    pub fn push(&mut self, note: Note) -> Result<(), MelodyError> {
        let place = self.notes.len();
        if note.onset <= self.notes[place - 1].onset {
            return Err(MelodyError::Order(place));
        }
        if note.duration <= Ticks::ZERO {
            return Err(MelodyError::Length(place));
        }
        self.notes.push(note);
        Ok(())
    }

    pub fn title(&self) -> &str {
        &self.title
    }

    /// Where it comes from: the condition that a network is trained under.
    pub fn style(&self) -> Option<&str> {
        self.style.as_deref()
    }

    /// The same all through.
    pub fn metre(&self) -> Metre {
        self.metre
    }

    /// Never empty.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The same notes, their velocities unknown.
    pub fn without_velocities(&self) -> Self {
        let plain = |note: &Note| Note {
            velocity: None,
            ..*note
        };
        Self {
            notes: self.notes.iter().map(plain).collect(),
            ..self.clone()
        }
    }

    /// The part of it in its last `bars` bars, the last one perhaps not full.
    pub fn tail(&self, bars: i64) -> Self {
        let last = self.notes[self.notes.len() - 1];
        let first = self.metre.bar_index(last.end() - Ticks::new(1)) - (bars.max(1) - 1);
        let inside = |note: &&Note| self.metre.bar_index(note.onset) >= first;
        let mut notes: Vec<Note> = self.notes.iter().filter(inside).copied().collect();
        if notes.is_empty() {
            notes.push(last);
        }
        Self {
            notes,
            ..self.clone()
        }
    }

    /// The melody moved by `semitones`, or `None` where a note would leave the keyboard.
    pub fn transposed(&self, semitones: i8) -> Option<Self> {
        let notes = self.notes.iter().map(|note| {
            note.pitch
                .transposed(semitones)
                .map(|pitch| Note { pitch, ..*note })
        });
        Some(Self {
            notes: notes.collect::<Option<_>>()?,
            ..self.clone()
        })
    }
}

/// The top line of any notes: sorted by onset; of notes that begin together, the highest.
pub fn skyline(notes: &[Note]) -> Vec<Note> {
    let mut line = notes.to_vec();
    line.sort_by_key(|note| (note.onset, std::cmp::Reverse(note.pitch)));
    line.dedup_by_key(|note| note.onset);
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::note::Pitch;

    fn note(onset: i64, duration: i64, key: u8) -> Note {
        Note {
            onset: Ticks::new(onset),
            duration: Ticks::new(duration),
            pitch: Pitch::clamped(key.into()),
            velocity: None,
        }
    }

    #[test]
    fn what_is_no_melody_is_refused() {
        let check = |notes: Vec<Note>, expect| {
            assert_eq!(
                Melody::new(String::new(), None, Metre::COMMON, notes).err(),
                expect
            );
        };
        check(vec![], Some(MelodyError::Empty));
        check(
            vec![note(0, 6, 60), note(0, 6, 64)],
            Some(MelodyError::Order(1)),
        );
        check(vec![note(0, 0, 60)], Some(MelodyError::Length(0)));
        check(vec![note(0, 6, 60), note(6, 6, 64)], None);
    }

    #[test]
    fn a_tail_begins_on_a_bar_line_and_is_never_empty() {
        let notes = vec![note(84, 12, 60), note(96, 48, 62), note(192, 300, 64)];
        let melody = Melody::new(String::new(), None, Metre::COMMON, notes).unwrap();
        let check = |bars: i64, keys: &[u8]| {
            let tail = melody.tail(bars);
            let found: Vec<u8> = tail.notes().iter().map(|note| note.pitch.get()).collect();
            assert_eq!(found, keys, "{bars} bars");
        };
        // The last note sounds from bar 2 to bar 5.
        for (bars, keys) in [
            (1, &[64][..]),
            (4, &[64]),
            (5, &[62, 64]),
            (99, &[60, 62, 64]),
        ] {
            check(bars, keys);
        }
    }

    #[test]
    fn skyline_keeps_the_top_note() {
        let chord = [
            note(24, 6, 60),
            note(0, 6, 48),
            note(0, 12, 72),
            note(0, 6, 60),
        ];
        assert_eq!(skyline(&chord), [note(0, 12, 72), note(24, 6, 60)]);
    }

    #[test]
    fn transposing_off_the_keyboard_is_refused() {
        let melody =
            Melody::new(String::new(), None, Metre::COMMON, vec![note(0, 6, 127)]).unwrap();
        assert_eq!(melody.transposed(1), None);
        assert_eq!(melody.transposed(-7).unwrap().notes()[0].pitch.get(), 120);
    }
}
