//! Buttons: parameters that give a [`Command`] each time they are switched on.
//!
//! Hosts switch them as they turn any knob, on any thread. An opened project puts them where they
//! were when it was saved, as hosts expect of every parameter, and presses none: [`put_aside`] takes
//! them out of a stored state before nice-plug sets the parameters, and each [`Button`] then fetches
//! its own place.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nice_plug::prelude::*;
use serde_json::Value;

use crate::link::commands::{Command, CommandSender};

/// A switch that gives a command.
pub struct Button {
    id: &'static str,
    param: BoolParam,
    /// A project is being opened. A press at that very moment goes with what was there before.
    opening: Arc<AtomicBool>,
}

impl Button {
    pub(super) fn new(
        id: &'static str,
        name: &str,
        command: Command,
        commands: &CommandSender,
    ) -> Self {
        let opening = Arc::<AtomicBool>::default();
        let (opens, commands) = (opening.clone(), commands.clone());
        let press = move |on: bool| {
            // Relaxed, here and below: whoever opens a project looks at what it wrote itself.
            if on && !opens.load(Ordering::Relaxed) {
                commands.send(command);
            }
        };
        Self {
            id,
            param: BoolParam::new(name, false).with_callback(Arc::new(press)),
            opening,
        }
    }

    pub(super) fn id(&self) -> &'static str {
        self.id
    }

    fn place(&self, on: bool) {
        self.opening.store(true, Ordering::Relaxed);
        // SAFETY: the pointer leads into this button.
        unsafe { (self.param.as_ptr())._internal_set_normalized_value(f32::from(u8::from(on))) };
        self.opening.store(false, Ordering::Relaxed);
    }
}

impl Deref for Button {
    type Target = BoolParam;

    fn deref(&self) -> &BoolParam {
        &self.param
    }
}

// SAFETY: the pointer leads into this button, and is good for as long as it is.
unsafe impl Params for Button {
    fn param_map(&self) -> Vec<(String, ParamPtr, String)> {
        vec![(self.id.to_owned(), self.param.as_ptr(), String::new())]
    }

    fn deserialize_fields(&self, stored: &BTreeMap<String, String>) {
        let stored = stored.get(&key(self.id));
        if let Some(on) = stored.and_then(|text| text.parse().ok()) {
            self.place(on);
        }
    }
}

/// Leaves the button's stored `value` where the button finds it, if it is one.
pub(super) fn put_aside(id: &str, value: &Value, fields: &mut BTreeMap<String, String>) {
    if let Some(on) = value.get("bool").and_then(Value::as_bool) {
        fields.insert(key(id), on.to_string());
    }
}

/// A field's name that no persisted field has.
fn key(id: &str) -> String {
    format!("button {id}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::commands::{CommandReceiver, commands};

    fn button() -> (Button, CommandReceiver) {
        let (sender, receiver) = commands();
        (
            Button::new("go", "Go", Command::Generate, &sender),
            receiver,
        )
    }

    fn switch(button: &Button, on: bool) {
        // SAFETY: the pointer leads into the button.
        unsafe { (button.as_ptr())._internal_set_normalized_value(f32::from(u8::from(on))) };
    }

    #[test]
    fn switching_on_is_a_press_and_opening_a_project_is_none() {
        let (button, mut given) = button();
        let mut presses = || given.take().count();
        let open = |on: bool| {
            let mut fields = BTreeMap::new();
            put_aside("go", &serde_json::json!({ "bool": on }), &mut fields);
            button.deserialize_fields(&fields);
        };
        open(true);
        assert_eq!((button.value(), presses()), (true, 0));
        switch(&button, true);
        assert_eq!(presses(), 0, "it is on already");
        open(false);
        assert_eq!((button.value(), presses()), (false, 0));
        for _ in 0..3 {
            switch(&button, true);
            switch(&button, false);
            assert_eq!((button.value(), presses()), (false, 1));
        }
    }

    #[test]
    fn what_is_no_switch_and_what_is_not_stored_change_nothing() {
        let (button, _) = button();
        switch(&button, true);
        for stored in [serde_json::json!({ "i32": 0 }), serde_json::json!(false)] {
            let mut fields = BTreeMap::new();
            put_aside("go", &stored, &mut fields);
            button.deserialize_fields(&fields);
            assert_eq!((button.value(), fields.len()), (true, 0), "{stored}");
        }
        button.deserialize_fields(&BTreeMap::from([(key("go"), "?".to_owned())]));
        assert!(button.value());
    }
}
