//! A matrix of floats times a vector.
//!
//! The weights lie in tiles, in the order in which they are read: memory is read as one stream.

use super::{Instructions, Level, ROWS};

/// Lanes of a dot product: lane `i` sums the products at `i`, `i + 16`, `i + 32`, …
const LANES: usize = 16;

/// One dot product's unfinished sums.
type Lanes = [f32; LANES];

type Tile = super::Tile<f32, LANES>;

/// A matrix of floats.
pub struct Floats {
    rows: usize,
    columns: usize,
    tiles: Vec<Tile>,
}

impl Floats {
    /// Of row-major `values`.
    pub fn new(values: &[f32], columns: usize) -> Self {
        let rows = values.len() / columns;
        assert_eq!(values.len(), rows * columns, "rows are of one length");
        Self {
            rows,
            columns,
            tiles: super::tiles(values, columns),
        }
    }

    /// `y += W x`.
    pub fn add_product(&self, level: Level, x: &[f32], y: &mut [f32]) {
        match level.0 {
            Instructions::Baseline => self.walk(x, y, lanes_baseline),
            #[cfg(target_arch = "aarch64")]
            Instructions::Neon => self.walk(x, y, lanes_baseline),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 | Instructions::Vnni => {
                // SAFETY: these levels are only made where the processor has been seen to have
                // AVX2.
                unsafe { self.walk_avx2(x, y) }
            }
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn walk_avx2(&self, x: &[f32], y: &mut [f32]) {
        self.walk(x, y, |tiles, x| lanes_avx2(tiles, x));
    }

    /// Over the rows; `lanes` multiplies.
    #[inline(always)]
    fn walk(&self, x: &[f32], y: &mut [f32], lanes: impl Fn(&[Tile], &[Lanes]) -> [Lanes; ROWS]) {
        assert_eq!(x.len(), self.columns, "matrix and vector do not fit");
        assert_eq!(y.len(), self.rows, "matrix and vector do not fit");
        let (whole, rest) = x.as_chunks::<LANES>();
        let mut last = [0.0; LANES];
        last[..rest.len()].copy_from_slice(rest);
        let blocks = self.tiles.chunks_exact(self.columns.div_ceil(LANES));
        for (block, out) in blocks.zip(y.chunks_mut(ROWS)) {
            let (tiles, tail) = block.split_at(whole.len());
            let mut sums = lanes(tiles, whole);
            if !tail.is_empty() {
                let tail = lanes(tail, &[last]);
                for (sum, tail) in sums.iter_mut().flatten().zip(tail.iter().flatten()) {
                    *sum += tail;
                }
            }
            for (out, sums) in out.iter_mut().zip(sums) {
                *out += fold(sums);
            }
        }
    }
}

/// Products of some rows with x, added up lane by lane.
fn lanes_baseline(tiles: &[Tile], x: &[Lanes]) -> [Lanes; ROWS] {
    let mut sums = [[0.0; LANES]; ROWS];
    for (tile, x) in tiles.iter().zip(x) {
        for (sums, row) in sums.iter_mut().zip(&tile.0) {
            for ((sum, a), b) in sums.iter_mut().zip(row).zip(x) {
                *sum += a * b;
            }
        }
    }
    sums
}

/// The same, instruction by instruction: left to the compiler, one binary gets wide registers and
/// the next, built of the same source, a third of the speed.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn lanes_avx2(tiles: &[Tile], x: &[Lanes]) -> [Lanes; ROWS] {
    use std::arch::x86_64::{_mm256_add_ps, _mm256_loadu_ps, _mm256_mul_ps};
    use std::arch::x86_64::{_mm256_setzero_ps, _mm256_storeu_ps};
    /// Lanes of a register.
    const WIDTH: usize = 8;
    // SAFETY: a register holds as many floats as the array has, in any alignment.
    let load = |half: &[f32; WIDTH]| unsafe { _mm256_loadu_ps(half.as_ptr()) };
    let halves = |lanes: &Lanes| {
        let (halves, _) = lanes.as_chunks::<WIDTH>();
        [load(&halves[0]), load(&halves[1])]
    };
    let mut sums = [[_mm256_setzero_ps(); LANES / WIDTH]; ROWS];
    for (tile, x) in tiles.iter().zip(x) {
        let x = halves(x);
        for (line, (sums, row)) in sums.iter_mut().zip(&tile.0).enumerate() {
            super::fetch_ahead(tile, line);
            for ((sum, a), b) in sums.iter_mut().zip(halves(row)).zip(x) {
                *sum = _mm256_add_ps(*sum, _mm256_mul_ps(a, b));
            }
        }
    }
    sums.map(|sums| {
        let mut lanes = [0.0; LANES];
        let (halves, _) = lanes.as_chunks_mut::<WIDTH>();
        for (half, sum) in halves.iter_mut().zip(sums) {
            // SAFETY: as above.
            unsafe { _mm256_storeu_ps(half.as_mut_ptr(), sum) };
        }
        lanes
    })
}

/// Sum of the lanes by folding halves together.
#[inline(always)]
fn fold(mut lanes: Lanes) -> f32 {
    let mut width = LANES / 2;
    while width > 0 {
        for i in 0..width {
            lanes[i] += lanes[i + width];
        }
        width /= 2;
    }
    lanes[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kernel::tests::{bits, exact, noise};

    #[test]
    fn products_are_right_and_the_same_bits_on_every_level() {
        for (rows, columns) in [(1, 1), (3, 16), (4, 17), (9, 40), (64, 129)] {
            let (w, x, y) = (noise(rows * columns, 1), noise(columns, 2), noise(rows, 3));
            let matrix = Floats::new(&w, columns);
            let product = |level| {
                let mut y = y.clone();
                matrix.add_product(level, &x, &mut y);
                y
            };
            let base = product(Level::BASELINE);
            for level in Level::all() {
                assert_eq!(bits(&base), bits(&product(level)), "{}", level.name());
            }
            for (value, exact) in base.iter().zip(exact(&w, &x, &y)) {
                let error = (f64::from(*value) - exact).abs();
                assert!(error < 1e-5, "{value} is not {exact}");
            }
        }
    }
}
