//! The piano roll: the last beats of phrase and answer, and what is about to be played, moving past
//! a playhead.
//!
//! Filled notes have sounded. Outlined ones are to come: strong where the plug-in has decided on them,
//! faint where the network will play them if nobody turns a knob or plays.

mod notes;
mod range;
mod view;

use egui::{Align2, CornerRadius, FontId, Painter, Rect, Sense, Stroke, Ui, Vec2, vec2};
use harmonai_core::music::note::Note;
use harmonai_core::music::scale::{PitchClasses, Scale};
use harmonai_core::play::constraints::pitch::PitchConstraints;
use harmonai_core::play::duet::Activity;

use super::heard::Heard;
use super::shared::Shared;
use super::style;
use crate::link::view::{Display, Moment, Shown};
use crate::params::ModeChoice;
pub use notes::small;
use view::View;

/// Quarter notes to the left of the playhead, and to the right.
const BEHIND: f64 = 10.0;
const AHEAD: f64 = 4.0;
/// Fewest semitones shown.
const RANGE: f32 = 24.0;
/// Semitones kept free above and below the notes.
const MARGIN: f32 = 2.0;
/// How quickly the range follows the notes, a second.
const FOLLOW: f32 = 6.0;
/// Room for the names of the octaves.
const KEYS: f32 = 42.0;
/// Room for the numbers of the bars.
const BARS: f32 = 16.0;

/// What the roll remembers between two pictures.
pub struct Roll {
    notes: Vec<Shown>,
    sketch: Vec<Note>,
    /// Lowest and highest key shown, on their way to where the notes are.
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
    /// Draws it in a place of this size; gives the place.
    pub fn draw(&mut self, ui: &mut Ui, size: Vec2, shared: &Shared<'_>) -> Rect {
        let (params, moment) = (shared.params, shared.moment);
        let size = size.max(vec2(120.0, 60.0));
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        self.look(moment, shared.display);
        self.follow(ui.input(|input| input.stable_dt));
        let painter = ui.painter().with_clip_rect(rect);
        let colours = style::palette(ui);
        painter.rect_filled(rect, CornerRadius::same(4), colours.sunk);
        let view = View {
            grid: Rect::from_min_max(rect.min + vec2(KEYS, BARS), rect.max),
            start: moment.position.get() - BEHIND,
            range: self.range,
            colours,
            names: shared.heard.names,
        };
        let bounds = params.pitch.bounds();
        view.rows(&painter, scale(&bounds, shared.heard), rect.left());
        // Elsewhere no bar says when the player's turn is over.
        let counts = params.play.mode.value() == ModeChoice::CallResponse;
        let listening = moment.listening.clone().filter(|_| counts);
        view.turns(&painter, &listening, &moment.answer);
        view.bars(&painter, moment, rect.top());
        let inner = painter.with_clip_rect(view.grid);
        view.veil(&inner, bounds.low, bounds.high);
        for note in &self.sketch {
            view.sketched(&inner, note);
        }
        for note in &self.notes {
            view.note(&inner, note, moment);
        }
        let x = view.x(moment.position.get());
        painter.vline(x, view.grid.y_range(), Stroke::new(2.0, colours.bright));
        range::handles(ui, &shared.hand, &params.pitch, &view);
        legend(&inner, &view, shared.heard);
        rect
    }

    /// What is to be seen now.
    fn look(&mut self, moment: &Moment, display: &Display) {
        let now = moment.position.get();
        let seen = now - BEHIND..=now + AHEAD;
        display.notes(&mut self.notes);
        self.notes.retain(|note| {
            let end = note.end.map_or(now, |end| end.beats().get());
            end >= *seen.start() && note.onset.beats().get() <= *seen.end()
        });
        let answers = matches!(moment.activity, Activity::Answering | Activity::Thinking);
        self.sketch = if answers {
            display.sketch()
        } else {
            Vec::new()
        };
        self.sketch.retain(|note| {
            let onset = note.onset.beats().get();
            onset > now && onset <= *seen.end()
        });
    }

    /// Moves the range towards the notes in sight.
    fn follow(&mut self, seconds: f32) {
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

/// The notes that are shaded: those of the scale that is set, or else of the key that was heard, or
/// else the white keys.
fn scale(bounds: &PitchConstraints, heard: &Heard) -> PitchClasses {
    match (bounds.classes(&heard.home), heard.key()) {
        (PitchClasses::ALL, Some(key)) => key.scale().on(key.tonic()),
        (PitchClasses::ALL, None) => Scale::Major.on(0),
        (classes, _) => classes,
    }
}

/// Whose notes are whose, and the key that was heard.
fn legend(painter: &Painter, view: &View, heard: &Heard) {
    let (grid, colours) = (view.grid, view.colours);
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
    if let Some(key) = heard.key() {
        let text = format!("heard in {key}");
        painter.text(at, Align2::LEFT_TOP, text, font.clone(), colours.dim);
    }
    let at = grid.right_top() + vec2(-8.0, 6.0);
    painter.text(at, Align2::RIGHT_TOP, "to come", font, colours.dim);
}
