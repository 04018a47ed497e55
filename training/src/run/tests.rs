//! States that come back, and writes that fail.

use super::*;

#[test]
fn a_state_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let run = Run {
        folder: folder.path().to_owned(),
    };
    assert!(run.load_state().unwrap().is_none());
    let state = State {
        place: Place {
            epoch: 3,
            batch: 7,
            step: 99,
            seconds: 0.1,
            ..Place::default()
        },
        parameters: vec![vec![1.0, f32::MIN_POSITIVE], vec![-0.1]],
        moments: vec![[vec![0.5, 0.25], vec![3.0, 4.0]], [vec![1e-30], vec![0.1]]],
        memories: vec![Memory {
            hidden: vec![1.0],
            cell: vec![],
        }],
    };
    run.save_state(&state).unwrap();
    assert_eq!(run.load_state().unwrap(), Some(state));
    let path = run.path(STATE);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
    let error = format!("{:#}", run.load_state().unwrap_err());
    assert!(error.contains("state.safetensors is damaged"), "{error}");
}

#[test]
fn a_failed_write_names_the_file_and_keeps_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("best.safetensors");
    write(&path, b"old").unwrap();
    // A folder in its way: the new file can be made nowhere.
    fs::create_dir(folder.path().join("best.safetensors.part")).unwrap();
    let error = format!("{:#}", write(&path, b"new").unwrap_err());
    assert!(
        error.contains("cannot write") && error.contains("best.safetensors"),
        "{error}"
    );
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_names_the_file_and_keeps_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("last.safetensors");
    write(&path, b"old").unwrap();
    let beside = folder.path().join("last.safetensors.part");
    std::os::unix::fs::symlink("/dev/full", &beside).unwrap();
    let error = format!("{:#}", write(&path, b"new").unwrap_err());
    assert!(
        error.contains("last.safetensors") && error.contains("No space"),
        "{error}"
    );
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert!(!beside.exists(), "nothing is left lying about");
}
