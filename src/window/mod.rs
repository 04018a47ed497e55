//! The operating system's window in which an [`App`] draws with egui.

mod access;
mod clipboard;
mod cursor;
mod driver;
mod editor;
mod graphics;
mod handle;
mod input;
mod keys;
#[cfg(target_os = "linux")]
mod libraries;
mod monitor;
pub mod nice_plug_race;

pub use editor::{App, WindowEditor, is_possible};
