//! The arithmetic of a step: matrix times vector, the cells, and their activation functions.
//!
//! Every sum of floats runs in one fixed order, without fused multiply-add, every sum of bytes in
//! integers, and every function is built of plain f32 operations: the result is the same to the bit
//! on every processor and with the wide registers switched off. The reading of the weights from
//! memory is what takes the time, so the fixed order costs nothing. No allocation, no branch on
//! data; any thread.

mod activations;
mod bytes;
mod cells;
mod floats;
mod matrix;

pub use activations::{exp, ln, sigmoid, tanh};
pub use bytes::{quantize, steps};
pub use cells::{Gates, advance};
pub use matrix::Matrix;

use bytes::Bytes;
use floats::Floats;

/// Which instructions the processor has for it. All give the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level(Instructions);

/// Only [`Level::all`] makes others than the baseline, after a look at the processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Instructions {
    /// What the target has at the least, left to the compiler.
    Baseline,
    /// 128-bit registers of ARM's 64-bit processors, which all have them.
    #[cfg(target_arch = "aarch64")]
    Neon,
    /// 256-bit registers.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX2, and 512-bit registers that multiply integers and add them up at once.
    #[cfg(target_arch = "x86_64")]
    Vnni,
}

impl Level {
    /// What every processor has.
    pub const BASELINE: Self = Self(Instructions::Baseline);

    /// The best of this processor.
    pub fn detect() -> Self {
        Self::all().last().unwrap_or(Self::BASELINE)
    }

    /// All that this processor has, the best one last.
    pub fn all() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let wide = {
            use std::arch::is_x86_feature_detected as has;
            let avx2 = has!("avx2");
            let vnni = avx2 && has!("avx512f") && has!("avx512bw") && has!("avx512vnni");
            [
                avx2.then_some(Instructions::Avx2),
                vnni.then_some(Instructions::Vnni),
            ]
        };
        #[cfg(target_arch = "aarch64")]
        let wide = [Some(Instructions::Neon)];
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        let wide: [Option<Instructions>; 0] = [];
        let all = std::iter::once(Some(Instructions::Baseline)).chain(wide);
        all.flatten().map(Self)
    }

    /// As documentation calls it.
    pub fn name(self) -> &'static str {
        match self.0 {
            Instructions::Baseline => "baseline",
            #[cfg(target_arch = "aarch64")]
            Instructions::Neon => "NEON",
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Instructions::Vnni => "AVX-512 VNNI",
        }
    }
}

/// Rows that share the loads of the vector.
const ROWS: usize = 4;

/// Some columns of four rows, filled up with zeros at the matrix's edges. It begins with a cache
/// line.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Tile<T, const LANES: usize>([[T; LANES]; ROWS]);

/// A row-major matrix in tiles, in the order in which they are read: those of the first four rows,
/// then those of the next.
fn tiles<T: Copy + Default, const LANES: usize>(
    values: &[T],
    columns: usize,
) -> Vec<Tile<T, LANES>> {
    assert_eq!(values.len() % columns, 0, "rows are of one length");
    let rows = values.len() / columns;
    let mut tiles = Vec::with_capacity(rows.div_ceil(ROWS) * columns.div_ceil(LANES));
    for block in values.chunks(ROWS * columns) {
        for at in (0..columns).step_by(LANES) {
            let mut tile = Tile([[T::default(); LANES]; ROWS]);
            for (lanes, row) in tile.0.iter_mut().zip(block.chunks(columns)) {
                let part = &row[at..columns.min(at + LANES)];
                lanes[..part.len()].copy_from_slice(part);
            }
            tiles.push(tile);
        }
    }
    tiles
}

/// How far ahead of the weights that are multiplied others are fetched, in bytes. A processor
/// fetches ahead by itself, but no further than to the end of a page.
#[cfg(target_arch = "x86_64")]
const AHEAD: usize = 4096;

/// Fetches what lies [`AHEAD`] of `tile`, the `line`th cache line of it.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn fetch_ahead<T>(tile: &T, line: usize) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    let ahead = std::ptr::from_ref(tile).cast::<i8>();
    let ahead = ahead.wrapping_add(AHEAD + line * 64);
    // SAFETY: a hint, that faults nowhere, whatever the address.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(ahead) };
}

#[cfg(test)]
mod tests {
    /// Numbers from -1 to 1.
    pub fn noise(n: usize, seed: u32) -> Vec<f32> {
        let next = |x: &mut u32| {
            *x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Some((*x >> 8) as f32 / (1 << 23) as f32 - 1.0)
        };
        (0..n).scan(seed, |x, _| next(x)).collect()
    }

    pub fn bits(values: &[f32]) -> Vec<u32> {
        values.iter().map(|value| value.to_bits()).collect()
    }

    /// `y + W x` in double precision.
    pub fn exact(w: &[f32], x: &[f32], y: &[f32]) -> Vec<f64> {
        let rows = y.iter().zip(w.chunks(x.len()));
        rows.map(|(y, row)| {
            let products = row
                .iter()
                .zip(x)
                .map(|(a, b)| f64::from(*a) * f64::from(*b));
            f64::from(*y) + products.sum::<f64>()
        })
        .collect()
    }
}
