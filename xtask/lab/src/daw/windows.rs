//! The windows on a screen, by the X server's account, and a mouse for them.

use std::collections::HashSet;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ClientMessageEvent, ConfigureWindowAux,
    ConnectionExt, EventMask, ImageFormat, MOTION_NOTIFY_EVENT, MapState, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

#[derive(Clone, Debug)]
pub struct WindowInfo {
    pub id: Window,
    /// Its parent.
    pub within: Window,
    pub name: String,
    /// Its position on the screen, and its size.
    pub x: i16,
    pub y: i16,
    pub width: u16,
    pub height: u16,
}

pub struct Desktop {
    connection: RustConnection,
    root: Window,
}

impl Desktop {
    pub fn at(display: &str) -> anyhow::Result<Self> {
        let (connection, screen) = x11rb::connect(Some(display))?;
        let root = connection.setup().roots[screen].root;
        Ok(Self { connection, root })
    }

    /// All visible windows, parents before their children.
    pub fn windows(&self) -> Vec<WindowInfo> {
        let mut found = Vec::new();
        // A window that closes meanwhile is left out.
        let _ = self.gather(self.root, &mut found);
        found
    }

    fn gather(&self, within: Window, found: &mut Vec<WindowInfo>) -> anyhow::Result<()> {
        let tree = self.connection.query_tree(within)?.reply()?;
        for id in tree.children {
            if let Some(shown) = self.shown(id, within)? {
                found.push(shown);
                self.gather(id, found)?;
            }
        }
        Ok(())
    }

    fn shown(&self, id: Window, within: Window) -> anyhow::Result<Option<WindowInfo>> {
        let server = &self.connection;
        let attributes = server.get_window_attributes(id)?.reply();
        if !attributes.is_ok_and(|its| its.map_state == MapState::VIEWABLE) {
            return Ok(None);
        }
        let (property, any) = (AtomEnum::WM_NAME, AtomEnum::ANY);
        let name = server.get_property(false, id, property, any, 0, 64)?;
        let name = name.reply()?;
        let size = server.get_geometry(id)?.reply()?;
        let place = server.translate_coordinates(id, self.root, 0, 0)?.reply()?;
        Ok(Some(WindowInfo {
            id,
            within,
            name: String::from_utf8_lossy(&name.value).into_owned(),
            x: place.dst_x,
            y: place.dst_y,
            width: size.width,
            height: size.height,
        }))
    }

    /// Double-clicks at a position on the screen.
    pub fn double_click(&self, x: i16, y: i16) -> anyhow::Result<()> {
        let (server, root) = (&self.connection, self.root);
        let send = |kind, button| {
            let sent = server.xtest_fake_input(kind, button, 0, root, x, y, 0)?;
            anyhow::Ok(sent.check()?)
        };
        send(MOTION_NOTIFY_EVENT, 0)?;
        for _ in 0..2 {
            send(BUTTON_PRESS_EVENT, 1)?;
            send(BUTTON_RELEASE_EVENT, 1)?;
        }
        Ok(())
    }

    /// Moves a top-level window; there is no window manager to ask.
    pub fn move_to(&self, window: &WindowInfo, (x, y): (i32, i32)) -> anyhow::Result<()> {
        let place = ConfigureWindowAux::new().x(x).y(y);
        let moved = self.connection.configure_window(window.id, &place)?;
        Ok(moved.check()?)
    }

    /// Closes a window as its close button does.
    pub fn close(&self, window: &WindowInfo) -> anyhow::Result<()> {
        let server = &self.connection;
        let atom = |name: &[u8]| anyhow::Ok(server.intern_atom(false, name)?.reply()?.atom);
        let (protocols, delete) = (atom(b"WM_PROTOCOLS")?, atom(b"WM_DELETE_WINDOW")?);
        let event = ClientMessageEvent::new(32, window.id, protocols, [delete, 0, 0, 0, 0]);
        let sent = server.send_event(false, window.id, EventMask::NO_EVENT, event)?;
        Ok(sent.check()?)
    }

    /// Whether anything has been drawn in the plug-in's window.
    pub fn is_drawn(&self, window: &WindowInfo) -> bool {
        self.colours(window).is_ok_and(|colours| colours > 20)
    }

    /// How many colours a window shows: one or two where nothing has been drawn.
    fn colours(&self, window: &WindowInfo) -> anyhow::Result<usize> {
        let WindowInfo {
            id, width, height, ..
        } = *window;
        let (server, format) = (&self.connection, ImageFormat::Z_PIXMAP);
        let image = server.get_image(format, id, 0, 0, width, height, !0)?;
        let image = image.reply()?;
        let pixels: HashSet<_> = image.data.chunks(4).collect();
        Ok(pixels.len())
    }
}
