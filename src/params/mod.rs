//! The parameters that hosts see and automate: a file a group, and the [whole](HarmonAiParams).
//!
//! Hosts and the window set them at any time; the audio thread reads them where they act
//! ([`HarmonAiParams::controls`] once a block, [`HarmonAiParams::rules`] at a note or a planning
//! line), without a lock or an allocation. Ids are what projects store: they never change. What a
//! value does is not decided here.

mod buttons;
mod output;
mod pitch;
mod play;
mod repair;
mod rhythm;
mod state;
mod style;
#[cfg(test)]
mod tests;
mod text;

pub use buttons::Button;
pub use output::{OutputParams, TouchChoice};
pub use pitch::{KeyChoice, PitchParams, ScaleChoice};
pub use play::{MAX_LENGTH, ModeChoice, PlayParams, RepeatChoice, VariationChoice, VoicesChoice};
pub use repair::repair;
pub use rhythm::{GridChoice, RhythmParams};
pub use state::HarmonAiParams;
pub use style::StyleParams;
pub use text::counted;
