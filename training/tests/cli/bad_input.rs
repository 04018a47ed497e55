//! What cannot be used is named, and nothing is made or changed.

use std::fs;

use crate::bench::*;

#[test]
fn music_that_cannot_be_used_is_named_and_no_run_begins() {
    let work = tempfile::tempdir().unwrap();
    let out = work.path().join("run");
    let check = |name: &str, bytes: Option<&[u8]>, fragments: &[&str]| {
        let path = work.path().join(name);
        match bytes {
            Some(bytes) => fs::write(&path, bytes).unwrap(),
            None => fs::create_dir(&path).unwrap(),
        }
        let model = model(work.path());
        let fragments = [fragments, &[name]].concat();
        fails(
            &["train", "--data", text(&path), "--out", text(&out)],
            &fragments,
        );
        assert!(!out.exists(), "{name}");
        fails(
            &[
                "eval",
                "--json",
                "--model",
                text(&model),
                "--data",
                text(&path),
            ],
            &fragments,
        );
        if bytes.is_some() && name.ends_with(".mid") {
            let answer = work.path().join("answer.mid");
            let generate = [
                "generate",
                "--model",
                text(&model),
                "--phrase",
                text(&path),
                "--out",
            ];
            fails(&[&generate[..], &[text(&answer)]].concat(), &[name]);
            assert!(!answer.exists(), "{name}");
        }
    };
    let whole = song(vec![track("Lead", 0, tune(1))]);
    let silent = song(vec![track("Lead", 0, vec![])]);
    let drums = song(vec![track("Kit", 9, tune(1))]);
    check("cut.mid", Some(&whole[..20]), &["no melody in"]);
    check(
        "text.mid",
        Some(b"this is no music"),
        &["no melody in", "no usable MIDI file"],
    );
    check("empty.mid", Some(b""), &["no melody in"]);
    check("silent.mid", Some(&silent), &["no notes"]);
    check("drums.mid", Some(&drums), &["drums"]);
    check(
        "bad.jsonl",
        Some(b"{\"notes\":[[0,200,1]]}\n"),
        &["line 1", "pitch 200"],
    );
    check("bad.jsonl.zst", Some(b"not packed"), &["could not be read"]);
    check("empty folder", None, &["no music in"]);
    let missing = work.path().join("missing");
    fails(
        &["train", "--data", text(&missing), "--out", text(&out)],
        &["missing"],
    );
}

#[test]
fn a_file_that_is_no_model_is_named() {
    let work = tempfile::tempdir().unwrap();
    let good = fs::read(model(work.path())).unwrap();
    let phrase = phrase(work.path());
    let music = corpus();
    let home = tempfile::tempdir().unwrap();
    let check = |name: &str, bytes: &[u8], fragment: &str| {
        let path = work.path().join(name);
        fs::write(&path, bytes).unwrap();
        let answer = work.path().join("answer.mid");
        let model = text(&path);
        for args in [
            &["info", "--model", model][..],
            &["info", "--json", "--model", model],
            &[
                "eval",
                "--json",
                "--model",
                model,
                "--data",
                text(music.path()),
            ],
            &[
                "generate",
                "--model",
                model,
                "--phrase",
                text(&phrase),
                "--out",
                text(&answer),
            ],
        ] {
            fails(args, &[name, fragment]);
        }
        assert!(!answer.exists());
        let mut install = command(&["install", "--model", model]);
        install
            .env("HOME", home.path())
            .env("XDG_DATA_HOME", home.path());
        is_error(&install.output().unwrap(), &[name, fragment]);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    };
    check("cut.safetensors", &good[..good.len() / 2], "cut off");
    check("head.safetensors", &good[..5], "cut off");
    check("empty.safetensors", b"", "cut off");
    check(
        "text.safetensors",
        b"this is no model, whatever its name may say of it",
        "no safetensors",
    );
    // The same length, so that only the name of a feature is wrong.
    let feature = br#"{\"name\":\"clarity"#;
    let mut places = good.windows(feature.len());
    let at = places.position(|bytes| bytes == feature);
    let at = at.expect("the header names its features") + feature.len();
    let mut newer = good.clone();
    newer[at - 3..at].copy_from_slice(b"ion");
    check("newer.safetensors", &newer, "clarion");
    fails(
        &[
            "info",
            "--model",
            text(&work.path().join("none.safetensors")),
        ],
        &["none.safetensors"],
    );
    fails(&["info", "--model", text(work.path())], &["is a folder"]);
}

#[test]
fn the_phrase_and_the_model_are_never_written_over() {
    let work = tempfile::tempdir().unwrap();
    let (model, phrase) = (model(work.path()), phrase(work.path()));
    for (target, what) in [
        (&phrase, "is the phrase itself"),
        (&model, "is the model itself"),
    ] {
        let before = fs::read(target).unwrap();
        let generate = [
            "generate",
            "--model",
            text(&model),
            "--phrase",
            text(&phrase),
            "--out",
        ];
        fails(
            &[&generate[..], &[text(target)]].concat(),
            &[what, text(target)],
        );
        assert_eq!(&fs::read(target).unwrap(), &before);
    }
}

#[test]
fn wrong_numbers_are_refused_before_anything_is_made() {
    let music = corpus();
    let work = tempfile::tempdir().unwrap();
    let out = work.path().join("run");
    let train = ["train", "--data", text(music.path()), "--out", text(&out)];
    for (flag, value) in [
        ("--hidden", "0"),
        ("--layers", "99"),
        ("--epochs", "0"),
        ("--dropout", "1"),
        ("--learning-rate", "nan"),
    ] {
        fails(&[&train[..], &[flag, value]].concat(), &[]);
    }
    fails(
        &["train", "--out", text(&out), "--resume"],
        &["no run to resume", text(&out)],
    );
    fails(&["train", "--out", text(&out)], &["--data"]);
    assert!(!out.exists());
    let (model, phrase) = (model(work.path()), phrase(work.path()));
    let answer = work.path().join("answer.mid");
    for (flag, value) in [
        ("--beats", "0"),
        ("--beats", "inf"),
        ("--temperature", "0"),
        ("--top-p", "2"),
        ("--memory", "-1"),
        ("--memory", "150"),
        ("--style", "tango"),
    ] {
        let generate = [
            "generate",
            "--model",
            text(&model),
            "--phrase",
            text(&phrase),
            "--out",
        ];
        fails(
            &[&generate[..], &[text(&answer), flag, value]].concat(),
            &[value],
        );
    }
    assert!(!answer.exists());
}
