//! How long one thread takes to read memory: no engine that needs all weights for a step can be
//! faster.

/// Reads everything, as fast as we know how to; the sum keeps the compiler from leaving it out.
pub fn read(weights: &[f32]) -> u64 {
    /// Floats in a cache line.
    const LINE: usize = 16;
    /// How many cache lines to prefetch ahead: by itself a processor stops at the end of a page.
    const AHEAD: usize = 64;
    let (lines, _) = weights.as_chunks::<LINE>();
    let mut sums = [0_u32; LINE];
    for line in lines {
        fetch(std::ptr::from_ref(line).wrapping_add(AHEAD));
        for (sum, value) in sums.iter_mut().zip(line) {
            *sum = sum.wrapping_add(value.to_bits());
        }
    }
    sums.iter().map(|sum| u64::from(*sum)).sum()
}

#[cfg(target_arch = "x86_64")]
fn fetch<T>(line: *const T) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: a hint that never faults, whatever the address.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(line.cast()) };
}

#[cfg(not(target_arch = "x86_64"))]
fn fetch<T>(_: *const T) {}
