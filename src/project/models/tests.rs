//! Models are found, read, refused with a reason, and handed on in the order they were asked for.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use harmonai_core::model::checkpoint::Checkpoint;
use nice_plug::params::persist::PersistentField;
use tempfile::TempDir;

use super::choice::tests::knob;
use super::library::{MAX_BYTES, list_in, open_or_find};
use super::*;
use crate::link::tasks::BackgroundTasks;
use crate::link::view::{EngineView, engine_view};

const BUNDLED_BYTES: &[u8] = include_bytes!("../../../plugin-assets/default.safetensors");

/// A whole model file whose card says `name`.
fn file(dir: &TempDir, file: &str, name: &str) -> PathBuf {
    let mut checkpoint = Checkpoint::read(BUNDLED_BYTES).unwrap();
    checkpoint.header.card.name = name.to_owned();
    let path = dir.path().join(file);
    fs::write(&path, checkpoint.write()).unwrap();
    path
}

fn loader() -> (ModelLoader, Arc<EngineView>) {
    let (_, view) = engine_view();
    (
        ModelLoader::new(
            view.clone(),
            BackgroundTasks::default(),
            InstalledList::default(),
        ),
        view,
    )
}

fn named(path: &Path) -> Option<ModelFile> {
    Some(ModelFile::from(path))
}

#[test]
fn the_bundled_model_is_whole_and_shared() {
    let (model, message) = open(None);
    assert_eq!(model.origin, Origin::Bundled);
    assert!(!model.name.is_empty());
    assert_eq!(message, None);
    assert!(Arc::ptr_eq(&model.network, &bundled().network));
}

#[test]
fn a_file_is_read_and_named_by_its_card() {
    let dir = TempDir::new().unwrap();
    let path = file(&dir, "a.safetensors", " Folk ");
    let (model, message) = open(named(&path).as_ref());
    assert_eq!((model.name.as_str(), message), ("Folk", None));
    assert_eq!(model.origin, Origin::File(path));
    let unnamed = file(&dir, "my tunes.safetensors", "");
    assert_eq!(load(&unnamed).unwrap().name, "my tunes");
}

#[test]
fn bad_files_are_refused_by_name_and_with_advice() {
    let dir = TempDir::new().unwrap();
    let check = |path: &Path, reason: &str, advice: &str| {
        let said = load(path)
            .err()
            .unwrap_or_else(|| panic!("{} was read", path.display()));
        for part in [path.to_str().unwrap(), reason, advice] {
            assert!(said.contains(part), "no '{part}' in: {said}");
        }
        let (model, message) = open(named(path).as_ref());
        assert_eq!(model.origin, Origin::Bundled);
        assert!(message.unwrap().ends_with("Playing the bundled model."));
    };
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    check(
        &dir.path().join("gone.safetensors"),
        "Cannot read",
        "choose another",
    );
    check(dir.path(), "is not a file", "Choose a model file");
    check(&write("empty", b""), "is no model", "copy it again");
    check(
        &write("song.mid", b"MThd\0\0\0\x06"),
        "is no model",
        "copy it again",
    );
    let cut = &BUNDLED_BYTES[..BUNDLED_BYTES.len() / 2];
    check(
        &write("cut.safetensors", cut),
        "is no model",
        "copy it again",
    );
    let large = dir.path().join("large.safetensors");
    // Takes no room on the disk.
    fs::File::create(&large)
        .unwrap()
        .set_len(MAX_BYTES + 1)
        .unwrap();
    check(&large, "too large", "Train a smaller");
}

