//! Which notes sound, and whose they are: every note-on that went out gets exactly one note-off.
//!
//! All notes go out through here. A key sounds once: whoever strikes a key that sounds takes it over,
//! with a note-off first, and the note-off of the one who had it is swallowed. A note-off that the
//! host would not take is owed, and sent at the next chance.

use harmonai_core::music::time::Ticks;

use super::keys::{KeySet, MidiKey};
use super::port::Port;

/// Answer's notes that can sound together. Melodies need one or two.
const ANSWERS: usize = 32;

/// All that sounds, and whose it is.
pub struct Sounding {
    /// The player's keys that were passed through.
    player: KeySet,
    /// The answer's keys, and where their notes end; at most [`ANSWERS`].
    answer: Vec<(MidiKey, Ticks)>,
    /// Keys whose note-off is still to be sent.
    owed: KeySet,
    /// Notes of the answer that have ended and have not been told of.
    ended: KeySet,
}

impl Default for Sounding {
    fn default() -> Self {
        Self {
            player: KeySet::default(),
            answer: Vec::with_capacity(ANSWERS),
            owed: KeySet::default(),
            ended: KeySet::default(),
        }
    }
}

impl Sounding {
    /// The player strikes a key; `false` if the note could not go out.
    pub fn press(
        &mut self,
        key: MidiKey,
        velocity: f32,
        sample: u32,
        port: &mut impl Port,
    ) -> bool {
        let struck = self.strike(key, velocity, sample, port);
        if struck {
            self.player.insert(key);
        }
        struck
    }

    /// The player lets go of a key.
    pub fn release(&mut self, key: MidiKey, sample: u32, port: &mut impl Port) {
        if self.player.contains(key) {
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
        if self.answer.len() == ANSWERS {
            self.end_next(sample, port);
        }
        let struck = self.strike(key, velocity, sample, port);
        if struck {
            self.answer.push((key, end));
        }
        struck
    }

    /// Where the next of the answer's notes ends.
    pub fn next_end(&self) -> Option<Ticks> {
        self.answer.iter().map(|(_, end)| *end).min()
    }

    /// Closes the answer's note that ends soonest, and gives its key.
    pub fn end_next(&mut self, sample: u32, port: &mut impl Port) -> Option<MidiKey> {
        let (key, _) = *self.answer.iter().min_by_key(|(_, end)| *end)?;
        self.silence(key, sample, port);
        Some(key)
    }

    /// Lets none of the answer's notes sound past `end`.
    pub fn cut(&mut self, end: Ticks) {
        for (_, ends) in &mut self.answer {
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
            self.forget(key);
            self.owed.insert(key);
        }
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

    /// Does nothing sound, and is nothing owed?
    pub fn is_silent(&self) -> bool {
        self.owed.is_empty() && self.player.is_empty() && self.answer.is_empty()
    }

    /// Sends a note-on, after the note-off of whatever sounds on the key; `false` if it could not.
    fn strike(&mut self, key: MidiKey, velocity: f32, sample: u32, port: &mut impl Port) -> bool {
        if self.player.contains(key) || self.answer.iter().any(|(other, _)| *other == key) {
            self.silence(key, sample, port);
        }
        if self.owed.contains(key) {
            // No second note-on before the first one's note-off.
            if !port.note_off(sample, key) {
                return false;
            }
            self.owed.remove(key);
        }
        port.note_on(sample, key, velocity)
    }

    /// Nobody's note sounds on the key any more.
    fn forget(&mut self, key: MidiKey) {
        self.player.remove(key);
        let ended = &mut self.ended;
        self.answer.retain(|(other, _)| {
            if *other == key {
                ended.insert(key);
            }
            *other != key
        });
    }

    fn silence(&mut self, key: MidiKey, sample: u32, port: &mut impl Port) {
        self.forget(key);
        if !port.note_off(sample, key) {
            self.owed.insert(key);
        }
    }

    /// All keys that sound, of a copy.
    fn keys(&self) -> impl Iterator<Item = MidiKey> + use<> {
        let mut keys = self.player;
        for (key, _) in &self.answer {
            keys.insert(*key);
        }
        keys.iter()
    }
}

#[cfg(test)]
mod tests;
