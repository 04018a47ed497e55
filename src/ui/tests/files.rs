//! The list of models, files that are typed or dropped, the strip of answers.

use std::path::Path;

use super::*;
use crate::project::history::Take;

impl Bench {
    fn click(&mut self, text: &str) -> Vec<String> {
        let place = self.find(text);
        self.press(place, true, Modifiers::NONE);
        self.press(place, false, Modifiers::NONE);
        self.see();
        self.see()
    }

    /// Types a path where paths are typed, and loads it.
    fn load(&mut self, path: &Path) -> Vec<String> {
        if !self.app.browser.open {
            let head = self
                .see()
                .into_iter()
                .find(|text| text.starts_with("Model: "));
            self.click(&head.unwrap());
        }
        self.click("… or type a path here");
        let typed = Event::Text(path.to_str().unwrap().to_owned());
        self.draw(WINDOW, vec![typed]);
        self.click("Load");
        self.app.context.tasks.join();
        // A message is measured in the first picture and shown in the second.
        self.see();
        self.see()
    }
}

#[test]
fn an_answer_is_starred_and_asked_for_again() {
    let mut bench = Bench::new(true);
    let params = bench.app.context.params.clone();
    let note = Note {
        onset: Ticks::new(96),
        duration: Ticks::BEAT,
        pitch: Pitch::MIDDLE_C,
        velocity: None,
    };
    let take = Take::new("Folk", Metre::COMMON, Ticks::new(96), note).unwrap();
    let id = params.history.add(take);
    bench.click("Keep");
    assert!(params.history.get(id).unwrap().starred);
    bench.click("Keep");
    assert!(!params.history.get(id).unwrap().starred);
    bench.click("Play");
    let length = Ticks::BEAT;
    assert_eq!(bench.commanded(), [Command::Recall { id, length }]);
    bench.click("Use");
    assert_eq!(bench.commanded(), [Command::Load]);
    assert_eq!(params.phrases.get().unwrap().notes().len(), 1);
}

#[test]
fn a_phrase_is_loaded_from_a_midi_file_and_a_broken_one_says_so() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut bench = Bench::new(true);
    let seen = bench.load(&root.join("plugin-assets/seeds/ode-to-joy.mid"));
    let said = |seen: &[String], words: &str| seen.iter().any(|text| text.contains(words));
    assert!(said(&seen, "The phrase is now"), "{seen:?}");
    assert_eq!(bench.commanded(), [Command::Load]);
    let mut bench = Bench::new(true);
    let seen = bench.load(Path::new("/nowhere/gone.mid"));
    assert!(said(&seen, "Cannot read /nowhere/gone.mid"), "{seen:?}");
    assert_eq!(bench.commanded(), []);
}

#[test]
fn the_model_is_that_of_the_slot() {
    let mut bench = Bench::new(true);
    let params = bench.app.context.params.clone();
    params.models.settle();
    let map = params.param_map();
    let (_, slot, _) = map.into_iter().find(|(id, ..)| id == "model_slot").unwrap();
    // SAFETY: the pointer leads into the window's parameters.
    unsafe { slot._internal_set_normalized_value(1.0) };
    let fourth = params.models.loaders()[3];
    assert!(std::ptr::eq(params.models.chosen(), fourth));
    bench.load(Path::new("/nowhere/gone.safetensors"));
    assert!(
        bench
            .app
            .context
            .engine
            .messages()
            .trouble()
            .contains("gone.safetensors")
    );
    assert_eq!(fourth.path(), None, "what cannot be read changes nothing");
}
