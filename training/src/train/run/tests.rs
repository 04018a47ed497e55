//! States that come back, and writes that fail.

use super::*;

#[test]
fn a_state_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let run = Run::at(folder.path());
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
        average: vec![vec![0.5, 1.5], vec![2.5]],
    };
    run.save_state(&state).unwrap();
    assert_eq!(run.load_state().unwrap(), Some(state));
    let path = run.path(STATE);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
    let error = format!("{:#}", run.load_state().unwrap_err());
    assert!(error.contains("state.safetensors is damaged"), "{error}");
}
