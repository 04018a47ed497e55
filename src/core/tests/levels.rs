//! The same bits on every processor: a whole answer on the plainest instructions and on the best that
//! this one has, and logits that no processor may change.

use std::sync::Arc;

use harmonai_core::model::checkpoint::{Checkpoint, Precision};
use harmonai_core::model::config::{Cell, Config};
use harmonai_core::model::kernel::Level;
use harmonai_core::model::memory::Memory;
use harmonai_core::model::network::Network;
use harmonai_core::model::vocabulary::{Event, Factor, NONE, Style, steps};
use harmonai_core::music::melody::Melody;
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::{Metre, Ticks};
use harmonai_core::play::constraints::pitch::{AllowedScale, PitchConstraints};
use harmonai_core::play::constraints::rhythm::RhythmConstraints;
use harmonai_core::play::continuation::{Continuation, Entry, Settings};
use harmonai_core::play::listen::Voices;

const BAR: i64 = 96;

/// Both ways of keeping the weights.
const BOTH: [Precision; 2] = [Precision::F32, Precision::Int8];

fn network(cell: Cell, weights: Precision, level: Level) -> Network {
    // No multiple of the kernel's lanes, so that their remainders are in it too.
    let config = Config::new(cell, 2, 40, 23, vec!["folk".into()]).unwrap();
    let config = config.with_factors(Factor::ALL.to_vec()).unwrap();
    let mut checkpoint = Checkpoint::noise(config, 11);
    if weights == Precision::Int8 {
        checkpoint = checkpoint.quantized();
    }
    Network::with_level(checkpoint, level)
}

/// 32 notes, four bars, with a turn that comes back.
fn phrase() -> Vec<Note> {
    let keys = [60, 62, 64, 65, 67, 64, 60, 67];
    let notes = (0..32).map(|i: i64| Note {
        onset: Ticks::new(i * 12),
        duration: Ticks::new(if i % 3 == 0 { 6 } else { 12 }),
        pitch: Pitch::clamped(keys[i as usize % 8] + i / 16 * 5),
        velocity: Some(Velocity::clamped(60 + i * 7 % 50)),
    });
    notes.collect()
}

/// What it answers to the phrase with every knob turned, planned as in playing.
fn answer(network: Network) -> Vec<Note> {
    let settings = Settings {
        temperature: 1.1,
        rhythm_temperature: 0.9,
        top_p: 0.97,
        pitch: PitchConstraints {
            scale: AllowedScale::OfPhrase,
            low: Pitch::clamped(48),
            high: Pitch::clamped(84),
            leaps: -0.4,
            ..PitchConstraints::default()
        },
        rhythm: RhythmConstraints {
            grid: Some(Ticks::new(6)),
            density: 0.7,
            gate: 0.9,
            swing: 0.6,
        },
        style: Style::new(1),
        ..Settings::default()
    };
    let mut continuation = Continuation::new(Arc::new(network));
    continuation.clear(Metre::COMMON, settings.style, Voices::Top);
    for note in phrase() {
        continuation.note_on(note.onset, note.pitch, note.velocity.unwrap());
        continuation.note_off(note.end(), note.pitch);
    }
    let (start, end) = (4 * BAR, 68 * BAR);
    continuation.begin_answer(
        Ticks::new(start),
        Some(Ticks::new(end)),
        5,
        None,
        Entry::Prompt,
    );
    let mut notes = Vec::new();
    for at in (start..end).step_by(3) {
        let span = Ticks::new(at)..Ticks::new(at + 3);
        continuation.plan(span, Some(Ticks::new(end)), &settings, &mut |note| {
            notes.push(note);
        });
    }
    notes
}

/// The bits of every logit, memory and all, while the network reads these notes.
fn logits(network: &Network, notes: Vec<Note>) -> Vec<u32> {
    let melody = Melody::new(String::new(), None, Metre::COMMON, notes).unwrap();
    let (mut state, mut memory) = (network.state(), Memory::default());
    let mut events: Vec<Event> = Vec::new();
    let mut bits = Vec::new();
    for step in steps(&melody, Style::new(1), Some(Ticks::new(4 * BAR))) {
        memory.listen(&events, step.event.onset, Metre::COMMON);
        network.step(&mut state, &step.inputs);
        // The last step is the melody's end.
        if step.event.targets[1..].contains(&NONE) {
            break;
        }
        for factor in Factor::ALL {
            let mut logits = vec![0.0; factor.symbols()];
            let known = &step.event.targets;
            network.logits(&state, factor, known, &mut logits);
            network.add_memory_logits(&state, factor, known, (&mut memory, 0.8), &mut logits);
            bits.extend(logits.into_iter().map(f32::to_bits));
        }
        events.push(step.event);
    }
    bits
}

#[test]
fn a_whole_answer_is_the_same_on_every_level() {
    for (cell, weights) in Cell::ALL
        .into_iter()
        .flat_map(|cell| BOTH.map(|w| (cell, w)))
    {
        let plain = answer(network(cell, weights, Level::BASELINE));
        assert!(plain.len() > 150, "{cell}: only {} notes", plain.len());
        let heard: Vec<Note> = phrase().into_iter().chain(plain.iter().copied()).collect();
        let bits = |level| logits(&network(cell, weights, level), heard.clone());
        let plain_bits = bits(Level::BASELINE);
        let symbols: usize = Factor::ALL.map(Factor::symbols).iter().sum();
        assert_eq!(plain_bits.len(), heard.len() * symbols);
        for level in Level::all() {
            let name = format!("{cell}, {weights:?}, {}", level.name());
            assert_eq!(plain, answer(network(cell, weights, level)), "{name}");
            let differing = plain_bits
                .iter()
                .zip(&bits(level))
                .position(|(a, b)| a != b);
            assert_eq!(differing, None, "{name}: a logit differs");
        }
    }
}

/// Fowler, Noll and Vo's hash of the bits.
fn digest(bits: &[u32]) -> u64 {
    bits.iter().fold(0xcbf2_9ce4_8422_2325, |hash, bits| {
        (hash ^ u64::from(*bits)).wrapping_mul(0x100_0000_01b3)
    })
}

/// Fails where a processor, a compiler or a C library brings other bits about. A change of the
/// arithmetic, the vocabulary or the memory that is meant puts new numbers here.
#[test]
fn the_logits_are_those_of_every_other_machine() {
    let digests = BOTH.map(|weights| {
        Cell::ALL.map(|cell| {
            let bits = logits(&network(cell, weights, Level::detect()), phrase());
            format!("{cell} {:016x}", digest(&bits))
        })
    });
    let expect = [
        [
            "lstm 9385ae3430568aff",
            "gru 3dfe1f2294cb080d",
            "rnn 6552e19d6a27b245",
        ],
        [
            "lstm b2cab6c3dabe598c",
            "gru c864dc1b96713ece",
            "rnn e0918642027c3e3d",
        ],
    ];
    assert_eq!(digests, expect);
}
