//! Input: baseview's events to egui's.
//!
//! The [driver](super::driver) hands events over as they come, and takes them all out for a frame.
//! The window's thread only.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use baseview::dpi::PhysicalPosition;
use baseview::{
    DropData, DropEffect, EventStatus, MouseButton, MouseEvent, ScrollDelta, WindowSize,
};
use egui::{
    DroppedFile, Event, HoveredFile, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2,
    RawInput, Rect, TouchPhase, ViewportId, pos2, vec2,
};
use keyboard_types::{Code, Key as Typed, KeyState, KeyboardEvent};

use super::keys;

/// What has happened since the last frame.
pub struct Input {
    raw: RawInput,
    /// The screen's scale times the zoom.
    pixels_per_point: f64,
    pointer: Option<Pos2>,
    modifiers: egui::Modifiers,
}

/// A file that was dropped on the window.
#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}

impl Input {
    pub fn new(size: WindowSize, zoom: f32, max_texture_side: usize) -> Self {
        let mut input = Self {
            raw: RawInput {
                max_texture_side: Some(max_texture_side),
                ..RawInput::default()
            },
            pixels_per_point: 1.0,
            pointer: None,
            modifiers: egui::Modifiers::NONE,
        };
        input.resize(size, zoom);
        input
    }

    pub fn resize(&mut self, size: WindowSize, zoom: f32) {
        self.pixels_per_point = (size.scale_factor * f64::from(zoom)).max(f64::MIN_POSITIVE);
        let points = |pixels: u32| (f64::from(pixels) / self.pixels_per_point) as f32;
        let size_in_points = vec2(points(size.physical.width), points(size.physical.height));
        let screen = Rect::from_min_size(Pos2::ZERO, size_in_points);
        self.raw.screen_rect = Some(screen);
        let viewport = self.raw.viewports.entry(ViewportId::ROOT).or_default();
        viewport.native_pixels_per_point = Some(size.scale_factor as f32);
        viewport.inner_rect = Some(screen);
    }

    /// What egui gets for the next frame.
    pub fn take(&mut self, time: f64) -> RawInput {
        self.raw.time = Some(time);
        self.raw.take()
    }

    /// An event that does not come from baseview.
    pub fn push(&mut self, event: Event) {
        self.raw.events.push(event);
    }

    /// The window got the keyboard focus, or lost it.
    pub fn focus(&mut self, focused: bool) {
        self.raw.focused = focused;
        let viewport = self.raw.viewports.entry(ViewportId::ROOT).or_default();
        viewport.focused = Some(focused);
        self.push(Event::WindowFocused(focused));
    }

    /// The pointer, the wheel, files dragged over the window. The status returned is about files
    /// only.
    pub fn mouse(&mut self, event: MouseEvent) -> EventStatus {
        match event {
            MouseEvent::CursorMoved {
                position,
                modifiers,
            } => {
                self.hold(modifiers);
                self.point(position);
            }
            MouseEvent::ButtonPressed { button, modifiers } => {
                self.button(button, modifiers, true);
            }
            MouseEvent::ButtonReleased { button, modifiers } => {
                self.button(button, modifiers, false);
            }
            MouseEvent::WheelScrolled { delta, modifiers } => {
                self.hold(modifiers);
                self.wheel(delta);
            }
            MouseEvent::CursorLeft => {
                self.pointer = None;
                self.push(Event::PointerGone);
            }
            MouseEvent::DragEntered { position, data, .. }
            | MouseEvent::DragMoved { position, data, .. } => {
                self.point(position);
                return self.hover(data);
            }
            MouseEvent::DragLeft => {
                self.raw.hovered_files.clear();
                self.pointer = None;
                self.push(Event::PointerGone);
            }
            MouseEvent::DragDropped { position, data, .. } => {
                self.point(position);
                let status = self.hover(data.clone());
                self.raw.hovered_files.clear();
                if let DropData::Files(paths) = data {
                    let files = paths.into_iter().map(|path| Arc::new(Dropped(path)) as _);
                    self.raw.dropped_files.extend(files);
                }
                return status;
            }
            _ => {}
        }
        EventStatus::Ignored
    }

