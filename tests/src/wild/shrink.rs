//! Removes from a failing session what its fault does not need.

use super::{Session, Step};

/// The smallest session that still `fails`, found by removing steps and events within them. It tries
/// at most `tries` sessions: some faults come only now and then.
pub fn shrink(session: &Session, mut tries: usize, fails: impl Fn(&Session) -> bool) -> Session {
    let mut best = session.clone();
    let mut better = |best: &mut Session, less: Session| {
        let smaller = tries > 0 && {
            tries -= 1;
            fails(&less)
        };
        if smaller {
            *best = less;
        }
        smaller
    };
    let mut chunk = best.steps.len().div_ceil(2);
    while chunk > 0 {
        let mut from = 0;
        while from < best.steps.len() {
            let mut less = best.clone();
            less.steps.drain(from..best.steps.len().min(from + chunk));
            if !better(&mut best, less) {
                from += chunk;
            }
        }
        chunk /= 2;
    }
    for number in 0..best.steps.len() {
        let mut chunk = touches(&best, number).div_ceil(2);
        while chunk > 0 {
            let mut from = 0;
            while from < touches(&best, number) {
                let mut less = best.clone();
                if let Step::Block(block) = &mut less.steps[number] {
                    block
                        .touches
                        .drain(from..block.touches.len().min(from + chunk));
                }
                if !better(&mut best, less) {
                    from += chunk;
                }
            }
            chunk /= 2;
        }
    }
    best
}

fn touches(session: &Session, number: usize) -> usize {
    match &session.steps[number] {
        Step::Block(block) => block.touches.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::Touch;

    #[test]
    fn what_the_fault_needs_is_left() {
        let session = Session::of(3);
        let guilty = |touch: &Touch| matches!(touch, Touch::On { key, .. } if *key % 5 == 0);
        let fails = |session: &Session| {
            session.steps.iter().any(|step| match step {
                Step::Block(block) => block.touches.iter().any(|(_, touch)| guilty(touch)),
                _ => false,
            })
        };
        assert!(fails(&session));
        let small = shrink(&session, 10_000, fails);
        assert!(fails(&small));
        assert_eq!((small.steps.len(), touches(&small, 0)), (1, 1));
        let text = |session: &Session| format!("{session:?}");
        assert_eq!(text(&shrink(&session, 0, fails)), text(&session));
    }
}
