//! From a folder of music to a model in the plug-in's folder.

use std::fs;
use std::path::Path;

use harmonai_core::model::checkpoint::Checkpoint;
use harmonai_core::music::smf;
use harmonai_core::music::time::{Metre, Ticks};
use serde_json::Value;

use crate::bench::*;

#[test]
fn a_network_is_trained_measured_played_and_installed() {
    let music = corpus();
    let work = tempfile::tempdir().unwrap();
    let out = work.path().join("run");
    let data = text(music.path());
    let train = [
        &[
            "train",
            "--data",
            data,
            "--out",
            text(&out),
            "--epochs",
            "2",
            "--name",
            "Small",
            "--style-name",
            "jigs=Jigs from Kerry",
        ][..],
        &TINY,
    ]
    .concat();
    let output = command(&train).output().unwrap();
    let (said, told) = (
        String::from_utf8(output.stdout),
        String::from_utf8(output.stderr),
    );
    let (said, told) = (said.unwrap(), told.unwrap());
    assert!(output.status.success(), "{said}\n{told}");
    for part in [
        "12 tracks    drums",
        "12 tracks    chords without",
        "broken.mid",
        "1 file      not music",
        "epoch 2/2",
    ] {
        assert!(told.contains(part), "`{part}` is not in: {told}");
    }
    let model = out.join("best.safetensors");
    assert!(said.contains(text(&model)), "{said}");
    let left_out = fs::read_to_string(out.join("left-out.txt")).unwrap();
    assert_eq!(left_out.matches("drums").count(), 12, "{left_out}");

    // What is there is not trained over.
    let before = fs::read(&model).unwrap();
    fails(&train, &["holds a run already", "--resume", text(&out)]);
    assert_eq!(fs::read(&model).unwrap(), before);

    let info: Value =
        serde_json::from_str(&run(&["info", "--model", text(&model), "--json"])).unwrap();
    assert_eq!(info["cell"], "lstm");
    assert_eq!(info["hidden"], 16);
    assert_eq!(info["styles"], serde_json::json!(["jigs", "reels"]));
    assert_eq!(info["model"], "Small");
    let shown = run(&["info", "--model", text(&model)]);
    assert!(
        shown.contains("1 x 16 lstm") && shown.contains("jigs (Jigs from Kerry), reels"),
        "{shown}"
    );
    let card = info["card"].to_string();
    assert!(
        card.contains("reels: ")
            && card.contains("training train --data")
            && card.contains("--style-name 'jigs=Jigs from Kerry'"),
        "{card}"
    );
    assert!(
        !card.contains(data),
        "where the music lies is nobody's concern: {card}"
    );

    let measured = run(&[
        "eval",
        "--model",
        text(&model),
        "--data",
        data,
        "--split",
        "all",
        "--json",
    ]);
    let measured: Value = serde_json::from_str(&measured).unwrap();
    assert_eq!(measured["notes"], 12 * 32);
    assert_eq!(measured["split"], "all");
    assert_eq!(measured["by_source"]["jigs"]["notes"], 6 * 32);
    let bits = |factor: &str| measured["bits_per_note"][factor].as_f64().unwrap();
    let sum = measured["sum"].as_f64().unwrap();
    assert!((bits("pitch") + bits("onset_interval") - sum).abs() < 1e-9);
    // 129 keys and 224 times, had it learnt nothing
    assert!(sum > 0.0 && sum < 14.8, "{measured}");
    assert!(bits("duration") > 0.0);
    let all = sum + bits("duration") + bits("velocity");
    let total = measured["total"].as_f64().unwrap();
    assert!((total - all).abs() < 1e-9, "{measured}");
    assert!(measured["memory"]["total"].as_f64() > measured["memory"]["sum"].as_f64());

    // The player's network and the trainer's agree, and so do their parts of the music.
    let valid = run(&[
        "eval",
        "--model",
        text(&model),
        "--data",
        data,
        "--split",
        "valid",
        "--json",
    ]);
    let valid: Value = serde_json::from_str(&valid).unwrap();
    for (name, factor) in [
        ("pitch", "pitch"),
        ("onset interval", "onset_interval"),
        ("duration", "duration"),
    ] {
        for (way, played) in [("", &valid["memory"]), (" without memory", &valid)] {
            let name = format!("valid{way}: {name}, bits per note");
            let learnt = info["card"]["metrics"][&name].as_f64().unwrap();
            let played = played["bits_per_note"][factor].as_f64().unwrap();
            assert!(
                (learnt - played).abs() < 1e-4,
                "{name}: {learnt} learnt, {played} played"
            );
        }
    }

    let (phrase, answer) = (phrase(work.path()), work.path().join("answer.mid"));
    let generate = [
        "generate",
        "--model",
        text(&model),
        "--phrase",
        text(&phrase),
        "--beats",
        "10",
        "--temperature",
        "0.9",
        "--seed",
        "4",
        "--out",
        text(&answer),
    ];
    run(&generate);
    let first = fs::read(&answer).unwrap();
    let played = smf::read(&first).unwrap();
    assert_eq!((played.tempo.round(), played.metre), (100.0, Metre::COMMON));
    assert_eq!(played.tracks.len(), 2);
    assert_eq!(played.tracks[0].notes, tune(99)[..16]);
    let (start, end) = (Ticks::new(192), Ticks::new(192 + 240));
    for note in &played.tracks[1].notes {
        assert!(note.onset >= start && note.end() <= end, "{note:?}");
    }
    fails(&generate, &[text(&answer), "--force"]);
    assert_eq!(fs::read(&answer).unwrap(), first, "nothing is overwritten");
    let again = [&generate[..], &["--force"]].concat();
    run(&again);
    assert_eq!(
        fs::read(&answer).unwrap(),
        first,
        "the same seed plays the same"
    );
    let mut other = again;
    other[10] = "5";
    run(&other);
    assert_ne!(
        fs::read(&answer).unwrap(),
        first,
        "another seed plays otherwise"
    );

    // A style goes by its folder's name and by its readable one.
    let [folder, name] = ["jigs", "Jigs from Kerry"].map(|style| {
        let styled = [&generate[..], &["--force", "--style", style]].concat();
        run(&styled);
        fs::read(&answer).unwrap()
    });
    assert_eq!(folder, name);
    assert_ne!(folder, first);

    let home = tempfile::tempdir().unwrap();
    let install = |extra: &[&str]| {
        let mut install = command(&["install", "--model", text(&model)]);
        install.args(extra);
        install
            .env("HOME", home.path())
            .env("XDG_DATA_HOME", home.path().join("share"));
        install
    };
    let said = succeed(&mut install(&[]));
    let installed = said
        .lines()
        .next()
        .unwrap()
        .strip_prefix("installed ")
        .unwrap();
    assert!(installed.ends_with("Small.safetensors"), "{said}");
    assert!(Path::new(installed).starts_with(home.path()), "{said}");
    // It is the same but for its card, which now says when it was trained.
    let stamped = fs::read(installed).unwrap();
    let [there, mut here] = [&before, &stamped].map(|bytes| Checkpoint::read(bytes).unwrap());
    let created = std::mem::take(&mut here.header.card.created);
    assert!(
        created.starts_with("20") && created.ends_with('Z'),
        "{created}"
    );
    assert!(here == there, "more than the card has changed");
    succeed(&mut install(&[]));
    assert!(fs::read(installed).unwrap() == stamped);
    fs::write(installed, "another").unwrap();
    is_error(
        &install(&[]).output().unwrap(),
        &["another model", installed, "--force"],
    );
    assert_eq!(fs::read(installed).unwrap(), b"another");
    succeed(&mut install(&["--force"]));
    assert!(fs::read(installed).unwrap() == stamped);
}