    fn hover(&mut self, data: DropData) -> EventStatus {
        let paths = match data {
            DropData::Files(paths) => paths,
            _ => Vec::new(),
        };
        let file = |path| HoveredFile {
            path: Some(path),
            mime: String::new(),
        };
        self.raw.hovered_files = paths.into_iter().map(file).collect();
        if self.raw.hovered_files.is_empty() {
            EventStatus::Ignored
        } else {
            EventStatus::AcceptDrop(DropEffect::Copy)
        }
    }

    fn hold(&mut self, held: keyboard_types::Modifiers) {
        let held = keys::modifiers(held);
        if self.modifiers != held {
            self.modifiers = held;
            self.push(Event::ModifiersChanged(held));
        }
    }

    fn point(&mut self, position: PhysicalPosition<f64>) {
        let points = |pixels: f64| (pixels / self.pixels_per_point) as f32;
        let at = pos2(points(position.x), points(position.y));
        self.pointer = Some(at);
        self.push(Event::PointerMoved(at));
    }

    fn button(&mut self, button: MouseButton, held: keyboard_types::Modifiers, pressed: bool) {
        self.hold(held);
        let button = match button {
            MouseButton::Left => PointerButton::Primary,
            MouseButton::Right => PointerButton::Secondary,
            MouseButton::Middle => PointerButton::Middle,
            MouseButton::Back => PointerButton::Extra1,
            MouseButton::Forward => PointerButton::Extra2,
            _ => return,
        };
        let Some(pos) = self.pointer else { return };
        self.push(Event::PointerButton {
            pos,
            button,
            pressed,
            modifiers: self.modifiers,
        });
    }

    fn wheel(&mut self, delta: ScrollDelta) {
        let (unit, delta) = match delta {
            ScrollDelta::Lines { x, y } => (MouseWheelUnit::Line, vec2(x, y)),
            // On a Mac they are the system's points.
            ScrollDelta::Pixels { x, y } if cfg!(target_os = "macos") => {
                (MouseWheelUnit::Point, vec2(x, y))
            }
            ScrollDelta::Pixels { x, y } => {
                let points = vec2(x, y) / self.pixels_per_point as f32;
                (MouseWheelUnit::Point, points)
            }
        };
        self.push(Event::MouseWheel {
            unit,
            delta,
            phase: TouchPhase::Move,
            source: MouseWheelSource::Unknown,
            modifiers: self.modifiers,
        });
    }

    /// A key went down or up; `paste` fetches what the clipboard holds.
    pub fn key(&mut self, event: &KeyboardEvent, paste: impl FnOnce() -> Option<String>) {
        self.hold(event.modifiers);
        let (held, pressed) = (self.modifiers, event.state == KeyState::Down);
        if let Some(key) = keys::key(&event.key) {
            self.push(Event::Key {
                key,
                physical_key: None,
                pressed,
                repeat: event.repeat,
                modifiers: held,
            });
        }
        if !pressed {
            return;
        }
        let windows = cfg!(target_os = "windows");
        let combined = |code, old_modifier, old_code| {
            (held.command && event.code == code)
                || (windows && old_modifier && event.code == old_code)
        };
        if combined(Code::KeyX, held.shift, Code::Delete) {
            self.push(Event::Cut);
        } else if combined(Code::KeyC, held.ctrl, Code::Insert) {
            self.push(Event::Copy);
        } else if combined(Code::KeyV, held.shift, Code::Insert) {
            if let Some(text) = paste().filter(|text| !text.is_empty()) {
                self.push(Event::Paste(text));
            }
        } else if let Typed::Character(text) = &event.key {
            // On Windows AltGr comes as Ctrl and Alt; it writes.
            let writes = !(held.ctrl || held.command) || (windows && held.ctrl && held.alt);
            if writes && !text.is_empty() && !text.chars().any(char::is_control) {
                self.push(Event::Text(text.clone()));
            }
        }
    }
}

#[cfg(test)]
mod tests;
