//! Where beats and keys lie on the screen, and what is drawn behind the notes: turns, rows, bars.

use egui::{Align2, Color32, FontId, Painter, Rect, Stroke, pos2};
use harmonai_core::music::names::Names;
use harmonai_core::music::note::Pitch;
use harmonai_core::music::scale::PitchClasses;
use harmonai_core::music::time::{Span, TICKS_PER_BEAT, Ticks};

use super::{AHEAD, BEHIND, KEYS};
use crate::link::view::Moment;
use crate::ui::style::{self, Palette};

/// A position beyond this is nonsense of the host's: no bars are drawn there.
const FAR: f64 = 1e9;

/// A piece of the roll.
pub struct View {
    /// Without the names of the keys and the numbers of the bars.
    pub grid: Rect,
    /// Quarter notes at the left edge.
    pub start: f64,
    /// Lowest key, and the one above the highest.
    pub range: [f32; 2],
    pub colours: &'static Palette,
    /// What notes are called.
    pub names: Names,
}

impl View {
    /// Where a beat lies.
    pub fn x(&self, beats: f64) -> f32 {
        let place = ((beats - self.start) / (BEHIND + AHEAD)).clamp(-1.0, 2.0);
        self.grid.left() + place as f32 * self.grid.width()
    }

    /// Height of a key's row.
    pub fn row(&self) -> f32 {
        self.grid.height() / (self.range[1] - self.range[0]).max(1.0)
    }

    /// Lower edge of a key's row.
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

    /// The turns, as a tint.
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

    /// The rows: those of the scale light, the others dark; the names of the octaves.
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

    /// What lies outside the answer's range, under a veil.
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

    /// Lines of bars and beats, and the numbers of the bars as sequencers count them.
    pub fn bars(&self, painter: &Painter, moment: &Moment, top: f32) {
        if self.start.abs() > FAR {
            return;
        }
        let beat = moment.metre.beat();
        let tick = |beats: f64| Ticks::new((beats * TICKS_PER_BEAT as f64).floor() as i64);
        let end = tick(self.start + BEHIND + AHEAD);
        let mut at = moment.metre.part_from(tick(self.start), beat);
        while at <= end {
            let x = self.x(at.beats().get());
            let is_bar = moment.metre.position(at) == Ticks::ZERO;
            let color = if is_bar {
                style::blend(self.colours.sunk, self.colours.dim, 0.6)
            } else {
                self.colours.raised
            };
            if x >= self.grid.left() {
                painter.vline(x, self.grid.y_range(), Stroke::new(1.0, color));
                if is_bar {
                    let number = moment.metre.bar_index(at) + 1;
                    let font = FontId::proportional(11.0);
                    let place = pos2(x + 3.0, top + 2.0);
                    painter.text(place, Align2::LEFT_TOP, number, font, self.colours.dim);
                }
            }
            at += beat;
        }
    }
}
