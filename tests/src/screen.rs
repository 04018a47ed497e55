//! A screen for plug-ins' windows: an X server of our own, and a host's window on it.
//!
//! [`Screen::find`] is called once, before anything reads `DISPLAY`; one thread.

pub mod drag;
pub mod press;
pub mod show;

use anyhow::{Context, ensure};
use std::ffi::CStr;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    ConfigureWindowAux, ConnectionExt, CreateWindowAux, EventMask, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

/// Where windows are shown. An X server that was started for it is ended with it.
pub struct Screen {
    /// For `DISPLAY`.
    pub name: String,
    server: Option<Child>,
}

/// What a window on X11 is drawn with.
const LIBRARIES: [&CStr; 5] = [
    c"libX11.so.6",
    c"libX11-xcb.so.1",
    c"libxcb.so.1",
    c"libxkbcommon-x11.so.0",
    c"libGL.so.1",
];

fn is_there(library: &CStr) -> bool {
    // SAFETY: the system's own libraries, which the tests are about to load anyway; they stay.
    !unsafe { libc::dlopen(library.as_ptr(), libc::RTLD_LAZY) }.is_null()
}

impl Screen {
    /// A screen of our own where there is `Xvfb`; else the one there is; else none. None either where
    /// a library is missing that a window takes.
    pub fn find() -> anyhow::Result<Option<Self>> {
        if let Some(name) = LIBRARIES.iter().find(|name| !is_there(name)) {
            eprintln!("There is no {name:?}: a window cannot be drawn here.");
            return Ok(None);
        }
        // Without -noreset it starts over when its last client goes, and cuts off whoever connects
        // just then.
        let server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-noreset",
                "-screen",
                "0",
                "1600x1200x24",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut server) = server else {
            let name = std::env::var("DISPLAY")
                .ok()
                .filter(|name| !name.is_empty());
            return Ok(name.map(|name| Self { name, server: None }));
        };
        let output = server.stdout.take().context("its output is ours")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let screen = Self {
            name: format!(":{}", line.trim()),
            server: Some(server),
        };
        ensure!(!line.trim().is_empty(), "Xvfb did not start");
        Ok(Some(screen))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

/// A host's window, which a plug-in's lies in.
pub struct Frame {
    connection: Option<RustConnection>,
    window: Window,
}

impl Frame {
    /// A window of this size on `DISPLAY`.
    pub fn open(width: u16, height: u16) -> anyhow::Result<Self> {
        let (connection, screen) = RustConnection::connect(None)?;
        let window = connection.generate_id()?;
        let root = connection.setup().roots[screen].root;
        connection
            .create_window(
                x11rb::COPY_DEPTH_FROM_PARENT,
                window,
                root,
                0,
                0,
                width,
                height,
                0,
                WindowClass::INPUT_OUTPUT,
                x11rb::COPY_FROM_PARENT,
                &CreateWindowAux::new().event_mask(EventMask::STRUCTURE_NOTIFY),
            )?
            .check()?;
        connection.map_window(window)?.check()?;
        Ok(Self {
            connection: Some(connection),
            window,
        })
    }

    /// No window, where there is no screen.
    pub fn nowhere() -> Self {
        Self {
            connection: None,
            window: 1,
        }
    }

    fn connection(&self) -> anyhow::Result<&RustConnection> {
        self.connection.as_ref().context("there is no screen")
    }

    pub fn id(&self) -> u32 {
        self.window
    }

    pub fn resize(&self, width: u32, height: u32) -> anyhow::Result<()> {
        let size = ConfigureWindowAux::new().width(width).height(height);
        self.connection()?
            .configure_window(self.window, &size)?
            .check()?;
        Ok(())
    }

    /// The plug-in's window in it, and its size.
    pub fn child(&self) -> anyhow::Result<Option<(Window, u16, u16)>> {
        let tree = self.connection()?.query_tree(self.window)?.reply()?;
        let Some(child) = tree.children.first() else {
            return Ok(None);
        };
        let size = self.connection()?.get_geometry(*child)?.reply()?;
        Ok(Some((*child, size.width, size.height)))
    }
}

/// This process's memory, in bytes.
pub fn memory() -> anyhow::Result<u64> {
    let text = std::fs::read_to_string("/proc/self/statm")?;
    let pages = text.split_whitespace().nth(1).context("no such number")?;
    // SAFETY: a question about the system.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    Ok(pages.parse::<u64>()? * page as u64)
}
