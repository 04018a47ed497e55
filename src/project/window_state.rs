//! How large the window is and how far it is zoomed: what a project keeps of it.
//!
//! [`WindowState`] is a persisted field of the parameters (`#[persist = "window"]`). The window's
//! thread writes it, the host's main thread asks for the size and stores and restores it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam::atomic::AtomicCell;
use nice_plug::editor::dpi::{LogicalSize, NativeSize};
use nice_plug::params::persist::PersistentField;
use serde::{Deserialize, Serialize};

/// The zooms that are offered, in per cent, from the least to the greatest.
pub const ZOOMS: [u32; 7] = [100, 125, 150, 175, 200, 225, 250];
const LEAST: f32 = {
    let [least, ..] = ZOOMS;
    least as f32 / 100.0
};
const GREATEST: f32 = {
    let [.., greatest] = ZOOMS;
    greatest as f32 / 100.0
};
/// The size of the window when it is first opened.
pub const SIZE: LogicalSize<f32> = LogicalSize {
    width: 900.0,
    height: 720.0,
};
/// Smaller than this it cannot be read.
pub const MIN_SIZE: LogicalSize<f32> = LogicalSize {
    width: 820.0,
    height: 620.0,
};
/// Larger than this no screen shows it: X11 counts pixels in 16 bits, zoomed and scaled.
const MAX_SIZE: LogicalSize<f32> = LogicalSize {
    width: 6000.0,
    height: 4000.0,
};
/// What screens are scaled by.
const SCALES: (f64, f64) = (0.25, 8.0);

/// Size and zoom. Clones share them.
#[derive(Clone, Default)]
pub struct WindowState(Arc<Inner>);

#[derive(Default)]
struct Inner {
    saved: AtomicCell<SavedWindow>,
    /// The screen's scale as the last window had it: the size in pixels depends on it.
    scale: AtomicCell<Option<f64>>,
    /// The monitor that the window is on, in logical pixels, if that is known.
    room: AtomicCell<Option<LogicalSize<f32>>>,
    open: AtomicBool,
}

/// What a project keeps. The size is what it would be at zoom 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedWindow {
    width: f32,
    height: f32,
    zoom: f32,
}

impl Default for SavedWindow {
    fn default() -> Self {
        Self {
            width: SIZE.width,
            height: SIZE.height,
            zoom: LEAST,
        }
    }
}

impl SavedWindow {
    /// What is not a number becomes the default, what is out of range the nearest end of it.
    fn sane(self) -> Self {
        Self {
            width: sane(self.width, SIZE.width, MIN_SIZE.width, MAX_SIZE.width),
            height: sane(self.height, SIZE.height, MIN_SIZE.height, MAX_SIZE.height),
            zoom: sane_zoom(self.zoom),
        }
    }
}

fn sane(n: f32, default: f32, min: f32, max: f32) -> f32 {
    if n.is_nan() {
        default
    } else {
        n.clamp(min, max)
    }
}

/// The nearest zoom that there is; of what is no number, the least.
fn sane_zoom(zoom: f32) -> f32 {
    sane(zoom, LEAST, LEAST, GREATEST)
}

impl WindowState {
    /// The size at zoom 1, which is also the size in egui's points.
    pub fn points(&self) -> LogicalSize<f32> {
        let saved = self.0.saved.load();
        LogicalSize::new(saved.width, saved.height)
    }

    /// The zoom, between the ends of [`ZOOMS`].
    pub fn zoom(&self) -> f32 {
        self.0.saved.load().zoom
    }

    /// The size as the screen's logical pixels count it, with the zoom.
    pub fn logical(&self) -> LogicalSize<f32> {
        let saved = self.0.saved.load();
        LogicalSize::new(saved.width * saved.zoom, saved.height * saved.zoom)
    }

    /// The size as the host counts it.
    pub fn native(&self) -> NativeSize<u32> {
        NativeSize::from_size(self.logical().into(), self.scale())
    }

