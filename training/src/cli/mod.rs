//! The commands of the `training` binary, one file each, and what they share.
//!
//! Called by `main`. Main thread.

pub mod eval;
pub mod export;
pub mod generate;
pub mod info;
pub mod inspect;
pub mod install;
pub mod key;
pub mod output;
pub mod quantize;
pub mod speed;
pub mod train;

mod html;
mod model;
mod options;
mod pictures;
mod progress;
mod target;
