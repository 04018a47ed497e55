//! Which notes sound, and whose they are: every note-on that went out gets exactly one note-off.
//!
//! All notes go out through here. A key sounds once: whoever strikes a key that sounds takes it over,
//! with a note-off first, and the note-off of the one who had it is swallowed. A note-off that the
//! host would not take is owed, and sent at the next chance.

use harmonai_core::note::Pitch;
use harmonai_core::time::Ticks;

use super::keys::{CHANNELS, Key, Keys};
use super::port::Port;

/// Answer's notes that can sound together. Melodies need one or two.
const ANSWERS: usize = 32;

/// Who struck a sounding key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The player, passed through.
    Player,
    /// The network.
    Answer,
}

/// All that sounds.
pub struct Sounding {
    owners: [Option<Owner>; CHANNELS * 128],
    /// Ends of the answer's notes; at most [`ANSWERS`].
    ends: Vec<(Key, Ticks)>,
    /// Keys whose note-off is still to be sent.
    owed: Keys,
}

impl Default for Sounding {
    fn default() -> Self {
        Self::new()
    }
}

impl Sounding {
    /// Silence.
    pub fn new() -> Self {
        Self {
            owners: [None; CHANNELS * 128],
            ends: Vec::with_capacity(ANSWERS),
            owed: Keys::default(),
        }
    }

    /// The player strikes a key; `false` if the note could not go out.
    pub fn press(&mut self, key: Key, velocity: f32, sample: u32, port: &mut impl Port) -> bool {
        self.strike(Owner::Player, key, velocity, sample, port)
    }

    /// The player lets go of a key.
    pub fn release(&mut self, key: Key, sample: u32, port: &mut impl Port) {
        if self.owner(key) == Some(Owner::Player) {
            self.silence(key, sample, port);
        }
    }

