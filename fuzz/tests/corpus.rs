//! Everything that fuzzing has found worth keeping, each file through its target: what once crashed,
//! and what leads to places that little else leads to.

use std::path::Path;

/// Each file of a target's corpus.
fn check(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let files = std::fs::read_dir(folder.join(target)).expect("the target has a corpus");
    let mut count = 0;
    for file in files {
        let path = file.expect("the folder can be read").path();
        println!("{}", path.display());
        check(&std::fs::read(&path).expect("the file can be read"));
        count += 1;
    }
    assert!(count > 2, "{target} has {count} files");
}

#[test]
fn checkpoints() {
    check("checkpoint", harmonai_fuzz::checkpoint::check);
}

#[test]
fn midi_files() {
    check("midi", harmonai_fuzz::midi::check);
}

#[test]
fn states() {
    check("state", harmonai_fuzz::state::check);
}

#[test]
fn hosts() {
    check("host", harmonai_fuzz::host::check);
}
