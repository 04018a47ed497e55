//! `eval --statistics`: figures of what a model plays, and their pictures.

use std::fs;

use serde_json::Value;

use crate::bench::*;

const PICTURES: [&str; 8] = [
    "answer-1.svg",
    "answer-2.svg",
    "answer-3.svg",
    "answer-4.svg",
    "bits-per-note.svg",
    "melodic-interval.svg",
    "onset-interval.svg",
    "pitch-class.svg",
];

#[test]
fn what_a_model_plays_is_counted_and_drawn() {
    let music = corpus();
    let work = tempfile::tempdir().unwrap();
    let model = model(work.path());
    let (plots, other) = (work.path().join("new/plots"), work.path().join("other"));
    let eval = |seed: &str, folder| {
        let text = run(&[
            "eval",
            "--model",
            text(&model),
            "--data",
            text(music.path()),
            "--split",
            "all",
            "--json",
            "--statistics",
            "--phrases",
            "5",
            "--seed",
            seed,
            "--plots",
            text(folder),
        ]);
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let measured = eval("1", &plots);
    assert_eq!(
        measured["notes"],
        12 * 32,
        "the other figures are there still"
    );
    let statistics = &measured["statistics"];
    assert_eq!(statistics["melodies"], 5);
    assert_eq!(statistics["seed"], 1);
    assert_eq!(statistics["of_training_part"], true);
    let temperature = statistics["temperature"].as_f64().unwrap();
    assert!((temperature - 1.0).abs() < 1e-6, "{temperature}");
    // Four bars of eighths are a phrase of two and an answer of two.
    let held_out = &statistics["held_out"];
    assert_eq!(held_out["notes"], 5 * 16);
    assert_eq!(held_out["notes_per_beat"], 2.0);
    let in_key = held_out["in_key"].as_f64().unwrap();
    assert!(in_key > 0.9, "the tunes keep to a scale: {in_key}");
    assert_eq!(held_out["endings"]["melodies"], 5);
    let generated = &statistics["generated"];
    for name in [
        "notes",
        "range_semitones",
        "notes_per_beat",
        "in_key",
        "far_from_phrase",
        "repetition",
        "quotation",
        "sequence",
        "insistence",
        "hammering",
    ] {
        let figure = generated[name].as_f64().unwrap();
        assert!(figure.is_finite() && figure >= 0.0, "{name} {figure}");
    }
    for name in ["tonic", "tonic_triad", "long"] {
        assert!(generated["endings"][name].is_number(), "{generated}");
    }
    for side in [held_out, generated] {
        assert!(side["copied"]["max_notes"].as_u64().unwrap() >= 1, "{side}");
        assert!(side["copied"]["mean_notes"].is_number());
    }
    for (name, bins) in [
        ("pitch_class", 12),
        ("melodic_interval", 25),
        ("onset_interval", 15),
    ] {
        let histogram = &statistics["histograms"][name];
        assert_eq!(histogram["bins"].as_array().unwrap().len(), bins);
        for side in ["held_out", "generated"] {
            let shares = histogram[side].as_array().unwrap().iter();
            let sum: f64 = shares.map(|share| share.as_f64().unwrap()).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{name} {side} {sum}");
        }
        let overlap = histogram["overlap"].as_f64().unwrap();
        assert!(
            (0.0..1.0).contains(&overlap),
            "noise is no music: {overlap}"
        );
        assert!(histogram["kl_divergence_bits"].as_f64().unwrap() > 0.0);
    }
    let mut names: Vec<_> = fs::read_dir(&plots)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, PICTURES);

    // The same seed once more, whatever the threads do; then another one.
    assert_eq!(eval("1", &other), measured);
    for name in PICTURES {
        let [one, same] = [&plots, &other].map(|folder| fs::read_to_string(folder.join(name)));
        let one = one.unwrap();
        assert!(one.starts_with("<svg") && one.trim_end().ends_with("</svg>"));
        assert_eq!(one, same.unwrap(), "{name}");
    }
    assert_ne!(eval("2", &other)["statistics"], *statistics);
}

#[test]
fn the_table_has_both_columns_and_wrong_wishes_are_refused() {
    let music = corpus();
    let work = tempfile::tempdir().unwrap();
    let model = model(work.path());
    let eval = ["eval", "--model", text(&model), "--split", "all", "--data"];
    let data = text(music.path());
    let table = run(&[&eval[..], &[data, "--statistics", "--phrases", "3"]].concat());
    for part in [
        "3 melodies played on",
        "held-out",
        "± ",
        "KL, bits",
        "tonic triad",
    ] {
        assert!(table.contains(part), "`{part}` is not in: {table}");
    }
    let plain = run(&[&eval[..], &[data]].concat());
    assert!(!plain.contains("held-out"), "{plain}");

    let file = work.path().join("file");
    fs::write(&file, "").unwrap();
    let wrong = |more: &[&str], fragments: &[&str]| {
        fails(
            &[&eval[..], &[data, "--statistics"], more].concat(),
            fragments,
        );
    };
    wrong(&["--plots", text(&file)], &["--plots", text(&file)]);
    wrong(&["--temperature", "9"], &["--temperature 9", "0.1 and 2"]);
    let short = work.path().join("short.jsonl");
    fs::write(&short, r#"{"notes":[[0,60,12],[12,62,12],[24,64,12]]}"#).unwrap();
    fails(
        &[&eval[..], &[text(&short), "--statistics"]].concat(),
        &["all part", "--statistics", "--split"],
    );
    let refused = command(&[&eval[..], &[data, "--plots", "x"]].concat()).output();
    assert_eq!(refused.unwrap().status.code(), Some(2), "plots of nothing");
}
