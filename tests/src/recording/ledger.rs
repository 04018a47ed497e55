//! Which notes of the plug-in sound: each note-on is to get one note-off, and no second note-on
//! before it.
//!
//! [`crate::Recording`] and the [`crate::wild`] sessions enter every event here.

use super::Event;
use anyhow::{Context, ensure};
use harmonai_core::music::note::Pitch;
use std::collections::BTreeMap;

/// The notes that sound.
#[derive(Clone, Debug, Default)]
pub struct Ledger(BTreeMap<(u8, Pitch), Event>);

impl Ledger {
    /// Enters the next event; of a note-off the note-on that it belongs to. An error where a key
    /// is struck while it sounds or closed while it does not, or a velocity or channel is out of range.
    pub fn enter(&mut self, event: &Event) -> anyhow::Result<Option<Event>> {
        let key = (event.channel, event.pitch);
        ensure!(event.channel < 16, "no such channel: {event:?}");
        if let Some(velocity) = event.velocity {
            ensure!(
                velocity > 0.0 && velocity <= 1.0,
                "velocity {velocity} of {event:?}"
            );
            let earlier = self.0.insert(key, *event);
            ensure!(
                earlier.is_none(),
                "{} struck while open: {event:?}",
                event.pitch
            );
            return Ok(None);
        }
        let on = self.0.remove(&key);
        let on = on.with_context(|| format!("{} was not open: {event:?}", event.pitch))?;
        Ok(Some(on))
    }

    /// The note-ons whose note-offs are still to come.
    pub fn open(&self) -> impl Iterator<Item = &Event> {
        self.0.values()
    }

    /// An error where a note sounds.
    pub fn closed(&self) -> anyhow::Result<()> {
        let open: Vec<_> = self.open().collect();
        ensure!(open.is_empty(), "left open: {open:?}");
        Ok(())
    }
}
