//! Where an answer's first note falls.

use super::*;

const START: i64 = 96;

/// The onset of the first note of an answer from [`START`] to `end`.
fn first_onset(
    continuation: &mut Continuation,
    end: i64,
    seed: u64,
    again: Option<Repeat>,
    settings: &Settings,
) -> Option<i64> {
    let (start, end) = (Ticks::new(START), Ticks::new(end));
    continuation.begin_answer(start, Some(end), seed, again, Entry::Free);
    let mut first = None;
    continuation.plan(start..end, Some(end), settings, &mut |note| {
        first = first.or(Some(note.onset.get()));
    });
    first
}

#[test]
fn it_is_drawn_within_a_bar_and_on_the_grid() {
    let mut continuation = Continuation::new(network(1));
    let mut gridded = Settings::default();
    gridded.rhythm.grid = Some(Ticks::new(12));
    let mut late = 0;
    for seed in 0..100 {
        hear(&mut continuation);
        let onset = first_onset(&mut continuation, 480, seed, None, &Settings::default());
        assert!((START..START + 96).contains(&onset.unwrap()), "{onset:?}");
        late += usize::from(onset > Some(START));
        hear(&mut continuation);
        let onset = first_onset(&mut continuation, 480, seed, None, &gridded);
        assert_eq!(onset.unwrap() % 12, 0);
    }
    assert!((20..=100).contains(&late), "{late} of 100 begin later");
}

#[test]
fn a_short_answer_has_its_first_note_before_its_end() {
    let mut continuation = Continuation::new(network(1));
    for seed in 0..50 {
        hear(&mut continuation);
        let onset = first_onset(
            &mut continuation,
            START + 6,
            seed,
            None,
            &Settings::default(),
        );
        assert!((START..START + 6).contains(&onset.unwrap()), "{onset:?}");
    }
}

#[test]
fn without_a_phrase_or_after_a_long_silence_it_is_prompt() {
    let mut continuation = Continuation::new(network(1));
    continuation.clear(Metre::COMMON, Style::ANY, Voices::Top);
    let settings = Settings::default();
    assert_eq!(
        first_onset(&mut continuation, 480, 1, None, &settings),
        Some(START)
    );
    // Longer than any interval has a symbol for.
    hear(&mut continuation);
    let (start, end) = (Ticks::new(96 * 100), Ticks::new(96 * 104));
    continuation.begin_answer(start, Some(end), 1, None, Entry::Free);
    let mut onsets = Vec::new();
    continuation.plan(start..end, Some(end), &settings, &mut |note| {
        onsets.push(note.onset);
    });
    assert_eq!(onsets.first(), Some(&start));
}

#[test]
fn the_same_answer_has_the_same_entry_whatever_was_played_since() {
    let mut continuation = Continuation::new(network(1));
    for seed in 0..20 {
        hear(&mut continuation);
        let settings = Settings::default();
        let first = first_onset(&mut continuation, 480, seed, None, &settings);
        let again = first_onset(&mut continuation, 480, seed, Some(Repeat::Same), &settings);
        assert_eq!(first, again);
    }
}
