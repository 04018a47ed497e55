//! Runs that cannot go on: a full disk, Ctrl-C.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use harmonai_core::model::checkpoint::Checkpoint;

use crate::bench::*;

/// Runs the binary where no file can grow beyond `blocks` of 512 bytes: writing fails as on a full
/// disk.
fn cramped(blocks: u32, args: &[&str]) -> Command {
    let mut shell = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    shell.args(["-c", &script, BINARY]).args(args);
    shell
}

#[test]
fn a_full_disk_is_told_and_nothing_is_lost() {
    let music = corpus();
    let work = tempfile::tempdir().unwrap();
    let (model, phrase) = (model(work.path()), phrase(work.path()));
    let generate = [
        "generate",
        "--model",
        text(&model),
        "--phrase",
        text(&phrase),
        "--out",
    ];
    fails(
        &[&generate[..], &["/dev/full"]].concat(),
        &["/dev/full", "space"],
    );

    let answer = work.path().join("answer.mid");
    fs::write(&answer, "yesterday's").unwrap();
    let long = [&generate[..], &[text(&answer), "--force", "--beats", "400"]].concat();
    is_error(
        &cramped(1, &long).output().unwrap(),
        &[text(&answer), "cannot be written"],
    );
    assert_eq!(fs::read(&answer).unwrap(), b"yesterday's");

    let home = tempfile::tempdir().unwrap();
    let mut install = cramped(1, &["install", "--model", text(&model)]);
    install
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path());
    is_error(
        &install.output().unwrap(),
        &["Noise.safetensors", "cannot be written"],
    );

    let out = work.path().join("run");
    let train = [
        "train",
        "--data",
        text(music.path()),
        "--out",
        text(&out),
        "--epochs",
        "1",
    ];
    let train = [&train[..], &TINY].concat();
    is_error(&cramped(1, &train).output().unwrap(), &[text(&out)]);
    let part = |path: &Path| {
        let entries = fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        entries
            .filter(|name| name.to_string_lossy().contains("part"))
            .count()
    };
    assert_eq!(
        part(work.path()) + part(&out),
        0,
        "half-written files are taken away"
    );
}

/// Longer than anything takes on the most loaded machine.
const HANG: Duration = Duration::from_secs(300);

/// Presses Ctrl-C once a run of 30 epochs has done two. What it says then; nothing if it had come to
/// its end before.
fn interrupted(train: &mut Command) -> Option<String> {
    let mut child = train
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("epoch 2/30")));
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    // Read on, so that the child is not stopped by a full pipe.
    let told: Vec<String> = lines.map(|line| line.unwrap()).collect();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    match output.status.code() {
        Some(130) => Some(said),
        Some(0) => None,
        code => panic!("{code:?}: {said} {told:?}"),
    }
}

/// Stopped by Ctrl-C and resumed, a run ends with the very model of an undisturbed one.
#[test]
fn a_stopped_run_is_resumed_to_the_same_model() {
    let music = corpus();
    let work = tempfile::tempdir().unwrap();
    let start = |out: &Path| {
        let train = [
            "train",
            "--data",
            text(music.path()),
            "--epochs",
            "30",
            "--name",
            "Same",
        ];
        command(&[&train[..], &["--out", text(out)], &TINY].concat())
    };
    let (whole, stopped) = (work.path().join("whole"), work.path().join("stopped"));
    succeed(&mut start(&whole));

    let begun = Instant::now();
    let said = loop {
        if let Some(said) = interrupted(&mut start(&stopped)) {
            break said;
        }
        // On a loaded machine the run may be over before the test has had its turn.
        assert!(begun.elapsed() < HANG, "no run was caught in {HANG:?}");
        fs::remove_dir_all(&stopped).unwrap();
    };
    assert!(said.contains("--resume"), "{said}");

    fails(
        &[
            "train",
            "--resume",
            "--out",
            text(&stopped),
            "--hidden",
            "24",
        ],
        &["--hidden 24", "16"],
    );
    run(&[
        "train",
        "--resume",
        "--out",
        text(&stopped),
        "--device",
        "cpu",
    ]);
    let tensors = |out: &Path| {
        let bytes = fs::read(out.join("best.safetensors")).unwrap();
        let checkpoint = Checkpoint::read(&bytes).unwrap();
        (checkpoint.tensors, checkpoint.header.card.metrics)
    };
    assert!(
        tensors(&whole) == tensors(&stopped),
        "the resumed run went another way"
    );
}
