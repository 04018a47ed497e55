//! What the turn-taking is told, asks for and says: values of a fixed size, made on the audio
//! thread; requests and replies cross to the worker's thread and back.

use crate::model::vocabulary::Style;
use crate::music::note::{Note, Pitch, Velocity};
use crate::music::time::{Metre, Ticks};
use crate::play::continuation::{Entry, Repeat, Settings};
use crate::play::listen::Voices;

/// Who plays when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Listens for some bars, counted from the bar of the first note or the one that it is an upbeat
    /// to; the answer begins on the bar, its first note where the music wants it.
    CallResponse,
    /// Answers from the next beat on once the player has paused, the first note where the music wants
    /// it; yields at once when they come in.
    AfterSilence,
    /// Answers on the next beat when it is asked to, and not before; yields at once when the player
    /// comes in.
    Manual,
    /// Plays with the player from the beat after their first note on, and never stops by itself.
    Jam,
}

/// The knobs as they stand at a planning line or a note.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    pub mode: Mode,
    /// Length of the call, in bars (call & response).
    pub listen_bars: u8,
    /// The pause that ends a phrase (after silence).
    pub silence: Ticks,
    /// Length of the answer; `None` plays on until something else ends it. Means nothing in a jam.
    pub length: Option<Ticks>,
    /// Seeds the answer's random numbers.
    pub seed: u64,
    pub repeat: Repeat,
    /// The phrase stays what it is, whatever is played.
    pub freeze: bool,
    /// Which of the worker's networks plays.
    pub slot: u8,
    /// Which of the player's notes count, from the next phrase on.
    pub voices: Voices,
    pub metre: Metre,
    /// The knobs that shape the notes.
    pub settings: Settings,
}

/// What the worker is asked, in order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Request {
    /// A new phrase begins.
    Clear {
        metre: Metre,
        /// The style that it is heard in.
        style: Style,
        /// Which of its notes count.
        voices: Voices,
    },
    NoteOn {
        at: Ticks,
        pitch: Pitch,
        velocity: Velocity,
    },
    NoteOff {
        at: Ticks,
        pitch: Pitch,
    },
    BeginAnswer {
        at: Ticks,
        entry: Entry,
        /// Where it is to end, as far as that is known.
        end: Option<Ticks>,
        seed: u64,
        /// To the phrase itself, though it was answered before, and how; otherwise it plays on from
        /// the last answer.
        again: Option<Repeat>,
    },
    /// The earlier answer of that number is to be played again, from `at` on.
    Recall {
        at: Ticks,
        id: u32,
    },
    /// The phrase is now the one that the shell has left for the worker.
    Load {
        /// The style that it is heard in.
        style: Style,
    },
    /// From here on the network of that slot plays.
    Model {
        slot: u8,
    },
    /// The notes of the answer in `from..until` are wanted.
    Plan {
        /// Comes back with [`Reply::Done`].
        id: u64,
        /// Comes back with every note.
        epoch: u32,
        from: Ticks,
        until: Ticks,
        /// End of the whole answer, where it has one.
        end: Option<Ticks>,
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
    /// A note to play, unless the duet has another epoch by now.
    Note { epoch: u32, note: Note },
    /// All notes of the request of that number have been given.
    Done { id: u64 },
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
