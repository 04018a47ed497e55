//! What in a phrase tells its key: how long each pitch class sounds and where, and which step leads
//! to which.
//!
//! Counted once from the notes, without a key in mind; the table then says what it is worth in each
//! of the 24. Counts enter by their square roots: a note that comes for the fourth time tells less
//! than one that comes for the first. Pure and without allocation; any thread.

use crate::music::note::Note;
use crate::music::time::{Metre, Ticks};

/// What a pitch class is to a phrase: the rows of [`KeyEvidence::classes`].
#[derive(Clone, Copy, Debug)]
pub enum Role {
    /// It sounds, for so long.
    Sounds,
    /// The same, the less the later: a melody shows its key first.
    Early,
    First,
    Last,
    FirstOnBar,
    LastOnBar,
}

impl Role {
    pub const COUNT: usize = 6;
}

/// A longer note tells no more.
const LONGEST: Ticks = Ticks::new(4 * Ticks::BEAT.get());
/// After this time a note counts half as one that is early.
const HALF: f32 = 48.0;

/// What the notes of a phrase tell of its key.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct KeyEvidence {
    /// By [`Role`] and pitch class.
    pub classes: [[f32; 12]; Role::COUNT],
    /// By pitch class and that of the note after it.
    pub moves: [[f32; 12]; 12],
}

impl KeyEvidence {
    /// Of notes in the order of their onsets. How long a note is taken to be does not hang on how it
    /// is played: it lasts to the next onset.
    pub fn of(notes: &[Note], metre: Metre) -> Self {
        let mut evidence = Self::default();
        let (Some(first), Some(last)) = (notes.first(), notes.last()) else {
            return evidence;
        };
        let mut one = |role: Role, note: &Note| evidence.classes[role as usize][class(note)] = 1.0;
        one(Role::First, first);
        one(Role::Last, last);
        let mut on_bar = notes
            .iter()
            .filter(|note| metre.position(note.onset) == Ticks::ZERO);
        if let Some(first) = on_bar.next() {
            one(Role::FirstOnBar, first);
            one(Role::LastOnBar, on_bar.next_back().unwrap_or(first));
        }
        for (i, note) in notes.iter().enumerate() {
            let next = notes.get(i + 1);
            let length = next.map_or(note.duration, |next| next.onset - note.onset);
            let length = length.max(Ticks::ZERO).min(LONGEST).beats().get() as f32;
            let weight = length.sqrt() * stress(metre, note.onset);
            let since = (note.onset - first.onset).max(Ticks::ZERO).get() as f32;
            evidence.classes[Role::Sounds as usize][class(note)] += weight;
            evidence.classes[Role::Early as usize][class(note)] += weight / (1.0 + since / HALF);
            if let Some(next) = next {
                evidence.moves[class(note)][class(next)] += 1.0;
            }
        }
        let counts = evidence.classes.iter_mut().take(2);
        for count in counts.chain(&mut evidence.moves).flatten() {
            *count = count.sqrt();
        }
        evidence
    }
}

fn class(note: &Note) -> usize {
    usize::from(note.pitch.get() % 12)
}

/// What a note's place in the bar makes of it.
fn stress(metre: Metre, onset: Ticks) -> f32 {
    let compound = metre.denominator() >= 8 && metre.numerator().is_multiple_of(3);
    let beat = metre.beat().get() * if compound { 3 } else { 1 };
    match metre.position(onset).get() {
        0 => 1.5,
        place if place % beat == 0 => 1.0,
        _ => 0.7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_a_key_is_held_does_not_count_until_the_last_note() {
        let legato = Note::line(&[60, 64, 67, 72], 24);
        let mut short = legato.clone();
        short[..3]
            .iter_mut()
            .for_each(|note| note.duration = Ticks::new(3));
        let of = |notes: &[Note]| KeyEvidence::of(notes, Metre::COMMON);
        assert_eq!(of(&legato), of(&short));
    }

    #[test]
    fn roles_are_those_of_the_notes() {
        // An upbeat, then a bar.
        let mut notes = Note::line(&[67, 60, 62, 64, 65, 67], 24);
        notes
            .iter_mut()
            .for_each(|note| note.onset += Ticks::new(72));
        let evidence = KeyEvidence::of(&notes, Metre::COMMON);
        let who = |role: Role| {
            evidence.classes[role as usize]
                .iter()
                .position(|is| *is == 1.0)
        };
        assert_eq!(who(Role::First), Some(7));
        assert_eq!(who(Role::Last), Some(7));
        assert_eq!(who(Role::FirstOnBar), Some(0));
        assert_eq!(who(Role::LastOnBar), Some(7));
        assert_eq!((evidence.moves[7][0], evidence.moves[0][7]), (1.0, 0.0));
        assert_eq!(KeyEvidence::of(&[], Metre::COMMON), KeyEvidence::default());
    }

    #[test]
    fn wild_times_do_no_harm() {
        let mut notes = Note::line(&[60, 64, 67], 24);
        notes[0].onset = Ticks::new(i64::MIN);
        notes[1].onset = Ticks::new(i64::MAX);
        let evidence = KeyEvidence::of(&notes, Metre::COMMON);
        let all = evidence.classes.iter().chain(&evidence.moves).flatten();
        assert!(all.into_iter().all(|value| value.is_finite()));
    }
}
