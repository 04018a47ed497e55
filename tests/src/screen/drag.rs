//! A file dragged over a plug-in's window and let go there, as a file manager does it (XDND).

use super::Frame;
use crate::wait;
use anyhow::Context;
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt, CreateWindowAux, EventMask, PropMode,
    SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// What the window said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// It would take the file.
    pub accepted: bool,
    /// It has taken it.
    pub taken: bool,
}

/// A file manager.
struct Source<'a> {
    connection: &'a RustConnection,
    window: Window,
    target: Window,
    uri: String,
}

impl Source<'_> {
    fn atom(&self, name: &str) -> anyhow::Result<Atom> {
        let atom = self.connection.intern_atom(false, name.as_bytes())?;
        Ok(atom.reply()?.atom)
    }

    fn say(&self, what: &str, data: [u32; 4]) -> anyhow::Result<()> {
        let [a, b, c, d] = data;
        let data = [self.window, a, b, c, d];
        let message = ClientMessageEvent::new(32, self.target, self.atom(what)?, data);
        let mask = EventMask::NO_EVENT;
        self.connection
            .send_event(false, self.target, mask, message)?
            .check()?;
        Ok(())
    }

    /// Hands out the file's name when asked, until the message comes; what it says.
    fn answer(&self, what: &str) -> anyhow::Result<[u32; 5]> {
        let atom = self.atom(what)?;
        wait::until(what, || self.heard(atom).transpose())
    }

    /// Looks at what came in: what the message says, if it was the one of this kind.
    fn heard(&self, kind: Atom) -> anyhow::Result<Option<[u32; 5]>> {
        while let Some(event) = self.connection.poll_for_event()? {
            match event {
                Event::ClientMessage(event) if event.type_ == kind => {
                    return Ok(Some(event.data.as_data32()));
                }
                Event::SelectionRequest(asked) => self.hand_out(&asked)?,
                _ => {}
            }
        }
        Ok(None)
    }

    fn hand_out(&self, asked: &SelectionRequestEvent) -> anyhow::Result<()> {
        self.connection.change_property8(
            PropMode::REPLACE,
            asked.requestor,
            asked.property,
            asked.target,
            self.uri.as_bytes(),
        )?;
        let notice = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: asked.time,
            requestor: asked.requestor,
            selection: asked.selection,
            target: asked.target,
            property: asked.property,
        };
        let mask = EventMask::NO_EVENT;
        let sent = self
            .connection
            .send_event(false, asked.requestor, mask, notice)?;
        Ok(sent.check()?)
    }
}

/// Drags the file at `path` over the plug-in's window in the frame and lets it go.
pub fn drag(frame: &Frame, path: &str) -> anyhow::Result<Answer> {
    let (connection, screen) = RustConnection::connect(None)?;
    let root = connection.setup().roots[screen].root;
    let window = connection.generate_id()?;
    let copied = x11rb::COPY_DEPTH_FROM_PARENT;
    let plain = CreateWindowAux::new();
    let class = WindowClass::INPUT_OUTPUT;
    connection
        .create_window(copied, window, root, 0, 0, 1, 1, 0, class, 0, &plain)?
        .check()?;
    let (target, ..) = frame.child()?.context("no window to drop on")?;
    let source = Source {
        connection: &connection,
        window,
        target,
        uri: format!("file://{path}\r\n"),
    };
    let selection = source.atom("XdndSelection")?;
    let now = x11rb::CURRENT_TIME;
    connection
        .set_selection_owner(window, selection, now)?
        .check()?;
    let (list, copy) = (
        source.atom("text/uri-list")?,
        source.atom("XdndActionCopy")?,
    );
    let (version, none) = (5 << 24, AtomEnum::NONE.into());
    source.say("XdndEnter", [version, list, none, none])?;
    let at = 100 << 16 | 100;
    source.say("XdndPosition", [0, at, now, copy])?;
    let status = source.answer("XdndStatus")?;
    source.say("XdndDrop", [0, now, 0, 0])?;
    let finished = source.answer("XdndFinished")?;
    Ok(Answer {
        accepted: status[1] & 1 == 1,
        // A file that was refused has no action.
        taken: finished[1] & 1 == 1 && finished[2] == copy,
    })
}
