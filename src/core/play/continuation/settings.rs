//! The knobs that shape an answer's notes, as they stand at one moment.
//!
//! Made on the audio thread out of the parameters, sent with each request for notes, read on the
//! worker's thread.

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
    Fixed(Velocity),
}

/// What is played when a loop comes round, or a phrase that is kept is answered again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Repeat {
    /// The same answer.
    #[default]
    Same,
    /// A new answer.
    New,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The sampler's, for pitches: 1 as the network predicts, lower is tamer, higher wilder.
    pub temperature: f32,
    /// The sampler's, for everything else.
    pub rhythm_temperature: f32,
    /// The sampler's: unlikely symbols beyond this share of the probability are never played.
    pub top_p: f32,
    /// How much the answer is drawn to what has been played before: 0 not at all, 1 as melodies are.
    pub memory: f32,
    pub pitch: PitchConstraints,
    pub rhythm: RhythmConstraints,
    pub touch: Touch,
    /// How far velocities stray from the phrase's mean: 0 not at all, 1 as drawn, 2 twice as far.
    /// Means nothing to fixed ones.
    pub dynamics: f32,
    /// The style to play in; one that the network does not know is any.
    pub style: Style,
}

impl Default for Settings {
    /// As the knobs of a new plug-in stand: what comes closest to how written melodies go on, in
    /// keeping to the key and in repeating themselves (`training eval --statistics`).
    fn default() -> Self {
        Self {
            temperature: 1.0,
            rhythm_temperature: 1.0,
            top_p: 1.0,
            memory: 1.0,
            pitch: PitchConstraints::default(),
            rhythm: RhythmConstraints::default(),
            touch: Touch::default(),
            dynamics: 1.0,
            style: Style::ANY,
        }
    }
}
