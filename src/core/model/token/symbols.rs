//! Symbols of times and velocities: numbers on the way into the network and out of it.
//!
//! Called by the vocabulary, the continuation and the trainer's `eval`. Any thread; no allocation.

use crate::music::note::Velocity;
use crate::music::time::{TICKS_PER_BEAT, Ticks};

/// Size of the alphabet of times.
pub const TIMES: usize = 224;
/// Size of the alphabet of velocities.
pub const VELOCITIES: usize = 16;

/// Times up to here (eight quarters) have a symbol each.
const EXACT: i64 = 192;
/// From [`EXACT`] to here, a symbol an eighth; then a symbol a quarter.
const EIGHTHS: i64 = 384;
const EIGHTH: i64 = TICKS_PER_BEAT / 2;
const QUARTER: i64 = TICKS_PER_BEAT;

/// The symbol of a time of one tick or more: exact up to eight quarters, then the nearest eighth
/// up to sixteen, then the nearest quarter up to 32; what is longer counts as 32 quarters.
pub fn time_symbol(time: Ticks) -> u16 {
    let ticks = time.get().clamp(1, EIGHTHS + 16 * QUARTER);
    let symbol = if ticks <= EXACT {
        ticks - 1
    } else if ticks <= EIGHTHS + EIGHTH / 2 {
        EXACT - 1 + ((ticks - EXACT + EIGHTH / 2) / EIGHTH).max(1)
    } else {
        let eighths = (EIGHTHS - EXACT) / EIGHTH;
        EXACT - 1 + eighths + ((ticks - EIGHTHS + QUARTER / 2) / QUARTER).max(1)
    };
    symbol as u16
}

/// The time that a symbol stands for.
pub fn time_of(symbol: u16) -> Ticks {
    let symbol = i64::from(symbol).min(TIMES as i64 - 1);
    let exact = EXACT - 1;
    let eighths = (EIGHTHS - EXACT) / EIGHTH;
    Ticks::new(if symbol <= exact {
        symbol + 1
    } else if symbol <= exact + eighths {
        EXACT + (symbol - exact) * EIGHTH
    } else {
        EIGHTHS + (symbol - exact - eighths) * QUARTER
    })
}

/// How many times, in ticks, share a symbol: 1 where it is exact. The base-2 logarithm of it is
/// what naming the very tick costs on top of the symbol. The last symbol counts as standing for
/// all times up to 192 quarters, the longest rest in the corpora.
pub fn time_spread(symbol: u16) -> f64 {
    if i64::from(symbol) < EXACT {
        return 1.0;
    }
    let same = |ticks: &i64| time_symbol(Ticks::new(*ticks)) == symbol;
    (EXACT + 1..=192 * TICKS_PER_BEAT).filter(same).count() as f64
}

/// The symbol of a velocity: eight neighbouring velocities share one.
pub fn velocity_symbol(velocity: Velocity) -> u16 {
    u16::from(velocity.get()) / 8
}

/// The middle of the velocities that share a symbol.
pub fn velocity_of(symbol: u16) -> Velocity {
    Velocity::clamped(i64::from(symbol) * 8 + 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_survive_the_round_trip() {
        for ticks in 1..=EXACT {
            assert_eq!(time_of(time_symbol(Ticks::new(ticks))), Ticks::new(ticks));
        }
        for symbol in 0..TIMES as u16 {
            assert_eq!(time_symbol(time_of(symbol)), symbol, "symbol {symbol}");
        }
        assert_eq!(time_of(time_symbol(Ticks::new(i64::MAX))), Ticks::new(768));
        assert_eq!(time_symbol(Ticks::new(-7)), 0);
    }

    #[test]
    fn spreads_cover_every_time_once() {
        let total: f64 = (0..TIMES as u16).map(time_spread).sum();
        assert_eq!(total, (192 * TICKS_PER_BEAT) as f64);
        assert_eq!(
            (time_spread(0), time_spread(191), time_spread(200)),
            (1.0, 1.0, 12.0)
        );
    }

    #[test]
    fn coarse_times_are_the_nearest() {
        for ticks in EXACT + 1..=768 {
            let error = (time_of(time_symbol(Ticks::new(ticks))).get() - ticks).abs();
            assert!(
                error <= if ticks < EIGHTHS { 11 } else { 18 },
                "{ticks} is off by {error}"
            );
        }
    }

    #[test]
    fn velocities_survive_within_four() {
        for value in 1..=127 {
            let velocity = Velocity::clamped(value);
            let back = i64::from(velocity_of(velocity_symbol(velocity)).get());
            assert!((back - value).abs() <= 4);
        }
    }
}
