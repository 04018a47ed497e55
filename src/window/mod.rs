//! The operating system's window in which an [`App`] draws with egui: between nice-plug's editor,
//! baseview's window and OpenGL.
//!
//! [`WindowEditor`] is what nice-plug opens on the host's main thread; the [driver] runs where
//! baseview calls it. Nothing here knows what is drawn: that is [`ui`](crate::ui). And nothing here
//! panics, whatever the system refuses: no window, no frame, no clipboard is a message to the user
//! and not the end of the host. [`nice_plug_race`] is apart from all this: it works round a fault
//! of the framework that the window brings about.
//!
//! nice-plug-egui 0.6 has caught up with this window except for three things: files dropped on it,
//! AccessKit for screen readers, and guards against panics. Ours is kept until it has them.

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

pub use driver::App;
pub use editor::{WindowEditor, is_possible};
