//! An answer under way: what exists only while one is. Part of the continuation, on the worker's
//! thread.

use rand_pcg::Pcg32;

use crate::music::time::Ticks;
use crate::play::constraints::pitch::PhraseProfile;

#[derive(Clone)]
pub struct Answer {
    /// Where it is to end, as far as that is known.
    pub end: Option<Ticks>,
    /// Onset of the note to be planned next.
    pub next: Ticks,
    /// The last note, where that is one of the player's.
    pub joined: Option<PlayerNote>,
    /// What the constraints on pitch go by: the phrase, or the last notes where both play.
    pub profile: PhraseProfile,
    pub random: Pcg32,
}

/// A note that the player plays into an answer, not read yet.
#[derive(Clone, Copy)]
pub struct PlayerNote {
    /// When its key was struck; the onset may be later.
    pub at: Ticks,
    /// Whether its key is still down.
    pub held: bool,
}
