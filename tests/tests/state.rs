//! What a project keeps: knobs and model, saved, loaded, missing, broken, swapped while playing.

mod common;

use common::{BAR, at, call_and_response, clap, hosts, melody, model_file, play, with_model};
use harmonai_core::model::config::Cell;
use harmonai_tests::tiny_model::tiny;
use harmonai_tests::{Action, Blocks, Bundles, ClapHost, Class, Host, Pace, Script, wait};
use serde_json::{Value, json};
use std::path::PathBuf;

#[test]
fn what_is_saved_comes_back() {
    let settings = [
        ("Listen", "2 bars"),
        ("Silence", "1.5 beats"),
        ("Length", "7 beats"),
        ("Seed", "4242"),
        ("Temperature", "0.73"),
        ("Rhythm temperature", "1.37"),
        ("Top-p", "81 %"),
        ("Memory", "37 %"),
        ("Style", "Any"),
        ("Voices", "All voices"),
        ("Thru", "While listening"),
        ("Preview voice", "On"),
    ];
    for host in hosts() {
        let mut script = call_and_response(8);
        for (name, value) in settings {
            script = script.set(name, value);
        }
        let (saved, notes) = play(host.as_ref(), &script);
        let mut again = script;
        again.settings.clear();
        again.state = Some(saved.state.clone());
        let (loaded, same) = play(host.as_ref(), &again);
        assert_eq!(loaded.refused, 0, "{}", host.format());
        assert_eq!(loaded.readings, saved.readings, "{}", host.format());
        assert_eq!(loaded.state, saved.state, "{}", host.format());
        assert_eq!(same, notes, "{}", host.format());
        for (name, value) in settings {
            let shown = &loaded.readings[name];
            let number = value.split(' ').next().unwrap();
            assert!(
                shown == value || shown.starts_with(number),
                "{name} shows {shown}, not {value}"
            );
        }
    }
}

#[test]
fn a_state_from_before_there_were_styles_memory_and_voices_is_read() {
    let state = r#"{ "version": "0.1.0", "fields": {}, "params": { "mode": { "string":
        "call_response" }, "listen": { "i32": 2 }, "silence": { "f32": 2.0 }, "length": { "i32":
        8 }, "seed": { "i32": 3 }, "temperature": { "f32": 0.8 }, "rhythm_temperature": { "f32":
        0.0 }, "top_p": { "f32": 0.95 }, "thru": { "string": "off" }, "preview": { "bool": false },
        "bypass": { "bool": false } } }"#;
    for host in hosts() {
        // The defaults of that time.
        let mut script = call_and_response(8)
            .set("Temperature", "0.8")
            .set("Top-p", "95 %");
        let notes = melody(host.as_ref(), &script);
        script.settings.clear();
        script.state = Some(host.state_from_json(state));
        let (recording, same) = play(host.as_ref(), &script);
        assert_eq!(recording.refused, 0, "{}", host.format());
        for (name, value) in [
            ("Seed", "3"),
            ("Voices", "Top voice"),
            ("Memory", "100 %"),
            ("Style", "Any"),
        ] {
            assert_eq!(recording.readings[name], value, "{}", host.format());
        }
        let same: Vec<_> = same.iter().map(|played| played.note).collect();
        assert_eq!(same, notes, "{}", host.format());
    }
}

#[test]
fn the_formats_read_each_others_state() {
    let mut hosts = hosts();
    let (vst3, clap) = (hosts.remove(1), hosts.remove(0));
    let script = call_and_response(8)
        .set("Seed", "77")
        .set("Temperature", "1.4");
    let (saved, notes) = play(clap.as_ref(), &script);
    let json = clap.json_from_state(&saved.state).unwrap();
    let mut again = script;
    again.settings.clear();
    again.state = Some(vst3.state_from_json(&json));
    assert_eq!(play(vst3.as_ref(), &again).1, notes);
}

#[test]
fn a_model_from_a_file_plays_and_is_kept_in_the_state() {
    for host in hosts() {
        let mut script = call_and_response(8);
        let bundled = melody(host.as_ref(), &script);
        for cell in Cell::ALL {
            let path = model_file(cell, 1);
            script.state = Some(with_model(host.as_ref(), &path));
            let (recording, notes) = play(host.as_ref(), &script);
            let notes: Vec<_> = notes.iter().map(|played| played.note).collect();
            assert_ne!(notes, bundled, "{cell} in {}", host.format());
            assert_eq!(
                melody(host.as_ref(), &script),
                notes,
                "{cell} in {}",
                host.format()
            );
            let json = host.json_from_state(&recording.state).unwrap();
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(json.contains(name), "{json}");
        }
    }
}

#[test]
fn a_missing_or_broken_model_falls_back_to_the_bundled_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let whole = tiny(Cell::Lstm, 1).write();
    let paths = [
        folder.path().join("not-there.safetensors"),
        folder.path().to_path_buf(),
        PathBuf::new(),
        file("empty.safetensors", b""),
        file("text.safetensors", b"this is no model"),
        file("cut.safetensors", &whole[..whole.len() / 2]),
        file("long-header.safetensors", &[0xff; 64]),
    ];
    for host in hosts() {
        let mut script = call_and_response(4);
        let bundled = melody(host.as_ref(), &script);
        for path in &paths {
            script.state = Some(with_model(host.as_ref(), path));
            let (recording, notes) = play(host.as_ref(), &script);
            let notes: Vec<_> = notes.iter().map(|played| played.note).collect();
            assert_eq!(notes, bundled, "{} in {}", path.display(), host.format());
            assert_eq!(
                recording.refused,
                0,
                "{} in {}",
                path.display(),
                host.format()
            );
        }
    }
}

