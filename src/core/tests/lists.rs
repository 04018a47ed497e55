//! What a network reads and predicts is listed in its file: files without lists and files with
//! fewer features and factors play on.

use std::sync::Arc;

use harmonai_core::model::checkpoint::Checkpoint;
use harmonai_core::model::config::{Cell, Config, first_lists};
use harmonai_core::model::network::Network;
use harmonai_core::model::vocabulary::{Factor, Feature, Style};
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::{Metre, Ticks};
use harmonai_core::play::continuation::{Continuation, Entry, Settings};
use harmonai_core::play::listen::Voices;
use serde_json::Value;

fn config() -> Config {
    let config = Config::new(Cell::Gru, 2, 24, 16, vec!["folk".into()]).unwrap();
    config.with_factors(first_lists().1).unwrap()
}

/// The file of a checkpoint with another header.
fn with_header(file: &[u8], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let (length, rest) = file.split_first_chunk::<8>().unwrap();
    let (json, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let mut json: Value = serde_json::from_slice(json).unwrap();
    let text = json["__metadata__"]["harmonai"].as_str().unwrap();
    let mut header = serde_json::from_str(text).unwrap();
    change(&mut header);
    json["__metadata__"]["harmonai"] = header.to_string().into();
    let json = json.to_string();
    let length = (json.len() as u64).to_le_bytes();
    [&length, json.as_bytes(), data].concat()
}

fn answer(checkpoint: Checkpoint) -> Vec<Note> {
    let mut continuation = Continuation::new(Arc::new(Network::new(checkpoint)));
    continuation.clear(Metre::COMMON, Style::new(1), Voices::Top);
    for (i, key) in [60, 62, 64, 65, 67, 64, 60, 67].into_iter().enumerate() {
        let at = Ticks::new(i as i64 * 12);
        continuation.note_on(at, Pitch::clamped(key), Velocity::clamped(80));
        continuation.note_off(at + Ticks::new(6), Pitch::clamped(key));
    }
    let (start, end) = (Ticks::new(96), Ticks::new(96 * 33));
    continuation.begin_answer(start, Some(end), 5, None, Entry::Prompt);
    let mut notes = Vec::new();
    let settings = Settings::default();
    continuation.plan(start..end, Some(end), &settings, &mut |note| {
        notes.push(note)
    });
    assert!(notes.len() > 3, "{notes:?}");
    notes
}

#[test]
fn a_file_of_vocabulary_2_plays_as_one_that_lists_the_same() {
    let listed = Checkpoint::noise(config(), 3);
    let file = listed.write();
    for learnt in [true, false] {
        let earlier = with_header(&file, |header| {
            let header = header.as_object_mut().unwrap();
            header.remove("features");
            header.remove("factors");
            header.insert("vocabulary".into(), 2.into());
            header.insert("velocity".into(), learnt.into());
        });
        let earlier = Checkpoint::read(&earlier).unwrap();
        let expect = match learnt {
            true => listed.clone(),
            false => listed.clone().without(Factor::Velocity).unwrap(),
        };
        assert_eq!(earlier, expect);
        assert_eq!(Checkpoint::read(&earlier.write()).unwrap(), expect);
        assert_eq!(answer(earlier), answer(expect));
    }
}

#[test]
fn what_is_not_predicted_is_filled_in() {
    let notes = answer(
        Checkpoint::noise(config(), 3)
            .without(Factor::Velocity)
            .unwrap(),
    );
    // As loud as the phrase, with an accent on the bar.
    assert!(notes.iter().all(|note| {
        let accent = match note.onset.get() % 96 {
            0 => 88,
            beat if beat % 24 == 0 => 80,
            _ => 72,
        };
        note.velocity == Some(Velocity::clamped(accent))
    }));
    let fewest = Checkpoint::noise(config(), 3)
        .without(Factor::Velocity)
        .unwrap();
    let notes = answer(fewest.without(Factor::Duration).unwrap());
    for pair in notes.windows(2) {
        assert_eq!(pair[0].end(), pair[1].onset, "legato: {notes:?}");
    }
}

#[test]
fn few_features_in_any_order_are_enough() {
    let features = vec![Feature::Metre, Feature::Pitch, Feature::Position];
    let factors = vec![Factor::Velocity, Factor::Interval, Factor::Pitch];
    let config = config().with_features(features).unwrap();
    let checkpoint = Checkpoint::noise(config.with_factors(factors).unwrap(), 3);
    let back = Checkpoint::read(&checkpoint.write()).unwrap();
    assert_eq!(back, checkpoint);
    assert_eq!(answer(back), answer(checkpoint));
}

#[test]
fn a_file_of_another_version_is_refused_by_what_it_has_more() {
    let file = Checkpoint::noise(config(), 3).write();
    let rename = |list: &str, place: usize| {
        let file = with_header(&file, |header| header[list][place]["name"] = "foo".into());
        Checkpoint::read(&file).unwrap_err().to_string()
    };
    let error = rename("features", 6);
    assert!(error.contains(r#"reads a feature named "foo""#), "{error}");
    let error = rename("factors", 3);
    assert!(
        error.contains(r#"predicts a factor named "foo""#),
        "{error}"
    );
}
