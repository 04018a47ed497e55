//! Matrix products of the training loop, in f32.
//!
//! Two kinds. [`product`] is for the large ones (all time steps at once): the `gemm` crate on all
//! cores. [`Packed`] is for the recurrence, where the same matrix meets a few rows at every time
//! step: it is laid out for the registers once and used a hundred times, on the calling thread.
//! Every element is summed in one fixed order, whatever the number of threads.

use gemm::Parallelism;

use crate::nn::simd::Level;

/// A matrix as it lies in memory: its values and the steps from row to row and column to column.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    row_step: usize,
    column_step: usize,
}

impl<'a> Matrix<'a> {
    /// `rows` × `columns`, row after row.
    pub fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        Self::part(values, rows, columns, columns)
    }

    /// `rows` × `columns`, where a row begins `row_step` values after the one before.
    pub fn part(values: &'a [f32], rows: usize, columns: usize, row_step: usize) -> Self {
        assert!(
            columns <= row_step && rows > 0 && columns > 0,
            "matrix out of shape"
        );
        assert!(
            (rows - 1) * row_step + columns <= values.len(),
            "matrix out of bounds"
        );
        Self {
            values,
            rows,
            columns,
            row_step,
            column_step: 1,
        }
    }

    /// Rows for columns.
    pub fn t(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_step: self.column_step,
            column_step: self.row_step,
            ..self
        }
    }

    fn at(&self, row: usize, column: usize) -> f32 {
        self.values[row * self.row_step + column * self.column_step]
    }
}

/// `c = a b`, or `c += a b` where `add` is set; `c` row after row. On all cores.
pub fn product(c: &mut [f32], add: bool, a: Matrix, b: Matrix) {
    assert_eq!(a.columns, b.rows, "matrices do not fit");
    assert_eq!(c.len(), a.rows * b.columns, "product does not fit");
    let threads = rayon::current_num_threads();
    let parallelism = if threads > 1 {
        Parallelism::Rayon(threads)
    } else {
        Parallelism::None
    };
    // SAFETY: `Matrix` keeps all its elements inside its slice, `c` has the product's size, and
    // a mutable slice overlaps nothing.
    unsafe {
        gemm::gemm(
            a.rows,
            b.columns,
            a.columns,
            c.as_mut_ptr(),
            1,
            b.columns as isize,
            add,
            a.values.as_ptr(),
            a.column_step as isize,
            a.row_step as isize,
            b.values.as_ptr(),
            b.column_step as isize,
            b.row_step as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            parallelism,
        );
    }
}

/// A matrix cut into panels of columns that the registers hold, for many products from the left.
pub struct Packed {
    level: Level,
    rows: usize,
    columns: usize,
    panels: Vec<f32>,
}

impl Packed {
    /// An empty one, to be filled by [`Packed::fill`].
    pub fn new() -> Self {
        Self {
            level: Level::get(),
            rows: 0,
            columns: 0,
            panels: Vec::new(),
        }
    }

    /// Takes over the values of `matrix`; the room is used again.
    pub fn fill(&mut self, matrix: Matrix) {
        let width = self.width();
        (self.rows, self.columns) = (matrix.rows, matrix.columns);
        self.panels.clear();
        self.panels
            .resize(self.columns.div_ceil(width) * width * self.rows, 0.0);
        for (p, panel) in self
            .panels
            .chunks_exact_mut(width * matrix.rows)
            .enumerate()
        {
            let columns = p * width..matrix.columns.min((p + 1) * width);
            for (row, out) in panel.chunks_exact_mut(width).enumerate() {
                for (out, column) in out.iter_mut().zip(columns.clone()) {
                    *out = matrix.at(row, column);
                }
            }
        }
    }

    /// `c += a × self`, with `a` and `c` row after row. On the calling thread.
    pub fn add_product(&self, a: &[f32], c: &mut [f32]) {
        let (rows, columns) = (a.len() / self.rows, self.columns);
        assert_eq!(a.len(), rows * self.rows, "left matrix does not fit");
        assert_eq!(c.len(), rows * columns, "product does not fit");
        match self.level {
            Level::Baseline => baseline::add_product(self, a, c),
            // SAFETY: the level says that the processor has these instructions.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2::add_product(self, a, c) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { avx512::add_product(self, a, c) },
        }
    }

    fn width(&self) -> usize {
        match self.level {
            Level::Baseline => baseline::WIDTH,
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => avx2::WIDTH,
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => avx512::WIDTH,
        }
    }
}

impl Default for Packed {
    fn default() -> Self {
        Self::new()
    }
}

