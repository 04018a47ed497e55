//! The engine's state at the start of a block, and the words that carry it to the window.

use harmonai_core::music::time::{Beats, Metre, Span, Ticks};
use harmonai_core::play::duet::Activity;

pub const WORDS: usize = 7;

/// The engine's state at the start of a block.
#[derive(Clone, Debug, PartialEq)]
pub struct EngineSnapshot {
    pub playing: bool,
    pub position: Beats,
    pub tempo: f64,
    pub metre: Metre,
    pub activity: Activity,
    /// Where it listens, if known.
    pub listening: Option<Span>,
    /// Where it answers, if known; an endless answer ends at `Ticks::new(i64::MAX)`.
    pub answer: Option<Span>,
}

impl Default for EngineSnapshot {
    fn default() -> Self {
        Self {
            playing: false,
            position: Beats::default(),
            tempo: 120.0,
            metre: Metre::COMMON,
            activity: Activity::Waiting,
            listening: None,
            answer: None,
        }
    }
}

/// No span: it ends before it starts, as no other does.
const NOWHERE: [u64; 2] = [i64::MAX as u64, i64::MIN as u64];

impl EngineSnapshot {
    /// As words that cross the threads.
    pub fn encode(&self) -> [u64; WORDS] {
        let activity = self.activity as u64;
        let metre = u64::from(self.metre.numerator()) << 8 | u64::from(self.metre.denominator());
        let words = |span: &Span| [span.start.get() as u64, span.end.get() as u64];
        let span = |span: &Option<Span>| span.as_ref().map_or(NOWHERE, words);
        let ([l0, l1], [a0, a1]) = (span(&self.listening), span(&self.answer));
        // A bar has 6144 ticks at the most.
        let line = self.metre.line().get() as u64;
        let flags = u64::from(self.playing) | activity << 8 | metre << 16 | line << 32;
        let (position, tempo) = (self.position.get().to_bits(), self.tempo.to_bits());
        [flags, position, tempo, l0, l1, a0, a1]
    }

    /// Out of those words.
    pub fn decode([flags, position, tempo, l0, l1, a0, a1]: [u64; WORDS]) -> Self {
        let span = |start, end| {
            ([start, end] != NOWHERE).then(|| Ticks::new(start as i64)..Ticks::new(end as i64))
        };
        Self {
            playing: flags & 1 == 1,
            position: Beats::new(f64::from_bits(position)),
            tempo: f64::from_bits(tempo),
            metre: Metre::new((flags >> 24 & 0xff) as i64, (flags >> 16 & 0xff) as i64)
                .unwrap_or(Metre::COMMON)
                .with_line(Ticks::new((flags >> 32) as i64)),
            activity: match flags >> 8 & 0xff {
                1 => Activity::Listening,
                2 => Activity::Thinking,
                3 => Activity::Answering,
                _ => Activity::Waiting,
            },
            listening: span(l0, l1),
            answer: span(a0, a1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_come_back_as_they_went_in() {
        let negative = Ticks::new(-1)..Ticks::ZERO;
        let endless = Ticks::ZERO..Ticks::new(i64::MAX);
        for activity in [
            Activity::Waiting,
            Activity::Listening,
            Activity::Thinking,
            Activity::Answering,
        ] {
            for (listening, answer) in [
                (None, None),
                (Some(negative.clone()), None),
                (None, Some(endless.clone())),
            ] {
                let snapshot = EngineSnapshot {
                    playing: true,
                    position: Beats::new(-3.75),
                    tempo: 93.5,
                    metre: Metre::parse("6/8").unwrap().with_line(Ticks::new(71)),
                    activity,
                    listening,
                    answer,
                };
                assert_eq!(EngineSnapshot::decode(snapshot.encode()), snapshot);
            }
        }
    }
}
