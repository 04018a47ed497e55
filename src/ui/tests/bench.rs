//! The editor drawn once at a time, with a host that writes down what it is told.

use egui::epaint::ClippedShape;
use egui::{PointerButton, RawInput, Rect};
use nice_plug::context::PluginApi;
use nice_plug::context::gui::GuiContextInner;
use nice_plug::params::internals::ParamPtr;
use nice_plug::plugin::PluginState;

use super::*;
use crate::link::commands::{CommandReceiver, commands};
use crate::link::view::engine_view;

/// What a host is told, in order: begin, the values, end.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
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
pub const WINDOW: egui::Vec2 = vec2(900.0, 720.0);

const INSTRUMENT: Class = Class {
    title: "HarmonAI",
    has_audio: true,
};

pub struct Bench {
    pub app: EditorApp,
    pub egui: egui::Context,
    pub writer: EngineViewWriter,
    pub told: Arc<Mutex<Vec<Told>>>,
    pub commands: CommandReceiver,
    pub time: f64,
}

impl Bench {
    pub fn new(with_host: bool) -> Self {
        let (writer, engine) = engine_view();
        let tasks = BackgroundTasks::default();
        let (sender, commands) = commands();
        let params = Arc::new(HarmonAiParams::new(&engine, &tasks, &sender));
        let transport = OwnTransport::default();
        let mut app = EditorApp::new(INSTRUMENT, params.clone(), engine, tasks, transport);
        let told = Arc::default();
        if with_host {
            app.context.gui = Some(GuiContext::new(Arc::new(Host {
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
    pub fn commanded(&mut self) -> Vec<Command> {
        self.commands.take().collect()
    }

    /// Draws once and gives back what is to be seen.
    pub fn shapes(&mut self, size: egui::Vec2, events: Vec<Event>) -> Vec<ClippedShape> {
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
    pub fn draw(&mut self, size: egui::Vec2, events: Vec<Event>) -> Vec<(Rect, String)> {
        let mut texts = Vec::new();
        for shape in self.shapes(size, events) {
            collect(&shape.shape, &mut texts);
        }
        texts
    }

    pub fn see(&mut self) -> Vec<String> {
        self.draw(WINDOW, Vec::new())
            .into_iter()
            .map(|(_, text)| text)
            .collect()
    }

    /// Where a text stands.
    pub fn find(&mut self, text: &str) -> Pos2 {
        let texts = self.draw(WINDOW, Vec::new());
        let found = texts.iter().find(|(_, found)| found == text);
        found
            .unwrap_or_else(|| panic!("no '{text}' in {texts:?}"))
            .0
            .center()
    }

    pub fn press(&mut self, at: Pos2, pressed: bool, modifiers: Modifiers) {
        let button = Event::PointerButton {
            pos: at,
            button: PointerButton::Primary,
            pressed,
            modifiers,
        };
        self.draw(WINDOW, vec![Event::PointerMoved(at), button]);
    }

    pub fn drag(&mut self, from: Pos2, by: egui::Vec2) {
        self.press(from, true, Modifiers::NONE);
        for step in 1..=10 {
            let at = from + by * step as f32 / 10.0;
            self.draw(WINDOW, vec![Event::PointerMoved(at)]);
        }
        self.press(from + by, false, Modifiers::NONE);
        self.see();
    }

    pub fn told(&self) -> Vec<Told> {
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
