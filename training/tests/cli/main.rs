//! The `training` binary from outside: the whole path on a small corpus, and what it says when
//! something is wrong.

mod bad_input;
mod bench;
mod benchmark;
mod classic;
mod from_model;
#[cfg(target_os = "linux")]
mod interrupted;
mod statistics;
mod whole_path;
