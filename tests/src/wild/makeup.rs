//! The whole session out of its seed.

use super::dice::Dice;
use super::hands::Hands;
use super::song::Song;
use super::{Ending, Session, State, Step};
use crate::device::Block;
use crate::host::Class;

/// Sample rates of today's interfaces, and some of other days'.
const RATES: [f64; 8] = [
    44_100.0, 48_000.0, 88_200.0, 96_000.0, 176_400.0, 192_000.0, 8_000.0, 384_000.0,
];
/// The largest block that a host asks for.
const LARGEST: u32 = 8192;
/// How much music is in a session, in seconds, and in how many blocks at most.
const SECONDS: f64 = 8.0;
const BLOCKS: usize = 400;

impl Session {
    /// The session that `seed` makes.
    pub fn of(seed: u64) -> Self {
        let dice = &mut Dice::new(seed);
        let mut session = Self {
            class: dice.of(&[Class::Instrument, Class::Notes]),
            steps: Vec::new(),
            ending: dice.of(&[
                Ending::Stop,
                Ending::Bypass,
                Ending::Reset,
                Ending::Reactivate,
            ]),
        };
        // Most play on a small model, which is quick; the first of those on the stage are whole.
        if !dice.chance(0.05) {
            let model = dice.below(3) as usize;
            session.steps.push(Step::Load(State::Model(model)));
        }
        // One instance may see several songs.
        let songs = dice.of(&[1, 1, 1, 2, 3]);
        for _ in 0..songs {
            session.play_a_song(dice, SECONDS / f64::from(songs), BLOCKS / songs as usize);
        }
        session
    }

    fn play_a_song(&mut self, dice: &mut Dice, seconds: f64, blocks: usize) {
        // In the wildest it hardly ever comes to an answer.
        let wildness = dice.of(&[0.0, 0.1, 0.1, 1.0]);
        let (mut song, mut hands) = (Song::new(wildness, dice), Hands::new(wildness, dice));
        let (mut sample_rate, mut max) = self.activate(dice);
        let even = dice.chance(0.7);
        let (upsets, tight) = (dice.of(&[0.0, 0.01, 0.05]), dice.of(&[0.0, 0.0, 0.0, 0.3]));
        let upsets = wildness * upsets;
        if dice.chance(0.7) {
            self.steps.push(Step::Block(Block {
                frames: 1,
                touches: Hands::setup(dice),
                ..Block::default()
            }));
        }
        let mut left = seconds;
        for _ in 0..blocks {
            if dice.chance(upsets)
                && let Some(agreed) = self.upset(dice)
            {
                (sample_rate, max) = agreed;
            }
            let frames = if even { max } else { dice.size(max) };
            // Some hosts hand over parameters in blocks of no samples.
            let frames = if dice.chance(0.01) { 0 } else { frames };
            self.steps.push(Step::Block(Block {
                frames,
                transport: song.tell(dice),
                touches: hands.touches(&mut song, frames, sample_rate, dice),
                room: dice.chance(tight).then(|| dice.below(4) as usize),
            }));
            song.run(frames, sample_rate);
            left -= f64::from(frames) / sample_rate;
            if left <= 0.0 {
                break;
            }
        }
    }

    /// Begins processing; at what rate, and in blocks of how many samples at most.
    fn activate(&mut self, dice: &mut Dice) -> (f64, u32) {
        let usual = dice.of(&[64, 512, 1024, 2048, 4096, LARGEST]);
        let max = if dice.chance(0.7) {
            usual
        } else {
            dice.size(LARGEST)
        };
        let sample_rate = dice.of(&RATES);
        self.steps.push(Step::Activate {
            sample_rate,
            max,
            offline: dice.chance(0.7),
        });
        (sample_rate, max)
    }

    /// Something else than a block; what is newly agreed on.
    fn upset(&mut self, dice: &mut Dice) -> Option<(f64, u32)> {
        match dice.below(8) {
            0 => self.steps.push(Step::Restart),
            1 => self.steps.push(Step::Reset),
            2 => self.steps.push(Step::Save),
            3 | 4 => {
                let state = match dice.below(6) {
                    0 => State::Cut(dice.below(3000) as usize),
                    1 => State::Bytes((0..dice.below(64)).map(|_| dice.below(256) as u8).collect()),
                    2 | 3 => State::Model(dice.below(100) as usize),
                    _ => State::Saved,
                };
                self.steps.push(Step::Load(state));
            }
            5 => {
                self.steps.push(Step::Deactivate);
                if dice.chance(0.3) {
                    self.steps.push(Step::Load(State::Saved));
                }
                return Some(self.activate(dice));
            }
            6 => return Some(self.activate(dice)),
            _ => self.steps.push(Step::Load(State::Bundled)),
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_one_session() {
        // Compared as texts: NaN is not equal to itself.
        let text = |seed| format!("{:?}", Session::of(seed));
        assert_eq!(text(7), text(7));
        assert_ne!(text(7), text(8));
    }

    #[test]
    fn blocks_keep_to_what_was_agreed_on() {
        for seed in 0..300 {
            let mut agreed = None;
            for step in Session::of(seed).steps {
                match step {
                    Step::Activate { max, .. } => agreed = Some(max),
                    Step::Deactivate => agreed = None,
                    Step::Block(block) => {
                        assert!(agreed.is_some_and(|max| block.frames <= max));
                        let times = block.touches.iter().map(|(time, _)| *time);
                        assert!(times.clone().is_sorted());
                        let last = times.filter(|time| *time >= block.frames.max(1));
                        assert!(
                            last.count() <= 1,
                            "one of them past the block's end at most"
                        );
                    }
                    _ => {}
                }
            }
        }
    }
}
