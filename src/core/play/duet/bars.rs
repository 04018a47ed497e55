//! Where in the bars calls and answers begin and end. Part of the turn-taking, on the audio thread.

use crate::music::time::Ticks;
use crate::play::duet::messages::Rules;

/// The beat at or after `from`: a quarter, or the metre's own where that is shorter.
pub fn next_beat(from: Ticks, rules: &Rules) -> Ticks {
    (rules.metre).part_from(from, rules.metre.beat().min(Ticks::BEAT))
}

/// The bar line from which a call that begins with a note at `at` is counted: that of the note's
/// bar, or the next one where the note lies in the bar's second half and so is an upbeat.
pub fn call_start(at: Ticks, rules: &Rules) -> Ticks {
    let bar = rules.metre.bar();
    let start = rules.metre.bar_at(at);
    let upbeat = (at - start).get() * 2 > bar.get();
    if upbeat { start + bar } else { start }
}

/// Where a call from the bar line `start` on ends.
pub fn call_end(start: Ticks, rules: &Rules) -> Ticks {
    let bars = i64::from(rules.listen_bars.max(1));
    start + Ticks::new(bars * rules.metre.bar().get())
}
