//! What the system tests share: the hosts, a phrase, a session with it.

#![allow(dead_code, reason = "each test binary uses its own part")]

use harmonai_core::config::Cell;
use harmonai_core::note::{Note, Pitch, Velocity};
use harmonai_core::time::{Metre, Ticks};
use harmonai_tests::host::Class;
use harmonai_tests::recording::largest_error;
use harmonai_tests::tiny_model::tiny;
use harmonai_tests::{Bundles, ClapHost, Host, Played, Recording, Script, Vst3Host};
use serde_json::json;
use std::path::{Path, PathBuf};

/// A bar of 4/4.
pub const BAR: i64 = 96;
/// A quarter note.
pub const BEAT: i64 = 24;

/// Every host, CLAP first, with the plug-in of `class`.
pub fn hosts_of(class: Class) -> Vec<Box<dyn Host>> {
    let bundles = Bundles::find().expect("the plug-in is built");
    let mut hosts = movable_of(class);
    hosts.push(Box::new(Vst3Host::new(&bundles.vst3, class)));
    hosts
}

/// Every host, CLAP first, with the instrument.
pub fn hosts() -> Vec<Box<dyn Host>> {
    hosts_of(Class::Instrument)
}

/// The hosts that can move the transport and load a state while they play.
pub fn movable() -> Vec<Box<dyn Host>> {
    movable_of(Class::Instrument)
}

fn movable_of(class: Class) -> Vec<Box<dyn Host>> {
    let bundles = Bundles::find().expect("the plug-in is built");
    vec![
        Box::new(ClapHost::new(&bundles.clap, class)),
        #[cfg(target_os = "linux")]
        Box::new(harmonai_tests::RawVst3Host::new(&bundles.vst3, class)),
    ]
}

/// The CLAP host, where one host is enough.
pub fn clap() -> Box<dyn Host> {
    hosts().remove(0)
}

/// A project's state with the model at `path`, everything else at its default.
pub fn with_model(host: &dyn Host, path: &Path) -> Vec<u8> {
    let field = serde_json::to_string(path).expect("a path in UTF-8");
    let state = json!({ "version": "", "params": {}, "fields": { "model": field } });
    host.state_from_json(&state.to_string())
}

/// The file of a small network.
pub fn model_file(cell: Cell, seed: u64) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{cell}-{seed}.safetensors"));
    let bytes = tiny(cell, seed).write();
    // Tests run side by side: one that is whole already is not written again.
    if std::fs::read(&path).ok().as_ref() != Some(&bytes) {
        let own = path.with_extension(format!("{:?}", std::thread::current().id()));
        std::fs::write(&own, bytes).expect("the target folder can be written to");
        std::fs::rename(&own, &path).expect("the target folder can be written to");
    }
    path
}

/// `script` with a small network, so that the notes do not depend on the bundled one's training.
pub fn with_tiny(host: &dyn Host, mut script: Script) -> Script {
    script.state = Some(with_model(host, &model_file(Cell::Lstm, 5)));
    script
}

/// Position or length in ticks.
pub fn at(ticks: i64) -> Ticks {
    Ticks::new(ticks)
}

/// A tune of two bars of 4/4: a rest, a held note, a repeated one.
pub fn tune() -> Vec<Note> {
    let notes = [
        (0, 24, 60, 90),
        (24, 24, 62, 80),
        (48, 20, 64, 85),
        (72, 12, 64, 70),
        (84, 12, 65, 75),
        (96, 48, 67, 100),
        (156, 12, 65, 80),
        (168, 20, 64, 90),
    ];
    let note = |(onset, duration, key, velocity)| Note {
        onset: at(onset),
        duration: at(duration),
        pitch: Pitch::clamped(key),
        velocity: Some(Velocity::clamped(velocity)),
    };
    notes.into_iter().map(note).collect()
}

/// The tune as a call of two bars, then an answer of `beats`, then a bar.
pub fn call_and_response(beats: i64) -> Script {
    Script::new(tune(), Metre::COMMON, at(3 * BAR + beats * BEAT))
        .set("Mode", "Call & response")
        .set("Listen", "2")
        .set("Length", &beats.to_string())
        .set("Seed", "3")
}

/// Plays `script` and judges what came out: every note closed, nothing off the grid.
pub fn play(host: &dyn Host, script: &Script) -> (Recording, Vec<Played>) {
    let recording = host
        .play(script)
        .unwrap_or_else(|error| panic!("{error:#}"));
    let context = format!(
        "{} at {}, {:?}",
        host.format(),
        script.sample_rate,
        script.blocks
    );
    let notes = recording
        .notes()
        .unwrap_or_else(|error| panic!("{context}: {error:#}"));
    assert_eq!(
        largest_error(&notes),
        0,
        "{context}: samples off the grid in {notes:#?}"
    );
    (recording, notes)
}

/// The notes that come out of `script`.
pub fn melody(host: &dyn Host, script: &Script) -> Vec<Note> {
    play(host, script)
        .1
        .iter()
        .map(|played| played.note)
        .collect()
}
