//! What the styles of the model that plays are called, for the knob that chooses one.
//!
//! Written when a model is loaded; read by the window and by hosts that ask for a value's text.
//! Never on the audio thread, which knows styles by number alone.

use std::sync::{Arc, Mutex};

use super::choice::{SLOTS, SlotChoice};
use crate::link::sync::lock;

/// The styles that the knob can tell apart; a model may have more.
pub const MOST: usize = 16;

/// Those of one model, shared by all clones.
#[derive(Clone, Default)]
pub struct StyleList(Arc<Mutex<Arc<[String]>>>);

impl StyleList {
    /// Another model is there.
    pub fn put(&self, names: Vec<String>) {
        *lock(&self.0) = names.into();
    }
}

/// Those of the model that plays.
#[derive(Clone)]
pub struct StyleNames {
    lists: [StyleList; SLOTS],
    choice: SlotChoice,
}

impl StyleNames {
    /// Of the one of these that plays.
    pub fn new(lists: [StyleList; SLOTS], choice: SlotChoice) -> Self {
        Self { lists, choice }
    }

    /// The names, in the order of the knob's steps from 1 on.
    pub fn all(&self) -> Arc<[String]> {
        lock(&self.choice.pick(self.lists.each_ref()).0).clone()
    }

    /// What the knob shows.
    pub fn text(&self, style: i32) -> String {
        let place = usize::try_from(style).unwrap_or(0);
        let Some(place) = place.checked_sub(1) else {
            return "Any".to_owned();
        };
        let name = self.all().get(place).cloned();
        name.unwrap_or_else(|| format!("{NUMBERED} {style}"))
    }

    /// What the knob is to stand at where that is typed: a name, a number, or both as shown.
    pub fn find(&self, text: &str) -> Option<i32> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("any") {
            return Some(0);
        }
        let is_it = |name: &String| name.eq_ignore_ascii_case(text);
        if let Some(place) = self.all().iter().position(is_it) {
            return i32::try_from(place + 1).ok();
        }
        let number = text.strip_prefix(NUMBERED).unwrap_or(text);
        number.trim().parse().ok()
    }
}

/// What a style without a name is called, before its number.
const NUMBERED: &str = "Style";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::models::choice::tests::{knob, turn};

    #[test]
    fn texts_come_back_as_the_same_style() {
        let knob = knob();
        let names = StyleNames::new(Default::default(), SlotChoice::new(knob.clone()));
        names.lists[0].put(vec!["Irish tunes".into(), "1812".into()]);
        let texts = [-1, 0, 1, 2, 3].map(|style| names.text(style));
        assert_eq!(texts, ["Any", "Any", "Irish tunes", "1812", "Style 3"]);
        for style in 0..=16 {
            assert_eq!(names.find(&names.text(style)), Some(style));
        }
        assert_eq!(names.find(" irish TUNES "), Some(1));
        assert_eq!(names.find("7"), Some(7));
        assert_eq!(names.find("polka"), None);
        // Another slot, another model.
        names.lists[1].put(vec!["polka".into()]);
        turn(&knob, 2);
        assert_eq!(
            (names.find("polka"), names.text(1)),
            (Some(1), "polka".into())
        );
    }
}
