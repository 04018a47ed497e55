//! The loss on the processor against the same by Candle's operations.

use candle_core::{Device, Tensor, Var};
use harmonai_core::model::config::{Cell, Config};
use harmonai_core::music::melody::Melody;
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::{Metre, Ticks};

use super::*;
use crate::data::batches::Streams;
use crate::nn::noise::Noise;

/// Four tunes side by side that repeat themselves, some notes without a velocity.
fn batch(representation: Representation) -> Batch {
    let tune = |row: u64| {
        let noise = Noise::new(3, 4).branch(row);
        let note = |i: u64| Note {
            onset: Ticks::new(i as i64 * 12),
            duration: Ticks::new(1 + noise.below(i % 5, 12) as i64),
            pitch: Pitch::clamped(60 + noise.below(i % 5, 5) as i64 + i as i64 / 5),
            velocity: (!i.is_multiple_of(3)).then(|| Velocity::clamped(noise.below(i, 127) as i64)),
        };
        let notes = (0..9 + row).map(note).collect();
        Melody::new(String::new(), None, Metre::COMMON, notes).unwrap()
    };
    let tunes: Vec<Melody> = (0..4).map(tune).collect();
    let config = Config::new(Cell::Rnn, 1, 10, 10, vec![]).unwrap();
    Streams::whole(&tunes, &config.speaking(representation), 4, 100).batch(0)
}

#[test]
fn loss_and_gradients_equal_automatic_differentiation() {
    use Representation::{Grid, Notes};
    for (representation, velocity) in [(Notes, true), (Notes, false), (Grid, false)] {
        let heads = Heads::new(representation, 10, velocity);
        let noise = Noise::new(3, 4);
        let var = |purpose: u64, dims: &[usize]| {
            let values = noise.branch(purpose).uniform(dims.iter().product(), 1.0);
            Var::from_vec(values, dims, &Device::Cpu).unwrap()
        };
        let batch = batch(representation);
        let (hidden, weights) = (
            var(1, &[batch.time, batch.rows, 10]),
            var(2, &[heads.parameters()]),
        );
        let (plain, plain_surprise) = heads
            .plain(hidden.as_tensor(), weights.as_tensor(), &batch)
            .unwrap();
        let (fused, fused_surprise) = heads
            .run(hidden.as_tensor(), weights.as_tensor(), &batch, true)
            .unwrap();
        let value = |t: &Tensor| t.to_scalar::<f32>().unwrap();
        assert!((value(&plain) - value(&fused)).abs() < 1e-5);
        let both = |surprise: &Surprise| [&surprise.plain[..], &surprise.remembering].concat();
        for (plain, fused) in both(&plain_surprise).iter().zip(both(&fused_surprise)) {
            assert_eq!(plain.len(), fused.len());
            for (plain, fused) in plain.iter().zip(&fused) {
                assert!((plain - fused).abs() < 1e-5, "{plain}, {fused}");
            }
        }
        assert_eq!(
            fused_surprise.plain[0] != fused_surprise.remembering[0],
            representation.remembers()
        );
        assert_eq!(
            fused_surprise.remembering[3].iter().any(|nats| *nats > 0.0),
            velocity
        );
        let (plain, fused) = ((plain * 3.0).unwrap(), (fused * 3.0).unwrap());
        let (plain, fused) = (plain.backward().unwrap(), fused.backward().unwrap());
        for var in [&hidden, &weights] {
            let (plain, fused) = (plain.get(var).unwrap(), fused.get(var).unwrap());
            let largest = |t: &Tensor| {
                t.abs()
                    .unwrap()
                    .max_all()
                    .unwrap()
                    .to_scalar::<f32>()
                    .unwrap()
            };
            let off = largest(&(plain - fused).unwrap());
            assert!(off < 1e-6 && largest(plain) > 1e-3, "off by {off}");
        }
    }
}
