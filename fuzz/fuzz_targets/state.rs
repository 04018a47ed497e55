//! `cargo +nightly fuzz run state`: see the library's module of that name.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| harmonai_fuzz::state::check(bytes));

#[cfg(not(fuzzing))]
fn main() {}
