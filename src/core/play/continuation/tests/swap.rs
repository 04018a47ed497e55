//! Another network takes over.

use super::*;
use crate::model::vocabulary::Factor;
use crate::play::constraints::rhythm::RhythmConstraints;

#[test]
fn another_network_takes_over_as_if_it_had_been_there() {
    let mut continuation = Continuation::new(network(1));
    hear(&mut continuation);
    continuation.swap(network(2));
    let swapped = answer(&mut continuation, 3, 5);
    let mut other = Continuation::new(network(2));
    hear(&mut other);
    assert_eq!(answer(&mut other, 3, 5), swapped);
    continuation.swap(network(1));
}

/// The bits of what the network makes of everything read so far, and how long the notes are.
fn state(continuation: &Continuation) -> ([u32; 129], Vec<i64>) {
    let mut transcript = continuation.transcript.clone();
    let lengths = transcript.notes().iter().map(|note| note.duration.get());
    let lengths = lengths.collect();
    let mut logits = [0.0; 129];
    transcript.logits(Factor::Pitch, &[0; 4], 0.0, &mut logits);
    (logits.map(f32::to_bits), lengths)
}

#[test]
fn a_network_that_takes_over_from_its_double_in_mid_answer_changes_nothing() {
    let dense = RhythmConstraints {
        density: 1.0,
        ..RhythmConstraints::default()
    };
    // A key is struck in the answer; it is let go.
    for (struck, let_go) in [(false, false), (true, false), (true, true)] {
        let run = |swaps: bool, again: bool| {
            let end = Ticks::new(1000);
            let key = Pitch::clamped(65);
            let mut notes = Vec::new();
            let mut plan = |continuation: &mut Continuation, span: Span, style: u16| {
                let settings = Settings {
                    style: Style::new(style),
                    rhythm: dense,
                    ..Settings::default()
                };
                continuation.plan(span, Some(end), &settings, &mut |note| notes.push(note));
            };
            let mut continuation = Continuation::new(styled(1));
            hear(&mut continuation);
            continuation.begin_answer(Ticks::new(96), Some(end), 5, None, Entry::Prompt);
            plan(&mut continuation, Ticks::new(96)..Ticks::new(200), 1);
            if again {
                // The phrase moves by less than a bar.
                let at = Ticks::new(208);
                continuation.begin_answer(at, Some(end), 5, Some(Repeat::Same), Entry::Prompt);
                plan(&mut continuation, at..Ticks::new(300), 2);
            }
            if struck {
                continuation.note_on(Ticks::new(300), key, Velocity::DEFAULT);
            }
            if let_go {
                continuation.note_off(Ticks::new(310), key);
            }
            if swaps {
                continuation.swap(styled(1));
            }
            let swapped = state(&continuation);
            plan(&mut continuation, Ticks::new(300)..end, 1);
            // The phrase, as it is kept, is untouched too.
            continuation.begin_answer(end, None, 5, Some(Repeat::Same), Entry::Prompt);
            (swapped, state(&continuation), notes)
        };
        for again in [false, true] {
            let expect = run(false, again);
            let case = format!("struck {struck}, let go {let_go}, again {again}");
            assert!(expect.2.len() > 10, "{case}: {:?}", expect.2);
            let found = run(true, again);
            assert_eq!(
                (&found.0.1, &found.1.1),
                (&expect.0.1, &expect.1.1),
                "{case}"
            );
            assert!(found == expect, "{case}");
        }
    }
}
