//! Music and model of HarmonAI. Pure: knows no host, no window, no thread, no path.
//!
//! Three layers, each of which uses only those before it: [`music`] is what is written and
//! played, [`model`] is the network and the way in which it sees music, [`play`] hears a phrase
//! and answers it.

pub mod model;
pub mod music;
pub mod play;
