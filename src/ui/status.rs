//! The status row: what HarmonAI is doing, for how much longer, and what went wrong.

use std::time::Duration;

use egui::{Align, Button, Color32, DragValue, Layout, RichText, Sense, Ui, vec2};
use harmonai_core::music::time::{Span, TICKS_PER_BEAT, Ticks};
use harmonai_core::play::duet::Activity;

use super::context::EditorContext;
use super::style::{self, Palette};
use crate::link::view::{EngineSnapshot, Glitch};
use crate::params::{ModeChoice, PlayParams, counted};
use crate::standalone::backend::Backend;
use crate::standalone::transport::{OwnTransport, TEMPOS};

/// An answer that ends beyond this has no end.
const ENDLESS: i64 = 1 << 40;
/// Seconds over which the worker's use of the processor is measured.
const MEASURE: f64 = 1.0;

#[derive(Default)]
pub struct Status {
    /// When the worker's time was read last, in seconds, and what it was.
    measured: (f64, Duration),
    /// Of one processor core, in per cent.
    cpu: f64,
}

impl Status {
    pub fn bar(&mut self, ui: &mut Ui, context: &EditorContext) {
        self.measure(ui.input(|input| input.time), context.engine.busy());
        let (snapshot, colours) = (&context.snapshot, style::palette(ui));
        ui.horizontal(|ui| {
            transport(ui, &context.transport, snapshot.tempo);
            let (text, color) = activity(snapshot, colours);
            let (lamp, _) = ui.allocate_exact_size(vec2(14.0, 18.0), Sense::hover());
            ui.painter().circle_filled(lamp.center(), 6.0, color);
            ui.label(RichText::new(text).size(16.0).color(colours.bright));
            if let Some(to_go) = to_go(snapshot, &context.params.play) {
                ui.label(RichText::new(to_go).size(16.0).color(color));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                for (glitch, name, hint) in GLITCHES {
                    let count = context.engine.count(glitch);
                    let color = match count {
                        0 => colours.dim,
                        _ => colours.warning,
                    };
                    small(ui, format!("{name} {count}"), color, hint);
                }
                let cpu = format!("CPU {:.0} %", self.cpu);
                small(ui, cpu, colours.dim, CPU);
                let (tempo, metre) = (snapshot.tempo, snapshot.metre);
                let (at, hint) = match context.transport.rolls() {
                    None => (format!("{tempo:.1} bpm  {metre}"), HOST),
                    Some(_) => (metre.to_string(), METRE),
                };
                small(ui, at, colours.dim, hint);
            });
        });
    }

    fn measure(&mut self, now: f64, busy: Duration) {
        let (then, before) = self.measured;
        let passed = now - then;
        // Time starts again in every window.
        if !(0.0..MEASURE).contains(&passed) {
            let worked = busy.saturating_sub(before).as_secs_f64();
            self.cpu = (100.0 * worked / passed).clamp(0.0, 100.0);
            self.measured = (now, busy);
        }
    }
}

/// In the standalone app: start, stop, tempo, and what carries notes and sound.
fn transport(ui: &mut Ui, transport: &OwnTransport, now: f64) {
    let Some(rolls) = transport.rolls() else {
        return;
    };
    let text = if rolls { "Stop" } else { "Start" };
    let button = Button::new(text).min_size(vec2(56.0, style::ROW));
    let tip = "Starts and stops the transport. While JACK's transport rolls, it is followed";
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
    let field = ui.add_enabled_ui(!led, |ui| ui.add_sized(size, field));
    let tip = "The tempo: drag to change it, or click to type it";
    let field = field.inner.on_hover_text(tip);
    let field = field.on_disabled_hover_text("The tempo, set by JACK");
    if field.accessible_name("Tempo").changed() {
        transport.set_tempo(tempo);
    }
    if let Some(connection) = transport.connection() {
        let color = match connection.backend {
            Backend::None => style::palette(ui).warning,
            _ => style::palette(ui).dim,
        };
        let name = connection.backend.name().to_owned();
        small(ui, name, color, &connection.about());
    }
}

