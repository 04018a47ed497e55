//! The size of the monitor that a window is on: on Linux. Elsewhere it is not known.
//!
//! baseview does not say. So the X server is asked, on a connection that lasts as long as the
//! window. The window's thread.

use baseview::WindowContext;
use nice_plug::editor::dpi::LogicalSize;

#[cfg(target_os = "linux")]
pub use x11::Monitor;

#[cfg(not(target_os = "linux"))]
pub struct Monitor;

#[cfg(not(target_os = "linux"))]
impl Monitor {
    pub fn of(_: &WindowContext) -> Option<Self> {
        None
    }

    pub fn pixels(&self) -> Option<LogicalSize<f32>> {
        None
    }
}

#[cfg(target_os = "linux")]
mod x11 {
    use super::*;
    use raw_window_handle::{HasWindowHandle, RawWindowHandle};
    use x11rb::protocol::randr::ConnectionExt as _;
    use x11rb::protocol::xproto::{ConnectionExt as _, Window};
    use x11rb::rust_connection::RustConnection;

    pub struct Monitor {
        server: RustConnection,
        window: Window,
    }

    impl Monitor {
        /// Of this window, if the server can be asked.
        pub fn of(window: &WindowContext) -> Option<Self> {
            let window = match window.window_handle().ok()?.as_raw() {
                RawWindowHandle::Xcb(handle) => handle.window.get(),
                RawWindowHandle::Xlib(handle) => u32::try_from(handle.window).ok()?,
                _ => return None,
            };
            let (server, _) = x11rb::connect(None).ok()?;
            Some(Self { server, window })
        }

        /// Its size in pixels, as if those were points.
        pub fn pixels(&self) -> Option<LogicalSize<f32>> {
            let server = &self.server;
            let whole = server.get_geometry(self.window).ok()?.reply().ok()?;
            let (x, y) = (whole.width as i16 / 2, whole.height as i16 / 2);
            let middle = server.translate_coordinates(self.window, whole.root, x, y);
            let middle = middle.ok()?.reply().ok()?;
            let at = (i32::from(middle.dst_x), i32::from(middle.dst_y));
            let monitors = server.randr_get_monitors(whole.root, true).ok()?;
            let monitors = monitors.reply().ok()?.monitors;
            let here = monitors.iter().find(|monitor| {
                let (x, y) = (i32::from(monitor.x), i32::from(monitor.y));
                let (width, height) = (i32::from(monitor.width), i32::from(monitor.height));
                (x..x + width).contains(&at.0) && (y..y + height).contains(&at.1)
            })?;
            Some(LogicalSize::new(here.width.into(), here.height.into()))
        }
    }
}
