//! What the ears make of playing, from neat to wild.

use rand_pcg::Pcg32;
use rand_pcg::rand_core::Rng;

use super::*;

/// Onset, end and key of a note.
type Played = (i64, i64, i64);

/// All that comes out where these notes are played, and what follows begins at `end`. Of things
/// that happen at once ends come first.
fn heard_by(voices: Voices, played: &[Played], end: i64) -> Vec<Played> {
    let mut events: Vec<_> = played
        .iter()
        .flat_map(|(on, off, key)| [(*on, true, *key), (*off, false, *key)])
        .collect();
    events.sort();
    let mut ears = MelodyListener::default();
    ears.clear(voices);
    let mut heard = Vec::new();
    for (at, down, key) in events.into_iter().filter(|(at, ..)| *at < end) {
        let (at, pitch) = (Ticks::new(at), Pitch::clamped(key));
        match down {
            true => ears.note_on(at, pitch, Velocity::clamped(key)),
            false => ears.note_off(at, pitch),
        }
        heard.extend(std::iter::from_fn(|| ears.next_note()));
    }
    ears.settle(Ticks::new(end));
    heard.extend(std::iter::from_fn(|| ears.next_note()));
    let plain = |note: Note| {
        let key = i64::from(note.pitch.get());
        assert_eq!(note.velocity, Some(Velocity::clamped(key)), "its own");
        (note.onset.get(), note.end().get(), key)
    };
    heard.into_iter().map(plain).collect()
}

fn heard(played: &[Played], end: i64) -> Vec<Played> {
    heard_by(Voices::Top, played, end)
}

/// Notes of one length, one after the other.
fn line(keys: &[i64], length: i64) -> Vec<Played> {
    let place = |(i, key): (usize, &i64)| (i as i64 * length, (i as i64 + 1) * length, *key);
    keys.iter().enumerate().map(place).collect()
}

const TUNE: [i64; 8] = [72, 74, 76, 77, 79, 77, 76, 74];

#[test]
fn what_is_played_exactly_comes_out_as_it_went_in() {
    let mut random = Pcg32::new(1, 0);
    let mut upto = |n: u32| i64::from(random.next_u32() % n);
    for round in 0..400 {
        // The grid, in a register where leaps are wide.
        let mut at = upto(3) * 24 - 24;
        let mut played = Vec::new();
        for _ in 0..upto(60) {
            let places = [0, 6, 8, 12, 16, 18];
            let onset = at + places[upto(6) as usize];
            at = onset.div_euclid(24) * 24 + 24 * upto(3);
            let next = at + 24;
            at = next;
            played.push((onset, next, 30 + upto(70)));
        }
        let ends: Vec<_> = (1..played.len())
            .map(|i| played[i].0)
            .chain([at + 48])
            .collect();
        for (note, end) in played.iter_mut().zip(ends) {
            let interval = end - note.0;
            let even: Vec<_> = (1..=interval)
                .filter(|n| n % 6 == 0 || n % 8 == 0 || *n == interval)
                .collect();
            note.1 = note.0 + even[upto(even.len() as u32) as usize];
        }
        for voices in [Voices::Top, Voices::All] {
            assert_eq!(heard_by(voices, &played, at + 48), played, "round {round}");
        }
    }
}

#[test]
fn sixteenths_triplets_and_runs_of_thirty_seconds_stay() {
    for length in [3, 4, 6, 8, 12, 24, 32] {
        let played = line(&TUNE, length);
        assert_eq!(heard(&played, 8 * length), played);
    }
    let mixed = [
        (0, 6, 60),
        (6, 8, 62),
        (8, 16, 64),
        (16, 18, 65),
        (18, 24, 67),
    ];
    assert_eq!(heard(&mixed, 24), mixed);
}

#[test]
fn block_chords_under_a_tune_are_accompaniment() {
    let tune = line(&TUNE, 24);
    let mut played = tune.clone();
    for bar in [0, 96] {
        played.extend([48, 52, 55].map(|key| (bar, bar + 96, key)));
    }
    assert_eq!(heard(&played, 192), tune);
    // After the beat, as in a march: bass, chord, bass, chord.
    let mut played = tune.clone();
    for beat in (0..192).step_by(24) {
        played.push((beat, beat + 12, 43));
        played.extend([48, 52, 55].map(|key| (beat + 12, beat + 22, key)));
    }
    assert_eq!(heard(&played, 192), tune);
}

