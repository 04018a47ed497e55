//! What the player allows an answer to play, applied to the logits before a symbol is drawn:
//! [`pitch`] (scale, range, leaps), [`scale_pull`] (the phrase's own scale), [`rhythm`] (grid, density)
//! and [`repetition`]; and what shapes a note after that (octave, gate, swing). Called by the continuation on the worker's thread.

pub mod pitch;
pub mod repetition;
pub mod rhythm;
pub mod scale_pull;
