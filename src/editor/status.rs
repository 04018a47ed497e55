//! The line that says what HarmonAI is doing, for how long yet, and what went wrong.

use egui::{Align, Color32, Layout, RichText, Sense, Ui, vec2};
use harmonai_core::duet::Activity;
use harmonai_core::time::{Span, TICKS_PER_BEAT, Ticks};

use super::style;
use crate::display::{Display, Mishap, Moment};

/// An answer that ends beyond this has no end.
const ENDLESS: i64 = 1 << 40;

/// Draws the line.
pub fn bar(ui: &mut Ui, moment: &Moment, display: &Display) {
    ui.horizontal(|ui| {
        let (text, color) = doing(moment);
        let (lamp, _) = ui.allocate_exact_size(vec2(14.0, 18.0), Sense::hover());
        ui.painter().circle_filled(lamp.center(), 6.0, color);
        ui.label(RichText::new(text).size(16.0).color(style::BRIGHT));
        if let Some(to_go) = to_go(moment) {
            ui.label(RichText::new(to_go).size(16.0).color(color));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            for (mishap, name, hint) in MISHAPS {
                let count = display.count(mishap);
                let color = if count > 0 {
                    style::WARNING
                } else {
                    style::DIM
                };
                let text = RichText::new(format!("{name} {count}"))
                    .size(13.0)
                    .color(color);
                ui.label(text).on_hover_text(hint);
            }
            let at = format!("{:.1} bpm  {}", moment.tempo, moment.metre);
            ui.label(RichText::new(at).size(13.0).color(style::DIM));
        });
    });
}

/// From right to left.
const MISHAPS: [(Mishap, &str, &str); 4] = [
    (
        Mishap::WorkerRestart,
        "restarts",
        "The thread that asks the network failed and was restarted",
    ),
    (
        Mishap::QueueOverrun,
        "overruns",
        "A queue between the threads was full",
    ),
    (
        Mishap::LeftOutNote,
        "left out",
        "Notes that came too late to be played",
    ),
    (
        Mishap::LateNote,
        "late",
        "Notes that were played later than they should",
    ),
];

fn doing(moment: &Moment) -> (&'static str, Color32) {
    match moment.activity {
        Activity::Waiting if !moment.playing => ("Start the transport and play", style::DIM),
        Activity::Waiting => ("Waiting for you to play", style::DIM),
        Activity::Listening => ("Listening", style::PHRASE),
        Activity::Thinking => ("Thinking", style::BRIGHT),
        Activity::Answering => ("Answering", style::ANSWER),
    }
}

/// What is left of the turn: in bars, and in the last bar in beats.
fn to_go(moment: &Moment) -> Option<String> {
    let span: &Span = match moment.activity {
        Activity::Listening => moment.listening.as_ref()?,
        Activity::Answering => moment.answer.as_ref()?,
        Activity::Waiting | Activity::Thinking => return None,
    };
    if span.end.get() > ENDLESS {
        return Some("until you stop it".to_owned());
    }
    let left = span.end.beats().get() - moment.position.get();
    if left <= 0.0 {
        return None;
    }
    let units = |length: Ticks| (left * TICKS_PER_BEAT as f64 / length.get() as f64).ceil();
    let counted = |n: f64, unit: &str| {
        if n == 1.0 {
            format!("1 {unit} to go")
        } else {
            format!("{n} {unit}s to go")
        }
    };
    let bars = units(moment.metre.bar());
    Some(if bars > 1.0 {
        counted(bars, "bar")
    } else {
        counted(units(moment.metre.beat()), "beat")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use harmonai_core::time::{Beats, Metre};

    #[test]
    fn what_is_left_is_counted_in_bars_then_in_beats() {
        fn check(metre: &str, end: i64, position: f64, expect: Option<&str>) {
            let moment = Moment {
                position: Beats::new(position),
                metre: Metre::parse(metre).unwrap(),
                activity: Activity::Listening,
                listening: Some(Ticks::ZERO..Ticks::new(end)),
                answer: None,
                ..Moment::default()
            };
            assert_eq!(
                to_go(&moment).as_deref(),
                expect,
                "{metre} {end} {position}"
            );
        }
        check("4/4", 384, 0.0, Some("4 bars to go"));
        check("4/4", 384, 0.1, Some("4 bars to go"));
        check("4/4", 384, 4.0, Some("3 bars to go"));
        check("4/4", 384, 11.9, Some("2 bars to go"));
        check("4/4", 384, 12.0, Some("4 beats to go"));
        check("4/4", 384, 15.5, Some("1 beat to go"));
        check("4/4", 384, 16.0, None);
        check("6/8", 72, 0.0, Some("6 beats to go"));
        check("3/4", 72, -2.0, Some("2 bars to go"));
        check("4/4", i64::MAX, 3.0, Some("until you stop it"));
    }
}
