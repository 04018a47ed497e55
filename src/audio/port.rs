//! What the engine needs of a host: the player's events in, notes out. The plug-in puts nice-plug's
//! process context behind it, tests put a list.

use harmonai_core::music::note::Pitch;

use super::keys::MidiKey;

/// Something the player did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Played {
    /// When, in samples from the block's start.
    pub sample: u32,
    pub gesture: Gesture,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gesture {
    /// Strikes a key, this hard (0 to 1).
    Press(MidiKey, f32),
    /// Lets go of a key; of all keys of the channel, or of the channels, that is not named.
    Release {
        channel: Option<u8>,
        pitch: Option<Pitch>,
    },
}

/// One block's events. Samples count from the block's start and never go back.
pub trait Port {
    /// The player's next event in this block. It is fetched before the one before it has had all its
    /// effects: nothing is to be sent from here.
    fn next(&mut self) -> Option<Played>;

    /// Sends a note-on; `false` if the host would not take it.
    fn note_on(&mut self, sample: u32, key: MidiKey, velocity: f32) -> bool;

    /// Sends a note-off; `false` if the host would not take it.
    fn note_off(&mut self, sample: u32, key: MidiKey) -> bool;
}
