//! What the player lets an answer have, applied to the logits before a symbol is drawn: [`pitch`]
//! (key, scale, range, leaps), [`rhythm`] (grid, density, gate) and [`repetition`].

pub mod pitch;
pub mod repetition;
pub mod rhythm;
