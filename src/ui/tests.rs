//! The window without a screen: it draws in every state, and its knobs speak to the host properly.

mod access;
mod answers;
mod choices;
mod files;
mod harness;
mod inactive;
mod names;
mod notices;
mod pictures;
mod raster;
mod standalone;
mod status;
mod trigger;

use std::sync::{Arc, Mutex};

use egui::epaint::ClippedShape;
use egui::{Event, Modifiers, PointerButton, Pos2, RawInput, Rect, vec2};
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::{Beats, Metre, Ticks};
use harmonai_core::play::duet::Activity;
use nice_plug::context::PluginApi;
use nice_plug::context::gui::{GuiContext, GuiContextInner};
use nice_plug::params::Params;
use nice_plug::params::internals::ParamPtr;
use nice_plug::plugin::PluginState;

use super::*;
use crate::link::commands::{Command, CommandReceiver, commands};
use crate::link::view::{EngineViewWriter, Glitch, NoteSource, engine_view};

/// What a host is told, in order: begin, the values, end.
#[derive(Clone, Debug, PartialEq)]
enum Told {
    Begin(String),
    Set(String, f32),
    End(String),
}

/// A host that writes down what it is told.
struct Host {
    params: Arc<HarmonAiParams>,
    told: Arc<Mutex<Vec<Told>>>,
}

impl Host {
    fn tell(&self, param: ParamPtr, told: impl FnOnce(String) -> Told) {
        let map = self.params.param_map();
        let (id, ..) = map
            .into_iter()
            .find(|(_, known, _)| *known == param)
            .unwrap();
        self.told.lock().unwrap().push(told(id));
    }
}

impl GuiContextInner for Host {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Clap
    }
    unsafe fn raw_begin_set_parameter(&self, param: ParamPtr) {
        self.tell(param, Told::Begin);
    }
    unsafe fn raw_set_parameter_normalized(&self, param: ParamPtr, normalized: f32) {
        // SAFETY: the pointer leads into `params`, which this host keeps.
        unsafe { param._internal_set_normalized_value(normalized) };
        self.tell(param, |id| Told::Set(id, normalized));
    }
    unsafe fn raw_end_set_parameter(&self, param: ParamPtr) {
        self.tell(param, Told::End);
    }
    fn get_state(&self) -> PluginState {
        unreachable!("the window does not ask for the state")
    }
    fn set_state(&self, _: PluginState) {
        unreachable!("the window does not set the state")
    }
    fn request_restart(&self) {
        unreachable!("the window does not restart the plug-in")
    }
}

/// The window's size.
const WINDOW: egui::Vec2 = vec2(900.0, 720.0);

const INSTRUMENT: Class = Class {
    title: "HarmonAI",
    has_audio: true,
};

struct Bench {
    app: EditorApp,
    egui: egui::Context,
    writer: EngineViewWriter,
    told: Arc<Mutex<Vec<Told>>>,
    commands: CommandReceiver,
    time: f64,
}

impl Bench {
    fn new(with_host: bool) -> Self {
        let (writer, engine) = engine_view();
        let tasks = BackgroundTasks::default();
        let (sender, commands) = commands();
        let params = Arc::new(HarmonAiParams::new(&engine, &tasks, &sender));
        let transport = OwnTransport::default();
        let mut app = EditorApp::new(INSTRUMENT, params.clone(), engine, tasks, transport);
        let told = Arc::default();
        if with_host {
            app.gui = Some(GuiContext::new(Arc::new(Host {
                params,
                told: Arc::clone(&told),
            })));
        }
        let egui = egui::Context::default();
        style::apply(&egui);
        Self {
            app,
            egui,
            writer,
            told,
            commands,
            time: 0.0,
        }
    }

    /// What the audio thread has been told since the last time.
    fn commanded(&mut self) -> Vec<Command> {
        self.commands.take().collect()
    }

