//! The textbook's network, `--preset classic`: the same way, but for the plug-in.

use std::fs;

use harmonai_core::model::vocabulary::grid::SIXTEENTH;
use harmonai_core::music::smf;
use harmonai_core::music::time::Ticks;
use serde_json::Value;

use crate::bench::*;

#[test]
fn the_classic_network_is_trained_measured_and_played_but_not_installed() {
    let music = corpus();
    let work = tempfile::tempdir().unwrap();
    let (data, out) = (text(music.path()), work.path().join("run"));
    let train = [
        "train",
        "--preset",
        "classic",
        "--data",
        data,
        "--out",
        text(&out),
        "--epochs",
        "2",
    ];
    let said = run(&[&train[..], &TINY].concat());
    assert!(!said.contains("install"), "{said}");
    let out = text(&out);
    let resume = ["train", "--resume", "--out", out];
    fails(
        &[&resume[..], &["--preset", "default"]].concat(),
        &["--preset default", "classic"],
    );
    run(&[&resume[..], &["--preset", "classic"]].concat());
    let model = format!("{out}/best.safetensors");
    let model = model.as_str();

    let info: Value = serde_json::from_str(&run(&["info", "--model", model, "--json"])).unwrap();
    assert_eq!(info["representation"], "grid");
    assert_eq!(
        (&info["hidden"], &info["velocity"]),
        (&16.into(), &false.into())
    );
    let card = info["card"]["command"].as_str().unwrap();
    assert!(card.contains("--preset classic"), "{card}");
    assert!(run(&["info", "--model", model]).contains("does not play it"));

    let eval = ["eval", "--model", model, "--data", data, "--split"];
    let measured = run(&[&eval[..], &["valid", "--json"]].concat());
    let measured: Value = serde_json::from_str(&measured).unwrap();
    let figure = |name: &str| measured[name].as_f64().unwrap();
    assert_eq!(figure("sum"), figure("total"));
    assert_eq!(measured["bits_per_note"]["grid"], measured["sum"]);
    assert_eq!(
        (measured.get("memory"), figure("dropped_notes")),
        (None, 0.0)
    );
    assert_eq!(measured["notes"].as_u64().unwrap() % 32, 0);
    assert!(
        measured["by_source"]["jigs"]["sum"].is_f64()
            || measured["by_source"]["reels"]["sum"].is_f64()
    );
    // Two symbols a quaver, seven bits each, had it learnt nothing; and the trainer has the same.
    assert!(figure("sum") > 0.0 && figure("sum") < 14.0, "{measured}");
    let learnt = info["card"]["metrics"]["valid: all symbols, bits per note"].as_f64();
    assert!(
        (learnt.unwrap() - figure("sum")).abs() < 1e-4,
        "{learnt:?} learnt"
    );
    let table = run(&[&eval[..], &["all"]].concat());
    assert!(
        table.contains("dropped") && !table.contains("style"),
        "{table}"
    );

    let (phrase, answer) = (phrase(work.path()), work.path().join("answer.mid"));
    let play = |extra: &[&str]| {
        let generate = [
            "generate",
            "--model",
            model,
            "--phrase",
            text(&phrase),
            "--force",
        ];
        let more = ["--beats", "10", "--out", text(&answer)];
        run(&[&generate[..], &more, extra].concat());
        fs::read(&answer).unwrap()
    };
    let first = play(&["--temperature", "1.2", "--seed", "4"]);
    assert_eq!(first, play(&["--temperature", "1.2", "--seed", "4"]));
    assert_ne!(first, play(&["--temperature", "1.2", "--seed", "5"]));
    let song = smf::read(&first).unwrap();
    assert_eq!(song.tracks[0].notes, tune(99)[..16]);
    let answered = &song.tracks[1].notes;
    assert!(!answered.is_empty());
    for note in answered {
        assert!(note.onset >= Ticks::new(192) && note.end() <= Ticks::new(192 + 240));
        let on_grid = |at: Ticks| at.floor_to(SIXTEENTH) == at;
        assert!(on_grid(note.onset) && on_grid(note.end()), "{note:?}");
    }
    let more = ["--phrase", text(&phrase), "--out", text(&answer), "--force"];
    let freely = ["generate", "--model", model, "--rhythm-temperature", "1"];
    fails(
        &[&freely[..], &more].concat(),
        &["--rhythm-temperature", model],
    );
    fails(&["install", "--model", model], &[model, "without --preset"]);
}

#[test]
fn presets_are_compared_in_one_table() {
    let music = corpus();
    let small = [
        "benchmark",
        "presets",
        text(music.path()),
        "--device",
        "cpu",
    ];
    let small = [&small[..], &["--epochs", "1", "--hidden", "8"]].concat();
    let found: Value = serde_json::from_str(&run(&[&small[..], &["--json"]].concat())).unwrap();
    let rows = found["networks"].as_array().unwrap();
    let names: Vec<_> = rows
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["classic", "rnn", "gru", "lstm"]);
    let classic = rows[0]["test"]["total"].as_f64().unwrap();
    for row in rows {
        // Quavers all of them: the grid writes them exactly.
        let test = &row["test"];
        assert_eq!(test, &row["exact"]);
        let total = test["total"].as_f64().unwrap();
        let fewer = test["fewer_percent"].as_f64().unwrap();
        assert!((fewer - 100.0 * (1.0 - total / classic)).abs() < 1e-9);
        assert!(row["parameters"].as_u64().unwrap() > 1000);
        // A quaver is two sixteenths: twice the steps.
        let batch = if row["name"] == "classic" { 64 } else { 32 };
        let near = row["batch"].as_u64().unwrap().abs_diff(batch) <= 1;
        assert!(near, "{row}");
        let remembers = test.get("total_with_memory").is_some();
        assert_eq!(remembers, row["name"] != "classic");
    }
    let table = run(&small);
    for part in ["fewer = than classic", "lstm", "0.0 %", "with memory"] {
        assert!(table.contains(part), "`{part}` is not in: {table}");
    }
}
