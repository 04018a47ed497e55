//! `training benchmark melodic-prediction` from outside: figures, table, and what it refuses.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::bench::*;

/// A line of the file: a few notes up and down a scale.
fn line(set: &str, fold: u64, k: u64) -> Value {
    let keys = [0, 2, 4, 5, 7, 5, 4, 2, 0, 7, 4, 0];
    let notes = (0..12usize).map(|i| {
        let key = 60 + k % 3 + keys[(i + (k / 3) as usize % 2 * 3) % 12];
        json!([24 * i, key, 24])
    });
    json!({
        "set": set, "id": format!("{set}-{k}"), "fold": fold, "tpq": 24, "metre": "3/4",
        "anacrusis": 24, "sharps": 0, "key": "C", "notes": notes.collect::<Vec<_>>(),
    })
}

fn lines(set: &str, melodies: u64) -> Vec<Value> {
    (0..melodies).map(|k| line(set, k % 5, k)).collect()
}

fn write(path: &Path, lines: &[Value]) {
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    fs::write(path, text.join("\n")).unwrap();
}

#[test]
fn figures_of_any_sets_are_found() {
    let work = tempfile::tempdir().unwrap();
    let path = work.path().join("sets.jsonl");
    write(
        &path,
        &[lines("shanxi", 20), lines("chorales", 10)].concat(),
    );
    let call = ["benchmark", "melodic-prediction", text(&path)];

    let printed = run(&[&call[..], &["--json"]].concat());
    let report: Value = serde_json::from_str(&printed).unwrap();
    let keys = |value: &Value| -> Vec<String> {
        let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    assert_eq!(keys(&report), ["mean", "sets"]);
    assert_eq!(keys(&report["sets"]), ["chorales", "shanxi"]);
    assert_eq!(keys(&report["mean"]), ["adaptive", "long_term"]);
    let mut sums = [0.0; 2];
    for (name, notes) in [("shanxi", 240), ("chorales", 120)] {
        let set = &report["sets"][name];
        assert_eq!(keys(set), ["adaptive", "long_term", "notes"]);
        assert_eq!(set["notes"], notes);
        for (sum, mode) in sums.iter_mut().zip(["long_term", "adaptive"]) {
            let bits = set[mode].as_f64().unwrap();
            // Twelve pitches or fewer, and tunes that are all alike.
            assert!((0.0..3.0).contains(&bits), "{name} {mode}: {bits}");
            *sum += bits;
        }
    }
    for (sum, mode) in sums.iter().zip(["long_term", "adaptive"]) {
        let mean = report["mean"][mode].as_f64().unwrap();
        assert!((mean - sum / 2.0).abs() < 1e-9, "{mode}: {mean}");
    }
    assert_eq!(run(&[&call[..], &["--json"]].concat()), printed);

    // One set, with a model of noise beside it.
    let model = model(work.path());
    let outside = ["--set", "shanxi", "--json", "--pretrained", text(&model)];
    let one: Value = serde_json::from_str(&run(&[&call[..], &outside].concat())).unwrap();
    assert_eq!(keys(&one["sets"]), ["shanxi"]);
    let set = &one["sets"]["shanxi"];
    assert_eq!(keys(set), ["adaptive", "long_term", "notes", "pretrained"]);
    assert_eq!(set["long_term"], report["sets"]["shanxi"]["long_term"]);
    assert!(set["pretrained"].as_f64().unwrap() > 2.0, "{set}");

    let table = run(&[&call[..], &["--pretrained", text(&model)]].concat());
    for part in [
        "2.444",
        "2.347",
        "shanxi",
        "mean of sets",
        "OUTSIDE THE PROTOCOL",
    ] {
        assert!(table.contains(part), "`{part}` is not in: {table}");
    }
}

#[test]
fn a_file_that_would_be_measured_wrongly_is_refused() {
    let work = tempfile::tempdir().unwrap();
    let path = work.path().join("sets.jsonl");
    let check = |lines: &[Value], more: &[&str], fragments: &[&str]| {
        write(&path, lines);
        let call = ["benchmark", "melodic-prediction", text(&path)];
        let fragments = [fragments, &["sets.jsonl"]].concat();
        fails(&[&call[..], more].concat(), &fragments);
    };
    let with = |key: &str, value: Value| {
        let mut lines = lines("a", 10);
        lines[3][key] = value;
        lines
    };
    check(&[], &[], &["no melody", "`notes`"]);
    check(&with("fold", Value::Null), &[], &["line 4", "no `fold`"]);
    check(&with("fold", json!(-1)), &[], &["line 4"]);
    check(&with("set", Value::Null), &[], &["line 4", "no `set`"]);
    check(&with("notes", json!([])), &[], &["line 4", "no `notes`"]);
    check(&with("notes", json!([[0, 60]])), &[], &["line 4"]);
    check(
        &with("notes", json!([[0, 128, 24]])),
        &[],
        &["line 4", "pitch 128"],
    );
    check(
        &with("notes", json!([[24, 60, 24], [0, 60, 24]])),
        &[],
        &["line 4", "order"],
    );
    check(&with("metre", json!("4/5")), &[], &["line 4", "4/5"]);
    check(&with("tpq", json!(0)), &[], &["line 4", "tpq"]);
    check(&lines("a", 10), &["--set", "b"], &["no set `b`", "a"]);
    let one_fold: Vec<Value> = (0..4).map(|k| line("a", 3, k)).collect();
    check(&one_fold, &[], &["set `a`", "2 folds or more"]);

    fs::write(&path, format!("{}\nnot json\n", line("a", 0, 0))).unwrap();
    let call = ["benchmark", "melodic-prediction", text(&path)];
    fails(&call, &["sets.jsonl, line 2", "no melody"]);
    let missing = work.path().join("missing.jsonl");
    fails(
        &["benchmark", "melodic-prediction", text(&missing)],
        &["missing.jsonl"],
    );
}