    /// The least size as the host counts it.
    pub fn least(&self) -> NativeSize<u32> {
        let zoom = self.zoom();
        let least = LogicalSize::new(MIN_SIZE.width * zoom, MIN_SIZE.height * zoom);
        NativeSize::from_size(least.into(), self.scale())
    }

    /// The screen's scale as the last window had it.
    pub fn scale(&self) -> f64 {
        self.0.scale.load().unwrap_or(1.0)
    }

    /// The window has this size, in logical pixels, on a screen of this scale.
    pub fn resized(&self, logical: LogicalSize<f64>, scale: f64) {
        if scale.is_finite() {
            self.0.scale.store(Some(scale.clamp(SCALES.0, SCALES.1)));
        }
        // What was asked for comes back rounded to pixels: the size would creep with every zoom.
        let pixels = NativeSize::<u32>::from_size(logical.into(), self.scale());
        if pixels == self.native() {
            return;
        }
        let zoom = self.zoom();
        self.keep(SavedWindow {
            width: logical.width as f32 / zoom,
            height: logical.height as f32 / zoom,
            zoom,
        });
    }

    /// From now on it is zoomed like this.
    pub fn set_zoom(&self, zoom: f32) {
        let saved = self.0.saved.load();
        self.keep(SavedWindow { zoom, ..saved });
    }

    /// The window is on a monitor of that many pixels, or on one that is not known.
    pub fn set_monitor(&self, pixels: Option<LogicalSize<f32>>) {
        let scale = self.scale() as f32;
        let room = pixels.map(|all| LogicalSize::new(all.width / scale, all.height / scale));
        self.0.room.store(room);
    }

    /// Whether the window, zoomed like this, is no larger than its monitor, as far as that is known.
    pub fn fits(&self, zoom: f32) -> bool {
        zoom <= self.most()
    }

    /// The greatest zoom for which there is room, in twentieths.
    fn most(&self) -> f32 {
        let Some(room) = self.0.room.load() else {
            return GREATEST;
        };
        let points = self.points();
        let most = (room.width / points.width).min(room.height / points.height);
        sane_zoom((most * 20.0).floor() / 20.0)
    }

    /// The zoom to take where that one is wanted: smaller at will, larger as far as there is room.
    pub fn allowed(&self, wanted: f32) -> f32 {
        let (wanted, now) = (sane_zoom(wanted), self.zoom());
        wanted.min(self.most().max(now))
    }

    pub fn is_open(&self) -> bool {
        self.0.open.load(Ordering::Acquire)
    }

    /// There is a window now, or there is none any more.
    pub fn set_open(&self, open: bool) {
        self.0.open.store(open, Ordering::Release);
    }

    fn keep(&self, saved: SavedWindow) {
        self.0.saved.store(saved.sane());
    }
}

