//! The phrase that is being answered, as the editor needs it: its notes, its key, the names of its
//! notes.

use harmonai_core::music::key::Key;
use harmonai_core::music::names::Names;
use harmonai_core::play::constraints::pitch::PhraseProfile;
use harmonai_core::play::phrase::Phrase;

use crate::project::phrase::PhraseKeeper;

/// Worked out again whenever the phrase changes.
#[derive(Default)]
pub struct CurrentPhrase {
    seen: Option<u32>,
    pub phrase: Option<Phrase>,
    pub profile: PhraseProfile,
    pub names: Names,
}

impl CurrentPhrase {
    pub fn update(&mut self, phrases: &PhraseKeeper) {
        let changes = phrases.changes();
        if self.seen == Some(changes) {
            return;
        }
        let phrase = phrases.get();
        (self.profile, self.names) = phrase.as_ref().map_or_else(Default::default, |phrase| {
            let (notes, metre) = (phrase.notes(), phrase.metre());
            (PhraseProfile::new(notes, metre), Names::of(notes, metre))
        });
        (self.seen, self.phrase) = (Some(changes), phrase);
    }

    pub fn key(&self) -> Option<Key> {
        self.names.key()
    }
}
