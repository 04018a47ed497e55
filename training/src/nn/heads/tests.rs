//! The loss on the processor against the same by Candle's operations.

use candle_core::{Device, Tensor, Var};
use harmonai_core::model::config::{Cell, Config};
use harmonai_core::music::melody::Melody;
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::{Metre, Ticks};
use rand::RngExt;

use super::*;
use crate::data::batches::Streams;
use crate::random::Noise;

/// Four tunes side by side that repeat themselves, some notes without a velocity.
fn batch(config: &Config) -> Batch {
    let tune = |row: u64| {
        let noise = Noise::new(3, 4).branch(row);
        let note = |i: u64| {
            // Every fifth note is the same but for its height.
            let mut rng = noise.branch(i % 5).rng();
            Note {
                onset: Ticks::new(i as i64 * 12),
                duration: Ticks::new(rng.random_range(1..=12)),
                pitch: Pitch::clamped(rng.random_range(60..65) + i as i64 / 5),
                velocity: (!i.is_multiple_of(3))
                    .then(|| Velocity::clamped(noise.branch(i).rng().random_range(0..127))),
            }
        };
        let notes = (0..9 + row).map(note).collect();
        Melody::new(String::new(), None, Metre::COMMON, notes).unwrap()
    };
    let tunes: Vec<Melody> = (0..4).map(tune).collect();
    Streams::whole(&tunes, config, 4, 100).batch(0)
}

#[test]
fn loss_and_gradients_equal_automatic_differentiation() {
    use Factor::{Duration, Interval, Pitch, Velocity};
    for factors in [
        vec![Pitch, Interval, Duration, Velocity],
        vec![Pitch, Interval, Duration],
        // Some notes have no velocity that could be given to what comes after it.
        vec![Velocity, Interval, Pitch],
    ] {
        let config = Config::new(Cell::Rnn, 1, 10, 10, vec![]).unwrap();
        let config = config.with_factors(factors).unwrap();
        let heads = Heads::new(&config);
        let mut specs = config.tensors();
        specs.retain(|spec| !spec.name.starts_with("embed.") && !spec.name.starts_with("rnn."));
        let sizes: usize = specs.iter().map(|spec| spec.len()).sum();
        assert_eq!(heads.parameters(), sizes, "laid out as in a checkpoint");
        let noise = Noise::new(3, 4);
        let var = |purpose: u64, dims: &[usize]| {
            let values = noise.branch(purpose).uniform(dims.iter().product(), 1.0);
            Var::from_vec(values, dims, &Device::Cpu).unwrap()
        };
        let batch = batch(&config);
        let (hidden, weights) = (
            var(1, &[batch.time, batch.rows, 10]),
            var(2, &[heads.parameters()]),
        );
        let (reference, reference_nll) = heads
            .reference(hidden.as_tensor(), weights.as_tensor(), &batch)
            .unwrap();
        let (cpu, cpu_nll) = heads
            .run(hidden.as_tensor(), weights.as_tensor(), &batch, true)
            .unwrap();
        let value = |t: &Tensor| t.to_scalar::<f32>().unwrap();
        assert!((value(&reference) - value(&cpu)).abs() < 1e-5);
        let both = |nll: &Nll| [&nll.plain[..], &nll.with_memory].concat();
        for (reference, cpu) in both(&reference_nll).iter().zip(both(&cpu_nll)) {
            assert_eq!(reference.len(), cpu.len());
            for (reference, cpu) in reference.iter().zip(&cpu) {
                assert!((reference - cpu).abs() < 1e-5, "{reference}, {cpu}");
            }
        }
        assert!(cpu_nll.plain[0] != cpu_nll.with_memory[0]);
        for factor in Factor::ALL {
            let nats = &cpu_nll.with_memory[factor.index()];
            assert_eq!(nats.iter().any(|nats| *nats > 0.0), config.predicts(factor));
        }
        let (reference, cpu) = ((reference * 3.0).unwrap(), (cpu * 3.0).unwrap());
        let (reference, cpu) = (reference.backward().unwrap(), cpu.backward().unwrap());
        for var in [&hidden, &weights] {
            let (reference, cpu) = (reference.get(var).unwrap(), cpu.get(var).unwrap());
            let largest = |t: &Tensor| {
                t.abs()
                    .unwrap()
                    .max_all()
                    .unwrap()
                    .to_scalar::<f32>()
                    .unwrap()
            };
            let off = largest(&(reference - cpu).unwrap());
            assert!(off < 1e-6 && largest(reference) > 1e-3, "off by {off}");
        }
    }
}
