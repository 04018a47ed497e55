//! Buttons: parameters that act each time they are switched on.
//!
//! Hosts switch them as they turn any knob, on any thread, so that what the engine looks at is how
//! often each was switched on. An opened project puts them where they were when it was saved, as
//! hosts expect of every parameter, and presses none: [`put_aside`] takes them out of a stored state
//! before nice-plug sets the parameters, and each [`Button`] then fetches its own place.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use nice_plug::prelude::*;
use serde_json::Value;

/// A switch that counts.
pub struct Button {
    id: &'static str,
    param: BoolParam,
    presses: Arc<Presses>,
}

#[derive(Default)]
struct Presses {
    count: AtomicU32,
    /// A project is being opened. A press at that very moment goes with what was there before.
    opening: AtomicBool,
}

impl Button {
    pub(super) fn new(id: &'static str, name: &str) -> Self {
        let presses = Arc::new(Presses::default());
        let counter = presses.clone();
        let count = move |on: bool| {
            // Relaxed, here and below: whoever opens a project looks at what it wrote itself, and
            // a count says all by itself.
            if on && !counter.opening.load(Ordering::Relaxed) {
                counter.count.fetch_add(1, Ordering::Relaxed);
            }
        };
        Self {
            id,
            param: BoolParam::new(name, false).with_callback(Arc::new(count)),
            presses,
        }
    }

    /// How often it was pressed so far. Any thread, wait-free.
    pub fn presses(&self) -> u32 {
        self.presses.count.load(Ordering::Relaxed)
    }

    fn place(&self, on: bool) {
        self.presses.opening.store(true, Ordering::Relaxed);
        // SAFETY: the pointer leads into this button.
        unsafe { (self.param.as_ptr())._internal_set_normalized_value(f32::from(u8::from(on))) };
        self.presses.opening.store(false, Ordering::Relaxed);
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

    fn switch(button: &Button, on: bool) {
        // SAFETY: the pointer leads into the button.
        unsafe { (button.as_ptr())._internal_set_normalized_value(f32::from(u8::from(on))) };
    }

    #[test]
    fn switching_on_is_a_press_and_opening_a_project_is_none() {
        let button = Button::new("go", "Go");
        let open = |on: bool| {
            let mut fields = BTreeMap::new();
            put_aside("go", &serde_json::json!({ "bool": on }), &mut fields);
            button.deserialize_fields(&fields);
        };
        open(true);
        assert_eq!((button.value(), button.presses()), (true, 0));
        switch(&button, true);
        assert_eq!(button.presses(), 0, "it is on already");
        open(false);
        assert_eq!((button.value(), button.presses()), (false, 0));
        for _ in 0..3 {
            switch(&button, true);
            switch(&button, false);
        }
        assert_eq!((button.value(), button.presses()), (false, 3));
    }

    #[test]
    fn what_is_no_switch_and_what_is_not_stored_change_nothing() {
        let button = Button::new("go", "Go");
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
