//! Any bytes in place of a file, a project's state or a host: what HarmonAI must make of them.
//!
//! Each module has one function `check`, which panics where something does not hold. `cargo fuzz`
//! looks for bytes that make it; `tests/corpus.rs` runs the ones found so far as an ordinary test.

pub mod checkpoint;
pub mod host;
pub mod midi;
pub mod state;
