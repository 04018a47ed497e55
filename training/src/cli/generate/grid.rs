//! The answer of a network of the grid, drawn a sixteenth at a time.
//!
//! It keeps the rules of [`harmonai_core::play::continuation`]: the same phrase, place and seed give the
//! same answer, and the melody may come to its own end in the last bar only. Called by `generate`.
//! Main thread.

use harmonai_core::model::network::Network;
use harmonai_core::model::vocabulary::grid::{self, Grid, HOLD, REST, SIXTEENTH};
use harmonai_core::model::vocabulary::{END, Factor, NONE};
use harmonai_core::music::note::{Note, Velocity};
use harmonai_core::music::time::{Metre, Span};
use harmonai_core::play::sampler::Sampler;
use rand_pcg::Pcg32;

/// The notes with which `network` answers `heard` within `span`.
pub fn answer(
    network: &Network,
    heard: &[Note],
    metre: Metre,
    span: &Span,
    seed: u64,
    sampler: Sampler,
) -> Vec<Note> {
    let (start, end) = (span.start.ceil_to(SIXTEENTH), span.end.floor_to(SIXTEENTH));
    let mut state = network.state();
    let mut phrase = Grid::new(heard);
    phrase.extend_to(start, REST);
    let mut before = END;
    network.step(&mut state, &grid::inputs(before));
    for symbol in phrase.symbols() {
        before = *symbol;
        network.step(&mut state, &grid::inputs(before));
    }
    let mut random = Pcg32::new(seed, start.get() as u64);
    let mut logits = vec![0.0; Factor::Grid.symbols()];
    let mut symbols = Vec::new();
    let mut at = start;
    while at < end {
        network.logits(&state, Factor::Grid, &[NONE; 4], &mut logits);
        if at + metre.bar() < end {
            logits[usize::from(END)] = f32::NEG_INFINITY;
        }
        if before == REST || before == END {
            logits[usize::from(HOLD)] = f32::NEG_INFINITY;
        }
        before = sampler.choose(&logits, &mut random);
        if before == END {
            break;
        }
        symbols.push(before);
        network.step(&mut state, &grid::inputs(before));
        at += SIXTEENTH;
    }
    let velocity = heard.last().and_then(|note| note.velocity);
    let velocity = Some(velocity.unwrap_or(Velocity::DEFAULT));
    let notes = Grid::with_symbols(start, symbols).notes().into_iter();
    notes.map(|note| Note { velocity, ..note }).collect()
}
