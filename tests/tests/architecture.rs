//! What holds for the whole: arrows between the packages run one way, shell -> core <- training,
//! asked of cargo; and the plug-in that the other tests play is the guarded build.

use harmonai_tests::bundle::{Bundles, workspace};
use std::collections::BTreeSet;
use std::process::Command;

/// Every crate that `package` is built with on any platform, its build scripts' and tests' too.
fn crates(package: &str, features: &[&str]) -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "tree",
            "--locked",
            "--package",
            package,
            "--target",
            "all",
            "--prefix",
            "none",
        ])
        .args(["--edges", "normal,build", "--format", "{p}"])
        .args(features)
        .current_dir(workspace())
        .output()
        .expect("cargo starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let name = |line: &str| line.split(' ').next().unwrap_or_default().to_string();
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(name)
        .filter(|n| !n.is_empty())
        .collect()
}

/// None of `crates` begins with one of `banned`.
fn check(package: &str, features: &[&str], banned: &[&str]) {
    let crates = crates(package, features);
    assert!(
        crates.contains("harmonai-core"),
        "{package} is built on the core: {crates:?}"
    );
    for name in &crates {
        let found = banned.iter().find(|banned| name.starts_with(**banned));
        assert_eq!(found, None, "{package} {features:?} is built with {name}");
    }
}

const HOST: [&str; 4] = ["nice-plug", "nih", "clack", "vst3"];
const WINDOW: [&str; 4] = ["egui", "baseview", "winit", "glow"];

#[test]
fn training_knows_no_plug_in_and_no_window() {
    check("training", &[], &[HOST, WINDOW].concat());
}

#[test]
fn the_plug_in_trains_nothing() {
    for features in [&[][..], &["--features", "standalone"]] {
        check(
            "harmonai",
            features,
            &["candle", "gemm", "training", "indicatif", "rayon"],
        );
    }
}

#[test]
fn the_core_knows_music_only() {
    let threads = ["crossbeam", "rayon", "tokio", "parking_lot"];
    let files = ["directories", "notify", "rfd"];
    let banned = [&HOST[..], &WINDOW, &threads, &files, &["candle", "anyhow"]].concat();
    check("harmonai-core", &[], &banned);
}

#[test]
fn the_core_names_no_file_thread_or_clock() {
    let folder = workspace().join("src/core");
    let mut files = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        files += 1;
        let source = std::fs::read_to_string(&path).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap();
        for banned in [
            "std::fs",
            "std::thread",
            "std::net",
            "std::env",
            "std::time",
            "Instant",
        ] {
            assert!(!code.contains(banned), "{} uses {banned}", path.display());
        }
    }
    assert!(files > 5, "the core is in {}", folder.display());
}

#[test]
fn the_plug_in_under_test_aborts_when_its_audio_thread_allocates() {
    let bundles = Bundles::find().expect("the plug-in is built");
    let binary = std::fs::read(&bundles.clap).expect("the CLAP is one file");
    // The guard's name is among the symbols; a release build has neither.
    let guard = b"AllocDisabler";
    let guarded = binary.windows(guard.len()).any(|name| name == guard);
    assert!(
        guarded,
        "{} is no dev build: its guard is missing",
        bundles.clap.display()
    );
}