impl PersistentField<'_, SavedWindow> for WindowState {
    fn set(&self, saved: SavedWindow) {
        // Hosts restore for every undo: an open window does not jump for that.
        if !self.is_open() {
            self.keep(saved);
        }
    }

    fn map<F: Fn(&SavedWindow) -> R, R>(&self, f: F) -> R {
        f(&self.0.saved.load())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(width: f32, height: f32, zoom: f32) -> SavedWindow {
        SavedWindow {
            width,
            height,
            zoom,
        }
    }

    #[test]
    fn nonsense_is_made_sane() {
        let nan = f32::NAN;
        for (stored, expect) in [
            (saved(nan, nan, nan), SavedWindow::default()),
            (
                saved(0.0, -5.0, 0.0),
                saved(MIN_SIZE.width, MIN_SIZE.height, 1.0),
            ),
            (saved(1e9, f32::INFINITY, 1e9), saved(6000.0, 4000.0, 2.5)),
            (saved(950.0, 700.0, 1.5), saved(950.0, 700.0, 1.5)),
        ] {
            let state = WindowState::default();
            state.set(stored);
            assert_eq!(state.map(|saved| *saved), expect);
        }
    }

    #[test]
    fn what_is_stored_comes_back_and_an_older_project_has_the_default() {
        let state = WindowState::default();
        state.set_zoom(2.0);
        state.resized(LogicalSize::new(1900.0, 1400.0), 1.25);
        let stored = state.map(|saved| serde_json::to_string(saved).unwrap());
        let again = WindowState::default();
        again.set(serde_json::from_str(&stored).unwrap());
        assert_eq!(again.points(), LogicalSize::new(950.0, 700.0));
        assert_eq!(again.zoom(), 2.0);
        again.set(serde_json::from_str("{}").unwrap());
        assert_eq!((again.points(), again.zoom()), (SIZE, 1.0));
        assert!(serde_json::from_str::<SavedWindow>(r#"{"width": "wide"}"#).is_err());
    }

    #[test]
    fn an_open_window_keeps_its_size_through_an_undo() {
        let state = WindowState::default();
        state.set_open(true);
        state.set(saved(900.0, 900.0, 2.0));
        assert_eq!(state.points(), SIZE);
        state.set_open(false);
        state.set(saved(900.0, 900.0, 2.0));
        assert_eq!(state.points(), LogicalSize::new(900.0, 900.0));
    }

    #[test]
    fn no_zoom_makes_the_window_larger_than_its_monitor() {
        let state = WindowState::default();
        assert!(state.fits(2.5) && state.allowed(9.0) == 2.5, "not known");
        assert_eq!(state.allowed(f32::NAN), 1.0);
        state.set_monitor(Some(LogicalSize::new(1600.0, 1200.0)));
        for (zoom, fits) in [(1.0, true), (1.6, true), (1.7, false), (2.5, false)] {
            assert_eq!(state.fits(zoom), fits, "{zoom}");
        }
        assert_eq!(state.allowed(1.7), 1.65);
        assert_eq!(state.allowed(1.6), 1.6);
        // A monitor with two pixels to a point.
        state.resized(LogicalSize::new(900.0, 720.0), 2.0);
        state.set_monitor(Some(LogicalSize::new(1600.0, 1200.0)));
        assert!(state.fits(1.0) && !state.fits(1.25));
        // From a larger monitor: what is there is left, and can be made smaller.
        state.set_zoom(2.0);
        for (wanted, expect) in [(2.1, 2.0), (1.9, 1.9), (0.5, 1.0)] {
            assert_eq!(state.allowed(wanted), expect, "{wanted}");
        }
    }

    #[test]
    fn zooming_in_and_out_again_leaves_the_size_alone() {
        let state = WindowState::default();
        for zoom in [1.1, 1.2, 1.3, 1.7, 2.5, 1.0] {
            state.set_zoom(zoom);
            let pixels = state.native();
            let logical = LogicalSize::new(pixels.width.into(), pixels.height.into());
            state.resized(logical, 1.0);
        }
        assert_eq!(state.points(), SIZE);
    }

    #[test]
    fn the_size_that_the_host_set_is_the_size_that_it_reads() {
        let state = WindowState::default();
        for zoom in [1.0, 1.1, 1.75, 2.5] {
            state.set_zoom(zoom);
            for scale in [1.0, 1.25, 1.5, 2.0, 3.0] {
                for (width, height) in [(833.3, 651.7), (1999.9, 1234.5), (5333.3, 3456.7)] {
                    let pixels = |points: f64| (points * f64::from(zoom) * scale).round() as u32;
                    let (width, height) = (pixels(width), pixels(height));
                    let logical =
                        LogicalSize::new(f64::from(width) / scale, f64::from(height) / scale);
                    state.resized(logical, scale);
                    assert_eq!(state.native(), NativeSize::new(width, height));
                }
            }
        }
    }
}
