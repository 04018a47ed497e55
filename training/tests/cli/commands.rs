//! What all commands have in common: options, refusals before any work, words that can be followed.

use std::fs;

use serde_json::Value;

use crate::bench::*;

#[test]
fn an_output_that_cannot_be_written_is_told_before_anything_is_read() {
    let work = tempfile::tempdir().unwrap();
    let file = work.path().join("file");
    fs::write(&file, "").unwrap();
    let inside = file.join("new");
    let (inside, nowhere) = (text(&inside), "/no/such/music");
    let model = model(work.path());
    let model = text(&model);
    for args in [
        &["train", "--data", nowhere, "--out", inside][..],
        &["export", "--data", nowhere, "--out", inside],
        &["inspect", "--data", nowhere, "--out", inside],
    ] {
        fails(args, &["--out", inside]);
    }
    let eval = ["eval", "--model", model, "--data", nowhere, "--statistics"];
    fails(
        &[&eval[..], &["--plots", inside]].concat(),
        &["--plots", inside],
    );
    let answer = file.join("answer.mid");
    let generate = ["generate", "--model", model, "--phrase", nowhere, "--out"];
    fails(&[&generate[..], &[text(&answer)]].concat(), &["--out"]);
    let text_file = work.path().join("answer.txt");
    fails(
        &[&generate[..], &[text(&text_file)]].concat(),
        &["answer.txt", ".mid"],
    );
    assert!(!text_file.exists());
}

#[test]
fn no_message_ends_in_a_number_of_the_system() {
    let work = tempfile::tempdir().unwrap();
    let page = work.path().join("page");
    for args in [
        &["info", "--model", "/no/such/model"][..],
        &["inspect", "--data", "/no/such/music", "--out", text(&page)],
        &["train", "--resume", "--out", "/no/such/run"],
    ] {
        let output = command(args).output().unwrap();
        is_error(&output, &["/no/such"]);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(!errors.contains("os error"), "{errors}");
    }
}

#[test]
fn what_a_small_run_says_at_its_end_can_be_done() {
    let work = tempfile::tempdir().unwrap();
    let music = work.path().join("my music");
    fs::create_dir(&music).unwrap();
    // So few that by chance none is kept for eval alone.
    for seed in 0..3 {
        let lead = vec![track("Lead", 0, tune(seed))];
        fs::write(music.join(format!("{seed}.mid")), song(lead)).unwrap();
    }
    let out = work.path().join("run");
    let train = [
        "train",
        "--data",
        text(&music),
        "--out",
        text(&out),
        "--epochs",
        "1",
    ];
    let said = run(&[&train[..], &TINY].concat());
    let line = said.lines().find(|line| line.starts_with("measure it:"));
    let (_, rest) = line.unwrap().split_once("eval").unwrap();
    let shell = format!("'{BINARY}' eval {rest} --json");
    let mut shell_command = std::process::Command::new("sh");
    let measured = succeed(shell_command.args(["-c", &shell]));
    let measured: Value = serde_json::from_str(&measured).unwrap();
    assert!(measured["notes"].as_u64().unwrap() >= 32, "{measured}");

    let output = command(&["train", "--resume", "--out", text(&out)])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && told.contains("had finished already"),
        "{told}"
    );
    assert!(!told.contains("going on after"), "{told}");
}

#[test]
fn earlier_forms_of_the_commands_are_still_taken() {
    let (music, work) = (corpus(), tempfile::tempdir().unwrap());
    let page = work.path().join("page");
    let data = text(music.path());
    run(&["inspect", data, "--output", text(&page)]);
    assert!(page.join("index.html").exists());
    for (flag, name) in [("--passes", "one"), ("--epochs", "other")] {
        let out = work.path().join(name);
        let export = ["export", "--data", data, "--out", text(&out), flag, "2"];
        run(&[
            &export[..],
            &["--layers", "1", "--hidden", "8", "--embedding", "4"],
        ]
        .concat());
        assert!(out.join("train-002.safetensors").exists());
        assert!(!out.join("train-003.safetensors").exists());
    }
    let (model, phrase) = (model(work.path()), phrase(work.path()));
    for memory in ["40", "40%"] {
        let out = work.path().join(format!("{memory}.mid"));
        let generate = [
            "generate",
            "--model",
            text(&model),
            "--phrase",
            text(&phrase),
        ];
        run(&[&generate[..], &["--memory", memory, "--out", text(&out)]].concat());
    }
    let [one, other] = ["40", "40%"].map(|m| fs::read(work.path().join(format!("{m}.mid"))));
    assert!(one.unwrap() == other.unwrap());
}

#[test]
fn each_source_and_their_mean_are_measured() {
    let (music, work) = (corpus(), tempfile::tempdir().unwrap());
    let model = model(work.path());
    let eval = [
        "eval",
        "--model",
        text(&model),
        "--data",
        text(music.path()),
        "--split",
        "all",
    ];
    let measured: Value = serde_json::from_str(&run(&[&eval[..], &["--json"]].concat())).unwrap();
    let pitch = |of: &Value| of["memory"]["bits_per_note"]["pitch"].as_f64().unwrap();
    let sources = measured["by_source"].as_object().unwrap();
    assert_eq!(sources.len(), 2);
    let mean = sources.values().map(pitch).sum::<f64>() / 2.0;
    assert!((pitch(&measured["mean_of_sources"]) - mean).abs() < 1e-12);
    assert!(run(&eval).contains("mean of the sources"));
}