fn small(ui: &mut Ui, text: String, color: Color32, hint: &str) {
    let text = RichText::new(text).size(13.0).color(color);
    ui.label(text).on_hover_text(hint);
}

/// In a host, and in the standalone app.
const HOST: &str = "The host's tempo and metre";
const METRE: &str = "The metre, set on the command line by --timesig-num and --timesig-denom";
const CPU: &str = "How much of one processor core the network uses, on a thread of its own";

/// From right to left.
const GLITCHES: [(Glitch, &str, &str); 4] = [
    (
        Glitch::WorkerRestart,
        "restarts",
        "How often the thread that runs the network failed and was restarted",
    ),
    (
        Glitch::QueueOverrun,
        "overruns",
        "How often a queue between the threads was full",
    ),
    (
        Glitch::LeftOutNote,
        "left out",
        "Notes that came too late to be played at all",
    ),
    (
        Glitch::LateNote,
        "late",
        "Notes that were played later than planned",
    ),
];

fn activity(snapshot: &EngineSnapshot, colours: &Palette) -> (&'static str, Color32) {
    match snapshot.activity {
        Activity::Waiting if !snapshot.playing => ("Start the transport and play", colours.dim),
        Activity::Waiting => ("Waiting for you to play", colours.dim),
        Activity::Listening => ("Listening", colours.phrase),
        Activity::Thinking => ("Thinking", colours.bright),
        Activity::Answering => ("Answering", colours.answer),
    }
}

/// How much of the turn is left: in bars, and within the last bar in beats.
fn to_go(snapshot: &EngineSnapshot, play: &PlayParams) -> Option<String> {
    if snapshot.activity == Activity::Listening {
        // In these modes nothing but the player ends the turn.
        match play.mode.value() {
            ModeChoice::AfterSilence => return Some(format!("until {} of silence", play.silence)),
            ModeChoice::Manual => return Some("until you press Generate".to_owned()),
            ModeChoice::CallResponse | ModeChoice::Jam => {}
        }
    }
    let span: &Span = match snapshot.activity {
        Activity::Listening => snapshot.listening.as_ref()?,
        Activity::Answering => snapshot.answer.as_ref()?,
        Activity::Waiting | Activity::Thinking => return None,
    };
    if span.end.get() > ENDLESS {
        return Some("until you stop it".to_owned());
    }
    let left = span.end.beats().get() - snapshot.position.get();
    if left <= 0.0 {
        return None;
    }
    let units = |length: Ticks| (left * TICKS_PER_BEAT as f64 / length.get() as f64).ceil();
    let bars = units(snapshot.metre.bar());
    let (count, unit) = match bars > 1.0 {
        true => (bars, "bar"),
        false => (units(snapshot.metre.beat()), "beat"),
    };
    Some(format!("{} to go", counted(count as f32, unit)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::HarmonAiParams;
    use harmonai_core::music::time::{Beats, Metre};

    #[test]
    fn cpu_is_measured_again_in_a_window_that_is_opened_again() {
        let mut status = Status::default();
        let mut check = |now, busy, expect| {
            status.measure(now, Duration::from_millis(busy));
            assert_eq!(status.cpu, expect, "at {now}");
        };
        check(100.0, 0, 0.0);
        check(101.0, 500, 50.0);
        check(0.1, 600, 0.0);
        check(1.1, 800, 20.0);
    }

    #[test]
    fn what_is_left_is_counted_in_bars_then_in_beats() {
        fn check(metre: &str, end: i64, position: f64, expect: Option<&str>) {
            let snapshot = EngineSnapshot {
                position: Beats::new(position),
                metre: Metre::parse(metre).unwrap(),
                activity: Activity::Listening,
                listening: Some(Ticks::ZERO..Ticks::new(end)),
                answer: None,
                ..EngineSnapshot::default()
            };
            assert_eq!(
                to_go(&snapshot, &HarmonAiParams::default().play).as_deref(),
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
