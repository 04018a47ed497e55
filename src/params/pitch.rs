//! The parameters that bound the answer's pitches: key, scale, range, octave, steps or leaps.
//!
//! Read by the audio thread at notes and planning lines.

use std::sync::Arc;

use harmonai_core::music::note::Pitch;
use harmonai_core::music::scale::Scale;
use harmonai_core::play::constraints::pitch::{AllowedScale, PitchConstraints};
use nice_plug::prelude::*;

use super::text::{around, integer, whole};

/// What pitches the answer may have.
#[derive(Params)]
pub struct PitchParams {
    #[id = "key"]
    pub key: EnumParam<KeyChoice>,
    #[id = "scale"]
    pub scale: EnumParam<ScaleChoice>,
    #[id = "low"]
    pub low: IntParam,
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
    #[id = "major"]
    Major,
    /// Aeolian, with the leading note.
    #[id = "minor"]
    Minor,
    #[id = "dorian"]
    Dorian,
    #[id = "phrygian"]
    Phrygian,
    #[id = "lydian"]
    Lydian,
    #[id = "mixolydian"]
    Mixolydian,
    #[id = "major_pentatonic"]
    #[name = "Major pentatonic"]
    MajorPentatonic,
    #[id = "minor_pentatonic"]
    #[name = "Minor pentatonic"]
    MinorPentatonic,
    #[id = "blues"]
    Blues,
}

impl ScaleChoice {
    fn allowed(self) -> AllowedScale {
        match self {
            Self::Chromatic => AllowedScale::Any,
            Self::Auto => AllowedScale::OfPhrase,
            Self::Major => AllowedScale::Is(Scale::Major),
            Self::Minor => AllowedScale::Is(Scale::Minor),
            Self::Dorian => AllowedScale::Is(Scale::Dorian),
            Self::Phrygian => AllowedScale::Is(Scale::Phrygian),
            Self::Lydian => AllowedScale::Is(Scale::Lydian),
            Self::Mixolydian => AllowedScale::Is(Scale::Mixolydian),
            Self::MajorPentatonic => AllowedScale::Is(Scale::MajorPentatonic),
            Self::MinorPentatonic => AllowedScale::Is(Scale::MinorPentatonic),
            Self::Blues => AllowedScale::Is(Scale::Blues),
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
            octave: integer("Octave", 0, -3..=3).with_value_to_string(Arc::new(|octaves| {
                match octaves {
                    0 => "0".to_owned(),
                    octaves => format!("{octaves:+}"),
                }
            })),
            leaps: around("Leaps", start.leaps),
        }
    }

    /// As the continuation takes them.
    pub fn constraints(&self) -> PitchConstraints {
        PitchConstraints {
            scale: self.scale.value().allowed(),
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
    integer(name, start.get().into(), 0..=127)
        .with_value_to_string(Arc::new(|key| Pitch::clamped(key.into()).to_string()))
        .with_string_to_value(Arc::new(key_of))
}

/// The key that is called `text`, by its name (`Bb3`, `a#3`) or its number.
pub(super) fn key_of(text: &str) -> Option<i32> {
    let named = Pitch::named(text).map(|key| key.get().into());
    named.or_else(|| whole(text))
}
