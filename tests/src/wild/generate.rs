//! Makes a whole session out of a seed.

use super::player_model::PlayerModel;
use super::random::{Random, pick, size};
use super::transport_model::TransportModel;
use super::{Ending, Session, StateSource, Step};
use crate::device::Block;
use crate::host::Class;
use rand::{RngExt, SeedableRng};

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
        let random = &mut Random::seed_from_u64(seed);
        let mut session = Self {
            class: pick(&[Class::Instrument, Class::Notes], random),
            steps: Vec::new(),
            ending: pick(
                &[
                    Ending::Stop,
                    Ending::Bypass,
                    Ending::Reset,
                    Ending::Reactivate,
                ],
                random,
            ),
        };
        // Most play on a small model, which is quick; the first three are whole.
        if !random.random_bool(0.05) {
            let model = random.random_range(0..3);
            session.steps.push(Step::Load(StateSource::Model(model)));
        }
        // One instance may see several songs.
        let songs = pick(&[1, 1, 1, 2, 3], random);
        for _ in 0..songs {
            session.play_a_song(random, SECONDS / f64::from(songs), BLOCKS / songs as usize);
        }
        session
    }

    fn play_a_song(&mut self, random: &mut Random, seconds: f64, blocks: usize) {
        // In the wildest it hardly ever comes to an answer.
        let wildness = pick(&[0.0, 0.1, 0.1, 1.0], random);
        let (mut song, mut player) = (
            TransportModel::new(wildness, random),
            PlayerModel::new(wildness, random),
        );
        let (mut sample_rate, mut max) = self.activate(random);
        let even = random.random_bool(0.7);
        let (upsets, tight) = (
            pick(&[0.0, 0.01, 0.05], random),
            pick(&[0.0, 0.0, 0.0, 0.3], random),
        );
        let upsets = wildness * upsets;
        if random.random_bool(0.7) {
            self.steps.push(Step::Block(Block {
                frames: 1,
                touches: PlayerModel::setup(random),
                ..Block::default()
            }));
        }
        let mut left = seconds;
        for _ in 0..blocks {
            if random.random_bool(upsets)
                && let Some(agreed) = self.upset(random)
            {
                (sample_rate, max) = agreed;
            }
            let frames = if even { max } else { size(max, random) };
            // Some hosts hand over parameters in blocks of no samples.
            let frames = if random.random_bool(0.01) { 0 } else { frames };
            self.steps.push(Step::Block(Block {
                frames,
                transport: song.tell(random),
                touches: player.touches(&mut song, frames, sample_rate, random),
                room: random.random_bool(tight).then(|| random.random_range(0..4)),
            }));
            song.run(frames, sample_rate);
            left -= f64::from(frames) / sample_rate;
            if left <= 0.0 {
                break;
            }
        }
    }

    /// Begins processing; at what rate, and in blocks of how many samples at most.
    fn activate(&mut self, random: &mut Random) -> (f64, u32) {
        let usual = pick(&[64, 512, 1024, 2048, 4096, LARGEST], random);
        let max = if random.random_bool(0.7) {
            usual
        } else {
            size(LARGEST, random)
        };
        let sample_rate = pick(&RATES, random);
        self.steps.push(Step::Activate {
            sample_rate,
            max,
            offline: random.random_bool(0.7),
        });
        (sample_rate, max)
    }

    /// Something else than a block; what is newly agreed on.
    fn upset(&mut self, random: &mut Random) -> Option<(f64, u32)> {
        match random.random_range(0..8) {
            0 => self.steps.push(Step::Restart),
            1 => self.steps.push(Step::Reset),
            2 => self.steps.push(Step::Save),
            3 | 4 => {
                let state = match random.random_range(0..6) {
                    0 => StateSource::Cut(random.random_range(0..3000)),
                    1 => StateSource::Bytes(
                        (0..random.random_range(0..64))
                            .map(|_| random.random())
                            .collect(),
                    ),
                    2 | 3 => StateSource::Model(random.random_range(0..100)),
                    _ => StateSource::Saved,
                };
                self.steps.push(Step::Load(state));
            }
            5 => {
                self.steps.push(Step::Deactivate);
                if random.random_bool(0.3) {
                    self.steps.push(Step::Load(StateSource::Saved));
                }
                return Some(self.activate(random));
            }
            6 => return Some(self.activate(random)),
            _ => self.steps.push(Step::Load(StateSource::Bundled)),
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
