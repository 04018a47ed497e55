//! How values are shown and typed: shares in hundredths, counted units, numbers whatever unit follows.

use std::ops::RangeInclusive;
use std::sync::Arc;

use nice_plug::prelude::*;

/// A whole number, typed with a unit or without.
pub fn integer(name: &str, default: i32, range: RangeInclusive<i32>) -> IntParam {
    let (min, max) = range.into_inner();
    let param = IntParam::new(name, default, IntRange::Linear { min, max });
    param.with_string_to_value(Arc::new(whole))
}

/// A number, typed with a unit or without: nice-plug's own reading would take NaN for one.
pub fn float(name: &str, default: f32, range: RangeInclusive<f32>) -> FloatParam {
    let (min, max) = range.into_inner();
    let param = FloatParam::new(name, default, FloatRange::Linear { min, max });
    param.with_string_to_value(Arc::new(number))
}

/// A share, shown in hundredths.
pub fn percent(name: &str, default: f32, range: RangeInclusive<f32>) -> FloatParam {
    float(name, default, range)
        .with_value_to_string(Arc::new(|value| format!("{:.0} %", value * 100.0)))
        .with_string_to_value(Arc::new(|text| Some(number(text)? / 100.0)))
}

/// Less or more of something than the network has learnt, -1 to 1, shown in hundredths.
pub fn around(name: &str, default: f32) -> FloatParam {
    float(name, default, -1.0..=1.0)
        .with_step_size(0.01)
        .with_value_to_string(Arc::new(|value| match (value * 100.0).round() as i32 {
            0 => "0 %".to_owned(),
            share => format!("{share:+} %"),
        }))
        .with_string_to_value(Arc::new(|text| Some(number(text)? / 100.0)))
}

/// `1 bar`, `2 bars`, `0.5 beats`.
pub fn counted(n: f32, what: &str) -> String {
    if n == 1.0 {
        format!("1 {what}")
    } else {
        format!("{n} {what}s")
    }
}

/// What a parameter makes of a typed value.
type Reading<T> = Arc<dyn Fn(&str) -> Option<T> + Send + Sync>;

/// Reads `word` as that value, and all else as `other` does.
pub fn word_or<T>(word: &'static str, value: T, other: fn(&str) -> Option<T>) -> Reading<T>
where
    T: Copy + Send + Sync + 'static,
{
    Arc::new(move |text| {
        let is_word = text.trim().eq_ignore_ascii_case(word);
        if is_word { Some(value) } else { other(text) }
    })
}

/// The whole number that a typed value begins with. nice-plug subtracts from it without a look.
pub fn whole(text: &str) -> Option<i32> {
    Some(number(text)?.round().clamp(-1e6, 1e6) as i32)
}

/// The number that a typed value begins with, whatever unit follows.
pub fn number(text: &str) -> Option<f32> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '-' | '+'))
        .unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}
