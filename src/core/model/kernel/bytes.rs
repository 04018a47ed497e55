//! A matrix of bytes times a vector: a quarter of the memory to read.
//!
//! A weight is `q s`, with `q` from -127 to 127 and a scale `s` a row. The vector is rounded to
//! 8193 steps between its largest value and the negative of that. Products and sums are integers,
//! whose order does not matter, and no sum overflows: 127 * 4096 * 4096 < 2^31.

use super::{Instructions, Level, ROWS};

/// Columns of a tile.
const LANES: usize = 32;

/// The widest matrix there may be: as wide as a network's layers may be.
const COLUMNS: usize = 4096;

/// The largest weight in its steps.
const MOST: f32 = 127.0;

/// The largest value of a vector in its steps.
const STEPS: f32 = 4096.0;

/// 1.5 * 2^23: adding it rounds to a whole number, ties to even, which stands in the low mantissa
/// bits.
const ROUND: f32 = 12_582_912.0;

type Tile = super::Tile<i8, LANES>;

/// A part of a vector, rounded.
type Part = [i16; LANES];

/// A matrix of bytes.
pub struct Bytes {
    rows: usize,
    columns: usize,
    tiles: Vec<Tile>,
    scales: Vec<f32>,
}

impl Bytes {
    /// Of row-major `values`, each rounded.
    pub fn new(values: &[f32], columns: usize) -> Self {
        assert!(columns <= COLUMNS, "{columns} columns are too many");
        let (steps, scales) = steps(values, columns);
        let rows = scales.len();
        Self {
            rows,
            columns,
            tiles: super::tiles(&steps, columns),
            scales,
        }
    }

