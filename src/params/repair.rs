//! Stored states made fit to be loaded, whoever wrote them.
//!
//! Called by the host's main thread, before nice-plug takes the values over.

use std::collections::HashMap;

use nice_plug::prelude::*;
use serde_json::{Value, json};

use super::buttons::put_aside;
use super::state::HarmonAiParams;

/// Makes a stored state fit to be loaded: values beyond a range are taken to its end, and what is of
/// another type is left out. nice-plug takes values as they come, and panics on an enum's number
/// that is too large.
pub fn repair(state: &mut PluginState) {
    let params = HarmonAiParams::default();
    let map = params.param_map().into_iter();
    let map: HashMap<_, _> = map.map(|(id, param, _)| (id, param)).collect();
    let buttons = params.buttons().map(|button| button.id());
    state.params.retain(|id, stored| {
        // The type of a stored value has no public name. As JSON it is `{"i32": 4}`.
        let Ok(value) = serde_json::to_value(&*stored) else {
            return false;
        };
        if buttons.contains(&id.as_str()) {
            put_aside(id, &value, &mut state.fields);
            return false;
        }
        // SAFETY: the pointers lead into `params`.
        let fitting = map.get(id).and_then(|param| unsafe { fit(*param, value) });
        let fitting = fitting.and_then(|value| serde_json::from_value(value).ok());
        fitting.map(|fitting| *stored = fitting).is_some()
    });
}

/// The value within the parameter's range; `None` if it is of another type.
///
/// # Safety
///
/// The pointer leads to a parameter.
unsafe fn fit(param: ParamPtr, value: Value) -> Option<Value> {
    match param {
        ParamPtr::IntParam(param) => {
            // SAFETY: the caller's promise.
            let IntRange::Linear { min, max } = (unsafe { (*param).range() }) else {
                return None;
            };
            let stored = value.get("i32")?.as_i64()?;
            Some(json!({ "i32": stored.clamp(min.into(), max.into()) }))
        }
        ParamPtr::FloatParam(param) => {
            // SAFETY: the caller's promise.
            let FloatRange::Linear { min, max } = (unsafe { (*param).range() }) else {
                return None;
            };
            let stored = value.get("f32")?.as_f64()?;
            Some(json!({ "f32": stored.clamp(min.into(), max.into()) }))
        }
        ParamPtr::BoolParam(_) => value.get("bool").is_some().then_some(value),
        // Stored by name; unknown names change nothing.
        ParamPtr::EnumParam(_) => value.get("string").is_some().then_some(value),
    }
}
