//! The arithmetic of a step: matrix times vector, and the cells' squashing functions.
//!
//! Every sum runs in one fixed order, without fused multiply-add, and every function is built of
//! plain f32 operations: the result is the same to the bit on every processor and with the wide
//! registers switched off. The reading of the weights from memory is what takes the time, so the
//! fixed order costs nothing. No allocation, no branch on data; any thread.

/// Lanes of a dot product: lane `i` sums the products at `i`, `i + 16`, `i + 32`, …
const LANES: usize = 16;

/// Which instructions the processor has for it. All give the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// What the target has at the least (SSE2, NEON).
    Baseline,
    /// 256-bit registers.
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl Level {
    /// The best of this processor.
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return Self::Avx2;
        }
        Self::Baseline
    }

    /// `y += W x`, W row-major with `x.len()` columns and `y.len()` rows.
    pub fn add_product(self, w: &[f32], x: &[f32], y: &mut [f32]) {
        assert_eq!(w.len(), x.len() * y.len(), "matrix and vectors do not fit");
        match self {
            Self::Baseline => add_product(w, x, y, lanes_baseline),
            // SAFETY: this level is only made where the processor has been seen to have AVX2.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => unsafe { add_product_avx2(w, x, y) },
        }
    }
}

/// One dot product's unfinished sums.
type Lanes = [f32; LANES];

/// So many rows at a time share the loads of x.
const ROWS: usize = 4;

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn add_product_avx2(w: &[f32], x: &[f32], y: &mut [f32]) {
    add_product(w, x, y, |rows, x| lanes_avx2(rows, x));
}

/// The walk over the rows; `lanes` multiplies what of them fills whole lanes.
#[inline(always)]
fn add_product(
    w: &[f32],
    x: &[f32],
    y: &mut [f32],
    lanes: impl Fn([&[Lanes]; ROWS], &[Lanes]) -> [Lanes; ROWS],
) {
    let columns = x.len();
    if columns == 0 {
        return;
    }
    let dots = |rows: [&[f32]; ROWS]| {
        let (x, x_tail) = x.as_chunks();
        let rows = rows.map(|row| row.as_chunks());
        let lanes = lanes(rows.map(|(chunks, _)| &chunks[..x.len()]), x);
        std::array::from_fn::<_, ROWS, _>(|r| {
            let tail: f32 = rows[r].1.iter().zip(x_tail).map(|(a, b)| a * b).sum();
            sum(lanes[r]) + tail
        })
    };
    let mut rows = w.chunks_exact(ROWS * columns);
    let mut outs = y.chunks_exact_mut(ROWS);
    for (rows, out) in rows.by_ref().zip(outs.by_ref()) {
        let row = |r| &rows[r * columns..][..columns];
        let dots = dots(std::array::from_fn(row));
        for (out, dot) in out.iter_mut().zip(dots) {
            *out += dot;
        }
    }
    let rest = rows.remainder().chunks_exact(columns);
    for (row, out) in rest.zip(outs.into_remainder()) {
        *out += dots([row; ROWS])[0];
    }
}

/// Products of some rows with x, added up lane by lane.
fn lanes_baseline(rows: [&[Lanes]; ROWS], x: &[Lanes]) -> [Lanes; ROWS] {
    rows.map(|row| {
        let mut lanes = [0.0; LANES];
        for (row, x) in row.iter().zip(x) {
            for ((lane, a), b) in lanes.iter_mut().zip(row).zip(x) {
                *lane += a * b;
            }
        }
        lanes
    })
}

