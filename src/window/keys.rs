//! Keys and modifiers: the system's and the host's names to egui's.

use egui::Key;
use keyboard_types::Key as Typed;
use nice_plug::editor::{Modifiers, VirtualKeyCode};

/// A key as the system names it.
pub fn key(typed: &Typed) -> Option<Key> {
    match typed {
        // The names are those of the web for both.
        Typed::Named(named) => Key::from_name(&named.to_string()),
        Typed::Character(text) => {
            let mut letters = text.chars();
            let (first, rest) = (letters.next()?, letters.next());
            // Names such as "Tab" are not characters.
            rest.is_none().then_some(())?;
            Key::from_name(&first.to_ascii_uppercase().to_string())
        }
    }
}

/// A key that a VST3 host hands over instead of the system.
pub fn host_key(code: VirtualKeyCode) -> Option<Key> {
    Some(match code {
        VirtualKeyCode::Backspace => Key::Backspace,
        VirtualKeyCode::Tab => Key::Tab,
        VirtualKeyCode::Return | VirtualKeyCode::NumpadEnter => Key::Enter,
        VirtualKeyCode::Escape => Key::Escape,
        VirtualKeyCode::Space => Key::Space,
        VirtualKeyCode::End => Key::End,
        VirtualKeyCode::Home => Key::Home,
        VirtualKeyCode::ArrowLeft => Key::ArrowLeft,
        VirtualKeyCode::ArrowUp => Key::ArrowUp,
        VirtualKeyCode::ArrowRight => Key::ArrowRight,
        VirtualKeyCode::ArrowDown => Key::ArrowDown,
        VirtualKeyCode::PageUp => Key::PageUp,
        VirtualKeyCode::PageDown => Key::PageDown,
        VirtualKeyCode::Insert => Key::Insert,
        VirtualKeyCode::Delete => Key::Delete,
        _ => return None,
    })
}

/// The modifiers that are held with such a key.
pub fn host_modifiers(held: Modifiers) -> egui::Modifiers {
    let mac = cfg!(target_os = "macos");
    let is = |modifier| held.contains(modifier);
    let (command, control) = (is(Modifiers::COMMAND), is(Modifiers::CONTROL));
    egui::Modifiers {
        alt: is(Modifiers::ALT),
        // Except on a Mac the command key is Ctrl.
        ctrl: control || (command && !mac),
        shift: is(Modifiers::SHIFT),
        mac_cmd: command && mac,
        command: command || (control && !mac),
    }
}

/// The modifiers that are held, as the system names them.
pub fn modifiers(held: keyboard_types::Modifiers) -> egui::Modifiers {
    let mac = cfg!(target_os = "macos");
    egui::Modifiers {
        alt: held.alt(),
        ctrl: held.ctrl(),
        shift: held.shift(),
        mac_cmd: mac && held.meta(),
        command: if mac { held.meta() } else { held.ctrl() },
    }
}