#[test]
fn an_alberti_bass_below_a_tune_is_accompaniment() {
    let figure = [48, 55, 52, 55];
    for (length, quick) in [(24, 6), (24, 12), (48, 12), (12, 6)] {
        // Sounding to the next note, and let go before the end of the last bass note under it.
        for short in [0, quick / 2] {
            let tune: Vec<_> = line(&TUNE, length)
                .iter()
                .map(|(on, off, key)| (*on, off - short, *key))
                .collect();
            let end = 8 * length;
            let bass: Vec<_> = (0..end / quick)
                .map(|i| (i * quick, (i + 1) * quick, figure[i as usize % 4]))
                .collect();
            let both = [&tune[..], &bass].concat();
            let out = heard(&both, end);
            let named = format!("{length} {quick} {short}: {out:?}");
            let onsets = |notes: &[Played]| notes.iter().map(|n| (n.0, n.2)).collect::<Vec<_>>();
            assert_eq!(onsets(&out), onsets(&tune), "{named}");
        }
    }
}

#[test]
fn a_strummed_chord_is_one_onset_with_its_highest_note() {
    for order in [[48, 55, 64], [64, 55, 48], [55, 64, 48]] {
        let strum = |at: i64| (0..3).map(move |i| (at + i, at + 44 + i, order[i as usize]));
        let played: Vec<_> = strum(0).chain(strum(48)).chain(strum(96)).collect();
        let expect = [(0, 48, 64), (48, 96, 64), (96, 144, 64)];
        assert_eq!(heard(&played, 144), expect, "{order:?}");
        assert_eq!(heard_by(Voices::All, &played, 144), expect, "{order:?}");
    }
}

#[test]
fn a_legato_overlap_downwards_is_melody() {
    for overlap in 0..=6 {
        for length in [12, 24, 48] {
            let keys = [79, 77, 76, 74, 72, 71, 69, 67];
            let played: Vec<_> = line(&keys, length)
                .iter()
                .map(|(on, off, key)| (*on, off + overlap, *key))
                .collect();
            let end = 8 * length;
            if 2 * overlap < length {
                assert_eq!(
                    heard(&played, end),
                    line(&keys, length),
                    "{overlap} {length}"
                );
            }
        }
    }
    // Up and down in sixteenths, three keys down at a time.
    let played = [
        (0, 10, 64),
        (6, 14, 62),
        (9, 18, 65),
        (18, 26, 64),
        (24, 36, 62),
    ];
    let onsets: Vec<_> = heard(&played, 48)
        .iter()
        .map(|note| (note.0, note.2))
        .collect();
    assert_eq!(onsets, [(0, 64), (6, 62), (9, 65), (18, 64), (24, 62)]);
}

#[test]
fn a_lower_note_that_stays_alone_is_melody_from_its_own_onset_on() {
    // Onset 12 ticks before the upper one ends, it needs more than 12 ticks alone.
    let under = |off: i64, next: i64| {
        let played = [(0, 24, 72), (12, off, 64), (next, next + 24, 74)];
        heard(&played, next + 24)
    };
    assert_eq!(under(36, 60), [(0, 24, 72), (60, 84, 74)]);
    assert_eq!(under(48, 60), [(0, 12, 72), (12, 48, 64), (60, 84, 74)]);
    // The next note of the melody comes too early for it.
    assert_eq!(under(96, 30), [(0, 24, 72), (30, 54, 74)]);
    // The end of the phrase settles it.
    assert_eq!(
        heard(&[(0, 24, 72), (12, 200, 64)], 96),
        [(0, 12, 72), (12, 96, 64)]
    );
    assert_eq!(heard(&[(0, 90, 72), (12, 200, 64)], 96), [(0, 90, 72)]);
}

#[test]
fn repeated_notes_are_told_apart() {
    let played = line(&[60; 8], 12);
    assert_eq!(heard(&played, 96), played);
    let short: Vec<_> = played
        .iter()
        .map(|(on, off, key)| (*on, off - 6, *key))
        .collect();
    assert_eq!(heard(&short, 96), short);
    // Onset again without having been let go.
    let mut ears = MelodyListener::default();
    for at in [0, 12, 24] {
        ears.note_on(Ticks::new(at), Pitch::MIDDLE_C, Velocity::DEFAULT);
    }
    ears.note_off(Ticks::new(36), Pitch::MIDDLE_C);
    ears.note_off(Ticks::new(40), Pitch::MIDDLE_C);
    ears.settle(Ticks::new(48));
    let notes: Vec<_> = std::iter::from_fn(|| ears.next_note()).collect();
    let lengths = notes
        .iter()
        .map(|note| (note.onset.get(), note.duration.get()));
    assert_eq!(lengths.collect::<Vec<_>>(), [(0, 12), (12, 12), (24, 12)]);
}

