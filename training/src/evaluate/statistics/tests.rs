//! Statistics of melodies that are short enough to be counted by hand.

use harmonai_core::music::key::{Key, KeyMode};
use harmonai_core::music::melody::Melody;
use harmonai_core::music::note::Pitch;
use harmonai_core::music::time::Metre;

use super::*;

/// Notes by onset and key, eighths all.
pub fn notes(notes: &[(i64, i64)]) -> Vec<Note> {
    let note = |(onset, key): &(i64, i64)| Note {
        onset: Ticks::new(*onset),
        duration: Ticks::new(12),
        pitch: Pitch::clamped(*key),
        velocity: None,
    };
    notes.iter().map(note).collect()
}

/// One eighth after another.
pub fn line(keys: &[i64]) -> Vec<Note> {
    let timed: Vec<_> = keys
        .iter()
        .zip(0..)
        .map(|(key, i)| (i * 12, *key))
        .collect();
    notes(&timed)
}

/// Four eighths in C major, then four more of each side.
fn answered(held_out: [i64; 4], generated: [i64; 4], last: i64) -> Answered {
    let later = |keys: [i64; 4], last: i64| {
        let mut later = line(&keys);
        for note in &mut later {
            note.onset += Ticks::new(48);
        }
        later[3].duration = Ticks::new(last);
        later
    };
    Answered {
        excerpt: Excerpt {
            title: String::new(),
            source: String::new(),
            metre: Metre::parse("2/4").unwrap(),
            key: Some(Key::new(Pitch::MIDDLE_C, KeyMode::Major)),
            signature: Some(0),
            first_line: Ticks::ZERO,
            phrase: line(&[60, 62, 64, 65]),
            held_out: later(held_out, last),
            span: Ticks::new(48)..Ticks::new(96),
            ends: true,
        },
        answers: vec![later(generated, 12)],
    }
}

/// A figure by its key.
fn figure(side: &Side, key: &str) -> f64 {
    let mut measures = MEASURES.iter().chain(&ENDINGS);
    let measure = measures.find(|measure| measure.key == key).unwrap();
    match ENDINGS.iter().any(|ending| ending.key == key) {
        true => side.endings.figures.get(measure).value,
        false => side.figures.get(measure).value,
    }
}

/// Asserts figures of what was written and of what was played.
fn check(statistics: &Statistics, figures: &[(&str, f64, f64)]) {
    let Sides {
        generated,
        held_out,
    } = &statistics.all;
    for (key, written, played) in figures {
        assert_eq!(figure(held_out, key), *written, "{key}, written");
        assert_eq!(figure(generated, key), *played, "{key}, played");
    }
}

#[test]
fn every_figure_is_what_the_hand_counts() {
    let mut pair = answered([67, 64, 62, 60], [66, 68, 70, 71], 24);
    // The answer begins an eighth late and rests for another before its last note.
    for (note, onset) in pair.answers[0].iter_mut().zip([60, 66, 72, 90]) {
        note.onset = Ticks::new(onset);
        note.duration = Ticks::new(6);
    }
    let statistics = compare(&[pair], None);
    let Sides {
        generated,
        held_out,
    } = &statistics.all;
    assert_eq!((held_out.notes, generated.notes), (4, 4));
    assert_eq!((held_out.endings.melodies, &held_out.copied), (1, &None));
    check(
        &statistics,
        &[
            ("notes_per_beat", 2.0, 2.0),
            ("rests", 0.0, 0.5),
            ("longest_rest", 0.0, 0.5),
            ("first_onset", 0.0, 0.5),
            ("off_beat", 0.5, 0.75),
            ("syncopation", 0.25, 0.0),
            ("bars_of_phrase", 1.0, 0.0),
            ("bars_four_earlier", 0.0, 0.0),
            ("range_semitones", 7.0, 5.0),
            ("register", 0.5, 6.0),
            ("far_from_phrase", 0.0, 0.5),
            ("in_key", 1.0, 0.25),
            ("repetition", 0.0, 0.0),
            ("quotation", 0.0, 0.0),
            ("hammering", 0.0, 0.0),
            ("repeated_pitch", 0.0, 0.0),
            ("tonic", 1.0, 0.0),
            ("tonic_triad", 1.0, 0.0),
            ("long", 1.0, 0.0),
        ],
    );
    // C major, as it was written.
    assert_eq!(statistics.key_signature.unwrap().value, 1.0);
}

