//! HarmonAI, a duet partner for a DAW track: the plug-in around `harmonai-core`.
//!
//! A host's notes come in through [`plugin`], the [`audio`] folder turns them into questions to the
//! network and its answers into notes out, the [`worker`] thread asks the network. The two talk
//! over the queues in [`link`]. What a project keeps is in [`project`], what a host automates in
//! [`params`]. The [`ui`] shows it all in a [`window`]; [`standalone`] is the app without a host.
//! [`vst3`] is the plug-in's frame in that format; the one for CLAP is nice-plug's.
//!
//! A panic takes the host down, on the audio thread and on the window's. So the lints below refuse
//! what panics in the whole of this crate, and in the modules of the core that run on the audio
//! thread; an exception carries its reason.

#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::unwrap_used, clippy::panic)
)]
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unreachable))]
#![cfg_attr(not(test), deny(clippy::unimplemented))]

pub mod audio;
pub mod link;
pub mod params;
pub mod plugin;
pub mod project;
pub mod standalone;
pub mod ui;
pub mod vst3;
pub mod window;
pub mod worker;

use plugin::{HarmonAi, HarmonAiNotes};

// The instrument first: some hosts load the first class alone, and refuse one without audio.
nice_plug::nice_export_clap!(HarmonAi, HarmonAiNotes);
