//! A model goes on learning from a few files of the user's own.

use std::fs;

use harmonai_core::model::checkpoint::Checkpoint;
use harmonai_core::model::vocabulary::Factor;
use serde_json::Value;

use crate::bench::*;

#[test]
fn a_model_learns_the_users_music_and_keeps_its_own_styles() {
    let (music, work) = (corpus(), tempfile::tempdir().unwrap());
    let base = model(work.path());
    let out = work.path().join("run");
    let (data, base, out) = (text(music.path()), text(&base), text(&out));
    let train = ["train", "--from", base, "--data", data, "--out", out];
    let output = command(&[&train[..], &["--epochs", "2"]].concat())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}");
    assert!(
        told.contains("before: valid") && told.contains("epoch 2/2"),
        "{told}"
    );

    let best = format!("{out}/best.safetensors");
    let info: Value = serde_json::from_str(&run(&["info", "--model", &best, "--json"])).unwrap();
    assert_eq!(
        (&info["cell"], &info["hidden"]),
        (&"gru".into(), &16.into())
    );
    assert_eq!(info["styles"], serde_json::json!(["reels", "jigs"]));
    let command = info["card"]["command"].as_str().unwrap();
    assert!(command.contains("--from noise.safetensors"), "{command}");
    // It goes on from what it knows, and does not begin with velocities.
    let [before, after] =
        [base, &best].map(|path| Checkpoint::read(&fs::read(path).unwrap()).unwrap());
    assert!(!after.header.config.predicts(Factor::Velocity));
    let specs = before.header.config.tensors();
    let tensors = specs.iter().zip(before.tensors.iter().zip(&after.tensors));
    for (spec, (before, after)) in tensors {
        let learnt = match spec.name.as_str() {
            "rnn.weight_hh_l0" => true,
            "embed.velocity.weight" => false,
            _ => continue,
        };
        // All rows but the last: that is what is read where there is none.
        let rows = before.len() - spec.shape[1];
        let far = before[..rows].iter().zip(after).map(|(a, b)| (a - b).abs());
        let far = far.fold(0.0, f32::max);
        // A little of everything decays; what is learnt moves further.
        assert_eq!(far > 1e-4, learnt, "{}: {far}", spec.name);
    }

    // Another network than the model's cannot be had, nor another base under way.
    let again = work.path().join("again");
    let elsewhere = [
        "train",
        "--from",
        base,
        "--data",
        data,
        "--out",
        text(&again),
    ];
    let wider = [&elsewhere[..], &["--hidden", "32"]].concat();
    fails(&wider, &["--hidden 32", "the model of --from has 16"]);
    assert!(!again.exists());
    let resume = ["train", "--resume", "--out", out, "--from", "default"];
    fails(&resume, &["--from default", "started with"]);
}

#[test]
fn the_bundled_model_goes_by_its_name() {
    let shown = run(&["info", "--model", "default"]);
    assert!(shown.contains("2 x 384 lstm"), "{shown}");
    let work = tempfile::tempdir().unwrap();
    let missing = work.path().join("default");
    fails(&["info", "--model", text(&missing)], &[text(&missing)]);
}
