//! The window without a screen: it draws in every state, and its knobs speak to the host properly.

mod access;
mod answers;
mod bench;
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

use egui::{Event, Modifiers, Pos2, vec2};
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::{Beats, Metre, Ticks};
use harmonai_core::play::duet::Activity;
use nice_plug::params::Params;

use super::*;
use crate::link::commands::Command;
use crate::link::view::{EngineViewWriter, Glitch, NoteSource};
use bench::{Bench, Told, WINDOW};

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
    bench.app.context.params.models.settle();
    bench
        .app
        .context
        .engine
        .messages()
        .set_trouble("Cannot read the model /a.safetensors.");
    (0..3).for_each(|_| bench.app.context.engine.record(Glitch::LateNote));
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
    let before = bench.app.context.params.style.temperature.value();
    bench.drag(knob, vec2(0.0, -60.0));
    assert!(bench.app.context.params.style.temperature.value() > before + 0.2);
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
    assert_ne!(bench.app.context.params.play.length.value(), 16);
    bench.told();
    for pressed in [true, false, true, false] {
        bench.press(knob, pressed, Modifiers::NONE);
    }
    assert_eq!(bench.app.context.params.play.length.value(), 16);
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
    let memory = bench.app.context.params.style.memory.value();
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
    let bars = bench.app.context.params.play.listen.value();
    assert!((5..=6).contains(&bars), "{bars}");
}

#[test]
fn without_a_host_nothing_turns() {
    let mut bench = Bench::new(false);
    let knob = bench.find("Temperature") + vec2(0.0, 60.0);
    let before = bench.app.context.params.style.temperature.value();
    bench.drag(knob, vec2(0.0, -60.0));
    assert_eq!(bench.app.context.params.style.temperature.value(), before);
}
