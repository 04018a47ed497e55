//! The piano roll: the last beats of phrase and answer, and what is planned, moving past a playhead.

use egui::{
    Align2, Color32, CornerRadius, FontId, Painter, Rect, Sense, Stroke, StrokeKind, Ui, Vec2,
    pos2, vec2,
};
use harmonai_core::time::{Span, TICKS_PER_BEAT, Ticks};

use super::style;
use crate::display::{Display, Moment, Part, Shown};

/// Quarter notes to the left of the playhead, and to the right.
const BEHIND: f64 = 8.0;
const AHEAD: f64 = 1.5;
/// Fewest semitones shown.
const RANGE: f32 = 24.0;
/// Semitones kept free above and below the notes.
const MARGIN: f32 = 2.0;
/// How quickly the range follows the notes, a second.
const FOLLOW: f32 = 6.0;
/// A position beyond this is nonsense of the host's: no bars are drawn there.
const FAR: f64 = 1e9;
/// Room for the names of the octaves.
const KEYS: f32 = 30.0;
/// Room for the numbers of the bars.
const BARS: f32 = 16.0;

/// What the roll remembers between two pictures.
pub struct Roll {
    notes: Vec<Shown>,
    /// Lowest and highest key shown, on their way to where the notes are.
    range: [f32; 2],
}

impl Default for Roll {
    fn default() -> Self {
        Self {
            notes: Vec::new(),
            range: [54.0, 54.0 + RANGE],
        }
    }
}

impl Roll {
    /// Draws it in a place of this size.
    pub fn draw(&mut self, ui: &mut Ui, size: Vec2, moment: &Moment, display: &Display) {
        let size = size.max(vec2(120.0, 60.0));
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        display.notes(&mut self.notes);
        let start = moment.position.get() - BEHIND;
        self.notes.retain(|note| {
            let end = note
                .end
                .map_or(moment.position.get(), |end| end.beats().get());
            end >= start && note.onset.beats().get() <= start + BEHIND + AHEAD
        });
        self.follow(ui.input(|input| input.stable_dt));
        let painter = ui.painter().with_clip_rect(rect);
        painter.rect_filled(rect, CornerRadius::same(4), style::SUNK);
        let grid = Rect::from_min_max(rect.min + vec2(KEYS, BARS), rect.max);
        let view = View {
            grid,
            start,
            range: self.range,
        };
        view.turns(&painter, moment);
        view.keys(&painter, rect.left());
        view.bars(&painter, moment, rect.top());
        let inner = painter.with_clip_rect(grid);
        for note in &self.notes {
            view.note(&inner, note, moment);
        }
        let x = view.x(moment.position.get());
        painter.vline(x, grid.y_range(), Stroke::new(2.0, style::BRIGHT));
        legend(&inner, grid);
    }

    /// Moves the range towards the notes in sight.
    fn follow(&mut self, seconds: f32) {
        let keys = self.notes.iter().map(|note| f32::from(note.pitch.get()));
        let (low, high) = keys.fold((f32::MAX, f32::MIN), |(l, h), key| (l.min(key), h.max(key)));
        if low > high {
            return;
        }
        let [old_low, old_high] = self.range;
        let (mut low, mut high) = (low - MARGIN, high + 1.0 + MARGIN);
        if high - low < RANGE {
            // Room to spare: stay as near as possible to what is shown now.
            let middle = ((old_low + old_high) / 2.0).clamp(high - RANGE / 2.0, low + RANGE / 2.0);
            (low, high) = (middle - RANGE / 2.0, middle + RANGE / 2.0);
        }
        let share = (FOLLOW * seconds).clamp(0.0, 1.0);
        self.range = [
            old_low + share * (low - old_low),
            old_high + share * (high - old_high),
        ];
    }
}

/// Where beats and keys lie on the screen.
struct View {
    grid: Rect,
    /// Quarter notes at the left edge.
    start: f64,
    /// Lowest key, and the one above the highest.
    range: [f32; 2],
}

impl View {
    fn x(&self, beats: f64) -> f32 {
        let place = ((beats - self.start) / (BEHIND + AHEAD)).clamp(-1.0, 2.0);
        self.grid.left() + place as f32 * self.grid.width()
    }

    fn row(&self) -> f32 {
        self.grid.height() / (self.range[1] - self.range[0]).max(1.0)
    }

    /// Lower edge of a key's row.
    fn y(&self, key: f32) -> f32 {
        self.grid.bottom() - (key - self.range[0]) * self.row()
    }

