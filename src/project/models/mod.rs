//! Models: found, read and handed to the worker, which alone plays them.
//!
//! The rest of the shell talks to the four [`ModelSlots`]. Each has a [`ModelLoader`], which calls
//! the [`library`] on a short-lived thread. Nothing here runs on the audio thread.

mod about;
mod error;
pub mod library;
mod loader;
mod reference;
mod slots;
mod styles;
#[cfg(test)]
mod tests;

pub use about::About;
pub use error::LibraryError;
pub use library::{
    Installed, Model, Origin, bundled, bundled_about, file_name, folder, load, open,
};
pub use loader::{InstalledList, ModelLoader, ModelMailbox};
pub use reference::ModelFile;
pub use slots::{ModelSlots, SLOTS};
pub use styles::{MOST as MOST_STYLES, StyleList, StyleNames};
