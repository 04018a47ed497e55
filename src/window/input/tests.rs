//! Baseview's events in egui's words.

use super::*;
use baseview::dpi::PhysicalSize;
use egui::Key;
use keyboard_types::{Modifiers, NamedKey};

fn input() -> Input {
    let size = WindowSize::from_physical(PhysicalSize::new(1520, 1352), 1.0);
    Input::new(size, 2.0, 2048)
}

fn files(names: &[&str]) -> DropData {
    DropData::Files(names.iter().map(PathBuf::from).collect())
}

fn at(x: f64, y: f64) -> PhysicalPosition<f64> {
    PhysicalPosition::new(x, y)
}

fn typed(key: Typed, code: Code, modifiers: Modifiers) -> KeyboardEvent {
    KeyboardEvent {
        state: KeyState::Down,
        key,
        code,
        modifiers,
        ..KeyboardEvent::default()
    }
}

#[test]
fn files_are_seen_hovering_and_dropped() {
    let mut input = input();
    let over = |data| MouseEvent::DragMoved {
        position: at(200.0, 100.0),
        modifiers: Modifiers::empty(),
        data,
    };
    let accept = EventStatus::AcceptDrop(DropEffect::Copy);
    assert_eq!(
        input.mouse(over(files(&["/a.mid", "/b.safetensors"]))),
        accept
    );
    let raw = input.take(0.0);
    assert_eq!(raw.hovered_files.len(), 2);
    assert_eq!(raw.hovered_files[0].path, Some("/a.mid".into()));
    assert_eq!(raw.events, [Event::PointerMoved(pos2(100.0, 50.0))]);
    // They hover until they leave or fall.
    assert_eq!(input.take(0.0).hovered_files.len(), 2);
    input.mouse(MouseEvent::DragLeft);
    assert!(input.take(0.0).hovered_files.is_empty());

    let drop = |data| MouseEvent::DragDropped {
        position: at(200.0, 100.0),
        modifiers: Modifiers::empty(),
        data,
    };
    assert_eq!(input.mouse(drop(files(&["/a.mid"]))), accept);
    let raw = input.take(0.0);
    assert!(raw.hovered_files.is_empty());
    assert_eq!(raw.dropped_files.len(), 1);
    assert_eq!(raw.dropped_files[0].path(), Path::new("/a.mid"));
    assert!(input.take(0.0).dropped_files.is_empty());
    // What is no file is left to others.
    assert_eq!(input.mouse(over(DropData::None)), EventStatus::Ignored);
    assert_eq!(input.mouse(over(files(&[]))), EventStatus::Ignored);
}

#[test]
fn the_pointer_is_where_the_zoom_puts_it() {
    let mut input = input();
    let none = Modifiers::empty();
    let press = |button| MouseEvent::ButtonPressed {
        button,
        modifiers: none,
    };
    // Without a place it is nowhere.
    input.mouse(press(MouseButton::Left));
    let raw = input.take(0.0);
    assert!(raw.events.is_empty());
    assert_eq!(raw.screen_rect.unwrap().size(), vec2(760.0, 676.0));
    input.mouse(MouseEvent::CursorMoved {
        position: at(300.0, 200.0),
        modifiers: none,
    });
    input.mouse(press(MouseButton::Right));
    let button = Event::PointerButton {
        pos: pos2(150.0, 100.0),
        button: PointerButton::Secondary,
        pressed: true,
        modifiers: egui::Modifiers::NONE,
    };
    // As before every picture.
    let size = WindowSize::from_physical(PhysicalSize::new(1520, 1352), 1.0);
    input.resize(size, 2.0);
    let raw = input.take(1.5);
    assert_eq!(raw.events[1], button);
    assert_eq!(raw.time, Some(1.5));
}

#[test]
fn keys_text_and_the_clipboard() {
    let mut input = input();
    let nothing = || None;
    let space = typed(
        Typed::Character(" ".into()),
        Code::Space,
        Modifiers::empty(),
    );
    input.key(&space, nothing);
    let raw = input.take(0.0);
    assert!(matches!(
        raw.events[0],
        Event::Key {
            key: Key::Space,
            pressed: true,
            ..
        }
    ));
    assert_eq!(raw.events[1], Event::Text(" ".into()));
    for (named, key) in [
        (NamedKey::Tab, Key::Tab),
        (NamedKey::Enter, Key::Enter),
        (NamedKey::ArrowUp, Key::ArrowUp),
        (NamedKey::F5, Key::F5),
    ] {
        input.key(
            &typed(Typed::Named(named), Code::Tab, Modifiers::empty()),
            nothing,
        );
        let raw = input.take(0.0);
        assert!(matches!(raw.events[..], [Event::Key { key: found, .. }] if found == key));
    }
    let command = if cfg!(target_os = "macos") {
        Modifiers::META
    } else {
        Modifiers::CONTROL
    };
    let letter = |letter: &str, code| typed(Typed::Character(letter.into()), code, command);
    input.key(&letter("c", Code::KeyC), nothing);
    input.key(&letter("x", Code::KeyX), nothing);
    input.key(&letter("v", Code::KeyV), || Some("a phrase".into()));
    let said: Vec<_> = input.take(0.0).events;
    for event in [Event::Copy, Event::Cut, Event::Paste("a phrase".into())] {
        assert!(said.contains(&event), "{said:?}");
    }
    assert!(!said.iter().any(|event| matches!(event, Event::Text(_))));
    // A letter that is not there, and one that is no letter.
    let odd = |text: &str| {
        typed(
            Typed::Character(text.into()),
            Code::KeyA,
            Modifiers::empty(),
        )
    };
    input.take(0.0);
    for text in ["", "\u{1}"] {
        input.key(&odd(text), nothing);
        let events = input.take(0.0).events;
        assert!(!events.iter().any(|event| matches!(event, Event::Text(_))));
    }
}
