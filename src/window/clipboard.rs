//! The system's clipboard, opened when it is first needed.
//!
//! The window's thread only. On X11 it is a connection and a thread of its own, which a window in
//! which nothing is copied does without.

use copypasta::{ClipboardContext, ClipboardProvider};

#[derive(Default)]
pub struct Clipboard(Option<ClipboardContext>);

impl Clipboard {
    pub fn text(&mut self) -> Option<String> {
        self.context()?.get_contents().ok()
    }

    /// Returns whether that succeeded.
    pub fn put(&mut self, text: String) -> bool {
        self.context()
            .is_some_and(|context| context.set_contents(text).is_ok())
    }

    fn context(&mut self) -> Option<&mut ClipboardContext> {
        if self.0.is_none() {
            self.0 = ClipboardContext::new().ok();
        }
        self.0.as_mut()
    }
}

#[cfg(target_os = "linux")]
impl Drop for Clipboard {
    fn drop(&mut self) {
        // Its thread ends by itself as soon as it notices, and cannot be joined. A host may unload
        // this code right after: it gets a moment.
        if self.0.take().is_some() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}
