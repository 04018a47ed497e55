//! A key pressed in a plug-in's window, with control held.

use super::Frame;
use anyhow::Context;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    ConnectionExt, EventMask, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, KeyButMask, KeyPressEvent,
};

/// Presses the key with this symbol (X11's keysym, for Latin letters their code) and lets it go.
pub fn press_with_control(frame: &Frame, symbol: u32) -> anyhow::Result<()> {
    let connection = frame.connection()?;
    let setup = connection.setup();
    let (least, most) = (setup.min_keycode, setup.max_keycode);
    let mapping = connection.get_keyboard_mapping(least, most - least + 1)?;
    let mapping = mapping.reply()?;
    let keys = mapping.keysyms.chunks(mapping.keysyms_per_keycode.into());
    let key = keys
        .zip(least..)
        .find(|(symbols, _)| symbols.first() == Some(&symbol))
        .context("no such key")?;
    let (window, ..) = frame.child()?.context("there is no window")?;
    for kind in [KEY_PRESS_EVENT, KEY_RELEASE_EVENT] {
        let event = KeyPressEvent {
            response_type: kind,
            detail: key.1,
            sequence: 0,
            time: x11rb::CURRENT_TIME,
            root: setup.roots[0].root,
            event: window,
            child: x11rb::NONE,
            root_x: 10,
            root_y: 10,
            event_x: 10,
            event_y: 10,
            state: KeyButMask::CONTROL,
            same_screen: true,
        };
        let mask = EventMask::KEY_PRESS | EventMask::KEY_RELEASE;
        connection.send_event(false, window, mask, event)?.check()?;
    }
    Ok(())
}
