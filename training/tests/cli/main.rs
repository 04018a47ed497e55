//! The `training` binary from outside: the whole path on a small corpus, and what it says when
//! something is wrong.

mod bad_input;
mod bench;
mod classic;
#[cfg(target_os = "linux")]
mod interrupted;
mod whole_path;
