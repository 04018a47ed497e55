//! A host that scans plug-ins opens each of them; what is large is read when it is to play, no sooner.
//!
//! Alone in its process: the bundled model is read once in each, whoever asks for it first.

#![cfg(target_os = "linux")]

use harmonai_tests::clap::ClapLibrary;
use harmonai_tests::device::PluginLibrary;
use harmonai_tests::{Bundles, Class};

/// Memory of this process that is in no file, in KiB.
fn own_memory() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let kib = line.unwrap().split_whitespace().next().unwrap();
    kib.parse().unwrap()
}

#[test]
fn a_scan_does_not_read_the_model() {
    let file = std::fs::metadata("../plugin-assets/default.safetensors").unwrap();
    let model = file.len() as i64 / 1024;
    let library = ClapLibrary::load(&Bundles::find().unwrap().clap).unwrap();
    // What the code itself needs is there with the first instance.
    drop(library.open(Class::Notes).unwrap());
    let loaded = own_memory();
    let mut device = library.open(Class::Instrument).unwrap();
    assert!(!device.save().unwrap().is_empty());
    let scanned = own_memory();
    device.activate(48_000.0, 512, false).unwrap();
    let active = own_memory();
    device.deactivate().unwrap();
    println!("loaded {loaded}, scanned {scanned}, active {active}, the model {model} KiB");
    assert!(scanned - loaded < model / 4, "{loaded} KiB, then {scanned}");
    assert!(active - scanned > model / 2, "{scanned} KiB, then {active}");
}