    /// `y += W x`.
    pub fn add_product(&self, level: Level, x: &[f32], y: &mut [f32]) {
        assert_eq!(x.len(), self.columns, "matrix and vector do not fit");
        assert_eq!(y.len(), self.rows, "matrix and vector do not fit");
        match level.0 {
            Instructions::Baseline => self.walk(x, y, dots_baseline),
            #[cfg(target_arch = "aarch64")]
            Instructions::Neon => self.walk(x, y, dots_neon),
            // SAFETY: these levels are only made where the processor has been seen to have them.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => unsafe { self.walk_avx2(x, y) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Instructions::Vnni => unsafe { self.walk_vnni(x, y) },
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn walk_avx2(&self, x: &[f32], y: &mut [f32]) {
        self.walk(x, y, |tiles, x| dots_avx2(tiles, x));
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
    fn walk_vnni(&self, x: &[f32], y: &mut [f32]) {
        self.walk(x, y, |tiles, x| dots_vnni(tiles, x));
    }

    /// Over the rows; `dots` multiplies.
    #[inline(always)]
    fn walk(&self, x: &[f32], y: &mut [f32], dots: impl Fn(&[Tile], &[Part]) -> [i32; ROWS]) {
        let mut parts = [[0; LANES]; COLUMNS / LANES];
        let parts = &mut parts[..self.columns.div_ceil(LANES)];
        let scale = round(x, parts);
        let outs = y.chunks_mut(ROWS).zip(self.scales.chunks(ROWS));
        for (tiles, (out, scales)) in self.tiles.chunks_exact(parts.len()).zip(outs) {
            for ((out, dot), row) in out.iter_mut().zip(dots(tiles, parts)).zip(scales) {
                *out += dot as f32 * (row * scale);
            }
        }
    }
}

/// Rounds row-major `values` to steps of their rows; gives the steps and each row's scale.
pub fn steps(values: &[f32], columns: usize) -> (Vec<i8>, Vec<f32>) {
    assert_eq!(values.len() % columns, 0, "rows are of one length");
    let rows = || values.chunks(columns);
    let scales: Vec<f32> = rows().map(scale).collect();
    let steps = rows().zip(&scales).flat_map(|(row, scale)| {
        let step = |value: &f32| step(*value, *scale);
        row.iter().map(step)
    });
    (steps.collect(), scales)
}

/// Makes of `values` what they stand for once they are bytes. Bytes made of them are the same.
pub fn quantize(values: &mut [f32], columns: usize) {
    for row in values.chunks_mut(columns) {
        let scale = scale(row);
        for value in row {
            *value = f32::from(step(*value, scale)) * scale;
        }
    }
}

/// What is smaller is nothing: its inverse would not be finite.
const LEAST: f32 = 1e-30;

/// What is larger is cut off, so that 127 steps are finite. No network gets near either.
const LARGEST: f32 = 1e38;

/// The step of a row's weights: a 127th of the largest, rounded up to sixteen bits, so that 127
/// times it is exact.
fn scale(row: &[f32]) -> f32 {
    const DROPPED: u32 = 0xff;
    match largest(row) {
        most if most < LEAST => 0.0,
        most => f32::from_bits(((most.min(LARGEST) / MOST).to_bits() + DROPPED) & !DROPPED),
    }
}

#[inline(always)]
fn step(value: f32, scale: f32) -> i8 {
    // A row of zeros has no scale.
    if scale == 0.0 {
        return 0;
    }
    ((value / scale).clamp(-MOST, MOST) + ROUND).to_bits() as i8
}

/// The largest, its sign aside. By the bits, whose order is that of the values: a maximum of floats
/// is no instruction, for the sake of what is no number.
#[inline(always)]
fn largest(values: &[f32]) -> f32 {
    let bits = values.iter().map(|value| value.abs().to_bits());
    f32::from_bits(bits.fold(0, u32::max))
}

/// Rounds a vector to whole steps; gives the length of one.
#[inline(always)]
fn round(x: &[f32], parts: &mut [Part]) -> f32 {
    let most = largest(x);
    if most < LEAST {
        return 0.0;
    }
    let inverse = STEPS / most;
    for (part, x) in parts.iter_mut().zip(x.chunks(LANES)) {
        for (part, x) in part.iter_mut().zip(x) {
            *part = (x * inverse + ROUND).to_bits() as i16;
        }
    }
    most / STEPS
}

/// Products of four rows with x, added up.
fn dots_baseline(tiles: &[Tile], x: &[Part]) -> [i32; ROWS] {
    let mut sums = [0; ROWS];
    for (tile, x) in tiles.iter().zip(x) {
        for (sum, row) in sums.iter_mut().zip(&tile.0) {
            let products = row
                .iter()
                .zip(x)
                .map(|(a, b)| i32::from(*a) * i32::from(*b));
            *sum += products.sum::<i32>();
        }
    }
    sums
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn dots_avx2(tiles: &[Tile], x: &[Part]) -> [i32; ROWS] {
    use std::arch::x86_64::{__m256i, _mm256_storeu_si256};
    use std::arch::x86_64::{_mm_loadu_si128, _mm256_add_epi32, _mm256_cvtepi8_epi16};
    use std::arch::x86_64::{_mm256_loadu_si256, _mm256_madd_epi16, _mm256_setzero_si256};
    /// 16-bit lanes of a register.
    const WIDTH: usize = 16;
    // SAFETY: a register holds as much as the array, in any alignment.
    let load = |x: &[i16; WIDTH]| unsafe { _mm256_loadu_si256(x.as_ptr().cast()) };
    // SAFETY: as above.
    let widen =
        |w: &[i8; WIDTH]| unsafe { _mm256_cvtepi8_epi16(_mm_loadu_si128(w.as_ptr().cast())) };
    let mut sums = [_mm256_setzero_si256(); ROWS];
    for (tile, x) in tiles.iter().zip(x) {
        let (x, _) = x.as_chunks::<WIDTH>();
        let x = [load(&x[0]), load(&x[1])];
        super::fetch_ahead(tile, 0);
        super::fetch_ahead(tile, 1);
        for (sum, row) in sums.iter_mut().zip(&tile.0) {
            let (row, _) = row.as_chunks::<WIDTH>();
            for (w, x) in row.iter().zip(x) {
                *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(widen(w), x));
            }
        }
    }
    sums.map(|sum: __m256i| {
        let mut lanes = [0; 8];
        // SAFETY: as above.
        unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast(), sum) };
        lanes.iter().sum()
    })
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn dots_vnni(tiles: &[Tile], x: &[Part]) -> [i32; ROWS] {
    use std::arch::x86_64::{_mm256_loadu_si256, _mm512_cvtepi8_epi16, _mm512_dpwssd_epi32};
    use std::arch::x86_64::{_mm512_loadu_si512, _mm512_reduce_add_epi32, _mm512_setzero_si512};
    let mut sums = [_mm512_setzero_si512(); ROWS];
    for (tile, x) in tiles.iter().zip(x) {
        // SAFETY: a register holds as much as the array, in any alignment.
        let x = unsafe { _mm512_loadu_si512(x.as_ptr().cast()) };
        super::fetch_ahead(tile, 0);
        super::fetch_ahead(tile, 1);
        for (sum, row) in sums.iter_mut().zip(&tile.0) {
            // SAFETY: as above.
            let row = unsafe { _mm256_loadu_si256(row.as_ptr().cast()) };
            *sum = _mm512_dpwssd_epi32(*sum, _mm512_cvtepi8_epi16(row), x);
        }
    }
    sums.map(|sum| _mm512_reduce_add_epi32(sum))
}

#[cfg(target_arch = "aarch64")]
fn dots_neon(tiles: &[Tile], x: &[Part]) -> [i32; ROWS] {
    use std::arch::aarch64::{vaddvq_s32, vdupq_n_s32, vld1_s8, vld1q_s16, vmovl_s8};
    use std::arch::aarch64::{vget_low_s16, vmlal_high_s16, vmlal_s16};
    /// 16-bit lanes of a register.
    const WIDTH: usize = 8;
    // SAFETY: every 64-bit ARM has these instructions, and a register holds as much as the array,
    // in any alignment.
    unsafe {
        let mut sums = [vdupq_n_s32(0); ROWS];
        for (tile, x) in tiles.iter().zip(x) {
            let (x, _) = x.as_chunks::<WIDTH>();
            for (sum, row) in sums.iter_mut().zip(&tile.0) {
                let (row, _) = row.as_chunks::<WIDTH>();
                for (w, x) in row.iter().zip(x) {
                    let (w, x) = (vmovl_s8(vld1_s8(w.as_ptr())), vld1q_s16(x.as_ptr()));
                    *sum = vmlal_s16(*sum, vget_low_s16(w), vget_low_s16(x));
                    *sum = vmlal_high_s16(*sum, w, x);
                }
            }
        }
        sums.map(|sum| vaddvq_s32(sum))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kernel::tests::{bits, exact, noise};

    #[test]
    fn products_are_nearly_right_and_the_same_bits_on_every_level() {
        for (rows, columns) in [(1, 1), (3, 16), (4, 33), (9, 40), (64, 129)] {
            let (w, x, y) = (noise(rows * columns, 1), noise(columns, 2), noise(rows, 3));
            let matrix = Bytes::new(&w, columns);
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
                // Half a step a weight, in a random walk, and some room.
                let room = 3.0 * (columns as f64).sqrt() / 127.0 / 2.0;
                let error = (f64::from(*value) - exact).abs();
                assert!(error < room, "{value} is not {exact}");
            }
        }
    }

    #[test]
    fn the_widest_matrix_of_the_largest_values_does_not_overflow() {
        let (w, x) = (vec![1.0; COLUMNS * 5], vec![-3.0; COLUMNS]);
        for level in Level::all() {
            let mut y = [0.0; 5];
            Bytes::new(&w, COLUMNS).add_product(level, &x, &mut y);
            for y in y {
                assert!((y / -3.0 / COLUMNS as f32 - 1.0).abs() < 1e-3, "{y}");
            }
        }
    }

    #[test]
    fn values_once_rounded_stay_as_they_are() {
        for seed in 0..200 {
            let mut once = noise(120, seed);
            once[80..].fill(0.0);
            quantize(&mut once, 40);
            let mut twice = once.clone();
            quantize(&mut twice, 40);
            assert_eq!(bits(&once), bits(&twice));
        }
        for extreme in [f32::MAX, 1e-30, 1e-42] {
            let mut once = [extreme, -extreme, extreme / 3.0];
            quantize(&mut once, 3);
            let mut twice = once;
            quantize(&mut twice, 3);
            assert_eq!(bits(&once), bits(&twice), "{extreme}");
            assert!(once.iter().all(|value| value.is_finite()));
        }
    }

    #[test]
    fn nothing_and_no_number_are_survived() {
        for x in [0.0, 1e-38, f32::INFINITY, f32::NAN] {
            for level in Level::all() {
                let mut y = [0.0];
                Bytes::new(&[0.0, 1e-40, 1e38], 3).add_product(level, &[x; 3], &mut y);
                assert!(
                    x.abs() > 1.0 || y[0].is_finite() || x.is_nan(),
                    "{x}: {y:?}"
                );
            }
        }
    }
}
