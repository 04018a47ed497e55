//! The player plays into an answer.

use super::*;

/// An answer without end from tick 24 on, with keys that the player strikes (and lets go of) in it.
fn jam(keys: &[(i64, i64, i64)]) -> Vec<Note> {
    let mut continuation = Continuation::new(network(1));
    continuation.clear(Metre::COMMON, Style::ANY, Voices::Top);
    continuation.note_on(Ticks::ZERO, Pitch::clamped(60), Velocity::clamped(80));
    continuation.note_off(Ticks::new(10), Pitch::clamped(60));
    continuation.begin_answer(Ticks::new(24), None, 1, None, Entry::Prompt);
    let mut notes = Vec::new();
    for line in (24..24 + 24 * 96).step_by(3) {
        for (onset, end, key) in keys {
            let near = |at: i64| (line - 3..line).contains(&at);
            if near(*onset) {
                let at = Ticks::new(*onset);
                continuation.note_on(at, Pitch::clamped(*key), Velocity::clamped(80));
            }
            if near(*end) {
                continuation.note_off(Ticks::new(*end), Pitch::clamped(*key));
            }
        }
        let span = Ticks::new(line)..Ticks::new(line + 3);
        continuation.plan(span, None, &Settings::default(), &mut |note| {
            notes.push(note)
        });
    }
    notes
}

#[test]
fn what_the_player_plays_into_an_answer_changes_what_comes_next() {
    let alone = jam(&[]);
    assert!(alone.len() > 5);
    let joined = jam(&[(200, 212, 65), (230, 250, 67)]);
    let before = |notes: &[Note]| -> Vec<Note> {
        let earlier = notes.iter().filter(|note| note.onset < Ticks::new(200));
        earlier.copied().collect()
    };
    assert_eq!(before(&joined), before(&alone));
    assert_ne!(joined, alone);
    assert!(joined.len() > 5 && joined.windows(2).all(|pair| pair[0].onset < pair[1].onset));
    // How long a key is held is heard, and of a chord its highest key.
    assert_ne!(jam(&[(200, 203, 65), (230, 250, 67)]), joined);
    let chord = [
        (200, 212, 65),
        (201, 206, 53),
        (230, 250, 60),
        (230, 250, 67),
    ];
    assert_eq!(jam(&chord), joined);
}

#[test]
fn a_key_held_in_an_answer_leaves_the_phrase_as_it_is() {
    let mut continuation = Continuation::new(decided(1));
    hear(&mut continuation);
    let once = likeliest(&mut continuation, 96, false);
    let phrase = continuation.phrase();
    continuation.note_on(Ticks::new(500), Pitch::clamped(50), Velocity::clamped(80));
    continuation.begin_answer(Ticks::new(96), None, 0, Some(Repeat::Same), Entry::Prompt);
    continuation.note_on(Ticks::new(501), Pitch::clamped(90), Velocity::clamped(80));
    assert_eq!(continuation.phrase(), phrase);
    assert_eq!(likeliest(&mut continuation, 96, true), once);
    assert_eq!(continuation.phrase(), phrase);
}

#[test]
fn the_player_alone_says_what_the_key_is() {
    let mut continuation = Continuation::new(network(1));
    hear(&mut continuation);
    continuation.begin_answer(Ticks::new(96), None, 1, None, Entry::Prompt);
    let profile = |continuation: &Continuation| continuation.answer.as_ref().unwrap().profile;
    let of_phrase = profile(&continuation);
    let span = Ticks::new(96)..Ticks::new(96 * 9);
    continuation.plan(span.clone(), None, &Settings::default(), &mut |_| {});
    let played = PhraseProfile::new(continuation.transcript.notes(), Metre::COMMON);
    assert_ne!(played, of_phrase, "the answer has notes of its own");
    continuation.note_on(span.end, Pitch::clamped(67), Velocity::DEFAULT);
    let notes = continuation.transcript.notes();
    assert!(notes.len() > 6, "{notes:?}");
    let (phrase, joined) = (&notes[..5], &notes[notes.len() - 1..]);
    assert_eq!(
        profile(&continuation),
        PhraseProfile::new(&[phrase, joined].concat(), Metre::COMMON)
    );
}
