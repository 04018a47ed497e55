//! Which notes sound, and whose they are: every note-on that went out gets exactly one note-off.
//!
//! All notes go out through here. A key sounds once: whoever strikes a key that sounds takes it over,
//! with a note-off first, and the note-off of the one who had it is swallowed. A note-off that the
//! host would not take is owed, and sent at the next chance.

use harmonai_core::music::note::Pitch;
use harmonai_core::music::time::Ticks;

use super::keys::{CHANNELS, KeySet, MidiKey};
use super::port::Port;

/// Answer's notes that can sound together. Melodies need one or two.
const ANSWERS: usize = 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The player, passed through.
    Player,
    Answer,
}

/// All that sounds.
pub struct Sounding {
    owners: [Option<Owner>; CHANNELS * 128],
    /// Ends of the answer's notes; at most [`ANSWERS`].
    ends: Vec<(MidiKey, Ticks)>,
    /// Keys whose note-off is still to be sent.
    owed: KeySet,
    /// Notes of the answer that have ended and have not been told of.
    ended: KeySet,
}

impl Default for Sounding {
    fn default() -> Self {
        Self::new()
    }
}

impl Sounding {
    pub fn new() -> Self {
        Self {
            owners: [None; CHANNELS * 128],
            ends: Vec::with_capacity(ANSWERS),
            owed: KeySet::default(),
            ended: KeySet::default(),
        }
    }

    /// The player strikes a key; `false` if the note could not go out.
    pub fn press(
        &mut self,
        key: MidiKey,
        velocity: f32,
        sample: u32,
        port: &mut impl Port,
    ) -> bool {
        self.strike(Owner::Player, key, velocity, sample, port)
    }

    /// The player lets go of a key.
    pub fn release(&mut self, key: MidiKey, sample: u32, port: &mut impl Port) {
        if self.owner(key) == Some(Owner::Player) {
            self.silence(key, sample, port);
        }
    }

    /// A note of the answer begins, to end at `end`; `false` if it could not go out.
    pub fn play(
        &mut self,
        key: MidiKey,
        velocity: f32,
        end: Ticks,
        sample: u32,
        port: &mut impl Port,
    ) -> bool {
        if self.ends.len() == ANSWERS
            && let Some((soonest, _)) = self.ends.iter().min_by_key(|(_, end)| *end).copied()
        {
            self.silence(soonest, sample, port);
        }
        let struck = self.strike(Owner::Answer, key, velocity, sample, port);
        if struck {
            self.ends.push((key, end));
        }
        struck
    }

    /// Where the next of the answer's notes ends.
    pub fn next_end(&self) -> Option<Ticks> {
        self.ends.iter().map(|(_, end)| *end).min()
    }

    /// Closes the answer's note that ends soonest, and gives its key.
    pub fn end_next(&mut self, sample: u32, port: &mut impl Port) -> Option<MidiKey> {
        let (key, _) = self.ends.iter().min_by_key(|(_, end)| *end).copied()?;
        self.silence(key, sample, port);
        Some(key)
    }

    /// Lets none of the answer's notes sound past `end`.
    pub fn cut(&mut self, end: Ticks) {
        for (_, ends) in &mut self.ends {
            *ends = end.min(*ends);
        }
    }

    pub fn close(&mut self, sample: u32, port: &mut impl Port) {
        for key in self.keys() {
            self.silence(key, sample, port);
        }
    }

    /// Closes everything as soon as there is a chance: where the host gives none now.
    pub fn owe_all(&mut self) {
        for key in self.keys() {
            self.hand_over(key);
            self.owed.insert(key);
        }
        self.ends.clear();
    }

    /// The answer's notes that have ended since the last time, each told once.
    pub fn take_ended(&mut self) -> KeySet {
        std::mem::take(&mut self.ended)
    }

    /// Sends the note-offs that are owed.
    pub fn settle(&mut self, port: &mut impl Port) {
        if !self.owed.is_empty() {
            for key in self.owed.iter() {
                if port.note_off(0, key) {
                    self.owed.remove(key);
                }
            }
        }
    }

    /// Whose note sounds on this key.
    pub fn owner(&self, key: MidiKey) -> Option<Owner> {
        self.owners.get(slot(key)).copied().flatten()
    }

    /// Does nothing sound, and is nothing owed?
    pub fn is_silent(&self) -> bool {
        self.owed.is_empty() && self.owners.iter().all(Option::is_none)
    }

    fn strike(
        &mut self,
        owner: Owner,
        key: MidiKey,
        velocity: f32,
        sample: u32,
        port: &mut impl Port,
    ) -> bool {
        if self.owner(key).is_some() {
            self.silence(key, sample, port);
        }
        if self.owed.contains(key) {
            // No second note-on before the first one's note-off.
            if !port.note_off(sample, key) {
                return false;
            }
            self.owed.remove(key);
        }
        let struck = port.note_on(sample, key, velocity);
        if struck {
            self.set_owner(key, Some(owner));
        }
        struck
    }

    /// Nobody's note sounds on the key any more.
    fn hand_over(&mut self, key: MidiKey) {
        if self.owner(key) == Some(Owner::Answer) {
            self.ended.insert(key);
        }
        self.set_owner(key, None);
    }

    fn silence(&mut self, key: MidiKey, sample: u32, port: &mut impl Port) {
        self.hand_over(key);
        self.ends.retain(|(other, _)| *other != key);
        if !port.note_off(sample, key) {
            self.owed.insert(key);
        }
    }

    /// All keys that sound, of a copy.
    fn keys(&self) -> impl Iterator<Item = MidiKey> + use<> {
        let mut keys = KeySet::default();
        for (slot, _) in self
            .owners
            .iter()
            .enumerate()
            .filter(|(_, owner)| owner.is_some())
        {
            keys.insert(MidiKey::new(
                (slot / 128) as u8,
                Pitch::clamped((slot % 128) as i64),
            ));
        }
        keys.iter()
    }

    fn set_owner(&mut self, key: MidiKey, owner: Option<Owner>) {
        if let Some(slot) = self.owners.get_mut(slot(key)) {
            *slot = owner;
        }
    }
}

fn slot(key: MidiKey) -> usize {
    usize::from(key.channel()) * 128 + usize::from(key.pitch.get())
}

#[cfg(test)]
mod tests;
