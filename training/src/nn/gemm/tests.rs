//! Products of all kinds and shapes against sums in double precision.

use super::*;
use crate::random::Noise;

fn exact(a: Matrix, b: Matrix) -> Vec<f64> {
    let dot = |r: usize, c: usize| {
        (0..a.columns)
            .map(|k| f64::from(a.at(r, k)) * f64::from(b.at(k, c)))
            .sum::<f64>()
    };
    (0..a.rows)
        .flat_map(|r| (0..b.columns).map(move |c| dot(r, c)))
        .collect()
}

fn close(found: &[f32], expected: &[f64], what: &str) {
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (f64::from(*found) - expected).abs() < 2e-5,
            "{what}: {found}, {expected}"
        );
    }
}

#[test]
fn products_are_right_at_every_level_and_shape() {
    let noise = Noise::new(1, 0);
    for (rows, depth, columns) in [(1, 1, 1), (5, 7, 48), (8, 33, 47), (13, 64, 100)] {
        let a = noise.uniform(rows * depth, 1.0);
        let b = noise.uniform(depth * columns, 1.0);
        let (left, right) = (
            Matrix::new(&a, rows, depth),
            Matrix::new(&b, depth, columns),
        );
        let expected = exact(left, right);
        let mut c = vec![0.0; rows * columns];
        product(&mut c, false, left, right);
        close(&c, &expected, "product");
        product(&mut c, true, left, right);
        let twice: Vec<f64> = expected.iter().map(|value| 2.0 * value).collect();
        close(&c, &twice, "added product");

        let mut levels = vec![Level::Baseline];
        #[cfg(target_arch = "x86_64")]
        match Level::get() {
            Level::Avx512 => levels.extend([Level::Avx2, Level::Avx512]),
            Level::Avx2 => levels.push(Level::Avx2),
            Level::Baseline => {}
        }
        for level in levels {
            let mut packed = Packed {
                level,
                ..Packed::new()
            };
            packed.fill(right);
            c.fill(0.0);
            packed.add_product(&a, &mut c);
            close(&c, &expected, &format!("{level:?}"));
        }
    }
}

#[test]
fn a_row_has_the_same_bits_alone_and_in_company() {
    let noise = Noise::new(2, 0);
    let (a, b) = (noise.uniform(11 * 37, 1.0), noise.uniform(37 * 60, 1.0));
    let mut packed = Packed::new();
    packed.fill(Matrix::new(&b, 37, 60));
    let mut together = vec![0.0; 11 * 60];
    packed.add_product(&a, &mut together);
    for (row, expected) in a.chunks(37).zip(together.chunks(60)) {
        let mut alone = vec![0.0; 60];
        packed.add_product(row, &mut alone);
        assert_eq!(alone, expected);
    }
}

#[test]
fn transposed_parts_multiply() {
    let noise = Noise::new(3, 0);
    let (a, b) = (noise.uniform(9 * 8, 1.0), noise.uniform(9 * 5, 1.0));
    let (left, right) = (Matrix::part(&a[2..], 9, 3, 8).t(), Matrix::new(&b, 9, 5));
    let mut c = vec![0.0; 3 * 5];
    product(&mut c, false, left, right);
    close(&c, &exact(left, right), "transposed part");
}
