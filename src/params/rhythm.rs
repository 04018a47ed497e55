//! The parameters that shape the answer's rhythm: grid, density, gate, swing.
//!
//! Read by the audio thread at notes and planning lines.

use harmonai_core::music::time::Ticks;
use harmonai_core::play::constraints::rhythm::RhythmConstraints;
use nice_plug::prelude::*;

use super::text::{around, percent};

/// What rhythm the answer may have.
#[derive(Params)]
pub struct RhythmParams {
    #[id = "grid"]
    pub grid: EnumParam<GridChoice>,
    /// Fewer and longer notes, or more and shorter ones.
    #[id = "density"]
    pub density: FloatParam,
    /// How much of its length a note sounds.
    #[id = "gate"]
    pub gate: FloatParam,
    /// Where the offbeat eighth falls.
    #[id = "swing"]
    pub swing: FloatParam,
}

/// Where notes may begin, as hosts show it.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum GridChoice {
    #[id = "off"]
    #[name = "Off"]
    Off,
    #[id = "quarter"]
    #[name = "1/4"]
    Quarter,
    #[id = "eighth"]
    #[name = "1/8"]
    Eighth,
    #[id = "eighth_triplet"]
    #[name = "1/8 triplet"]
    EighthTriplet,
    #[id = "sixteenth"]
    #[name = "1/16"]
    Sixteenth,
    #[id = "sixteenth_triplet"]
    #[name = "1/16 triplet"]
    SixteenthTriplet,
    #[id = "thirty_second"]
    #[name = "1/32"]
    ThirtySecond,
}

impl GridChoice {
    fn ticks(self) -> Option<Ticks> {
        let ticks = match self {
            Self::Off => return None,
            Self::Quarter => 24,
            Self::Eighth => 12,
            Self::EighthTriplet => 8,
            Self::Sixteenth => 6,
            Self::SixteenthTriplet => 4,
            Self::ThirtySecond => 3,
        };
        Some(Ticks::new(ticks))
    }
}

impl RhythmParams {
    pub(super) fn new() -> Self {
        let start = RhythmConstraints::default();
        Self {
            grid: EnumParam::new("Grid", GridChoice::Off),
            density: around("Density", start.density),
            gate: percent("Gate", start.gate, 0.1..=2.0),
            swing: percent("Swing", start.swing, 0.5..=0.75),
        }
    }

    /// As the continuation takes them.
    pub fn constraints(&self) -> RhythmConstraints {
        RhythmConstraints {
            grid: self.grid.value().ticks(),
            density: self.density.value(),
            gate: self.gate.value(),
            swing: self.swing.value(),
        }
    }
}
