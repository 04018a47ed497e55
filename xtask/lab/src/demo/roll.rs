//! The demo's picture: a piano roll with the phrase and the answer.

use harmonai_core::music::names::Names;
use harmonai_core::music::note::{Note, Pitch};
use harmonai_core::music::time::{Metre, Ticks};
use svg::Document;
use svg::node::element::{Group, Line, Rectangle, Text};

const BEAT_WIDTH: f64 = 36.0;
const ROW: f64 = 12.0;
const LEFT: f64 = 48.0;
const TOP: f64 = 56.0;
const MARGIN: f64 = 16.0;
const PHRASE: &str = "#d18a1c";
const ANSWER: &str = "#2f7fc4";

/// The layout of the picture.
struct Layout {
    names: Names,
    low: u8,
    high: u8,
    end: Ticks,
}

impl Layout {
    fn x(&self, at: Ticks) -> f64 {
        LEFT + at.beats().get() * BEAT_WIDTH
    }

    fn y(&self, pitch: u8) -> f64 {
        TOP + f64::from(self.high - pitch) * ROW
    }

    fn width(&self) -> f64 {
        self.x(self.end) + MARGIN
    }

    fn bottom(&self) -> f64 {
        self.y(self.low) + ROW
    }
}

pub fn draw(title: &str, phrase: &[Note], answer: &[Note], metre: Metre) -> String {
    let all = || phrase.iter().chain(answer);
    let pitches = || all().map(|note| note.pitch.get());
    let end = all().map(|note| note.end()).max().unwrap_or_default();
    let layout = Layout {
        names: Names::of(phrase, metre),
        low: pitches().min().unwrap_or(60).saturating_sub(2),
        high: (pitches().max().unwrap_or(72) + 2).min(127),
        end: end.max(Ticks::new(1)).ceil_to(metre.bar()),
    };
    let height = layout.bottom() + MARGIN;
    let document = Document::new()
        .set("viewBox", (0, 0, layout.width() as i64, height as i64))
        .set("width", layout.width() as i64)
        .set("height", height as i64)
        .set("font-family", "sans-serif")
        .set("font-size", 10)
        .add(rectangle(0.0, 0.0, layout.width(), height, "#ffffff"))
        .add(
            text(LEFT, 18.0, title)
                .set("font-size", 14)
                .set("font-weight", "bold"),
        )
        .add(legend())
        .add(keys(&layout))
        .add(grid(&layout, metre))
        .add(notes(&layout, phrase, PHRASE))
        .add(notes(&layout, answer, ANSWER));
    document.to_string()
}

fn rectangle(x: f64, y: f64, width: f64, height: f64, fill: &str) -> Rectangle {
    Rectangle::new()
        .set("x", x)
        .set("y", y)
        .set("width", width)
        .set("height", height)
        .set("fill", fill)
}

fn text(x: f64, y: f64, content: &str) -> Text {
    Text::new(content).set("x", x).set("y", y)
}

fn legend() -> Group {
    let entry = |x: f64, fill, name| {
        let swatch = rectangle(x, 27.0, 12.0, 8.0, fill).set("rx", 2);
        Group::new().add(swatch).add(text(x + 16.0, 35.0, name))
    };
    Group::new()
        .add(entry(LEFT, PHRASE, "phrase (played)"))
        .add(entry(LEFT + 120.0, ANSWER, "answer (HarmonAI)"))
}

/// Rows of the black keys, and the names of the Cs and of the outermost keys.
fn keys(layout: &Layout) -> Group {
    let mut group = Group::new();
    let width = layout.x(layout.end) - LEFT;
    for pitch in layout.low..=layout.high {
        let y = layout.y(pitch);
        if [1, 3, 6, 8, 10].contains(&(pitch % 12)) {
            group = group.add(rectangle(LEFT, y, width, ROW, "#f0f1f4"));
        }
        let named = pitch % 12 == 0 || pitch == layout.low || pitch == layout.high;
        if let Some(key) = Pitch::new(pitch).filter(|_| named) {
            let name = text(LEFT - 6.0, y + ROW - 2.5, &layout.names.name(key));
            group = group.add(name.set("text-anchor", "end").set("fill", "#555555"));
        }
    }
    group
}

/// A line for each beat, a stronger one with its number for each bar.
fn grid(layout: &Layout, metre: Metre) -> Group {
    let mut group = Group::new();
    let mut at = Ticks::ZERO;
    while at <= layout.end {
        let bar = metre.position(at) == Ticks::ZERO;
        let line = Line::new()
            .set("x1", layout.x(at))
            .set("x2", layout.x(at))
            .set("y1", TOP)
            .set("y2", layout.bottom())
            .set("stroke", if bar { "#888888" } else { "#dddddd" })
            .set("stroke-width", if bar { 1.2 } else { 0.6 });
        group = group.add(line);
        if bar && at < layout.end {
            let number = (metre.bar_index(at) + 1).to_string();
            group = group.add(text(layout.x(at) + 3.0, TOP - 5.0, &number).set("fill", "#888888"));
        }
        at += metre.beat();
    }
    group
}

fn notes(layout: &Layout, notes: &[Note], fill: &str) -> Group {
    let mut group = Group::new();
    for note in notes {
        let (x, y) = (layout.x(note.onset), layout.y(note.pitch.get()));
        let width = (layout.x(note.end()) - x - 1.0).max(2.0);
        let name = layout.names.name(note.pitch);
        let block = rectangle(x, y + 1.0, width, ROW - 2.0, fill).set("rx", 2);
        group = group.add(block);
        // Short notes have no room for their name inside; it stands above.
        let inside = width > 6.5 * name.len() as f64;
        let (y, colour) = if inside {
            (y + ROW - 3.0, "#ffffff")
        } else {
            (y - 1.0, fill)
        };
        let size = if inside { 9 } else { 7 };
        let label = text(x + 2.0, y, &name)
            .set("fill", colour)
            .set("font-size", size);
        group = group.add(label);
    }
    group
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(onset: i64, duration: i64, key: i64) -> Note {
        Note {
            onset: Ticks::new(onset),
            duration: Ticks::new(duration),
            pitch: Pitch::clamped(key),
            velocity: None,
        }
    }

    #[test]
    fn every_note_is_drawn_by_name_in_its_colour() {
        let phrase = [note(0, 24, 60), note(24, 12, 127)];
        let svg = draw("A & B", &phrase, &[note(96, 96, 0)], Metre::COMMON);
        assert_eq!(
            svg.matches(PHRASE).count(),
            2 + 1,
            "two notes and the legend"
        );
        assert_eq!(svg.matches(ANSWER).count(), 1 + 1);
        for text in ["A &amp; B", "C4", "G9", "C-1", "\n2\n"] {
            assert!(svg.contains(text), "{text} is missing");
        }
    }

    #[test]
    fn nothing_to_draw_is_survived() {
        assert!(draw("", &[], &[], Metre::COMMON).starts_with("<svg"));
    }
}