#[test]
fn models_are_swapped_while_it_plays() {
    for host in hosts() {
        let mut script = call_and_response(16).set("Length", "endless");
        for (i, cell) in Cell::ALL.into_iter().cycle().take(9).enumerate() {
            let path = model_file(cell, i as u64);
            let when = at(BAR + i as i64 * 37);
            let state = with_model(host.as_ref(), &path);
            script = script.at(when, Action::Load(state));
        }
        // The dev build's audio thread aborts if it allocates or frees while this goes on.
        let (recording, notes) = play(host.as_ref(), &script);
        assert_eq!(recording.refused, 0);
        assert!(!notes.is_empty(), "{}", host.format());
    }
}

#[test]
fn models_are_swapped_from_another_thread_than_the_audio_thread() {
    let bundles = Bundles::find().expect("the plug-in is built");
    let host = ClapHost::new(&bundles.clap, Class::Instrument);
    let mut states: Vec<_> = Cell::ALL
        .map(|cell| with_model(&host, &model_file(cell, 1)))
        .into();
    states.push(with_model(&host, &PathBuf::from("/not/there.safetensors")));
    let mut script = call_and_response(16);
    script.blocks = Blocks::Fixed(64);
    script.tempo = 400.0;
    script.pace = Pace::Live;
    // A loaded machine may be too late for a whole answer.
    wait::until("an answer that is in time", || {
        let recording = host.play_while_loading(&script, &states).unwrap();
        (!recording.notes().unwrap().is_empty()).then_some(())
    });
}

/// States that are no state of this plug-in.
fn nonsense(host: &dyn Host) -> Vec<(&'static str, Vec<u8>)> {
    let whole = r#"{"version":"0.1.0","params":{},"fields":{}}"#;
    let json = |name, value: Value| (name, host.state_from_json(&value.to_string()));
    vec![
        ("nothing", Vec::new()),
        ("bytes", vec![0xff; 300]),
        ("text", host.state_from_json("no state at all")),
        ("cut off", host.state_from_json(&whole[..whole.len() - 9])),
        (
            "a claim of 2^60 bytes",
            [(1u64 << 60).to_le_bytes().as_slice(), b"{}"].concat(),
        ),
        json("a list", json!([1, 2, 3])),
        json("no fields", json!({ "version": "9" })),
        json(
            "other types",
            json!({ "version": "", "params": { "length": { "bool": true } }, "fields": {} }),
        ),
        json(
            "other names",
            json!({ "version": "", "params": { "x": { "f32": 1.0 } }, "fields": { "y": "1" } }),
        ),
        json(
            "wild values",
            json!({ "version": "", "fields": { "model": "{{{" }, "params": {
                "length": { "i32": -5000 }, "listen": { "i32": i32::MAX }, "seed": { "i32": i32::MIN },
                "temperature": { "f32": 1e30 }, "top_p": { "f32": -1.0 }, "silence": { "f32": 0.0 },
                "mode": { "string": "no_such_mode" }, "thru": { "i32": 99 },
            } }),
        ),
    ]
}

#[test]
fn nonsense_for_a_state_is_survived() {
    for host in hosts() {
        for (name, state) in nonsense(host.as_ref()) {
            let mut script: Script = call_and_response(4)
                .set("Temperature", "1")
                .set("Top-p", "95")
                .set("Silence", "2");
            script.state = Some(state.clone());
            let notes = melody(host.as_ref(), &script);
            assert!(!notes.is_empty(), "{name} in {}", host.format());
            // And while it plays, without setting anything right afterwards.
            let script = call_and_response(4).at(at(2 * BAR + 20), Action::Load(state));
            let recording = host.play(&script).unwrap();
            let notes = recording.notes();
            assert!(
                notes.is_ok(),
                "{name} in {}: {:#}",
                host.format(),
                notes.unwrap_err()
            );
        }
    }
}

#[test]
fn many_instances_play_side_by_side() {
    let script = call_and_response(8);
    let expect = melody(clap().as_ref(), &script);
    std::thread::scope(|scope| {
        let play = || scope.spawn(|| melody(clap().as_ref(), &script));
        let threads: Vec<_> = (0..6).map(|_| play()).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), expect);
        }
    });
}

#[test]
fn the_window_is_as_large_in_the_project_as_it_was() {
    let state = |window: &str| {
        let fields = json!({ "window": window });
        json!({ "version": "0.1.0", "fields": fields, "params": {} }).to_string()
    };
    let kept = json!({ "width": 912.0, "height": 700.0, "zoom": 1.5 });
    let first = json!({ "width": 900.0, "height": 720.0, "zoom": 1.0 });
    for host in hosts() {
        for (stored, expect) in [
            (kept.to_string(), &kept),
            // Nonsense is made sane or left out, and costs nothing else.
            (
                r#"{"width":1e9,"height":0,"zoom":-3}"#.to_owned(),
                &json!({ "width": 6000.0, "height": 620.0, "zoom": 1.0 }),
            ),
            (r#"{"width":null}"#.to_owned(), &first),
            ("nonsense".to_owned(), &first),
        ] {
            let mut script = call_and_response(1);
            script.settings.clear();
            script.state = Some(host.state_from_json(&state(&stored)));
            let (recording, _) = play(host.as_ref(), &script);
            let saved = host.json_from_state(&recording.state).unwrap();
            let saved: Value = serde_json::from_str(&saved).unwrap();
            let window = saved["fields"]["window"].as_str().unwrap();
            let window: Value = serde_json::from_str(window).unwrap();
            assert_eq!(window, *expect, "{}: {stored}", host.format());
        }
    }
}