/// The same, instruction by instruction: left to the compiler, one binary gets wide registers and
/// the next, built of the same source, a third of the speed.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn lanes_avx2(rows: [&[Lanes]; ROWS], x: &[Lanes]) -> [Lanes; ROWS] {
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
    let rows = rows.map(|row| &row[..x.len()]);
    let mut sums = [[_mm256_setzero_ps(); LANES / WIDTH]; ROWS];
    for (at, x) in x.iter().enumerate() {
        let x = halves(x);
        for (sums, row) in sums.iter_mut().zip(rows) {
            for ((sum, a), b) in sums.iter_mut().zip(halves(&row[at])).zip(x) {
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
fn sum(mut lanes: Lanes) -> f32 {
    let mut width = LANES / 2;
    while width > 0 {
        for i in 0..width {
            lanes[i] += lanes[i + width];
        }
        width /= 2;
    }
    lanes[0]
}

/// e^x to about one unit in the last place: ln 2 taken out in two parts, then the polynomial of the
/// Cephes library's `expf`. Beyond ±87 it stays at the value there.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    /// 1.5 * 2^23: adding it rounds to a whole number, which stands in the low mantissa bits.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 87.0);
    let n = (x * std::f32::consts::LOG2_E + ROUND) - ROUND;
    let r = (x - n * LN2_HIGH) - n * LN2_LOW;
    let mut p = 1.987_569_1e-4;
    for coefficient in [
        1.398_199_9e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        1.666_666_5e-1,
        5.0e-1,
    ] {
        p = p * r + coefficient;
    }
    let p = p * (r * r) + r + 1.0;
    let power = f32::from_bits((((n as i32) + 127) << 23) as u32);
    p * power
}

/// Natural logarithm of a positive number, to about two units in the last place: the power of two
/// taken out, then the polynomial of the Cephes library's `logf`.
pub fn ln(x: f32) -> f32 {
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(f32::MIN_POSITIVE, f32::MAX);
    // Mantissa from the root of a half to the root of two.
    const ROOT_OF_HALF: u32 = std::f32::consts::FRAC_1_SQRT_2.to_bits();
    let bits = x.to_bits() as i32 - ROOT_OF_HALF as i32;
    let power = (bits >> 23) as f32;
    let mantissa = (bits as u32 & 0x007f_ffff) + ROOT_OF_HALF;
    let r = f32::from_bits(mantissa) - 1.0;
    let mut p = 7.037_683_6e-2;
    for coefficient in [
        -1.151_461e-1,
        1.167_699_9e-1,
        -1.242_014_1e-1,
        1.424_932_3e-1,
        -1.666_805_8e-1,
        2.000_071_5e-1,
        -2.499_999_4e-1,
        3.333_333e-1,
    ] {
        p = p * r + coefficient;
    }
    let p = p * r * (r * r) + power * LN2_LOW - 0.5 * (r * r);
    r + p + power * LN2_HIGH
}

/// 1 / (1 + e^-x).
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Hyperbolic tangent, to about 1e-7 absolute.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    1.0 - 2.0 / (1.0 + exp(2.0 * x))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(n: usize, seed: u32) -> Vec<f32> {
        let next = |x: &mut u32| {
            *x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Some((*x >> 8) as f32 / (1 << 23) as f32 - 1.0)
        };
        (0..n).scan(seed, |x, _| next(x)).collect()
    }

    #[test]
    fn products_are_right_and_the_same_bits_on_every_level() {
        for (rows, columns) in [(1, 1), (3, 16), (4, 17), (9, 40), (64, 129)] {
            let (w, x) = (noise(rows * columns, 1), noise(columns, 2));
            let mut base = noise(rows, 3);
            let mut best = base.clone();
            let exact: Vec<f64> = base
                .iter()
                .zip(w.chunks(columns))
                .map(|(y, row)| {
                    let dot = row
                        .iter()
                        .zip(&x)
                        .map(|(a, b)| f64::from(*a) * f64::from(*b));
                    f64::from(*y) + dot.sum::<f64>()
                })
                .collect();
            Level::Baseline.add_product(&w, &x, &mut base);
            Level::detect().add_product(&w, &x, &mut best);
            let bits = |v: &[f32]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&base), bits(&best));
            for (value, exact) in base.iter().zip(exact) {
                assert!(
                    (f64::from(*value) - exact).abs() < 1e-5,
                    "{value} is not {exact}"
                );
            }
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "to compare with")]
    fn squashing_is_accurate() {
        for i in -4000..=4000 {
            let x = i as f32 * 0.02;
            let exact = f64::from(x).exp();
            assert!((f64::from(exp(x)) / exact - 1.0).abs() < 3e-7, "exp {x}");
            assert!(
                (f64::from(tanh(x)) - f64::from(x).tanh()).abs() < 3e-7,
                "tanh {x}"
            );
            let exact = 1.0 / (1.0 + (-f64::from(x)).exp());
            assert!((f64::from(sigmoid(x)) - exact).abs() < 2e-7, "sigmoid {x}");
        }
        for i in 1..=4000 {
            let x = exp(i as f32 * 0.02 - 40.0);
            let exact = f64::from(x).ln();
            assert!(
                (f64::from(ln(x)) - exact).abs() < 3e-7 * exact.abs().max(1.0),
                "ln {x}"
            );
        }
        assert!(ln(0.0) < -80.0 && ln(f32::INFINITY).is_finite());
        assert!(exp(f32::NEG_INFINITY) < 1e-37 && exp(f32::INFINITY).is_finite());
    }
}