/// The walk over panels and blocks of rows, around a `tile` function that knows its instructions.
macro_rules! blocked {
    () => {
        /// See [`super::Packed::add_product`], which has checked the sizes.
        pub fn walk(
            packed: &super::Packed,
            a: &[f32],
            c: &mut [f32],
            tile: impl Fn(usize, &[f32], &[f32], &mut [f32], usize),
        ) {
            let (depth, columns) = (packed.rows, packed.columns);
            for (p, panel) in packed.panels.chunks_exact(WIDTH * depth).enumerate() {
                let first = p * WIDTH;
                let whole = columns - first >= WIDTH;
                let blocks = a.chunks(ROWS * depth).zip(c.chunks_mut(ROWS * columns));
                for (a, c) in blocks {
                    let rows = a.len() / depth;
                    if whole {
                        tile(rows, a, panel, &mut c[first..], columns);
                        continue;
                    }
                    // The last columns fill no panel: by way of a full one.
                    let mut full = [0.0; ROWS * WIDTH];
                    tile(rows, a, panel, &mut full, WIDTH);
                    for (c, full) in c.chunks_exact_mut(columns).zip(full.chunks_exact(WIDTH)) {
                        for (c, full) in c[first..].iter_mut().zip(full) {
                            *c += full;
                        }
                    }
                }
            }
        }
    };
}

mod baseline {
    pub const WIDTH: usize = 8;
    const ROWS: usize = 2;

    blocked!();

    pub fn add_product(packed: &super::Packed, a: &[f32], c: &mut [f32]) {
        walk(packed, a, c, |rows, a, panel, c, step| {
            let depth = panel.len() / WIDTH;
            for (r, a) in a.chunks_exact(depth).enumerate().take(rows) {
                let mut sums = [0.0f32; WIDTH];
                for (x, b) in a.iter().zip(panel.chunks_exact(WIDTH)) {
                    for (sum, b) in sums.iter_mut().zip(b) {
                        *sum += x * b;
                    }
                }
                for (c, sum) in c[r * step..][..WIDTH].iter_mut().zip(sums) {
                    *c += sum;
                }
            }
        });
    }
}

/// A module with the tile for one set of x86 vectors.
#[cfg(target_arch = "x86_64")]
macro_rules! tiles {
    ($name:ident, $features:literal, $rows:literal, $vectors:literal, $lanes:literal,
     $load:ident, $store:ident, $splat:ident, $zero:ident, $fma:ident, $add:ident,
     [$($count:literal)*]) => {
        mod $name {
            use std::arch::x86_64::*;

            pub const WIDTH: usize = $vectors * $lanes;
            const ROWS: usize = $rows;

            blocked!();

            #[target_feature(enable = $features)]
            pub fn add_product(packed: &super::Packed, a: &[f32], c: &mut [f32]) {
                walk(packed, a, c, |rows, a, panel, c, step| match rows {
                    $($count => tile::<$count>(a, panel, c, step),)*
                    _ => unreachable!("PANIC: a block has at most {ROWS} rows"),
                });
            }

            /// `c += a × panel` for `R` rows, the sums held in registers.
            #[target_feature(enable = $features)]
            fn tile<const R: usize>(a: &[f32], panel: &[f32], c: &mut [f32], step: usize) {
                let depth = panel.len() / WIDTH;
                assert!(a.len() == R * depth && c.len() >= (R - 1) * step + WIDTH);
                let mut sums = [[$zero(); $vectors]; R];
                // SAFETY: `k` stays below `depth`, rows below `R` and vectors below `WIDTH`:
                // inside `a`, `panel` and `c` by the assertion above.
                unsafe {
                    for k in 0..depth {
                        let b = panel.as_ptr().add(k * WIDTH);
                        let b: [_; $vectors] = std::array::from_fn(|v| $load(b.add(v * $lanes)));
                        for (r, sums) in sums.iter_mut().enumerate() {
                            let x = $splat(*a.as_ptr().add(r * depth + k));
                            for (sum, b) in sums.iter_mut().zip(b) {
                                *sum = $fma(x, b, *sum);
                            }
                        }
                    }
                    for (r, sums) in sums.iter().enumerate() {
                        for (v, sum) in sums.iter().enumerate() {
                            let c = c.as_mut_ptr().add(r * step + v * $lanes);
                            $store(c, $add(*sum, $load(c)));
                        }
                    }
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
tiles!(
    avx512, "avx512f", 8, 3, 16, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_set1_ps,
    _mm512_setzero_ps, _mm512_fmadd_ps, _mm512_add_ps, [1 2 3 4 5 6 7 8]
);
#[cfg(target_arch = "x86_64")]
tiles!(
    avx2, "avx2,fma", 6, 2, 8, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_set1_ps,
    _mm256_setzero_ps, _mm256_fmadd_ps, _mm256_add_ps, [1 2 3 4 5 6]
);

#[cfg(test)]
mod tests;
