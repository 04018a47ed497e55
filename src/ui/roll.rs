//! The piano roll: the last beats of phrase and answer, and what is about to be played, moving past
//! a playhead.
//!
//! Filled notes have sounded. Outlined notes are to come: strong where they are decided, faint
//! where the network will play them unless a knob is turned or a key is played.

mod notes;
mod range;
mod viewport;

use egui::{Align2, CornerRadius, FontId, Painter, Rect, Sense, Stroke, Ui, Vec2, vec2};
use harmonai_core::music::note::Note;
use harmonai_core::music::scale::{PitchClasses, Scale};
use harmonai_core::play::constraints::pitch::PitchConstraints;
use harmonai_core::play::duet::Activity;

use super::context::{CurrentPhrase, EditorContext};
use super::style;
use crate::link::view::{EngineSnapshot, EngineView, Shown};
use crate::params::ModeChoice;
pub use notes::miniature;
use viewport::{AHEAD, BEHIND, KEYS, Viewport};

/// The fewest semitones shown.
const RANGE: f32 = 24.0;
/// Semitones kept free above and below the notes.
const MARGIN: f32 = 2.0;
/// How quickly the range follows the notes: the share of the way that it goes in a second.
const FOLLOW: f32 = 6.0;
/// Height of the strip with the numbers of the bars.
const BARS: f32 = 16.0;

pub struct Roll {
    notes: Vec<Shown>,
    sketch: Vec<Note>,
    /// The lowest key shown and the one above the highest, on their way to where the notes are.
    range: [f32; 2],
}

impl Default for Roll {
    fn default() -> Self {
        Self {
            notes: Vec::new(),
            sketch: Vec::new(),
            range: [54.0, 54.0 + RANGE],
        }
    }
}

impl Roll {
    /// Draws the roll at this size, and returns where it lies.
    pub fn draw(&mut self, ui: &mut Ui, size: Vec2, context: &EditorContext) -> Rect {
        let (params, snapshot) = (&context.params, &context.snapshot);
        let size = size.max(vec2(120.0, 60.0));
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        self.update(snapshot, &context.engine);
        self.follow_notes(ui.input(|input| input.stable_dt));
        let painter = ui.painter().with_clip_rect(rect);
        let colours = style::palette(ui);
        painter.rect_filled(rect, CornerRadius::same(4), colours.sunk);
        let viewport = Viewport {
            grid: Rect::from_min_max(rect.min + vec2(KEYS, BARS), rect.max),
            start: snapshot.position.get() - BEHIND,
            range: self.range,
            colours,
            names: context.current.names,
        };
        let bounds = params.pitch.constraints();
        viewport.rows(&painter, scale(&bounds, &context.current), rect.left());
        // In the other modes the player's turn does not end at a bar.
        let counts = params.play.mode.value() == ModeChoice::CallResponse;
        let listening = snapshot.listening.clone().filter(|_| counts);
        viewport.turns(&painter, &listening, &snapshot.answer);
        viewport.bars(&painter, snapshot, rect.top());
        let inner = painter.with_clip_rect(viewport.grid);
        viewport.veil(&inner, bounds.low, bounds.high);
        for note in &self.sketch {
            viewport.sketched(&inner, note);
        }
        for note in &self.notes {
            viewport.note(&inner, note, snapshot);
        }
        let x = viewport.x(snapshot.position.get());
        painter.vline(x, viewport.grid.y_range(), Stroke::new(2.0, colours.bright));
        viewport.handles(ui, &context.gestures(), &params.pitch);
        legend(&inner, &viewport, &context.current);
        rect
    }

    /// Fetches the notes in sight.
    fn update(&mut self, snapshot: &EngineSnapshot, engine: &EngineView) {
        let now = snapshot.position.get();
        let seen = now - BEHIND..=now + AHEAD;
        engine.notes(&mut self.notes);
        self.notes.retain(|note| {
            let end = note.end.map_or(now, |end| end.beats().get());
            end >= *seen.start() && note.onset.beats().get() <= *seen.end()
        });
        let answers = matches!(snapshot.activity, Activity::Answering | Activity::Thinking);
        self.sketch = if answers { engine.sketch() } else { Vec::new() };
        self.sketch.retain(|note| {
            let onset = note.onset.beats().get();
            onset > now && onset <= *seen.end()
        });
    }

    /// Moves the range towards the notes in sight.
    fn follow_notes(&mut self, seconds: f32) {
        let shown = self.notes.iter().map(|note| note.pitch);
        let keys = shown.chain(self.sketch.iter().map(|note| note.pitch));
        let keys = keys.map(|pitch| f32::from(pitch.get()));
        let (low, high) = keys.fold((f32::MAX, f32::MIN), |(l, h), key| (l.min(key), h.max(key)));
        if low > high {
            return;
        }
        let [old_low, old_high] = self.range;
        let (mut low, mut high) = (low - MARGIN, high + 1.0 + MARGIN);
        if high - low < RANGE {
            // There is room to spare: stay as near as possible to what is shown now.
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

/// The rows that are light: the scale that is set, or else the key of the phrase, or else the white
/// keys.
fn scale(bounds: &PitchConstraints, phrase: &CurrentPhrase) -> PitchClasses {
    match (bounds.classes(&phrase.profile), phrase.key()) {
        (PitchClasses::ALL, Some(key)) => key.scale().on(key.tonic()),
        (PitchClasses::ALL, None) => Scale::Major.on(0),
        (classes, _) => classes,
    }
}

/// Which colour is whose, and the key of the phrase.
fn legend(painter: &Painter, viewport: &Viewport, phrase: &CurrentPhrase) {
    let (grid, colours) = (viewport.grid, viewport.colours);
    let mut at = grid.left_top() + vec2(8.0, 6.0);
    let font = FontId::proportional(12.0);
    let ground = colours.sunk.gamma_multiply(0.8);
    let strip = Rect::from_min_size(grid.min, vec2(grid.width(), 24.0));
    painter.rect_filled(strip, 0, ground);
    for (name, color) in [("You", colours.phrase), ("HarmonAI", colours.answer)] {
        let swatch = Rect::from_min_size(at + vec2(0.0, 3.0), vec2(10.0, 8.0));
        painter.rect_filled(swatch, 2, color);
        let place = at + vec2(15.0, 0.0);
        let text = painter.text(place, Align2::LEFT_TOP, name, font.clone(), colours.text);
        at.x = text.right() + 14.0;
    }
    if let Some(key) = phrase.key() {
        let text = format!("heard in {key}");
        painter.text(at, Align2::LEFT_TOP, text, font.clone(), colours.dim);
    }
    let at = grid.right_top() + vec2(-8.0, 6.0);
    painter.text(at, Align2::RIGHT_TOP, "to come", font, colours.dim);
}
