//! HarmonAI, a duet partner for a DAW track: the plug-in around `harmonai-core`.
//!
//! Host's notes come in through [`plugin`], the [`audio`] folder turns them into questions to the
//! network and its answers into notes out, the [`worker`] thread asks the network. The two talk
//! over the [`bridge`]. What happens is shown by the [`editor`] out of the [`display`], in
//! a [`window`].

pub mod audio;
pub mod bridge;
pub mod display;
pub mod editor;
pub mod errands;
pub mod history;
pub mod library;
pub mod look;
pub mod params;
pub mod phrases;
pub mod plugin;
pub mod preview;
pub mod remembered;
pub mod standalone;
pub mod transport;
pub mod window;
pub mod worker;

use plugin::{HarmonAi, HarmonAiNotes};

// The instrument first: some hosts load the first class alone, and refuse one without audio.
nice_plug::nice_export_clap!(HarmonAi, HarmonAiNotes);
nice_plug::nice_export_vst3!(HarmonAi, HarmonAiNotes);
