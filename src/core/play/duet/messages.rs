//! What the turn-taking is told, asks for and says: fixed-size values that cross threads.

use crate::model::vocabulary::Style;
use crate::music::note::{Note, Pitch, Velocity};
use crate::music::time::{Metre, Ticks};
use crate::play::continuation::{Repeat, Settings};
use crate::play::listen::Voices;

/// Who plays when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Listens for some bars, counted from the bar of the first note or the one that it is an upbeat
    /// to, then answers on the bar.
    CallResponse,
    /// Answers on the next beat once the player has paused; yields at once when they come in.
    AfterSilence,
    /// Answers on the next beat when it is asked to ([`super::Duet::ask`]), and not before; yields at
    /// once when the player comes in.
    Manual,
    /// Plays with the player from the beat after their first note on, and never stops by itself.
    Jam,
}

/// The knobs as they stand at a planning line or a note.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// Who plays when.
    pub mode: Mode,
    /// Length of the call, in bars (call & response).
    pub listen_bars: u8,
    /// The pause that ends a phrase (after silence).
    pub silence: Ticks,
    /// Length of the answer; `None` plays on until something else ends it. Means nothing in a jam.
    pub length: Option<Ticks>,
    /// Of the answer's randomness.
    pub seed: u64,
    /// What an answer to the same at the same place is.
    pub repeat: Repeat,
    /// The phrase stays what it is, whatever is played.
    pub freeze: bool,
    /// Which of the worker's networks plays.
    pub slot: u8,
    /// Which of the player's notes count, from the next phrase on.
    pub voices: Voices,
    /// The host's time signature.
    pub metre: Metre,
    /// The knobs that shape the notes.
    pub settings: Settings,
}

/// What the worker is asked, in order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Request {
    /// A new phrase begins.
    Clear {
        /// Its metre.
        metre: Metre,
        /// The style that it is heard in.
        style: Style,
        /// Which of its notes count.
        voices: Voices,
    },
    /// The player struck a key.
    NoteOn {
        /// When.
        at: Ticks,
        /// Which.
        pitch: Pitch,
        /// How hard.
        velocity: Velocity,
    },
    /// The player let go of a key.
    NoteOff {
        /// When.
        at: Ticks,
        /// Which.
        pitch: Pitch,
    },
    /// The answer begins.
    BeginAnswer {
        /// When.
        at: Ticks,
        /// Where it is to end, as far as that is known.
        end: Option<Ticks>,
        /// Of its randomness.
        seed: u64,
        /// To the phrase itself, though it was answered before, and how; else it plays on.
        again: Option<Repeat>,
    },
    /// An answer from before is to be played again.
    Recall {
        /// When.
        at: Ticks,
        /// Which.
        id: u32,
    },
    /// The phrase is now the one that was put in the worker's way.
    Load {
        /// The style that it is heard in.
        style: Style,
    },
    /// From here on the network of that slot plays.
    Model {
        /// Which.
        slot: u8,
    },
    /// A span of the answer is wanted.
    Plan {
        /// Comes back with [`Reply::Done`].
        id: u64,
        /// Comes back with every note.
        epoch: u32,
        /// First tick wanted.
        from: Ticks,
        /// First tick not wanted.
        until: Ticks,
        /// End of the whole answer, where it has one.
        end: Option<Ticks>,
        /// The knobs.
        settings: Settings,
    },
}

impl Request {
    /// A new phrase begins under these rules.
    pub(super) fn clear(rules: &Rules) -> Self {
        Self::Clear {
            metre: rules.metre,
            style: rules.settings.style,
            voices: rules.voices,
        }
    }
}

/// What the worker answers, in order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reply {
    /// A note to play.
    Note {
        /// Of the request. A note of another epoch than [`super::Duet::epoch`] is not wanted any more.
        epoch: u32,
        /// The note.
        note: Note,
    },
    /// All notes of that request have been given.
    Done {
        /// Of the request.
        id: u64,
    },
}

/// What the shell is to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// Hand this to the worker.
    Ask(Request),
    /// Close the answer's sounding notes now and drop its planned ones.
    Hush,
    /// The answer ends there: drop planned notes from there on, cut what sounds across it.
    EndAt(Ticks),
}
