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
            style: None,
            metre: Metre::COMMON,
            key: Some(Key::new(Pitch::MIDDLE_C, KeyMode::Major)),
            phrase: line(&[60, 62, 64, 65]),
            held_out: later(held_out, last),
            span: Ticks::new(48)..Ticks::new(96),
            ends: true,
        },
        generated: later(generated, 12),
    }
}

#[test]
fn every_figure_is_what_the_hand_counts() {
    let pair = answered([67, 64, 62, 60], [66, 68, 70, 71], 24);
    let statistics = compare(&[pair], None);
    let (written, played) = (&statistics.held_out, &statistics.generated);
    assert_eq!((written.notes, played.notes), (4, 4));
    assert_eq!(
        (written.range_semitones, played.range_semitones),
        (7.0, 5.0)
    );
    assert_eq!((written.notes_per_beat, played.notes_per_beat), (2.0, 2.0));
    assert_eq!((written.in_key, played.in_key), (1.0, 0.25));
    assert_eq!(
        (written.far_from_phrase, played.far_from_phrase),
        (0.0, 0.5)
    );
    // 66 68 70 71 goes up as 60 62 64 65 did.
    assert_eq!((written.repetition, played.repetition), (0.0, 0.25));
    assert_eq!((written.quotation, played.quotation), (0.0, 0.0));
    assert_eq!((written.hammering, played.hammering), (0.0, 0.0));
    assert_eq!(written.copied, None);
    let end = |tonic, tonic_triad, long| Endings {
        melodies: 1,
        tonic,
        tonic_triad,
        long,
    };
    assert_eq!(written.endings, end(1.0, 1.0, 1.0));
    assert_eq!(played.endings, end(0.0, 0.0, 0.0));

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
    // The time from the phrase to the answer does not: it is the same for both.
    assert_eq!(onset_interval.overlap, 1.0);
}

#[test]
fn shares_are_of_all_notes_and_of_melodies_that_end() {
    let one = answered([60, 60, 60, 60], [60, 62, 60, 64], 12);
    let mut cut = answered([67, 67, 67, 60], [61, 61, 61, 61], 12);
    cut.excerpt.ends = false;
    cut.generated.truncate(2);
    let statistics = compare(&[one, cut], None);
    let (written, played) = (&statistics.held_out, &statistics.generated);
    assert_eq!((written.hammering, played.hammering), (0.5, 0.0));
    assert_eq!(played.in_key, 4.0 / 6.0);
    assert_eq!(played.notes_per_beat, 1.5);
    assert_eq!(written.endings.melodies, 1);
    assert_eq!(played.endings.tonic, 0.0);
    assert_eq!(played.endings.tonic_triad, 1.0);
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
    assert_eq!(statistics.held_out.copied, copied(2.5, 4));
    assert_eq!(statistics.generated.copied, copied(1.5, 2));
}

#[test]
fn no_answer_at_all_is_survived() {
    let mut silent = answered([60, 62, 64, 65], [60; 4], 12);
    silent.generated.clear();
    let statistics = compare(&[silent], Index::new([]).as_ref());
    assert_eq!(statistics.generated, Side::default());
    assert_eq!(statistics.histograms.pitch_class.overlap, 0.0);
    assert!(statistics.histograms.onset_interval.kl_divergence_bits > 0.0);
}
