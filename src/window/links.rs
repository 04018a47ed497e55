//! What the host's side of a window and the window's own side share.

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

/// Tells the user what went wrong with the window.
pub type Report = Box<dyn Fn(&str) + Send + Sync>;

pub struct Links {
    report: Report,
    /// Whether egui wants keys.
    pub wants_keys: AtomicBool,
    /// Keys that came through the host.
    pub keys: Mutex<Vec<egui::Event>>,
}

impl Links {
    pub fn new(report: Report) -> Self {
        Self {
            report,
            wants_keys: AtomicBool::new(false),
            keys: Mutex::default(),
        }
    }

    pub fn report(&self, text: &str) {
        (self.report)(text);
    }
}