#[test]
fn patterns_of_notes_and_of_steps_are_counted() {
    let statistics = compare(&[answered([67, 64, 62, 60], [66, 68, 70, 71], 12)], None);
    // 66 68 70 71 goes up as 60 62 64 65 did.
    check(
        &statistics,
        &[("repetition", 0.0, 0.25), ("sequence", 0.0, 0.0)],
    );
    let Histograms {
        pitch_class,
        melodic_interval,
        onset_interval,
    } = statistics.histograms;
    assert_eq!(pitch_class.held_out[7], 0.25);
    assert_eq!(pitch_class.overlap, 0.0);
    // The step from the phrase to the answer counts: +2 -3 -2 -2 against +1 +2 +2 +1.
    let leap = |semitones| Kind::leap(semitones);
    assert_eq!(melodic_interval.held_out[leap(2)], 0.25);
    assert_eq!(melodic_interval.generated[leap(2)], 0.5);
    assert_eq!(melodic_interval.overlap, 0.25);
    // The time from the phrase to the answer does not: the bar line lies between.
    assert_eq!(onset_interval.overlap, 1.0);
}

#[test]
fn all_answers_to_a_melody_count_and_endings_where_it_ends() {
    let mut one = answered([60, 60, 60, 60], [60, 62, 60, 64], 12);
    one.answers.push(line(&[60, 60, 60, 60]));
    let mut cut = answered([67, 67, 67, 60], [61, 61, 61, 61], 12);
    cut.excerpt.ends = false;
    cut.excerpt.source = "other".into();
    cut.answers[0].truncate(2);
    let statistics = compare(&[one, cut], None);
    check(
        &statistics,
        &[
            ("hammering", 0.5, 0.4),
            ("in_key", 1.0, 0.8),
            ("tonic", 1.0, 0.5),
            ("tonic_triad", 1.0, 1.0),
        ],
    );
    let Sides {
        generated,
        held_out,
    } = &statistics.all;
    assert_eq!(
        (held_out.endings.melodies, generated.endings.melodies),
        (1, 2)
    );
    // Two melodies, whatever the number of answers: eight notes of eight in key, and none of two.
    let in_key = MEASURES
        .iter()
        .find(|measure| measure.key == "in_key")
        .unwrap();
    let half = 1.96 * (2.0f64 * (1.6 * 1.6 + 1.6 * 1.6)).sqrt() / 10.0;
    assert!((generated.figures.get(in_key).interval_95 - half).abs() < 1e-12);
    let other = &statistics.by_source["other"];
    assert_eq!(figure(&other.generated, "in_key"), 0.0);
    assert_eq!(other.held_out.endings.melodies, 0);
}

#[test]
fn what_is_copied_is_told_for_both_sides() {
    let learnt = Melody::new(
        String::new(),
        None,
        Metre::COMMON,
        line(&[60, 62, 64, 65, 67]),
    );
    let index = Index::new([&learnt.unwrap()]);
    let one = answered([50, 52, 54, 55], [60, 50, 60, 50], 12);
    let other = answered([60, 70, 80, 90], [53, 55, 53, 55], 12);
    let statistics = compare(&[one, other], index.as_ref());
    let copied = |mean_notes, max_notes| {
        Some(Copied {
            mean_notes,
            max_notes,
        })
    };
    assert_eq!(statistics.all.held_out.copied, copied(2.5, 4));
    assert_eq!(statistics.all.generated.copied, copied(1.5, 2));
}

#[test]
fn no_answer_at_all_is_survived() {
    let mut silent = answered([60, 62, 64, 65], [60; 4], 12);
    silent.answers[0].clear();
    let statistics = compare(&[silent], Index::new([]).as_ref());
    let generated = &statistics.all.generated;
    assert_eq!((generated.notes, generated.endings.melodies), (0, 0));
    let rests = MEASURES
        .iter()
        .find(|measure| measure.key == "rests")
        .unwrap();
    assert_eq!(generated.figures.get(rests).value, 1.0);
    assert_eq!(statistics.histograms.pitch_class.overlap, 0.0);
    assert!(statistics.histograms.onset_interval.kl_divergence_bits > 0.0);
}
