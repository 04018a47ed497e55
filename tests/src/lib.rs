//! Offline hosts that load the built plug-in as a DAW would, for the system tests and `xtask`.
//!
//! A [`Script`] says what a session does (tempo, blocks, the phrase, knobs turned, loops, stops);
//! a [`Host`] plays it through one format's plug-in; the [`Recording`] holds every event that
//! came out and judges it: in order, closed, on the grid.
//!
//! Below that, a [`Device`] is the plug-in call by call, for hosts that no script describes;
//! [`wild`] makes up such hosts out of seeds.

pub mod blocks;
pub mod clap;
pub mod device;
pub mod host;
pub mod knob;
pub mod phrase;
pub mod recording;
#[cfg(target_os = "linux")]
pub mod screen;
pub mod script;
pub mod timeline;
pub mod tiny_model;
pub mod vst3;
pub mod wait;
pub mod wild;

pub use clap::ClapHost;
pub use device::Device;
pub use harmonai_workspace::{self as bundle, Bundles};
pub use host::{Class, Host, session};
pub use recording::{Played, Recording, ledger};
pub use script::{Action, Blocks, Pace, Script};
pub use vst3::Vst3Host;
