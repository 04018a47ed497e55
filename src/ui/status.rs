//! The line that says what HarmonAI is doing, for how long yet, and what went wrong.

use std::time::Duration;

use egui::{Align, Button, Color32, DragValue, Layout, RichText, Sense, Ui, vec2};
use harmonai_core::music::time::{Span, TICKS_PER_BEAT, Ticks};
use harmonai_core::play::duet::Activity;

use super::shared::Shared;
use super::style::{self, Palette};
use crate::link::view::{Mishap, Moment};
use crate::params::{ModeChoice, PlayParams};
use crate::standalone::Backend;
use crate::standalone::transport::{OwnTransport, TEMPOS};

/// An answer that ends beyond this has no end.
const ENDLESS: i64 = 1 << 40;
/// Seconds over which the worker's share of the processor is taken.
const MEASURE: f64 = 1.0;

/// What the line remembers between two pictures.
#[derive(Default)]
pub struct Status {
    /// When the worker's time was looked at, in seconds, and what it was.
    looked: (f64, Duration),
    /// Its share of one processor, in hundredths.
    share: f64,
}

impl Status {
    /// Draws the line.
    pub fn bar(&mut self, ui: &mut Ui, shared: &Shared<'_>) {
        self.measure(ui.input(|input| input.time), shared.display.busy());
        let (moment, colours) = (shared.moment, style::palette(ui));
        ui.horizontal(|ui| {
            transport(ui, &shared.params.transport, moment.tempo);
            let (text, color) = doing(moment, colours);
            let (lamp, _) = ui.allocate_exact_size(vec2(14.0, 18.0), Sense::hover());
            ui.painter().circle_filled(lamp.center(), 6.0, color);
            ui.label(RichText::new(text).size(16.0).color(colours.bright));
            if let Some(to_go) = to_go(moment, &shared.params.play) {
                ui.label(RichText::new(to_go).size(16.0).color(color));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                for (mishap, name, hint) in MISHAPS {
                    let count = shared.display.count(mishap);
                    let color = if count > 0 {
                        colours.warning
                    } else {
                        colours.dim
                    };
                    small(ui, format!("{name} {count}"), color, hint);
                }
                let share = format!("CPU {:.0} %", self.share);
                small(ui, share, colours.dim, CPU);
                let (at, hint) = match shared.params.transport.rolls() {
                    None => (format!("{:.1} bpm  {}", moment.tempo, moment.metre), HOST),
                    Some(_) => (moment.metre.to_string(), METRE),
                };
                small(ui, at, colours.dim, hint);
            });
        });
    }

    fn measure(&mut self, now: f64, busy: Duration) {
        let (then, before) = self.looked;
        let passed = now - then;
        // Time begins anew with every window.
        if !(0.0..MEASURE).contains(&passed) {
            let worked = busy.saturating_sub(before).as_secs_f64();
            self.share = (100.0 * worked / passed).clamp(0.0, 100.0);
            self.looked = (now, busy);
        }
    }
}

/// Start or stop, and how fast, where there is no host to do it; by what notes and sound go.
fn transport(ui: &mut Ui, transport: &OwnTransport, now: f64) {
    let Some(rolls) = transport.rolls() else {
        return;
    };
    let text = if rolls { "Stop" } else { "Start" };
    let button = Button::new(text).min_size(vec2(56.0, style::ROW));
    let tip = "The transport; JACK's is followed while it rolls";
    if ui.add(button).on_hover_text(tip).clicked() {
        transport.roll(!rolls);
    }
    let led = transport.is_led();
    let mut tempo = transport.tempo().filter(|_| !led).unwrap_or(now);
    let field = DragValue::new(&mut tempo)
        .range(TEMPOS)
        .speed(0.25)
        .max_decimals(1)
        .suffix(" bpm");
    let size = vec2(78.0, style::ROW);
    let field = ui
        .add_enabled_ui(!led, |ui| ui.add_sized(size, field))
        .inner;
    let tip = "The tempo: drag, or click to type it";
    let field = field
        .on_hover_text(tip)
        .on_disabled_hover_text("JACK's tempo");
    if field.accessible_name("Tempo").changed() {
        transport.set_tempo(tempo);
    }
    if let Some(way) = transport.way() {
        let color = match way.backend {
            Backend::None => style::palette(ui).warning,
            _ => style::palette(ui).dim,
        };
        small(ui, way.backend.name().to_owned(), color, &way.about());
    }
}

fn small(ui: &mut Ui, text: String, color: Color32, hint: &str) {
    let text = RichText::new(text).size(13.0).color(color);
    ui.label(text).on_hover_text(hint);
}

/// What stands beside the transport where there is a host, and where there is none.
const HOST: &str = "The host's tempo and metre";
const METRE: &str = "The metre: --timesig-num and --timesig-denom say another one";
/// What CPU means.
const CPU: &str = "How much of one processor core the network takes, on a thread of its own";

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

fn doing(moment: &Moment, colours: &Palette) -> (&'static str, Color32) {
    match moment.activity {
        Activity::Waiting if !moment.playing => ("Start the transport and play", colours.dim),
        Activity::Waiting => ("Waiting for you to play", colours.dim),
        Activity::Listening => ("Listening", colours.phrase),
        Activity::Thinking => ("Thinking", colours.bright),
        Activity::Answering => ("Answering", colours.answer),
    }
}

/// What is left of the turn: in bars, and in the last bar in beats.
fn to_go(moment: &Moment, play: &PlayParams) -> Option<String> {
    if moment.activity == Activity::Listening {
        // There the call's end is not known beforehand.
        match play.mode.value() {
            ModeChoice::AfterSilence => return Some(format!("until {} of silence", play.silence)),
            ModeChoice::Manual => return Some("until you press Generate".to_owned()),
            ModeChoice::CallResponse | ModeChoice::Jam => {}
        }
    }
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
    use harmonai_core::music::time::{Beats, Metre};

    #[test]
    fn the_share_is_taken_again_in_a_window_that_is_opened_again() {
        let mut status = Status::default();
        let mut check = |now, busy, expect| {
            status.measure(now, Duration::from_millis(busy));
            assert_eq!(status.share, expect, "at {now}");
        };
        check(100.0, 0, 0.0);
        check(101.0, 500, 50.0);
        check(0.1, 600, 0.0);
        check(1.1, 800, 20.0);
    }

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
                to_go(&moment, &PlayParams::new()).as_deref(),
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
