//! L-BFGS: the lowest point of a smooth function of some hundred numbers.
//!
//! The two-loop recursion of Nocedal and Wright (*Numerical Optimization*, 2006, algorithm 7.4) with
//! steps that are halved until they lead down. Called by [`super::fit`]. Any thread.

use std::collections::VecDeque;

/// Steps that the curvature is told from.
const REMEMBERED: usize = 10;
/// A step that goes down less than this share of what the slope promises is halved.
const ENOUGH: f64 = 1e-4;
/// A lower slope is flat.
const FLAT: f64 = 1e-7;

/// From `x` down, as many steps as are worth it and not more than `steps`. `f` gives the value and
/// the slope.
pub fn minimize(mut x: Vec<f64>, steps: usize, f: impl Fn(&[f64]) -> (f64, Vec<f64>)) -> Vec<f64> {
    let (mut value, mut slope) = f(&x);
    let mut past: VecDeque<(Vec<f64>, Vec<f64>)> = VecDeque::new();
    for _ in 0..steps {
        if dot(&slope, &slope).sqrt() < FLAT {
            break;
        }
        let direction = direction(&slope, &past);
        let promised = dot(&slope, &direction);
        // Nothing is known of the curvature before the first step.
        let mut length = if past.is_empty() {
            1.0 / dot(&slope, &slope).sqrt()
        } else {
            1.0
        };
        let step = loop {
            let there: Vec<f64> = x
                .iter()
                .zip(&direction)
                .map(|(x, d)| x + length * d)
                .collect();
            let (new, slope) = f(&there);
            if new <= value + ENOUGH * length * promised {
                break Some((there, new, slope));
            }
            length /= 2.0;
            if length < 1e-12 {
                break None;
            }
        };
        let Some((there, new, new_slope)) = step else {
            break;
        };
        let moved = difference(&there, &x);
        let bent = difference(&new_slope, &slope);
        // Where it bends the other way, the step says nothing of a lowest point.
        if dot(&moved, &bent) > 1e-12 {
            past.push_back((moved, bent));
            if past.len() > REMEMBERED {
                past.pop_front();
            }
        }
        (x, value, slope) = (there, new, new_slope);
    }
    x
}

/// Where to go from a slope: down, along the curvature that the past steps tell.
fn direction(slope: &[f64], past: &VecDeque<(Vec<f64>, Vec<f64>)>) -> Vec<f64> {
    let mut direction: Vec<f64> = slope.iter().map(|slope| -slope).collect();
    let mut shares = Vec::with_capacity(past.len());
    for (moved, bent) in past.iter().rev() {
        let share = dot(moved, &direction) / dot(moved, bent);
        add(&mut direction, -share, bent);
        shares.push(share);
    }
    if let Some((moved, bent)) = past.back() {
        let scale = dot(moved, bent) / dot(bent, bent);
        direction.iter_mut().for_each(|d| *d *= scale);
    }
    for ((moved, bent), share) in past.iter().zip(shares.iter().rev()) {
        let back = dot(bent, &direction) / dot(moved, bent);
        add(&mut direction, share - back, moved);
    }
    direction
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], times: f64, what: &[f64]) {
    to.iter_mut()
        .zip(what)
        .for_each(|(to, what)| *to += times * what);
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_of_a_bent_valley_is_found() {
        // Rosenbrock's.
        let valley = |x: &[f64]| {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            let slope = vec![-2.0 * a - 400.0 * b * x[0], 200.0 * b];
            (a * a + 100.0 * b * b, slope)
        };
        let x = minimize(vec![-1.2, 1.0], 200, valley);
        assert!(x.iter().all(|x| (x - 1.0).abs() < 1e-4), "{x:?}");
    }
}
