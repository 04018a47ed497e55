//! Controls for parameters: knob, slider, list, buttons, number.
//!
//! Each tells the host when a gesture begins and ends, exactly once, so that automation is recorded
//! as the user made it. Each has a name for screen readers and a tip that says what it does.
//! Nothing here knows which parameters there are: `controls` does.

mod buttons;
mod choice;
mod control;
mod gestures;
mod interaction;
mod knob;
mod layout;
mod slider;
mod value_entry;

pub use buttons::{Toggle, Trigger};
pub use choice::{Choice, Segments, label};
pub use control::{Control, Labels};
pub use gestures::ParamGestures;
pub use interaction::turn;
pub use knob::{Knob, SIZE as KNOB};
pub use layout::{group, row};
pub use slider::Slider;