    /// Draws once and gives back what is to be seen.
    fn shapes(&mut self, size: egui::Vec2, events: Vec<Event>) -> Vec<ClippedShape> {
        self.time += 0.05;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size)),
            time: Some(self.time),
            events,
            ..RawInput::default()
        };
        let mut output = self.egui.run_ui(input, |ui| self.app.draw(ui));
        // There is no screen to bring them to.
        output.textures_delta.clear();
        output.shapes
    }

    /// Draws once and gives back all texts that are to be seen.
    fn draw(&mut self, size: egui::Vec2, events: Vec<Event>) -> Vec<(Rect, String)> {
        let mut texts = Vec::new();
        for shape in self.shapes(size, events) {
            collect(&shape.shape, &mut texts);
        }
        texts
    }

    fn see(&mut self) -> Vec<String> {
        self.draw(WINDOW, Vec::new())
            .into_iter()
            .map(|(_, text)| text)
            .collect()
    }

    /// Where a text stands.
    fn find(&mut self, text: &str) -> Pos2 {
        let texts = self.draw(WINDOW, Vec::new());
        let found = texts.iter().find(|(_, found)| found == text);
        found
            .unwrap_or_else(|| panic!("no '{text}' in {texts:?}"))
            .0
            .center()
    }

    fn press(&mut self, at: Pos2, pressed: bool, modifiers: Modifiers) {
        let button = Event::PointerButton {
            pos: at,
            button: PointerButton::Primary,
            pressed,
            modifiers,
        };
        self.draw(WINDOW, vec![Event::PointerMoved(at), button]);
    }

    fn drag(&mut self, from: Pos2, by: egui::Vec2) {
        self.press(from, true, Modifiers::NONE);
        for step in 1..=10 {
            let at = from + by * step as f32 / 10.0;
            self.draw(WINDOW, vec![Event::PointerMoved(at)]);
        }
        self.press(from + by, false, Modifiers::NONE);
        self.see();
    }

    fn told(&self) -> Vec<Told> {
        std::mem::take(&mut self.told.lock().unwrap())
    }
}

fn collect(shape: &egui::Shape, texts: &mut Vec<(Rect, String)>) {
    match shape {
        egui::Shape::Text(text) => {
            texts.push((text.visual_bounding_rect(), text.galley.text().to_owned()));
        }
        egui::Shape::Vec(shapes) => shapes.iter().for_each(|shape| collect(shape, texts)),
        _ => {}
    }
}

#[test]
fn it_draws_in_every_state_and_at_every_size() {
    let mut bench = Bench::new(false);
    let spans = [
        None,
        Some(Ticks::ZERO..Ticks::new(384)),
        Some(Ticks::new(i64::MIN)..Ticks::new(i64::MAX)),
    ];
    for key in [0, 60, 127] {
        let pitch = Pitch::clamped(key);
        bench.writer.note_on(
            NoteSource::Phrase,
            Ticks::new(key),
            pitch,
            Velocity::DEFAULT,
        );
        bench.writer.planned(Note {
            onset: Ticks::new(i64::MAX - key),
            duration: Ticks::new(24),
            pitch,
            velocity: None,
        });
    }
    for size in [
        WINDOW,
        vec2(820.0, 620.0),
        vec2(1.0, 1.0),
        vec2(4000.0, 100.0),
        vec2(100.0, 4000.0),
    ] {
        for position in [0.0, -3.7, 1e6, 1e18, -1e300] {
            for metre in ["4/4", "6/8", "64/1", "1/32"] {
                for span in &spans {
                    for activity in [Activity::Waiting, Activity::Listening, Activity::Answering] {
                        bench.writer.snapshot(&EngineSnapshot {
                            playing: true,
                            position: Beats::new(position),
                            tempo: f64::NAN,
                            metre: Metre::parse(metre).unwrap(),
                            activity,
                            listening: span.clone(),
                            answer: span.clone(),
                        });
                        bench.draw(size, Vec::new());
                    }
                }
            }
        }
    }
}

#[test]
fn it_says_what_goes_on() {
    let mut bench = Bench::new(true);
    let seen = bench.see();
    for text in [
        "HarmonAI",
        "Model: not loaded yet",
        "Start the transport and play",
        "late 0",
    ] {
        assert!(
            seen.iter().any(|seen| seen == text),
            "no '{text}' in {seen:?}"
        );
    }
    bench.app.params.models.settle();
    bench
        .app
        .engine
        .messages()
        .set_trouble("Cannot read the model /a.safetensors.");
    bench.app.engine.record(Glitch::LateNote, 3);
    bench.writer.snapshot(&EngineSnapshot {
        playing: true,
        activity: Activity::Answering,
        answer: Some(Ticks::ZERO..Ticks::new(192)),
        ..EngineSnapshot::default()
    });
    // A message is measured in the first picture and shown in the second.
    bench.see();
    let seen = bench.see();
    let expected = [
        "Model: HarmonAI default",
        "Cannot read the model /a.safetensors.",
        "Answering",
        "2 bars to go",
        "late 3",
    ];
    for text in expected {
        assert!(
            seen.iter().any(|seen| seen == text),
            "no '{text}' in {seen:?}"
        );
    }
}

