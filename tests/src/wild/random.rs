//! What made-up hosts are drawn with: a seeded generator, and what `rand` has no short word for.

use rand::RngExt;
use rand::seq::IndexedRandom;

/// Draws the same from the same seed on every machine.
pub type Random = rand_pcg::Pcg32;

/// One of these, of which there is at least one.
pub fn pick<T: Clone>(choices: &[T], random: &mut Random) -> T {
    // PANIC: the callers' choices are written out.
    choices.choose(random).expect("something to choose").clone()
}

/// 1 to `max`, small ones as often as large ones.
pub fn size(max: u32, random: &mut Random) -> u32 {
    let power = random.random_range(0.0..f64::from(max + 1).ln());
    (power.exp() as u32).clamp(1, max)
}
