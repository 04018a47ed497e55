//! Cuts a session into the blocks that the host hands the plug-in.
//!
//! A block ends where the transport jumps, stops, starts or changes its tempo, and where a state
//! is loaded, as a sane host sees to. Knobs and notes fall anywhere inside.

use crate::script::{Action, Blocks};
use crate::timeline::{Keystroke, Stretch, Timeline};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;
use std::ops::Range;

/// One call to the plug-in's process function.
#[derive(Clone, Debug)]
pub struct Block<'a> {
    /// Its first sample, counted from the session's start.
    pub first: u64,
    pub frames: u32,
    /// The transport while it lasts.
    pub stretch: &'a Stretch,
    /// States to load before it.
    pub loads: Vec<&'a [u8]>,
    /// Knobs turned in it: sample within the block, name, value as shown.
    pub turns: Vec<(u32, &'a str, &'a str)>,
    /// Keys played in it.
    pub keys: &'a [Keystroke],
}

impl Block<'_> {
    /// The block's samples, counted from the session's start.
    pub fn samples(&self) -> Range<u64> {
        self.first..self.first + u64::from(self.frames)
    }
}

/// Hands out the blocks of a session in order.
pub struct Cutter<'a> {
    timeline: &'a Timeline,
    blocks: Blocks,
    random: Pcg32,
    now: u64,
    keys: usize,
    cues: usize,
}

impl<'a> Cutter<'a> {
    /// Starts at the session's first sample.
    pub fn new(timeline: &'a Timeline, blocks: Blocks) -> Self {
        let seed = match blocks {
            Blocks::Varying { seed, .. } => seed,
            Blocks::Fixed(_) => 0,
        };
        Self {
            timeline,
            blocks,
            random: Pcg32::seed_from_u64(seed),
            now: 0,
            keys: 0,
            cues: 0,
        }
    }

    fn wanted(&mut self) -> u32 {
        let max = self.blocks.max();
        match self.blocks {
            Blocks::Fixed(_) => max,
            Blocks::Varying { .. } => self.random.random_range(1..=max),
        }
    }
}

impl<'a> Iterator for Cutter<'a> {
    type Item = Block<'a>;

    fn next(&mut self) -> Option<Block<'a>> {
        if self.now >= self.timeline.frames() {
            return None;
        }
        let stretch = self.timeline.stretch_at(self.now);
        let cues = &self.timeline.cues()[self.cues..];
        let next_load = cues
            .iter()
            .find(|(sample, action)| *sample > self.now && matches!(action, Action::Load(_)));
        let limit = next_load.map_or(stretch.end(), |(sample, _)| stretch.end().min(*sample));
        let end = limit.min(self.now + u64::from(self.wanted()));

        let mut loads = Vec::new();
        let mut turns = Vec::new();
        for (sample, action) in cues.iter().take_while(|(sample, _)| *sample < end) {
            match action {
                Action::Load(state) => loads.push(state.as_slice()),
                Action::Turn(name, value) => {
                    turns.push(((sample - self.now) as u32, name.as_str(), value.as_str()));
                }
                _ => unreachable!("the timeline acts on all other cues itself"),
            }
        }
        self.cues += loads.len() + turns.len();
        let keys = &self.timeline.keys()[self.keys..];
        let keys = &keys[..keys.partition_point(|key| key.sample < end)];
        self.keys += keys.len();
        let first = std::mem::replace(&mut self.now, end);
        Some(Block {
            first,
            frames: (end - first) as u32,
            stretch,
            loads,
            turns,
            keys,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Script;
    use harmonai_core::music::time::{Metre, Ticks};

    #[test]
    fn blocks_cover_the_session_and_respect_the_transport() {
        for blocks in [
            Blocks::Fixed(1),
            Blocks::Fixed(512),
            Blocks::Varying { max: 997, seed: 5 },
        ] {
            let mut script = Script::new(Vec::new(), Metre::COMMON, Ticks::new(24))
                .at(Ticks::new(7), Action::Load(vec![1]))
                .turn(Ticks::new(9), "Length", "4 beats");
            script.blocks = blocks;
            script.cycle = Some(Ticks::ZERO..Ticks::new(5));
            let timeline = Timeline::new(&script);
            let mut at = 0;
            let (mut loads, mut turns) = (0, 0);
            for block in Cutter::new(&timeline, blocks) {
                assert_eq!(block.first, at);
                assert!((1..=blocks.max()).contains(&block.frames));
                assert!(block.samples().end <= block.stretch.end());
                if !block.loads.is_empty() {
                    assert_eq!(block.first, 7_000);
                }
                for (offset, ..) in &block.turns {
                    assert_eq!(block.first + u64::from(*offset), 9_000);
                }
                loads += block.loads.len();
                turns += block.turns.len();
                at = block.samples().end;
            }
            assert_eq!((at, loads, turns), (timeline.frames(), 1, 1), "{blocks:?}");
        }
    }
}
