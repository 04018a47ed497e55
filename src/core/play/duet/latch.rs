//! Whether there is a phrase to be answered, and whether it stays. Part of the [`super::Duet`].

/// What becomes of the phrase.
#[derive(Clone, Copy, Debug, Default)]
pub struct PhraseLatch {
    /// There is one.
    heard: bool,
    /// It is to be frozen.
    freeze: bool,
    /// It stays, wherever in time it is answered: it was frozen, or came from elsewhere.
    kept: bool,
}

impl PhraseLatch {
    /// The player wants it to stay, or not. That takes hold of the phrase that there is then, or of
    /// the next one once it is answered.
    pub fn set_freeze(&mut self, freeze: bool) {
        if freeze != self.freeze {
            self.freeze = freeze;
            self.kept = freeze && self.heard;
        }
    }

    /// Is there a phrase?
    pub fn has_phrase(self) -> bool {
        self.heard
    }

    /// Does it stay?
    pub fn is_kept(self) -> bool {
        self.kept
    }

    /// Does it stay whatever is played?
    pub fn is_frozen(self) -> bool {
        self.kept && self.freeze
    }

    /// A new phrase begins.
    pub fn start_phrase(&mut self) {
        (self.heard, self.kept) = (true, false);
    }

    /// It is answered.
    pub fn mark_answered(&mut self) {
        self.kept |= self.freeze && self.heard;
    }

    /// A phrase came from elsewhere.
    pub fn load(&mut self) {
        (self.heard, self.kept) = (true, true);
    }

    /// It is forgotten.
    pub fn clear(&mut self) {
        (self.heard, self.kept) = (false, false);
    }

    /// The position is elsewhere in time: only what is kept moves along.
    pub fn jump(&mut self) {
        self.heard = self.kept;
    }
}
