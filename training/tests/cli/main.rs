//! The `training` binary from outside: the whole path on a small corpus, and what it says when
//! something is wrong.

mod bad_input;
mod bench;
mod commands;
mod from_model;
mod inspect;
#[cfg(target_os = "linux")]
mod interrupted;
mod quantize;
mod statistics;
mod whole_path;