#[test]
fn of_two_hands_the_right_one_is_heard_and_the_left_one_where_it_is_alone() {
    let right = line(&[72, 76, 79, 76], 24);
    let left = [36, 43, 36, 43].into_iter().zip(0..);
    let left = left.map(|(key, i)| (24 * i, 24 * i + 24, key));
    // A left hand that begins, a right hand over it, and the left hand's answer.
    let solo = [(192, 216, 55), (216, 240, 53), (240, 288, 52)];
    let played: Vec<_> = right.iter().copied().chain(left).chain(solo).collect();
    let expect: Vec<_> = right.iter().copied().chain(solo).collect();
    let out = heard(&played, 288);
    let onsets = |notes: &[Played]| notes.iter().map(|n| (n.0, n.2)).collect::<Vec<_>>();
    assert_eq!(onsets(&out), onsets(&expect));
    let all = heard_by(Voices::All, &[(0, 96, 72), (24, 48, 60), (48, 72, 62)], 96);
    assert_eq!(onsets(&all), [(0, 72), (24, 60), (48, 62)]);
}

#[test]
fn human_timing_finds_the_grid() {
    // Sixteenths and triplets a tick beside their places.
    let played = [
        (1, 20, 60),
        (25, 30, 62),
        (29, 34, 64),
        (37, 46, 65),
        (47, 60, 67),
    ];
    assert_eq!(
        heard(&played, 72),
        [
            (0, 24, 60),
            (24, 30, 62),
            (30, 36, 64),
            (36, 48, 65),
            (48, 60, 67)
        ]
    );
    let triplets = [(0, 7, 60), (9, 16, 62), (15, 22, 64), (23, 30, 65)];
    let onsets = heard(&triplets, 96).into_iter().map(|note| note.0);
    assert_eq!(onsets.collect::<Vec<_>>(), [0, 8, 16, 24]);
    // Lengths: most of the way is all of it, an even one stays, others go to the nearest.
    for (sounding, expect) in [
        (1, 3),
        (5, 6),
        (10, 9),
        (18, 18),
        (17, 24),
        (19, 24),
        (30, 24),
    ] {
        let out = heard(&[(0, sounding, 60), (24, 48, 62)], 48);
        assert_eq!(out[0].1, expect, "{sounding}");
    }
}

#[test]
fn storms_are_survived_and_make_one_line() {
    for seed in 0..3000 {
        let mut random = Pcg32::new(seed, 1);
        let mut upto = |n: u32| random.next_u32() % n;
        let mut ears = MelodyListener::default();
        ears.clear(if seed % 4 == 0 {
            Voices::All
        } else {
            Voices::Top
        });
        let room = (ears.struck.capacity(), ears.notes.capacity());
        let (mut at, mut now) = (0i64, i64::MIN);
        let (mut struck, mut notes) = (Vec::new(), Vec::new());
        let (keys, pause) = (1 + upto(128), 1 + upto(20));
        for _ in 0..300 {
            at += i64::from(upto(pause));
            // Sometimes a host sends things late.
            let told = at - i64::from(upto(40) == 0) * 7;
            let pitch = Pitch::clamped(i64::from(upto(keys)));
            now = now.max(told);
            if upto(3) > 0 {
                struck.push(now);
                ears.note_on(Ticks::new(told), pitch, Velocity::DEFAULT);
            } else {
                ears.note_off(Ticks::new(told), pitch);
            }
            notes.extend(std::iter::from_fn(|| ears.next_note()));
            assert!(ears.struck.len() <= ROOM);
        }
        ears.settle(Ticks::new(at + 1));
        notes.extend(std::iter::from_fn(|| ears.next_note()));
        assert!(!notes.is_empty());
        assert_eq!(room, (ears.struck.capacity(), ears.notes.capacity()));
        for pair in notes.windows(2) {
            assert!(pair[0].onset < pair[1].onset, "{seed}: {pair:?}");
            assert!(pair[0].end() <= pair[1].onset, "{seed}: {pair:?}");
        }
        for note in &notes {
            let near = |at: &i64| (note.onset.get() - at).abs() <= 1;
            assert!(struck.iter().any(near), "{seed}: {note:?}");
            assert!(note.duration >= Ticks::new(1));
        }
    }
}

#[test]
fn wild_times_are_survived() {
    let mut ears = MelodyListener::default();
    for at in [i64::MAX, i64::MIN, 0, -1, i64::MIN + 1, i64::MAX - 1] {
        let mut ears = ears.clone();
        for then in [i64::MIN, 0, i64::MAX] {
            for key in [0, 127, 60] {
                ears.note_on(Ticks::new(at), Pitch::clamped(key), Velocity::DEFAULT);
                ears.note_on(Ticks::new(then), Pitch::clamped(key), Velocity::DEFAULT);
                ears.note_off(Ticks::new(then), Pitch::clamped(key));
            }
            ears.settle(Ticks::new(then));
        }
        ears.clear(Voices::All);
    }
    ears.note_off(Ticks::ZERO, Pitch::MIDDLE_C);
    ears.settle(Ticks::ZERO);
    assert_eq!(ears.next_note(), None);
}
