//! Keys and modifiers: the system's and the host's names to egui's.

use egui::Key;
use keyboard_types::{Key as Typed, NamedKey};
use nice_plug::editor::{Modifiers, VirtualKeyCode};

/// A key as the system names it.
pub fn key(typed: &Typed) -> Option<Key> {
    match typed {
        Typed::Named(named) => self::named(*named),
        Typed::Character(text) => {
            let mut letters = text.chars();
            let (first, rest) = (letters.next()?, letters.next());
            // Names such as "Tab" are not characters.
            rest.is_none().then_some(())?;
            Key::from_name(&first.to_ascii_uppercase().to_string())
        }
    }
}

fn named(named: NamedKey) -> Option<Key> {
    Some(match named {
        NamedKey::ArrowDown => Key::ArrowDown,
        NamedKey::ArrowLeft => Key::ArrowLeft,
        NamedKey::ArrowRight => Key::ArrowRight,
        NamedKey::ArrowUp => Key::ArrowUp,
        NamedKey::Escape => Key::Escape,
        NamedKey::Tab => Key::Tab,
        NamedKey::Backspace => Key::Backspace,
        NamedKey::Enter => Key::Enter,
        NamedKey::Insert => Key::Insert,
        NamedKey::Delete => Key::Delete,
        NamedKey::Home => Key::Home,
        NamedKey::End => Key::End,
        NamedKey::PageUp => Key::PageUp,
        NamedKey::PageDown => Key::PageDown,
        NamedKey::F1 => Key::F1,
        NamedKey::F2 => Key::F2,
        NamedKey::F3 => Key::F3,
        NamedKey::F4 => Key::F4,
        NamedKey::F5 => Key::F5,
        NamedKey::F6 => Key::F6,
        NamedKey::F7 => Key::F7,
        NamedKey::F8 => Key::F8,
        NamedKey::F9 => Key::F9,
        NamedKey::F10 => Key::F10,
        NamedKey::F11 => Key::F11,
        NamedKey::F12 => Key::F12,
        _ => return None,
    })
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
    let (command, control) = (
        held.contains(Modifiers::COMMAND),
        held.contains(Modifiers::CONTROL),
    );
    egui::Modifiers {
        alt: held.contains(Modifiers::ALT),
        // Except on a Mac the command key is Ctrl.
        ctrl: control || (command && !mac),
        shift: held.contains(Modifiers::SHIFT),
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
