//! Models: found, read and handed to the worker, which alone plays them.
//!
//! The rest of the shell talks to the four [`ModelSlots`], whose [`ModelLoader`]s call the
//! [`library`]: on a background thread, or on the host's main thread where a plug-in that is
//! activated has read nothing yet. The audio thread asks the [`SlotChoice`] alone.

mod about;
mod choice;
pub mod library;
mod loader;
mod reference;
mod slots;
mod styles;
#[cfg(test)]
mod tests;

pub use about::About;
pub use choice::{SLOTS, SlotChoice};
pub use library::{
    Installed, Model, Origin, bundled, bundled_about, file_name, folder, load, nameless, open,
};
pub use loader::{InstalledList, ModelLoader, ModelMailbox};
pub use reference::ModelFile;
pub use slots::ModelSlots;
pub use styles::{MOST as MOST_STYLES, StyleList, StyleNames};
