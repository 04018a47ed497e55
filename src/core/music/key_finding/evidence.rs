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
    pub fn of<'a>(notes: impl IntoIterator<Item = &'a Note>, metre: Metre) -> Self {
        let mut evidence = Self::default();
        let mut notes = notes.into_iter().peekable();
        let Some(start) = notes.peek().map(|first| first.onset) else {
            return evidence;
        };
        let [sounds, early, first, last, first_on_bar, last_on_bar] = &mut evidence.classes;
        while let Some(note) = notes.next() {
            let class = class(note);
            let since = (note.onset - start).max(Ticks::ZERO).get() as f32;
            let next = notes.peek();
            let length = next.map_or(note.duration, |next| next.onset - note.onset);
            let length = length.max(Ticks::ZERO).min(LONGEST).beats().get() as f32;
            let weight = length.sqrt() * stress(metre, note.onset);
            sounds[class] += weight;
            early[class] += weight / (1.0 + since / HALF);
            if *first == [0.0; 12] {
                first[class] = 1.0;
            }
            if metre.position(note.onset) == Ticks::ZERO {
                if *first_on_bar == [0.0; 12] {
                    first_on_bar[class] = 1.0;
                }
                *last_on_bar = [0.0; 12];
                last_on_bar[class] = 1.0;
            }
            match next {
                Some(next) => evidence.moves[class][self::class(next)] += 1.0,
                None => last[class] = 1.0,
            }
        }
        for count in [sounds, early]
            .into_iter()
            .chain(&mut evidence.moves)
            .flatten()
        {
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
