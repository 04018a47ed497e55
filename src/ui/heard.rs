//! The phrase that is answered, as the window knows it: its notes, its key, what notes are called.

use harmonai_core::music::key::Key;
use harmonai_core::music::names::Names;
use harmonai_core::play::constraints::pitch::PhraseProfile;
use harmonai_core::play::phrase::Phrase;

use crate::project::phrase::PhraseKeeper;

/// What was heard, found out anew when the phrase is another one.
#[derive(Default)]
pub struct Heard {
    seen: Option<u32>,
    /// The phrase, if there is one.
    pub phrase: Option<Phrase>,
    /// What is known of it.
    pub home: PhraseProfile,
    /// What notes are called in its key.
    pub names: Names,
}

impl Heard {
    /// Looks whether it is another one.
    pub fn look(&mut self, phrases: &PhraseKeeper) {
        let changes = phrases.changes();
        if self.seen == Some(changes) {
            return;
        }
        let phrase = phrases.get();
        let notes = phrase.as_ref().map_or(&[][..], |phrase| phrase.notes());
        (self.home, self.names) = (PhraseProfile::new(notes), Names::of(notes));
        (self.seen, self.phrase) = (Some(changes), phrase);
    }

    /// The key that it is in, if it has one.
    pub fn key(&self) -> Option<Key> {
        self.names.key()
    }
}
