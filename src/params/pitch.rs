//! The parameters that bound the answer's pitches: key, scale, range, octave, steps or leaps.
//!
//! Read by the audio thread once a block, as all parameters are.

use std::sync::Arc;

use harmonai_core::music::note::Pitch;
use harmonai_core::music::scale::Scale;
use harmonai_core::play::constraints::pitch::{PitchConstraints, Tonality};
use nice_plug::prelude::*;

use super::{around, whole};

/// What pitches the answer may have.
#[derive(Params)]
pub struct PitchParams {
    /// The tonic of the scale.
    #[id = "key"]
    pub key: EnumParam<KeyChoice>,
    /// The scale.
    #[id = "scale"]
    pub scale: EnumParam<ScaleChoice>,
    /// The lowest note.
    #[id = "low"]
    pub low: IntParam,
    /// The highest note.
    #[id = "high"]
    pub high: IntParam,
    /// By how many octaves the answer is moved.
    #[id = "octave"]
    pub octave: IntParam,
    /// Whether it walks or leaps.
    #[id = "leaps"]
    pub leaps: FloatParam,
}

/// The tonic, as hosts show it.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the notes say it all")]
pub enum KeyChoice {
    /// The phrase's.
    #[id = "auto"]
    #[name = "Auto"]
    Auto,
    #[id = "c"]
    C,
    #[id = "c_sharp"]
    #[name = "C#"]
    CSharp,
    #[id = "d"]
    D,
    #[id = "e_flat"]
    #[name = "Eb"]
    EFlat,
    #[id = "e"]
    E,
    #[id = "f"]
    F,
    #[id = "f_sharp"]
    #[name = "F#"]
    FSharp,
    #[id = "g"]
    G,
    #[id = "a_flat"]
    #[name = "Ab"]
    AFlat,
    #[id = "a"]
    A,
    #[id = "b_flat"]
    #[name = "Bb"]
    BFlat,
    #[id = "b"]
    B,
}

/// The scale, as hosts show it.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScaleChoice {
    /// All twelve notes: the network keeps to a key by itself.
    #[id = "chromatic"]
    #[name = "All notes"]
    Chromatic,
    /// Major or minor, as the phrase is.
    #[id = "auto"]
    #[name = "Auto"]
    Auto,
    /// Ionian.
    #[id = "major"]
    Major,
    /// Aeolian, with the leading note.
    #[id = "minor"]
    Minor,
    /// The modes.
    #[id = "dorian"]
    Dorian,
    /// With the flat second.
    #[id = "phrygian"]
    Phrygian,
    /// With the sharp fourth.
    #[id = "lydian"]
    Lydian,
    /// With the flat seventh.
    #[id = "mixolydian"]
    Mixolydian,
    /// Five notes.
    #[id = "major_pentatonic"]
    #[name = "Major pentatonic"]
    MajorPentatonic,
    /// Five notes.
    #[id = "minor_pentatonic"]
    #[name = "Minor pentatonic"]
    MinorPentatonic,
    /// Six.
    #[id = "blues"]
    Blues,
}

impl ScaleChoice {
    fn tonality(self) -> Tonality {
        match self {
            Self::Chromatic => Tonality::Free,
            Self::Auto => Tonality::Auto,
            Self::Major => Tonality::In(Scale::Major),
            Self::Minor => Tonality::In(Scale::Minor),
            Self::Dorian => Tonality::In(Scale::Dorian),
            Self::Phrygian => Tonality::In(Scale::Phrygian),
            Self::Lydian => Tonality::In(Scale::Lydian),
            Self::Mixolydian => Tonality::In(Scale::Mixolydian),
            Self::MajorPentatonic => Tonality::In(Scale::MajorPentatonic),
            Self::MinorPentatonic => Tonality::In(Scale::MinorPentatonic),
            Self::Blues => Tonality::In(Scale::Blues),
        }
    }
}

impl PitchParams {
    pub(super) fn new() -> Self {
        let start = PitchConstraints::default();
        Self {
            key: EnumParam::new("Key", KeyChoice::Auto),
            scale: EnumParam::new("Scale", ScaleChoice::Chromatic),
            low: key_param("Lowest note", start.low),
            high: key_param("Highest note", start.high),
            octave: IntParam::new("Octave", 0, IntRange::Linear { min: -3, max: 3 })
                .with_value_to_string(Arc::new(|octaves| match octaves {
                    0 => "0".to_owned(),
                    octaves => format!("{octaves:+}"),
                }))
                .with_string_to_value(Arc::new(whole)),
            leaps: around("Leaps", start.leaps),
        }
    }

    /// As the continuation takes them.
    pub fn bounds(&self) -> PitchConstraints {
        PitchConstraints {
            tonality: self.scale.value().tonality(),
            tonic: (self.key.value() as u8).checked_sub(KeyChoice::C as u8),
            low: Pitch::clamped(self.low.value().into()),
            high: Pitch::clamped(self.high.value().into()),
            octave: self.octave.value().clamp(-3, 3) as i8,
            leaps: self.leaps.value(),
        }
    }
}

/// A key of the keyboard, shown by its name.
fn key_param(name: &str, start: Pitch) -> IntParam {
    let range = IntRange::Linear { min: 0, max: 127 };
    IntParam::new(name, start.get().into(), range)
        .with_value_to_string(Arc::new(|key| Pitch::clamped(key.into()).to_string()))
        .with_string_to_value(Arc::new(key_of))
}

/// The key that is called `text`, by its name (`Bb3`, `a#3`) or its number.
pub(super) fn key_of(text: &str) -> Option<i32> {
    let named = Pitch::named(text).map(|key| key.get().into());
    named.or_else(|| whole(text))
}
