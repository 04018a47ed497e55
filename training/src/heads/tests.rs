//! The loss on the processor against the same by Candle's operations.

use candle_core::Var;

use super::*;
use crate::noise::Noise;

fn targets(noise: Noise, n: usize) -> Vec<Targets> {
    let symbol = |i: usize, factor: Factor| {
        let bound = factor.symbols().min(6) as u64;
        noise.below((i * 4 + factor.index()) as u64, bound) as u16
    };
    let step = |i: usize| match i % 7 {
        0 => [128, NONE, NONE, NONE],
        1 => [NONE; 4],
        2 => [60, 11, 11, NONE],
        _ => Factor::ALL.map(|factor| symbol(i, factor)),
    };
    (0..n).map(step).collect()
}

#[test]
fn loss_and_gradients_equal_automatic_differentiation() {
    for velocity in [true, false] {
        let heads = Heads::new(10, velocity);
        let noise = Noise::new(3, 4);
        let var = |purpose: u64, dims: &[usize]| {
            let values = noise.branch(purpose).uniform(dims.iter().product(), 1.0);
            Var::from_vec(values, dims, &Device::Cpu).unwrap()
        };
        let (hidden, weights) = (var(1, &[10, 4, 10]), var(2, &[heads.parameters()]));
        let targets = Arc::new(targets(noise, 40));
        let (plain, plain_surprise) = heads
            .plain(hidden.as_tensor(), weights.as_tensor(), &targets)
            .unwrap();
        let (fused, fused_surprise) = heads
            .run(hidden.as_tensor(), weights.as_tensor(), &targets, true)
            .unwrap();
        let value = |t: &Tensor| t.to_scalar::<f32>().unwrap();
        assert!((value(&plain) - value(&fused)).abs() < 1e-5);
        for (plain, fused) in plain_surprise.iter().zip(&fused_surprise) {
            assert_eq!(plain.len(), fused.len());
            for (plain, fused) in plain.iter().zip(fused) {
                assert!((plain - fused).abs() < 1e-5, "{plain}, {fused}");
            }
        }
        assert_eq!(fused_surprise[3].iter().any(|nats| *nats > 0.0), velocity);
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
