use harmonai_core::music::time::Metre;

use super::super::data::{Melody, Note};
use super::*;

/// Wandering tunes of two metres and different lengths, in four folds.
fn set() -> Set {
    let noise = Noise::new(7, 7);
    let melodies = (0..16u64).map(|k| {
        let noise = noise.branch(k);
        let (mut onset, mut pitch) = (0, 62 + (k % 5) as i64);
        let notes = (0..20 + k).map(|i| {
            let duration = [12, 24, 24, 36][noise.below(2 * i, 4) as usize];
            let rest = if i % 9 == 8 { 12 } else { 0 };
            pitch = (pitch + noise.below(2 * i + 1, 7) as i64 - 3).clamp(58, 74);
            let note = Note {
                onset,
                pitch: pitch as u8,
                duration,
            };
            onset += duration + rest;
            note
        });
        Melody {
            fold: (k % 4) as u32,
            notes: notes.collect(),
            metre: Metre::parse(["3/4", "4/4"][(k % 2) as usize]),
            bar_line: 24 * (k % 3) as i64,
        }
    });
    let melodies = melodies.collect();
    Set {
        name: "test".into(),
        melodies,
    }
}

fn test(set: &Set, fold: u32) -> Vec<Prediction> {
    test_fold(&Experts::new(set), fold, 1)
}

#[test]
fn every_note_has_a_distribution_over_the_alphabet() {
    let set = set();
    let size = set.alphabet().len();
    let mut predictions = Vec::new();
    for fold in set.folds() {
        predictions.extend(test(&set, fold));
    }
    let mut melodies: Vec<usize> = predictions.iter().map(|p| p.melody).collect();
    melodies.sort_unstable();
    assert_eq!(melodies, (0..set.melodies.len()).collect::<Vec<_>>());
    for prediction in &predictions {
        for all in [&prediction.long_term, &prediction.adaptive] {
            assert_eq!(all.len(), set.melodies[prediction.melody].notes.len());
            for one in all {
                assert_eq!(one.len(), size);
                assert!((one.iter().sum::<f32>() - 1.0).abs() < 1e-5);
                assert!(one.iter().all(|p| *p > 0.0 && p.is_finite()));
            }
        }
    }
    let experts = Experts::new(&set);
    let figures = figures(&experts, &predictions);
    assert_eq!(figures.notes, set.notes());
    let most = (size as f64).log2() + 1.0;
    assert!((0.5..most).contains(&figures.long_term), "{figures:?}");
    assert!((0.5..most).contains(&figures.adaptive), "{figures:?}");
}

/// Changes what is not known when note `at` of a melody is predicted: its own pitch and duration,
/// and all of what follows. The alphabet stays.
fn change_from(set: &Set, melody: usize, at: usize) -> Set {
    let mut changed = set.clone();
    let alphabet = set.alphabet();
    let mut metres = 0;
    for (i, note) in changed.melodies[melody].notes.iter_mut().enumerate() {
        if i > at {
            // Later onsets move as well; the end is a note shorter.
            note.onset += 6;
        }
        if i >= at {
            let place = alphabet
                .iter()
                .position(|pitch| *pitch == note.pitch)
                .unwrap();
            note.pitch = alphabet[(place + 5) % alphabet.len()];
            note.duration += 17;
            metres += 1;
        }
    }
    assert!(metres > 0);
    changed.melodies[melody].notes.pop();
    assert_eq!(changed.alphabet(), alphabet);
    changed
}

#[test]
fn what_comes_later_changes_no_prediction() {
    let set = set();
    let before = test(&set, 2);
    // The fold's second melody: the first one must not feel it, nor the second one up to there.
    let melody = before[1].melody;
    for at in [0, 1, 2, 9, 17] {
        let after = test(&change_from(&set, melody, at), 2);
        assert_eq!(before[0], after[0], "the melody before, changed at {at}");
        let upto = |prediction: &Prediction| {
            let long_term = prediction.long_term[..=at].to_vec();
            (long_term, prediction.adaptive[..=at].to_vec())
        };
        assert_eq!(upto(&before[1]), upto(&after[1]), "changed at {at}");
        // The note after it is predicted from what was changed.
        assert_ne!(before[1].long_term[at + 1], after[1].long_term[at + 1]);
        assert_ne!(before[1].adaptive[at + 1], after[1].adaptive[at + 1]);
    }
}

#[test]
fn long_term_knows_no_other_melody_of_the_fold() {
    let set = set();
    let before = test(&set, 1);
    let last = before.len() - 1;
    let mut others = set.clone();
    // Another first melody of the fold, and another order.
    others = change_from(&others, before[0].melody, 0);
    others.melodies.swap(before[1].melody, before[last].melody);
    let after = test(&others, 1);
    assert_eq!(before[last].long_term, after[1].long_term);
    assert_eq!(before[1].long_term, after[last].long_term);
    // Adaptive models have heard other melodies by then.
    assert_ne!(before[last].adaptive, after[1].adaptive);
}

#[test]
fn the_same_seed_gives_the_same_predictions() {
    let set = set();
    assert_eq!(test(&set, 0), test(&set, 0));
}

#[test]
fn two_folds_are_enough_and_one_pitch_is_no_news() {
    let mut set = set();
    for (k, melody) in set.melodies.iter_mut().enumerate() {
        melody.fold = k as u32 % 2 * 7;
        for note in &mut melody.notes {
            note.pitch = 60;
        }
        melody.notes.truncate(1 + k);
    }
    let experts = Experts::new(&set);
    let predictions: Vec<Prediction> = set.folds().iter().flat_map(|f| test(&set, *f)).collect();
    let figures = figures(&experts, &predictions);
    assert_eq!((figures.long_term, figures.adaptive), (0.0, 0.0));
    assert_eq!(figures.notes, (1..=16).sum::<usize>());
}
