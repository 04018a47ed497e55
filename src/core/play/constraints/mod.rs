//! What the player allows an answer to play, applied to the logits before a symbol is drawn:
//! [`pitch`] (scale, range, leaps), [`rhythm`] (grid, density) and [`repetition`]; and what shapes a
//! note after that (octave, gate, swing). Called by the continuation on the worker's thread.

pub mod pitch;
pub mod repetition;
pub mod rhythm;