#[test]
fn the_folder_lists_models_by_name_and_says_which_are_broken() {
    let dir = TempDir::new().unwrap();
    let b = file(&dir, "1.safetensors", "Blues");
    let a = file(&dir, "2.SafeTensors", "Airs");
    let broken = dir.path().join("Zydeco.safetensors");
    fs::write(&broken, b"?").unwrap();
    fs::write(dir.path().join("notes.txt"), b"?").unwrap();
    let found = list_in(dir.path());
    let names: Vec<_> = found
        .iter()
        .map(|model| (model.about.name.as_str(), &model.path))
        .collect();
    assert_eq!(names, [("Airs", &a), ("Blues", &b), ("Zydeco", &broken)]);
    assert_eq!(
        found.iter().filter(|model| model.problem.is_some()).count(),
        1
    );
    assert!(found[2].problem.is_some());
    assert_eq!(list_in(&dir.path().join("none")), []);
}

#[test]
fn a_mailbox_gives_each_network_once_to_each_reader() {
    let mailbox = ModelMailbox::default();
    let mut seen = 0;
    assert!(mailbox.newer(&mut seen).is_none());
    let model = bundled();
    mailbox.put(model.clone());
    let found = mailbox.newer(&mut seen).unwrap();
    assert!(Arc::ptr_eq(&found.network, &model.network));
    assert!(mailbox.newer(&mut seen).is_none());
    assert!(mailbox.newer(&mut 0).is_some(), "a worker that begins anew");
    mailbox.put(model);
    assert!(mailbox.newer(&mut seen).is_some());
}

#[test]
fn settling_always_leaves_a_network() {
    let (loader, _) = loader();
    assert!(
        loader.mailbox().newer(&mut 0).is_none(),
        "nothing is read before it is wanted"
    );
    loader.settle();
    assert!(loader.mailbox().newer(&mut 0).is_some());
    assert_eq!(loader.name(), bundled().name);
    let mut seen = 1;
    loader.settle();
    assert!(
        loader.mailbox().newer(&mut seen).is_none(),
        "settling again changes nothing"
    );
}

#[test]
fn a_restored_project_gets_its_model() {
    let dir = TempDir::new().unwrap();
    let path = file(&dir, "a.safetensors", "Folk");
    let (loader, view) = loader();
    loader.set(named(&path));
    loader.settle();
    assert_eq!(loader.name(), "Folk");
    assert_eq!(view.messages().trouble(), "");
    let mut seen = 0;
    assert!(loader.mailbox().newer(&mut seen).is_some());
    // The same again, as for an undo: nothing is read.
    loader.set(named(&path));
    loader.settle();
    assert!(loader.mailbox().newer(&mut seen).is_none());
    // Back to a state from before any choice.
    loader.set(None);
    loader.settle();
    assert_eq!(loader.name(), bundled().name);
    assert!(loader.mailbox().newer(&mut seen).is_some());
}

#[test]
fn a_project_whose_model_is_gone_plays_the_bundled_one_and_remembers() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("later.safetensors");
    let (loader, view) = loader();
    loader.set(named(&path));
    loader.settle();
    assert_eq!(loader.name(), bundled().name);
    assert!(
        view.messages().trouble().contains("later.safetensors"),
        "{}",
        view.messages().trouble()
    );
    assert_eq!(
        loader.map(Clone::clone),
        named(&path),
        "the project still names it"
    );
    // Put back, and the project opened again.
    file(&dir, "later.safetensors", "Later");
    loader.set(named(&path));
    loader.settle();
    assert_eq!(
        (loader.name().as_str(), view.messages().trouble().as_str()),
        ("Later", "")
    );
}

#[test]
fn a_choice_that_fails_changes_nothing() {
    let dir = TempDir::new().unwrap();
    let good = file(&dir, "a.safetensors", "Folk");
    let (loader, view) = loader();
    loader.request(Some(good.clone()));
    loader.settle();
    assert_eq!(loader.path(), Some(good.clone()));
    let mut seen = 0;
    loader.mailbox().newer(&mut seen);
    loader.request(Some(dir.path().join("gone.safetensors")));
    loader.settle();
    assert_eq!(loader.name(), "Folk");
    assert!(
        view.messages().trouble().contains("gone.safetensors"),
        "{}",
        view.messages().trouble()
    );
    assert_eq!(loader.path(), Some(good));
    assert!(loader.mailbox().newer(&mut seen).is_none());
    loader.request(None);
    loader.settle();
    assert_eq!(
        (loader.path(), view.messages().trouble()),
        (None, String::new())
    );
    assert_eq!(loader.name(), bundled().name);
}

