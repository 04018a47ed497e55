//! Whether there is a phrase to be answered, and whether it stays. Part of the turn-taking, on the
//! audio thread.

/// Holds on to the phrase while it is frozen, or came from elsewhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct PhraseLatch {
    has_phrase: bool,
    /// The knob is on.
    freeze: bool,
    /// The phrase stays, wherever in time it is answered.
    kept: bool,
}

impl PhraseLatch {
    /// The knob, when it turns, takes hold of the phrase that there is, or of the next one once that
    /// is answered.
    pub fn set_freeze(&mut self, freeze: bool) {
        if freeze != self.freeze {
            self.freeze = freeze;
            self.kept = freeze && self.has_phrase;
        }
    }

    pub fn has_phrase(self) -> bool {
        self.has_phrase
    }

    pub fn is_kept(self) -> bool {
        self.kept
    }

    /// Whether the phrase stays whatever is played.
    pub fn is_frozen(self) -> bool {
        self.kept && self.freeze
    }

    pub fn start_phrase(&mut self) {
        (self.has_phrase, self.kept) = (true, false);
    }

    pub fn mark_answered(&mut self) {
        self.kept |= self.freeze && self.has_phrase;
    }

    /// A phrase came from elsewhere.
    pub fn load(&mut self) {
        (self.has_phrase, self.kept) = (true, true);
    }

    pub fn clear(&mut self) {
        (self.has_phrase, self.kept) = (false, false);
    }

    /// The position is elsewhere in time: only a phrase that is kept moves along.
    pub fn jump(&mut self) {
        self.has_phrase = self.kept;
    }
}
