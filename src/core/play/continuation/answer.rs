//! An answer under way: what exists only while one is. Part of the continuation, on the worker's
//! thread.

use rand_pcg::Pcg32;

use crate::music::time::Ticks;
use crate::play::constraints::pitch::PhraseProfile;
use crate::play::constraints::scale_pull::ScalePull;

/// Where the first note of an answer falls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Entry {
    /// Where the answer begins.
    #[default]
    Prompt,
    /// Where the rhythm wants it, within a bar.
    Free,
}

#[derive(Clone)]
pub struct Answer {
    /// Where it is to end, as far as that is known.
    pub end: Option<Ticks>,
    /// Onset of the note to be planned next; where the entry is still to be drawn, the earliest
    /// that it can be.
    pub next: Ticks,
    /// Whether the first note is still to find its place.
    pub entry: Entry,
    /// The last note, where that is one of the player's.
    pub joined: Option<PlayerNote>,
    /// What the constraints on pitch go by: the phrase, or the player's last notes where both play.
    pub profile: PhraseProfile,
    pub pull: ScalePull,
    pub random: Pcg32,
}

impl Answer {
    /// Goes by what the player has played.
    pub fn follow(&mut self, profile: PhraseProfile) {
        self.pull = ScalePull::of(&profile);
        self.profile = profile;
    }
}

/// A note that the player plays into an answer, not read yet.
#[derive(Clone, Copy)]
pub struct PlayerNote {
    /// When its key was struck; the onset may be later.
    pub at: Ticks,
    /// Whether its key is still down.
    pub held: bool,
}
