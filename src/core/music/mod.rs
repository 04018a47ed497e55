//! The bottom layer: music by itself. Musical time, notes and melodies, keys and scales, and
//! Standard MIDI Files as bytes.
//!
//! No network and no answer belongs here; a musician who knows of neither could have written it.
//! Used by everything above, on any thread.

pub mod key;
pub mod key_finding;
pub mod melody;
pub mod names;
pub mod note;
pub mod pitch_set;
pub mod scale;
pub mod smf;
pub mod time;
