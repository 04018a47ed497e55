//! What a project keeps of the music: the phrase and the models.

mod common;

use common::{BAR, at, call_and_response, hosts, melody, model_file, play, tune, with_tiny};
use harmonai_core::model::config::Cell;
use harmonai_core::music::note::Note;
use harmonai_core::music::time::Metre;
use harmonai_tests::{Blocks, Host, Script};
use serde_json::{Value, json};

/// The fields of a saved state.
fn fields(host: &dyn Host, state: &[u8]) -> Value {
    let json = host.json_from_state(state).unwrap();
    serde_json::from_str::<Value>(&json).unwrap()["fields"].take()
}

#[test]
fn a_phrase_outlives_its_project_and_is_answered_again() {
    for host in hosts() {
        // Asked for on the same beat of a bar, so that the same answer is the best one.
        let script = with_tiny(host.as_ref(), call_and_response(8)).set("Mode", "Manual");
        // Off first: the project keeps that it was on.
        let asked = script.clone().turn(at(BAR), "Generate", "Off");
        let asked = asked.turn(at(3 * BAR - 9), "Generate", "On");
        let (saved, notes) = play(host.as_ref(), &asked);
        let first: Vec<Note> = notes.iter().map(|played| played.note).collect();
        assert!(!first.is_empty());
        assert!(
            fields(host.as_ref(), &saved.state)["phrase"]
                .to_string()
                .contains("[156,")
        );
        let mut again = asked;
        again.phrase.clear();
        again.state = Some(saved.state);
        assert_eq!(melody(host.as_ref(), &again), first, "{}", host.format());
        // Played over by another one.
        again.phrase = tune().into_iter().step_by(2).collect();
        assert_ne!(melody(host.as_ref(), &again), first, "{}", host.format());
    }
}

#[test]
fn broken_phrases_and_answers_cost_nothing_else() {
    for host in hosts() {
        let script = with_tiny(host.as_ref(), call_and_response(8));
        let expect = melody(host.as_ref(), &script);
        for (field, text) in [
            (
                "phrase",
                r#"{"metre":"4/4","until":96,"notes":[[0,-3,60,80]]}"#,
            ),
            ("phrase", r#""?""#),
            ("history", r#"[{"model":"a","start":0,"music":7}]"#),
            ("model_2", "[]"),
            ("model_3", r#""/nowhere/at.all""#),
        ] {
            let mut script = script.clone();
            let json = host
                .json_from_state(script.state.as_ref().unwrap())
                .unwrap();
            let mut state: Value = serde_json::from_str(&json).unwrap();
            state["fields"][field] = json!(text);
            script.state = Some(host.state_from_json(&state.to_string()));
            assert_eq!(melody(host.as_ref(), &script), expect, "{field} {text}");
        }
    }
}

#[test]
fn models_at_hand_take_over_where_the_knob_is_turned_and_are_kept() {
    let (one, two) = (model_file(Cell::Lstm, 5), model_file(Cell::Gru, 6));
    let path = |path: &std::path::Path| serde_json::to_string(path).unwrap();
    let turned = 5 * BAR + 7;
    for host in hosts() {
        let fields_of = |two: &str| {
            let fields = json!({ "model": path(&one), "model_2": two });
            let state = json!({ "version": "", "params": {}, "fields": fields });
            host.state_from_json(&state.to_string())
        };
        let mut script = Script::new(tune(), Metre::COMMON, at(12 * BAR))
            .set("Listen", "2")
            .set("Length", "endless");
        script.state = Some(fields_of(&path(&two)));
        let first = melody(host.as_ref(), &script);
        let second = melody(host.as_ref(), &script.clone().set("Model slot", "2"));
        let both = script.clone().turn(at(turned), "Model slot", "2");
        let (recording, _) = play(host.as_ref(), &both);
        let notes = melody(host.as_ref(), &both);
        assert_ne!(first, second);
        let until = |notes: &[Note]| -> Vec<Note> {
            let before = notes.iter().filter(|note| note.onset < at(turned));
            before.copied().collect()
        };
        assert_eq!(until(&notes), until(&first), "{}", host.format());
        assert!(notes != first && notes != second, "{}", host.format());
        for blocks in [Blocks::Fixed(1), Blocks::Fixed(4096)] {
            let mut script = both.clone();
            script.blocks = blocks;
            assert_eq!(melody(host.as_ref(), &script), notes, "{blocks:?}");
        }
        // Saved with what was in the files.
        let saved = fields(host.as_ref(), &recording.state);
        for field in ["model", "model_2"] {
            assert!(saved[field].to_string().contains("sha256"), "{saved}");
        }
    }
}