#[test]
fn a_turned_knob_is_one_gesture() {
    let mut bench = Bench::new(true);
    let knob = bench.find("Temperature") + vec2(0.0, 60.0);
    let before = bench.app.params.style.temperature.value();
    bench.drag(knob, vec2(0.0, -60.0));
    assert!(bench.app.params.style.temperature.value() > before + 0.2);
    let told = bench.told();
    let id = || "temperature".to_owned();
    assert_eq!(told.first(), Some(&Told::Begin(id())), "{told:?}");
    assert_eq!(told.last(), Some(&Told::End(id())), "{told:?}");
    let inner = &told[1..told.len() - 1];
    assert!(!inner.is_empty());
    assert!(
        inner
            .iter()
            .all(|told| matches!(told, Told::Set(set, _) if *set == id())),
        "{told:?}"
    );
}

#[test]
fn a_double_click_goes_back_to_the_default() {
    let mut bench = Bench::new(true);
    let knob = bench.find("Length") + vec2(0.0, 60.0);
    bench.drag(knob, vec2(0.0, 90.0));
    assert_ne!(bench.app.params.play.length.value(), 16);
    bench.told();
    for pressed in [true, false, true, false] {
        bench.press(knob, pressed, Modifiers::NONE);
    }
    assert_eq!(bench.app.params.play.length.value(), 16);
    let told = bench.told();
    let count = |sort: fn(&Told) -> bool| told.iter().filter(|told| sort(told)).count();
    let begun = count(|told| matches!(told, Told::Begin(_)));
    assert!(begun > 0, "{told:?}");
    assert_eq!(
        begun,
        count(|told| matches!(told, Told::End(_))),
        "{told:?}"
    );
}

#[test]
fn a_clicked_slider_jumps_there_in_one_gesture() {
    let mut bench = Bench::new(true);
    let slider = bench.find("Listen");
    bench.press(slider, true, Modifiers::NONE);
    bench.press(slider, false, Modifiers::NONE);
    let told = bench.told();
    let id = || "listen".to_owned();
    assert!(
        matches!(&told[..], [Told::Begin(begin), Told::Set(set, _), Told::End(end)]
            if *begin == id() && *set == id() && *end == id()),
        "{told:?}"
    );
}

#[test]
fn memory_is_dragged_like_every_slider() {
    let mut bench = Bench::new(true);
    let slider = bench.find("Memory");
    bench.drag(slider, vec2(-30.0, 0.0));
    let memory = bench.app.params.style.memory.value();
    assert!(memory < 0.9, "{memory}");
    let told = bench.told();
    let id = || "memory".to_owned();
    assert_eq!(told.first(), Some(&Told::Begin(id())), "{told:?}");
    assert_eq!(told.last(), Some(&Told::End(id())), "{told:?}");
}

#[test]
fn with_shift_a_drag_is_finer_and_steps_are_still_reached() {
    let mut bench = Bench::new(true);
    let slider = bench.find("Listen") + vec2(20.0, 0.0);
    let shift = |held| {
        Event::ModifiersChanged(if held {
            Modifiers::SHIFT
        } else {
            Modifiers::NONE
        })
    };
    bench.draw(WINDOW, vec![shift(true)]);
    bench.drag(slider, vec2(150.0, 0.0));
    bench.draw(WINDOW, vec![shift(false)]);
    // A tenth of the way that the pointer went, from the 4 bars it stood at.
    let bars = bench.app.params.play.listen.value();
    assert!((5..=6).contains(&bars), "{bars}");
}

#[test]
fn without_a_host_nothing_turns() {
    let mut bench = Bench::new(false);
    let knob = bench.find("Temperature") + vec2(0.0, 60.0);
    let before = bench.app.params.style.temperature.value();
    bench.drag(knob, vec2(0.0, -60.0));
    assert_eq!(bench.app.params.style.temperature.value(), before);
}
