//! A small network for tests, the same bytes on every machine, made instead of stored.

use harmonai_core::checkpoint::Checkpoint;
use harmonai_core::config::{Cell, Config};
use harmonai_core::vocabulary::Factor;

/// An untrained network whose weights follow from `seed`. It leans to short notes: left to
/// chance alone, most would last for bars.
pub fn tiny(cell: Cell, seed: u64) -> Checkpoint {
    tiny_of(cell, seed, &[])
}

/// The same with `styles` that it knows.
pub fn tiny_of(cell: Cell, seed: u64, styles: &[&str]) -> Checkpoint {
    let styles = styles.iter().map(|style| (*style).to_owned()).collect();
    let config = Config::new(cell, 2, 24, 16, styles);
    // PANIC: the sizes are constants within the bounds of a configuration.
    let mut checkpoint = Checkpoint::noise(config.expect("a valid size"), seed);
    let specs = checkpoint.header.config.tensors();
    for factor in [Factor::Interval, Factor::Duration] {
        let name = format!("head.{}.bias", factor.name());
        let biases = specs
            .iter()
            .zip(&mut checkpoint.tensors)
            .filter(|(s, _)| s.name == name);
        for (_, bias) in biases {
            let lean = |(symbol, value): (usize, &mut f32)| *value -= symbol as f32 * 0.12;
            bias.iter_mut().enumerate().for_each(lean);
        }
    }
    checkpoint
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_makes_the_network() {
        assert_eq!(tiny(Cell::Gru, 1).write(), tiny(Cell::Gru, 1).write());
        assert_ne!(tiny(Cell::Gru, 1).write(), tiny(Cell::Gru, 2).write());
    }
}