#[test]
fn the_last_wish_wins() {
    let dir = TempDir::new().unwrap();
    let (loader, _) = loader();
    for round in 0..20 {
        let names: Vec<_> = (0..5).map(|i| format!("{round}-{i}")).collect();
        for name in &names {
            loader.request(Some(file(&dir, &format!("{name}.safetensors"), name)));
        }
        loader.settle();
        assert_eq!(loader.name(), names[4]);
        assert!(
            loader
                .path()
                .unwrap()
                .ends_with(format!("{}.safetensors", names[4]))
        );
    }
}

#[test]
fn a_project_finds_its_model_again_and_notices_another_in_its_place() {
    let (old, new) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let path = file(&old, "a.safetensors", "Folk");
    let (loader, _) = loader();
    loader.set(named(&path));
    loader.settle();
    let saved = loader.map(Clone::clone).unwrap();
    assert_eq!(saved.path(), path);
    assert!(saved.sha256.is_some());
    let open = |saved: &ModelFile| open_or_find(Some(saved), Some(new.path()));
    assert_eq!(open(&saved).1, None);
    // Moved into the folder of models, under another name.
    let moved = new.path().join("moved.safetensors");
    file(&new, "b.safetensors", "Blues");
    fs::rename(&path, &moved).unwrap();
    let (model, message) = open(&saved);
    let message = message.unwrap();
    assert_eq!(model.origin, Origin::File(moved.clone()));
    assert!(message.contains("a.safetensors") && message.contains("moved.safetensors"));
    // Trained anew.
    file(&old, "a.safetensors", "Other folk");
    let (model, message) = open(&saved);
    assert_eq!(model.name, "Other folk");
    assert!(message.unwrap().contains("is not what it was"));
    // Gone for good.
    fs::remove_file(&path).unwrap();
    fs::remove_file(&moved).unwrap();
    assert_eq!(open(&saved).0.origin, Origin::Bundled);
}

#[test]
fn slots_do_not_take_back_what_another_has_said() {
    let dir = TempDir::new().unwrap();
    let (_, view) = engine_view();
    let slots = ModelSlots::new(&view, &BackgroundTasks::default(), knob());
    slots.loaders()[1].set(named(&dir.path().join("gone.safetensors")));
    slots.settle();
    assert!(view.messages().trouble().contains("gone.safetensors"));
    slots.loaders()[2].request(Some(file(&dir, "a.safetensors", "Folk")));
    slots.settle();
    assert!(view.messages().trouble().contains("gone.safetensors"));
    slots.loaders()[1].request(None);
    slots.settle();
    assert_eq!(view.messages().trouble(), "");
    let names: Vec<_> = slots.loaders().iter().map(|loader| loader.name()).collect();
    let bundled = bundled().name;
    assert_eq!(names, [&bundled, &bundled, "Folk", &bundled]);
}

#[test]
fn a_project_whose_model_is_gone_names_the_file_until_it_is_found_again() {
    let dir = TempDir::new().unwrap();
    let path = file(&dir, "a.safetensors", "Folk");
    let moved = dir.path().join("b.safetensors");
    fs::rename(&path, &moved).unwrap();
    let (loader, view) = loader();
    loader.set(named(&path));
    loader.settle();
    assert_eq!(loader.missing(), Some(path));
    assert!(view.messages().trouble().contains("a.safetensors"));
    loader.request(Some(moved.clone()));
    loader.settle();
    assert_eq!((loader.missing(), loader.path()), (None, Some(moved)));
    assert_eq!(loader.about().name, "Folk");
    assert_eq!(view.messages().trouble(), "");
}