    /// The turns, as a tint behind everything.
    fn turns(&self, painter: &Painter, moment: &Moment) {
        let tint = |span: &Option<Span>, color: Color32| {
            let Some(span) = span else { return };
            let left = self.x(span.start.beats().get()).max(self.grid.left());
            let right = self.x(span.end.beats().get()).min(self.grid.right());
            if left < right {
                let place = Rect::from_x_y_ranges(left..=right, self.grid.y_range());
                painter.rect_filled(place, 0, style::blend(style::SUNK, color, 0.08));
            }
        };
        tint(&moment.listening, style::PHRASE);
        tint(&moment.answer, style::ANSWER);
    }

    /// Rows of the black keys, and the names of the Cs.
    fn keys(&self, painter: &Painter, left: f32) {
        let inner = painter.with_clip_rect(self.grid);
        for key in self.range[0].floor().max(0.0) as i32..=(self.range[1] as i32).min(127) {
            let (bottom, top) = (self.y(key as f32), self.y(key as f32 + 1.0));
            if [1, 3, 6, 8, 10].contains(&(key % 12)) {
                let place = Rect::from_x_y_ranges(self.grid.x_range(), top..=bottom);
                inner.rect_filled(place, 0, Color32::from_black_alpha(70));
            }
            if key % 12 == 0 {
                inner.hline(self.grid.x_range(), bottom, Stroke::new(1.0, style::RAISED));
                let at = pos2(left + KEYS - 6.0, (bottom + top) / 2.0);
                if self.grid.y_range().contains(at.y) {
                    let name = format!("C{}", key / 12 - 1);
                    let font = FontId::proportional(11.0);
                    painter.text(at, Align2::RIGHT_CENTER, name, font, style::DIM);
                }
            }
        }
    }

    /// Lines of bars and beats, and the numbers of the bars as sequencers count them.
    fn bars(&self, painter: &Painter, moment: &Moment, top: f32) {
        if self.start.abs() > FAR {
            return;
        }
        let (beat, bar) = (moment.metre.beat(), moment.metre.bar());
        let tick = |beats: f64| Ticks::new((beats * TICKS_PER_BEAT as f64).floor() as i64);
        let end = tick(self.start + BEHIND + AHEAD);
        let mut at = tick(self.start).ceil_to(beat);
        while at <= end {
            let x = self.x(at.beats().get());
            let is_bar = moment.metre.position(at) == Ticks::ZERO;
            let color = if is_bar {
                style::blend(style::SUNK, style::DIM, 0.6)
            } else {
                style::RAISED
            };
            if x >= self.grid.left() {
                painter.vline(x, self.grid.y_range(), Stroke::new(1.0, color));
                if is_bar {
                    let number = at.get().div_euclid(bar.get()) + 1;
                    let font = FontId::proportional(11.0);
                    let place = pos2(x + 3.0, top + 2.0);
                    painter.text(place, Align2::LEFT_TOP, number, font, style::DIM);
                }
            }
            at += beat;
        }
    }

    fn note(&self, painter: &Painter, note: &Shown, moment: &Moment) {
        let onset = note.onset.beats().get();
        // A plan that was not played leaves no trace.
        if note.planned && onset < moment.position.get() {
            return;
        }
        let end = note
            .end
            .map_or(moment.position.get(), |end| end.beats().get());
        let (left, right) = (self.x(onset), self.x(end.max(onset)));
        let key = f32::from(note.pitch.get());
        let (top, bottom) = (self.y(key + 1.0), self.y(key));
        // A seam between repeated notes, and still something to see of the shortest.
        let right = (right - 1.5).max(left + 2.0);
        let place = Rect::from_x_y_ranges(left..=right, top + 0.5..=(bottom - 0.5).max(top + 2.0));
        let color = match note.part {
            Part::Phrase => style::PHRASE,
            Part::Answer => style::ANSWER,
        };
        let round = CornerRadius::same(2);
        if note.planned {
            painter.rect_filled(place, round, style::blend(style::SUNK, color, 0.3));
            let edge = Stroke::new(1.0, style::blend(style::SUNK, color, 0.6));
            painter.rect_stroke(place, round, edge, StrokeKind::Inside);
        } else {
            // Softer notes are darker.
            let share = 0.55 + 0.45 * note.velocity.unit();
            painter.rect_filled(place, round, style::blend(style::SUNK, color, share));
        }
    }
}

fn legend(painter: &Painter, grid: Rect) {
    let mut at = grid.left_top() + vec2(8.0, 6.0);
    for (name, color) in [("You", style::PHRASE), ("HarmonAI", style::ANSWER)] {
        let swatch = Rect::from_min_size(at + vec2(0.0, 3.0), vec2(10.0, 8.0));
        painter.rect_filled(swatch, 2, color);
        let font = FontId::proportional(12.0);
        let place = at + vec2(15.0, 0.0);
        at.x = painter
            .text(place, Align2::LEFT_TOP, name, font, style::TEXT)
            .right()
            + 14.0;
    }
}
