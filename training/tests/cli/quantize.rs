//! `quantize`: a model in bytes says nearly what it said before.

use std::fs;

use harmonai_core::model::checkpoint::Checkpoint;
use harmonai_core::model::config::{Cell, Config};
use serde_json::Value;

use crate::bench::*;

#[test]
fn a_model_in_bytes_is_smaller_and_predicts_as_well() {
    let work = tempfile::tempdir().unwrap();
    let [whole, bytes] = ["whole", "bytes"].map(|n| work.path().join(format!("{n}.safetensors")));
    let config = Config::new(Cell::Lstm, 2, 64, 32, Vec::new()).unwrap();
    fs::write(&whole, Checkpoint::noise(config, 1).write()).unwrap();
    let said = run(&["quantize", "--model", text(&whole), "--out", text(&bytes)]);
    assert!(said.contains(text(&bytes)), "{said}");
    let size = |path| fs::metadata(path).unwrap().len();
    assert!(size(&bytes) < size(&whole));
    let said = run(&["info", "--model", text(&bytes)]);
    assert!(said.contains("weights      in bytes"), "{said}");
    let song = work.path().join("song.mid");
    fs::write(&song, song_of_eighths()).unwrap();
    let total = |model| {
        let eval = [
            "eval",
            "--model",
            model,
            "--data",
            text(&song),
            "--split",
            "all",
            "--json",
        ];
        let figures: Value = serde_json::from_str(&run(&eval)).unwrap();
        figures["total"].as_f64().unwrap()
    };
    let (before, after) = (total(text(&whole)), total(text(&bytes)));
    assert!((before - after).abs() < 0.01, "{before} bits, then {after}");
    assert!(before != after, "nothing was rounded");
    fails(
        &["quantize", "--model", text(&bytes), "--out", text(&whole)],
        &["are bytes already", text(&bytes)],
    );
}

fn song_of_eighths() -> Vec<u8> {
    song(vec![track("Lead", 0, tune(1))])
}
