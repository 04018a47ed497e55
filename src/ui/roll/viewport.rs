//! Where beats and keys lie on the screen, and what is drawn behind the notes: turns, rows, bars.

use egui::{Align2, Color32, FontId, Painter, Rect, Stroke, pos2};
use harmonai_core::music::names::Names;
use harmonai_core::music::note::Pitch;
use harmonai_core::music::scale::PitchClasses;
use harmonai_core::music::time::{Span, TICKS_PER_BEAT, Ticks};

use crate::link::view::EngineSnapshot;
use crate::ui::style::{self, Palette};

/// Quarter notes to the left of the playhead, and to the right.
pub const BEHIND: f64 = 10.0;
pub const AHEAD: f64 = 4.0;
/// Width of the column with the names of the octaves.
pub const KEYS: f32 = 42.0;
/// A position beyond this is nonsense from the host: no bars are drawn there.
const FAR: f64 = 1e9;

/// The section of time and pitch that the roll shows.
pub struct Viewport {
    /// Where the notes are: beside the names of the keys, below the numbers of the bars.
    pub grid: Rect,
    /// The position at the left edge, in quarter notes.
    pub start: f64,
    /// The lowest key, and the one above the highest.
    pub range: [f32; 2],
    pub colours: &'static Palette,
    pub names: Names,
}

impl Viewport {
    pub fn x(&self, beats: f64) -> f32 {
        let place = ((beats - self.start) / (BEHIND + AHEAD)).clamp(-1.0, 2.0);
        self.grid.left() + place as f32 * self.grid.width()
    }

    /// Height of the row of a key.
    pub fn row(&self) -> f32 {
        self.grid.height() / (self.range[1] - self.range[0]).max(1.0)
    }

    /// Lower edge of the row of a key.
    pub fn y(&self, key: f32) -> f32 {
        self.grid.bottom() - (key - self.range[0]) * self.row()
    }

    /// The key at a height.
    pub fn key(&self, y: f32) -> f32 {
        self.range[0] + (self.grid.bottom() - y) / self.row().max(0.1)
    }

    /// The keys in sight.
    fn keys(&self) -> impl Iterator<Item = Pitch> + use<> {
        let low = self.range[0].floor().clamp(0.0, 127.0) as i64;
        let high = self.range[1].clamp(0.0, 127.0) as i64;
        (low..=high).map(Pitch::clamped)
    }

    fn line(&self, key: Pitch) -> Rect {
        let key = f32::from(key.get());
        Rect::from_x_y_ranges(self.grid.x_range(), self.y(key + 1.0)..=self.y(key))
    }

    /// Tints the player's turn and the answer's.
    pub fn turns(&self, painter: &Painter, listening: &Option<Span>, answer: &Option<Span>) {
        let tint = |span: &Option<Span>, color: Color32| {
            let Some(span) = span else { return };
            let left = self.x(span.start.beats().get()).max(self.grid.left());
            let right = self.x(span.end.beats().get()).min(self.grid.right());
            if left < right {
                let place = Rect::from_x_y_ranges(left..=right, self.grid.y_range());
                painter.rect_filled(place, 0, color.gamma_multiply(0.07));
            }
        };
        tint(listening, self.colours.phrase);
        tint(answer, self.colours.answer);
    }

    /// Draws the rows, those of the scale light, the others dark, and the names of the octaves.
    pub fn rows(&self, painter: &Painter, scale: PitchClasses, left: f32) {
        let inner = painter.with_clip_rect(self.grid);
        for key in self.keys() {
            let line = self.line(key);
            if scale.contains(key) {
                inner.rect_filled(line, 0, self.colours.scale);
            }
            if key.get() % 12 == 0 {
                let stroke = Stroke::new(1.0, self.colours.raised);
                inner.hline(self.grid.x_range(), line.bottom(), stroke);
                let at = pos2(left + KEYS - 12.0, line.center().y);
                if self.grid.y_range().contains(at.y) {
                    let font = FontId::proportional(11.0);
                    let name = self.names.name(key);
                    painter.text(at, Align2::RIGHT_CENTER, name, font, self.colours.dim);
                }
            }
        }
    }

    /// Dims what lies outside the answer's range.
    pub fn veil(&self, painter: &Painter, low: Pitch, high: Pitch) {
        let veil = self.colours.background.gamma_multiply(0.55);
        let low = self.y(f32::from(low.get())).min(self.grid.bottom());
        let high = self.y(f32::from(high.get()) + 1.0).max(self.grid.top());
        let bands = [(low, self.grid.bottom()), (self.grid.top(), high)];
        for (top, bottom) in bands.into_iter().filter(|(top, bottom)| top < bottom) {
            let band = Rect::from_x_y_ranges(self.grid.x_range(), top..=bottom);
            painter.rect_filled(band.intersect(self.grid), 0, veil);
        }
    }

    /// Draws the lines of bars and beats, and the numbers of the bars as sequencers count them.
    pub fn bars(&self, painter: &Painter, snapshot: &EngineSnapshot, top: f32) {
        if self.start.abs() > FAR {
            return;
        }
        let beat = snapshot.metre.beat();
        let tick = |beats: f64| Ticks::new((beats * TICKS_PER_BEAT as f64).floor() as i64);
        let end = tick(self.start + BEHIND + AHEAD);
        let mut at = snapshot.metre.part_from(tick(self.start), beat);
        while at <= end {
            let x = self.x(at.beats().get());
            let is_bar = snapshot.metre.position(at) == Ticks::ZERO;
            let color = if is_bar {
                style::blend(self.colours.sunk, self.colours.dim, 0.6)
            } else {
                self.colours.raised
            };
            if x >= self.grid.left() {
                painter.vline(x, self.grid.y_range(), Stroke::new(1.0, color));
                if is_bar {
                    let number = snapshot.metre.bar_index(at) + 1;
                    let font = FontId::proportional(11.0);
                    let place = pos2(x + 3.0, top + 2.0);
                    painter.text(place, Align2::LEFT_TOP, number, font, self.colours.dim);
                }
            }
            at += beat;
        }
    }
}
