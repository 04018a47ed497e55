//! Instances that are closed leave no thread behind: a host may unload the plug-in right after.
//!
//! The only test of its program: beside others no thread could be told from theirs.
#![cfg(target_os = "linux")]

mod common;

use common::song_blocks::{RATE, SongBlocks, call_project, end};
use common::{libraries, tune};
use harmonai_core::music::time::Ticks;
use harmonai_tests::Class;
use harmonai_tests::device::{Device, PluginLibrary};
use harmonai_tests::wait;

const BLOCK: u32 = 512;

/// The process's threads by name.
fn threads() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    // One that ends in the meantime has lost its name.
    let name = |task: std::io::Result<std::fs::DirEntry>| {
        std::fs::read_to_string(task.ok()?.path().join("comm")).ok()
    };
    let mut names: Vec<_> = tasks.filter_map(name).collect();
    names.sort();
    names
}

/// The threads once those are gone that have been joined: the system lists them a moment more.
fn threads_left(before: &[String]) -> Vec<String> {
    wait::patiently(|| (threads() == before).then_some(()));
    threads()
}

/// The plug-in, active and in the middle of an answer.
fn open(library: &dyn PluginLibrary, class: Class) -> Box<dyn Device> {
    let mut device = library.open(class).unwrap();
    assert!(device.load(&library.state_from_json(&call_project(8, 1))));
    device.activate(RATE, BLOCK, true).unwrap();
    let song = SongBlocks::new(Ticks::ZERO, end(), &[BLOCK], false, |_| 480.0);
    let mut notes = 0;
    for (first, block) in song.blocks(&tune()) {
        notes += device.process(first, &block).unwrap().events.len();
        if notes > 3 {
            break;
        }
    }
    assert!(notes > 3, "it answers");
    device
}

#[test]
fn closed_instances_leave_no_thread_behind() {
    let before = threads();
    for library in libraries() {
        let classes = [Class::Instrument, Class::Notes].into_iter().cycle();
        let devices: Vec<_> = classes
            .clone()
            .take(16)
            .map(|class| open(library.as_ref(), class))
            .collect();
        assert!(threads().len() >= before.len() + 16, "{:?}", threads());
        drop(devices);
        assert_eq!(threads_left(&before), before, "{}", library.format());
        for class in classes.take(50) {
            drop(open(library.as_ref(), class));
        }
        assert_eq!(threads_left(&before), before, "{}", library.format());
    }
    // And with the libraries gone.
    assert_eq!(threads_left(&before), before);
}
