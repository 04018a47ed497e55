//! `inspect`: a page about music, and what could not be read of it.

use std::fs;

use serde_json::Value;

use crate::bench::*;

const MUSIC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/music");

#[test]
fn music_of_several_formats_is_shown() {
    let work = tempfile::tempdir().unwrap();
    let data = work.path().join("data");
    fs::create_dir_all(data.join("books")).unwrap();
    for name in ["book.abc", "waltz.musicxml"] {
        fs::copy(format!("{MUSIC}/{name}"), data.join("books").join(name)).unwrap();
    }
    fs::write(data.join("song.mid"), song(vec![track("Lead", 0, tune(1))])).unwrap();
    fs::write(data.join("<bad>.mid"), "rubbish").unwrap();
    let page = work.path().join("page");
    let printed = run(&[
        "inspect",
        "--data",
        text(&data),
        "--out",
        text(&page),
        "--json",
    ]);
    let summary: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(summary["files"], 4);
    assert_eq!(summary["files_without_melody"], 1);
    assert_eq!(summary["all"]["melodies"], 6);
    assert_eq!(summary["sources"]["books"]["melodies"], 5);
    let kept = fs::read_to_string(page.join("summary.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&kept).unwrap(), summary);
    let html = fs::read_to_string(page.join("index.html")).unwrap();
    assert!(
        html.contains("&lt;bad&gt;.mid: no usable MIDI file"),
        "{html}"
    );
    for picture in html.split("<img src=\"").skip(1) {
        let name = picture.split('"').next().unwrap();
        let svg = fs::read_to_string(page.join(name)).unwrap();
        assert!(svg.contains("<svg") && svg.contains("<rect"), "{name}");
    }
    let left_out = fs::read_to_string(page.join("left-out.txt")).unwrap();
    assert!(left_out.contains("<bad>.mid"), "{left_out}");
    // Again into the same folder: the numbers are replaced.
    let again = run(&["inspect", "--data", text(&data), "--out", text(&page)]);
    assert!(again.contains("6 melodies"), "{again}");
    assert!(again.contains("of the notes moved"), "{again}");
}

#[test]
fn a_folder_with_other_files_is_left_alone() {
    let work = tempfile::tempdir().unwrap();
    fs::write(work.path().join("mine.txt"), "mine").unwrap();
    let output = text(work.path());
    fails(
        &["inspect", MUSIC, "--out", output],
        &["holds other files", output],
    );
    let file = work.path().join("mine.txt");
    fails(
        &["inspect", MUSIC, "--out", text(&file)],
        &["is a file", text(&file)],
    );
    fails(&["inspect", "/no/such/folder"], &["/no/such/folder"]);
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    assert_eq!(fs::read_dir(work.path()).unwrap().count(), 1);
}
