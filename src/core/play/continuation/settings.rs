//! The knobs that shape an answer's notes, as they stand at one moment.
//!
//! Made by the audio thread out of the parameters, sent with each request, read by the worker.

use crate::model::vocabulary::Style;
use crate::music::note::Velocity;
use crate::play::constraints::pitch::PitchConstraints;
use crate::play::constraints::rhythm::RhythmConstraints;

/// How hard an answer strikes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Touch {
    /// As the network has learnt it; as the phrase, where it has learnt no velocities.
    #[default]
    Learnt,
    /// As the phrase on the whole, a little more on the bar and a little less off the beat.
    Follow,
    /// Always so.
    Fixed(Velocity),
}

/// What comes when a loop comes round, or a phrase that is kept is answered again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Repeat {
    /// The same answer as before.
    #[default]
    Same,
    /// Another one.
    New,
}

/// The knobs that shape an answer; a snapshot of them goes with each request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Of the pitches; 1 as the network has it, lower is tamer, higher wilder.
    pub temperature: f32,
    /// Of intervals and durations.
    pub rhythm_temperature: f32,
    /// Unlikely notes beyond this probability mass are never played.
    pub top_p: f32,
    /// How much the phrase's own turns draw the answer: 0 not at all, 1 as learnt.
    pub memory: f32,
    /// What pitches it may have.
    pub pitch: PitchConstraints,
    /// In what rhythm.
    pub rhythm: RhythmConstraints,
    /// How hard it strikes.
    pub touch: Touch,
    /// How far velocities go from the phrase's: 0 not at all, 1 as they are, 2 twice as far. A fixed
    /// one is what it is.
    pub dynamics: f32,
    /// The source to play in the manner of; one that the network does not know is any.
    pub style: Style,
}

impl Default for Settings {
    /// As the knobs of a new plug-in stand: what comes closest to how melodies go on, in key and in
    /// how much they take up again (`training eval --statistics`).
    fn default() -> Self {
        Self {
            temperature: 0.8,
            rhythm_temperature: 0.8,
            top_p: 0.95,
            memory: 1.0,
            pitch: PitchConstraints::default(),
            rhythm: RhythmConstraints::default(),
            touch: Touch::default(),
            dynamics: 1.0,
            style: Style::ANY,
        }
    }
}
