//! Bytes in place of a model file.
//!
//! A whole model is some 700 KB of weights, which would drown what matters: the header. So weights
//! may be left out at the end of the bytes; those that are there stand for the rest too, over and over.

use std::sync::Arc;

use harmonai_core::model::checkpoint::Checkpoint;
use harmonai_core::model::network::Network;
use harmonai_core::model::vocabulary::Style;
use harmonai_core::music::note::{Pitch, Velocity};
use harmonai_core::music::time::{Metre, Ticks};
use harmonai_core::play::continuation::{Continuation, Entry, Settings};
use harmonai_core::play::listen::Voices;
use serde_json::Value;

/// No larger model is made up: it would be slow, not different.
const MOST: usize = 2 << 20;

/// What can be read plays, and comes back when it is written.
pub fn check(bytes: &[u8]) {
    try_out(bytes);
    if let Some(whole) = completed(bytes) {
        try_out(&whole);
    }
}

fn try_out(bytes: &[u8]) {
    let Ok(checkpoint) = Checkpoint::read(bytes) else {
        return;
    };
    let names = checkpoint.header.style_names();
    assert_eq!(names.len(), checkpoint.header.config.styles().len());
    let written = checkpoint.write();
    let back = Checkpoint::read(&written).expect("what was written can be read");
    assert_eq!(back.write(), written);
    play(Network::new(checkpoint));
}

/// The bytes with the weights that their header speaks of.
fn completed(bytes: &[u8]) -> Option<Vec<u8>> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let (json, weights) = rest.split_at_checked(length)?;
    let header: serde_json::Map<String, Value> = serde_json::from_slice(json).ok()?;
    let ends = header.values().filter_map(|tensor| {
        let end = tensor.get("data_offsets")?.get(1)?.as_u64()?;
        usize::try_from(end).ok()
    });
    let end = ends.max().filter(|end| *end <= MOST)?;
    let missing = end.checked_sub(weights.len())?;
    let weights = weights.iter().copied();
    let more = weights.chain(std::iter::once(0)).cycle().take(missing);
    Some(bytes.iter().copied().chain(more).collect())
}

fn play(network: Network) {
    let mut continuation = Continuation::new(Arc::new(network));
    continuation.clear(Metre::COMMON, Style::new(1), Voices::Top);
    for (onset, key) in [(0, 60), (12, 64), (24, 67), (36, 60)] {
        let (onset, pitch) = (Ticks::new(onset), Pitch::clamped(key));
        continuation.note_on(onset, pitch, Velocity::DEFAULT);
        continuation.note_off(onset + Ticks::new(12), pitch);
    }
    let (start, end) = (Ticks::new(96), Ticks::new(192));
    continuation.begin_answer(start, Some(end), 1, None, Entry::Prompt);
    let mut last = start - Ticks::new(1);
    let settings = Settings::default();
    continuation.plan(start..end, Some(end), &settings, &mut |note| {
        assert!(note.onset > last && note.onset < end, "{note:?}");
        assert!(note.duration > Ticks::ZERO, "{note:?}");
        last = note.onset;
    });
}
