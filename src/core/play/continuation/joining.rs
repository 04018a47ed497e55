//! What the player plays into an answer, when both play at once.
//!
//! One melody, two players: the network reads all notes in the order in which they begin. Its own
//! line keeps its rhythm; the player's notes change what comes next in it. Here they are taken
//! as they are struck, since nobody can wait for what they turn out to be ([`crate::play::listen`] does,
//! where there is time): of a chord the highest key, and everything else as it comes.
//!
//! Part of the [`Continuation`], on the worker's thread.

use super::Continuation;
use crate::music::note::{Note, Pitch, Velocity};
use crate::music::time::Ticks;
use crate::play::constraints::pitch::PhraseProfile;
use crate::play::listen::CHORD;

/// Where the music is at home, while both play, so many of the last notes say.
const AT_HOME: usize = 64;

/// A note that the player plays while an answer is under way: the last one, not read yet.
#[derive(Clone, Copy)]
pub struct Joined {
    /// When it was struck.
    pub at: Ticks,
    /// Is its key still down?
    pub held: bool,
}

impl Continuation {
    /// The player strikes a key in an answer.
    pub(super) fn join(&mut self, at: Ticks, pitch: Pitch, velocity: Velocity) {
        if let Some(joined) = self.joined
            && at - joined.at <= CHORD
            && let Some(last) = self.notes.last_mut()
        {
            // Of a chord the highest key speaks.
            last.pitch = last.pitch.max(pitch);
            return;
        }
        // Its own notes are planned a little ahead: the player's comes after the last of them.
        let onset = self.after_last(at);
        self.take(Note {
            onset,
            // As long as it is held; should it be read before it ends, until then.
            duration: Ticks::new(1),
            pitch,
            velocity: Some(velocity),
        });
        self.joined = Some(Joined { at, held: true });
        self.next = self.next.map(|next| self.after_last(next));
        self.home = PhraseProfile::new(&self.notes[self.notes.len().saturating_sub(AT_HOME)..]);
    }

    /// The player lets go of a key in an answer.
    pub(super) fn leave(&mut self, at: Ticks, pitch: Pitch) {
        if let Some(joined) = &mut self.joined
            && joined.held
            && let Some(last) = self.notes.last_mut()
            && last.pitch == pitch
        {
            last.duration = Ticks::new(1).max(at - last.onset);
            joined.held = false;
        }
    }
}
