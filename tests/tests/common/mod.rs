//! What the system tests share: the hosts, a phrase, a session with it.

#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod song_blocks;

use harmonai_core::model::config::Cell;
use harmonai_core::music::note::Note;
use harmonai_core::music::time::{Metre, Ticks};
use harmonai_tests::clap::ClapLibrary;
use harmonai_tests::device::PluginLibrary;
use harmonai_tests::host::Class;
pub use harmonai_tests::phrase::tune;
use harmonai_tests::recording::largest_error;
use harmonai_tests::tiny_model::{file_in, project};
use harmonai_tests::vst3::Vst3Library;
use harmonai_tests::{Bundles, ClapHost, Host, Played, Recording, Script, Vst3Host};
use std::path::{Path, PathBuf};

/// A bar of 4/4.
pub const BAR: i64 = 96;
/// A quarter note.
pub const BEAT: i64 = 24;

/// Every host, CLAP first, with the plug-in of `class`.
pub fn hosts_of(class: Class) -> Vec<Box<dyn Host>> {
    let bundles = Bundles::find().expect("the plug-in is built");
    vec![
        Box::new(ClapHost::new(&bundles.clap, class)),
        Box::new(Vst3Host::new(&bundles.vst3, class)),
    ]
}

/// Every host, CLAP first, with the instrument.
pub fn hosts() -> Vec<Box<dyn Host>> {
    hosts_of(Class::Instrument)
}

/// The formats' libraries, CLAP first, for tests that call the plug-in themselves.
pub fn libraries() -> Vec<Box<dyn PluginLibrary>> {
    let bundles = Bundles::find().expect("the plug-in is built");
    vec![
        Box::new(ClapLibrary::load(&bundles.clap).expect("it can be loaded")),
        Box::new(Vst3Library::load(&bundles.vst3).expect("it can be loaded")),
    ]
}

/// The CLAP host, where one host is enough.
pub fn clap() -> Box<dyn Host> {
    hosts().remove(0)
}

/// A project's state with the model at `path`, everything else at its default.
pub fn with_model(host: &dyn Host, path: &Path) -> Vec<u8> {
    host.state_from_json(&project(Some(path)))
}

/// The file of a small network.
pub fn model_file(cell: Cell, seed: u64) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    file_in(folder, cell, seed).expect("the target folder can be written to")
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
