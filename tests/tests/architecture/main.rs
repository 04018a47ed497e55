//! What holds for the whole:
//!
//! - arrows between the packages run one way, shell -> core <- training; asked of cargo,
//! - within a crate arrows between its rooms run as `rooms.rs` says, and never in a circle between
//!   files; what an arrow is says `graph.rs`,
//! - the core names no file, thread or clock,
//! - the plug-in that the other tests play is the guarded build.

mod graph;
mod rooms;
mod source;

use graph::Graph;
use harmonai_tests::bundle::{Bundles, workspace};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The crate with this root, a path in the workspace.
fn read_crate(root: &str) -> Graph {
    let read = |file: &Path| std::fs::read_to_string(workspace().join(file)).ok();
    Graph::read(Path::new(root), &read)
}

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
    let banned = [
        "std::fs",
        "std::thread",
        "std::net",
        "std::env",
        "std::process",
        "std::time",
    ];
    let core = read_crate("src/core/lib.rs");
    let mut files = 0;
    for (file, source) in core.sources() {
        files += 1;
        let imports = source.imports.iter().map(|import| &import.path);
        let paths = source.paths.iter().map(|(path, _)| path);
        for path in imports.chain(paths).map(|path| path.join("::")) {
            let found = banned.iter().find(|banned| path.starts_with(**banned));
            assert_eq!(found, None, "{} uses {path}", file.display());
        }
        for word in ["Instant", "SystemTime"] {
            let found = source.words.contains(word);
            assert!(!found, "{} names {word}", file.display());
        }
    }
    assert!(files > 40, "the core has {files} files");
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