    /// A note of the answer begins, to end at `end`; `false` if it could not go out.
    pub fn play(
        &mut self,
        key: Key,
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
    pub fn end_next(&mut self, sample: u32, port: &mut impl Port) -> Option<Key> {
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

    /// Closes everything.
    pub fn close(&mut self, sample: u32, port: &mut impl Port) {
        for key in self.keys() {
            self.silence(key, sample, port);
        }
    }

    /// Closes everything as soon as there is a chance: where the host gives none now.
    pub fn owe_all(&mut self) {
        for key in self.keys() {
            self.set_owner(key, None);
            self.owed.insert(key);
        }
        self.ends.clear();
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
    pub fn owner(&self, key: Key) -> Option<Owner> {
        self.owners.get(slot(key)).copied().flatten()
    }

    /// Does nothing sound, and is nothing owed?
    pub fn is_silent(&self) -> bool {
        self.owed.is_empty() && self.owners.iter().all(Option::is_none)
    }

    fn strike(
        &mut self,
        owner: Owner,
        key: Key,
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

    fn silence(&mut self, key: Key, sample: u32, port: &mut impl Port) {
        self.set_owner(key, None);
        self.ends.retain(|(other, _)| *other != key);
        if !port.note_off(sample, key) {
            self.owed.insert(key);
        }
    }

    /// All keys that sound, of a copy.
    fn keys(&self) -> impl Iterator<Item = Key> + use<> {
        let mut keys = Keys::default();
        for (slot, _) in self
            .owners
            .iter()
            .enumerate()
            .filter(|(_, owner)| owner.is_some())
        {
            keys.insert(Key::new(
                (slot / 128) as u8,
                Pitch::clamped((slot % 128) as i64),
            ));
        }
        keys.iter()
    }

    fn set_owner(&mut self, key: Key, owner: Option<Owner>) {
        if let Some(slot) = self.owners.get_mut(slot(key)) {
            *slot = owner;
        }
    }
}

fn slot(key: Key) -> usize {
    usize::from(key.channel()) * 128 + usize::from(key.pitch.get())
}

#[cfg(test)]
mod tests {
    use super::super::port::Played;
    use super::*;
    use rand_pcg::Pcg32;
    use rand_pcg::rand_core::Rng;

    /// Takes notes down; refuses every event while `full`.
    #[derive(Default)]
    struct Paper {
        full: bool,
        lines: Vec<String>,
    }

    impl Port for Paper {
        fn next(&mut self) -> Option<Played> {
            None
        }
        fn note_on(&mut self, sample: u32, key: Key, _: f32) -> bool {
            self.write(format!("{sample} on {}", key.pitch.get()))
        }
        fn note_off(&mut self, sample: u32, key: Key) -> bool {
            self.write(format!("{sample} off {}", key.pitch.get()))
        }
    }

    impl Paper {
        fn write(&mut self, line: String) -> bool {
            if !self.full {
                self.lines.push(line);
            }
            !self.full
        }
    }

    fn key(pitch: i64) -> Key {
        Key::new(0, Pitch::clamped(pitch))
    }

    const END: Ticks = Ticks::new(24);

    #[test]
    fn a_struck_key_changes_hands_with_an_off_first() {
        let (mut sounding, mut port) = (Sounding::new(), Paper::default());
        sounding.press(key(60), 0.5, 1, &mut port);
        sounding.play(key(60), 0.5, END, 2, &mut port);
        // The player's own off is swallowed: it would end the answer's note.
        sounding.release(key(60), 3, &mut port);
        sounding.press(key(60), 0.5, 4, &mut port);
        assert_eq!(
            sounding.next_end(),
            None,
            "the answer's end went with its note"
        );
        sounding.release(key(60), 5, &mut port);
        sounding.release(key(60), 6, &mut port);
        assert_eq!(
            port.lines,
            [
                "1 on 60", "2 off 60", "2 on 60", "4 off 60", "4 on 60", "5 off 60"
            ]
        );
        assert!(sounding.is_silent());
    }

    #[test]
    fn answers_end_in_order_and_are_cut() {
        let (mut sounding, mut port) = (Sounding::new(), Paper::default());
        for (pitch, end) in [(60, 30), (62, 20), (64, 40)] {
            sounding.play(key(pitch), 0.5, Ticks::new(end), 0, &mut port);
        }
        assert_eq!(sounding.end_next(1, &mut port), Some(key(62)));
        sounding.cut(Ticks::new(25));
        assert_eq!(sounding.next_end(), Some(Ticks::new(25)));
        sounding.end_next(2, &mut port);
        sounding.end_next(2, &mut port);
        assert_eq!(sounding.end_next(2, &mut port), None);
        assert_eq!(port.lines[3..], ["1 off 62", "2 off 60", "2 off 64"]);
    }

    #[test]
    fn an_off_that_the_host_refuses_is_owed() {
        let (mut sounding, mut port) = (Sounding::new(), Paper::default());
        sounding.play(key(60), 0.5, END, 0, &mut port);
        sounding.press(key(62), 0.5, 0, &mut port);
        port.full = true;
        sounding.end_next(5, &mut port);
        sounding.release(key(62), 5, &mut port);
        assert!(
            !sounding.press(key(60), 0.5, 6, &mut port),
            "not before the owed off"
        );
        sounding.settle(&mut port);
        assert!(!sounding.is_silent());
        port.full = false;
        assert!(sounding.press(key(60), 0.5, 7, &mut port));
        sounding.settle(&mut port);
        sounding.settle(&mut port);
        sounding.release(key(60), 8, &mut port);
        assert_eq!(
            port.lines,
            [
                "0 on 60", "0 on 62", "7 off 60", "7 on 60", "0 off 62", "8 off 60"
            ]
        );
        assert!(sounding.is_silent());
    }

    #[test]
    fn a_note_that_never_went_out_gets_no_off() {
        let (mut sounding, mut port) = (
            Sounding::new(),
            Paper {
                full: true,
                lines: vec![],
            },
        );
        assert!(!sounding.press(key(60), 0.5, 0, &mut port));
        assert!(!sounding.play(key(61), 0.5, END, 0, &mut port));
        port.full = false;
        sounding.release(key(60), 0, &mut port);
        assert_eq!(sounding.next_end(), None);
        sounding.owe_all();
        sounding.settle(&mut port);
        assert!(port.lines.is_empty());
    }

    #[test]
    fn too_many_answers_close_the_one_that_ends_soonest() {
        let (mut sounding, mut port) = (Sounding::new(), Paper::default());
        for n in 0..=ANSWERS as i64 {
            sounding.play(key(n), 0.5, Ticks::new(100 - n), 0, &mut port);
        }
        assert_eq!(sounding.ends.len(), ANSWERS);
        assert_eq!(port.lines[ANSWERS], format!("0 off {}", ANSWERS - 1));
    }

    /// Random playing against a host that refuses at random: on and off alternate on each key.
    #[test]
    fn every_on_has_one_off() {
        struct Checked {
            random: Pcg32,
            down: Keys,
            refuses: bool,
        }
        impl Port for Checked {
            fn next(&mut self) -> Option<Played> {
                None
            }
            fn note_on(&mut self, _: u32, key: Key, _: f32) -> bool {
                let taken = !self.refuses || !self.random.next_u32().is_multiple_of(4);
                if taken {
                    assert!(!self.down.contains(key), "{key:?} twice");
                    self.down.insert(key);
                }
                taken
            }
            fn note_off(&mut self, _: u32, key: Key) -> bool {
                let taken = !self.refuses || !self.random.next_u32().is_multiple_of(4);
                if taken {
                    assert!(self.down.remove(key), "{key:?} was not down");
                }
                taken
            }
        }
        let mut random = Pcg32::new(1, 2);
        let mut port = Checked {
            random: Pcg32::new(3, 4),
            down: Keys::default(),
            refuses: true,
        };
        let mut sounding = Sounding::new();
        for n in 0..200_000 {
            let word = random.next_u32();
            let key = Key::new(
                (word >> 8) as u8 % 2,
                Pitch::clamped(60 + i64::from(word % 7)),
            );
            match (word >> 16) % 9 {
                0 | 1 => _ = sounding.press(key, 0.5, 0, &mut port),
                2 | 3 => _ = sounding.play(key, 0.5, Ticks::new(n + 5), 0, &mut port),
                4 | 5 => sounding.release(key, 0, &mut port),
                6 => _ = sounding.end_next(0, &mut port),
                7 => sounding.settle(&mut port),
                _ if word >> 20 == 0 => sounding.owe_all(),
                _ => sounding.cut(Ticks::new(n)),
            }
        }
        port.refuses = false;
        sounding.owe_all();
        sounding.settle(&mut port);
        assert!(port.down.is_empty() && sounding.is_silent());
    }
}
