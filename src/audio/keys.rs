//! Keys of all sixteen MIDI channels, and sets of them.

use harmonai_core::music::note::Pitch;

const CHANNELS: usize = 16;

/// One key of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MidiKey {
    channel: u8,
    pub pitch: Pitch,
}

impl MidiKey {
    /// A key of `channel`, 0 to 15; higher bits are ignored.
    pub fn new(channel: u8, pitch: Pitch) -> Self {
        Self {
            channel: channel % CHANNELS as u8,
            pitch,
        }
    }

    /// The channel, 0 to 15.
    pub fn channel(self) -> u8 {
        self.channel
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeySet([u128; CHANNELS]);

impl KeySet {
    pub fn contains(&self, key: MidiKey) -> bool {
        self.0
            .get(usize::from(key.channel))
            .is_some_and(|keys| keys & bit(key) != 0)
    }

    pub fn insert(&mut self, key: MidiKey) {
        if let Some(keys) = self.0.get_mut(usize::from(key.channel)) {
            *keys |= bit(key);
        }
    }

    /// Takes `key` out; whether it was in.
    pub fn remove(&mut self, key: MidiKey) -> bool {
        let was = self.contains(key);
        if let Some(keys) = self.0.get_mut(usize::from(key.channel)) {
            *keys &= !bit(key);
        }
        was
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Is this pitch in it, on whichever channel?
    pub fn contains_pitch(&self, pitch: Pitch) -> bool {
        self.0.iter().any(|keys| keys & (1 << pitch.get()) != 0)
    }

    /// The keys in it, of a copy: the set may change meanwhile.
    pub fn iter(&self) -> impl Iterator<Item = MidiKey> + use<> {
        let some = (0u8..).zip(self.0).filter(|(_, keys)| *keys != 0);
        some.flat_map(|(channel, keys)| {
            let set = (0..128).filter(move |pitch| keys & (1 << pitch) != 0);
            set.filter_map(Pitch::new)
                .map(move |pitch| MidiKey { channel, pitch })
        })
    }
}

fn bit(key: MidiKey) -> u128 {
    1 << key.pitch.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_in_and_out() {
        let key = |channel, pitch| MidiKey::new(channel, Pitch::clamped(pitch));
        let mut keys = KeySet::default();
        for key in [key(0, 0), key(3, 60), key(15, 127), key(19, 60)] {
            keys.insert(key);
        }
        assert_eq!(
            keys.iter().collect::<Vec<_>>(),
            [key(0, 0), key(3, 60), key(15, 127)]
        );
        assert!(keys.remove(key(3, 60)) && !keys.remove(key(3, 60)));
        assert!(keys.contains(key(15, 127)) && !keys.contains(key(14, 127)));
        assert!(keys.contains_pitch(Pitch::clamped(127)));
        assert!(!keys.contains_pitch(Pitch::clamped(60)));
        keys.clear();
        assert!(keys.is_empty());
    }
}
