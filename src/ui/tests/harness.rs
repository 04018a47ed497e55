//! The window under `egui_kittest`: found, focused and pressed by what its controls are called.

use std::cell::RefCell;
use std::rc::Rc;

use egui::Theme;
use egui_kittest::Harness;

use super::raster::harness;
use super::*;
use crate::link::commands::CommandReceiver;
use crate::project::history::Take;

/// A window in a harness.
pub struct EditorHarness {
    pub harness: Harness<'static>,
    pub app: Rc<RefCell<EditorApp>>,
    pub writer: EngineViewWriter,
    pub told: Arc<Mutex<Vec<Told>>>,
    pub commands: CommandReceiver,
}

impl EditorHarness {
    /// Of the usual size, with `scale` pixels to a point, and the bundled model.
    pub fn new(scale: f32) -> Self {
        Self::sized(WINDOW, scale)
    }

    /// Of another size.
    pub fn sized(size: egui::Vec2, scale: f32) -> Self {
        let Bench {
            app,
            writer,
            told,
            commands,
            ..
        } = Bench::new(true);
        app.context.params.models.settle();
        let app = Rc::new(RefCell::new(app));
        let drawn = app.clone();
        let dress = |egui: &egui::Context| {
            style::apply(egui);
            egui.set_theme(Theme::Dark);
        };
        let draw = move |ui: &mut Ui| drawn.borrow_mut().draw(ui);
        Self {
            harness: harness(size, scale, dress, draw),
            app,
            writer,
            told,
            commands,
        }
    }

    pub fn params(&self) -> Arc<HarmonAiParams> {
        self.app.borrow().context.params.clone()
    }

    pub fn transport(&self) -> OwnTransport {
        self.app.borrow().context.transport.clone()
    }

    /// Lets some pictures pass.
    pub fn look(&mut self) {
        self.harness.run_steps(4);
    }

    /// Presses a key and lets it go.
    pub fn press(&mut self, key: egui::Key) {
        self.harness.key_press(key);
        self.look();
    }

    /// As the host would turn it, and not the window.
    pub fn turn(&self, id: &str, place: f32) {
        let params = self.params();
        let map = params.param_map();
        let (_, param, _) = map.into_iter().find(|(known, ..)| known == id).unwrap();
        // SAFETY: the pointer leads into the parameters, which are held here.
        unsafe { param._internal_set_normalized_value(place) };
    }

    pub fn told(&self) -> Vec<Told> {
        std::mem::take(&mut self.told.lock().unwrap())
    }

    /// Keys that were struck, in ticks: onset, duration, key, velocity.
    pub fn play(&mut self, source: NoteSource, notes: &[(i64, i64, i64, i64)]) {
        for note in notes.iter().map(note) {
            let velocity = note.velocity.unwrap();
            (self.writer).note_on(source, note.onset, note.pitch, velocity);
            self.writer.note_off(source, note.end(), note.pitch);
        }
    }

    /// An answer of before.
    pub fn answered(&mut self, notes: &[(i64, i64, i64, i64)]) -> u32 {
        let history = &self.params().history;
        let start = Ticks::new(notes[0].0);
        let take = Take::new("Folk", Metre::COMMON, start, note(&notes[0])).unwrap();
        let id = history.add(take);
        (notes[1..].iter().map(note)).for_each(|note| history.note(id, note));
        id
    }
}

/// Of onset, duration, key, velocity.
pub fn note(&(onset, duration, key, velocity): &(i64, i64, i64, i64)) -> Note {
    Note {
        onset: Ticks::new(onset),
        duration: Ticks::new(duration),
        pitch: Pitch::clamped(key),
        velocity: Some(Velocity::clamped(velocity)),
    }
}
