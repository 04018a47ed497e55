//! Notes on the roll, played, planned and sketched, and small rolls of whole phrases and answers.

use egui::{
    Align2, Color32, CornerRadius, FontId, Painter, Rect, Stroke, StrokeKind, Ui, pos2, vec2,
};
use harmonai_core::music::note::{Note, Pitch, Velocity};

use super::viewport::Viewport;
use crate::link::view::{EngineSnapshot, NoteSource, Shown};
use crate::ui::style;

/// The least width and height of a note on which its name is drawn.
const NAMED: [f32; 2] = [24.0, 9.0];

impl Viewport {
    /// Draws a note of the player, or one of HarmonAI that has sounded, sounds or is certain to.
    pub fn note(&self, painter: &Painter, note: &Shown, snapshot: &EngineSnapshot) {
        let (onset, now) = (note.onset.beats().get(), snapshot.position.get());
        // A planned note that was not played leaves no trace.
        if note.planned && onset < now {
            return;
        }
        let end = note.end.map_or(now, |end| end.beats().get());
        let place = self.place(note.pitch, onset, end);
        let color = match note.source {
            NoteSource::Phrase => self.colours.phrase,
            NoteSource::Answer => self.colours.answer,
        };
        if let Some(until) = note.until {
            let rest = self.place(note.pitch, onset, until.beats().get().max(end));
            self.outline(painter, rest, color, 0.35);
        }
        if note.planned {
            self.outline(painter, place, color, 0.35);
        } else {
            let fill = self.shade(color, note.velocity);
            painter.rect_filled(place, CornerRadius::same(2), fill);
        }
        self.name(painter, place, note.pitch, note.planned);
    }

    /// Draws a note that will be played unless a knob is turned or a key is played.
    pub fn sketched(&self, painter: &Painter, note: &Note) {
        let (onset, end) = (note.onset.beats().get(), note.end().beats().get());
        let place = self.place(note.pitch, onset, end);
        self.outline(painter, place, self.colours.answer, 0.2);
        self.name(painter, place, note.pitch, true);
    }

    fn place(&self, pitch: Pitch, onset: f64, end: f64) -> Rect {
        let (left, right) = (self.x(onset), self.x(end.max(onset)));
        let key = f32::from(pitch.get());
        let (top, bottom) = (self.y(key + 1.0), self.y(key));
        // Leaves a gap between repeated notes, and something to see of the shortest.
        let right = (right - 1.5).max(left + 2.0);
        Rect::from_x_y_ranges(left..=right, top + 0.5..=(bottom - 0.5).max(top + 2.0))
    }

    fn outline(&self, painter: &Painter, place: Rect, color: Color32, fill: f32) {
        let round = CornerRadius::same(2);
        let under = self.colours.sunk;
        painter.rect_filled(place, round, style::blend(under, color, fill));
        let edge = Stroke::new(1.0, style::blend(under, color, 0.45 + fill));
        painter.rect_stroke(place, round, edge, StrokeKind::Inside);
    }

    /// Softer notes are nearer to the background.
    fn shade(&self, color: Color32, velocity: Velocity) -> Color32 {
        style::blend(self.colours.sunk, color, 0.5 + 0.5 * velocity.unit())
    }

    fn name(&self, painter: &Painter, place: Rect, pitch: Pitch, hollow: bool) {
        if place.width() < NAMED[0] || place.height() < NAMED[1] {
            return;
        }
        let color = if hollow {
            self.colours.dim
        } else {
            self.colours.sunk
        };
        let font = FontId::proportional((place.height() - 1.0).min(11.0));
        let at = pos2(place.left() + 3.0, place.center().y);
        let inner = painter.with_clip_rect(place.intersect(painter.clip_rect()));
        inner.text(at, Align2::LEFT_CENTER, self.names.name(pitch), font, color);
    }
}

/// Draws a whole answer or phrase in a small rectangle.
pub fn miniature(ui: &Ui, place: Rect, notes: &[Note], color: Color32) {
    let (painter, colours) = (ui.painter(), style::palette(ui));
    painter.rect_filled(place, CornerRadius::same(3), colours.sunk);
    let place = place.shrink2(vec2(4.0, 4.0));
    let keys = notes.iter().map(|note| f32::from(note.pitch.get()));
    let (low, high) = keys.fold((127.0_f32, 0.0_f32), |(l, h), key| (l.min(key), h.max(key)));
    let (first, last) = (notes.first(), notes.iter().map(|note| note.end()).max());
    let Some((first, last)) = first.zip(last) else {
        return;
    };
    // At least an octave and a bar, so that a short answer looks short.
    let (middle, span) = ((low + high + 1.0) / 2.0, (high + 1.0 - low).max(12.0));
    let start = first.onset.beats().get();
    let length = (last.beats().get() - start).max(4.0);
    let x = |beats: f64| place.left() + ((beats - start) / length) as f32 * place.width();
    let y = |key: f32| place.center().y - (key - middle) / span * place.height();
    for note in notes {
        let key = f32::from(note.pitch.get());
        let (left, right) = (x(note.onset.beats().get()), x(note.end().beats().get()));
        let (top, bottom) = (y(key + 1.0), y(key));
        let right = (right - 0.5).max(left + 1.0);
        let bar = Rect::from_x_y_ranges(left..=right, top..=bottom.max(top + 1.5));
        let velocity = note.velocity.unwrap_or(Velocity::DEFAULT).unit();
        let color = style::blend(colours.sunk, color, 0.5 + 0.5 * velocity);
        painter.rect_filled(bar, CornerRadius::same(1), color);
    }
}
