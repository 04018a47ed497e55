//! What the made-up host's player and its automation do within a block.

use super::random::{Random, pick};
use super::transport_model::TransportModel;
use crate::device::Touch;
use rand::RngExt;

/// How this session's player plays.
pub struct PlayerModel {
    /// Notes a second while playing as people do.
    pace: f64,
    /// How often a block is a storm of 10,000 notes a second.
    storms: f64,
    /// How often a note event is not what it should be.
    slips: f64,
    /// How often a block has automation in it.
    turns: f64,
    /// How many knobs it then turns.
    at_once: u32,
    /// How often the player stops for a while, or goes on, per block.
    breaks: f64,
    resting: bool,
    channel: i16,
    /// Keys held, as a sane host would know it.
    held: Vec<(i16, i16)>,
}

impl PlayerModel {
    /// A player at a host of this wildness, from 0 to 1.
    pub fn new(wildness: f64, random: &mut Random) -> Self {
        Self {
            pace: random.random_range(2.0..30.0),
            storms: wildness * pick(&[0.0, 0.0, 0.0, 0.03, 0.3], random),
            slips: wildness * pick(&[0.0, 0.02, 0.3], random),
            turns: wildness * pick(&[0.0, 0.03, 0.1, 0.7], random),
            at_once: pick(&[1, 3, 40], random),
            breaks: pick(&[0.01, 0.05, 0.2], random),
            resting: false,
            channel: pick(&[0, 0, 3, 15], random),
            held: Vec::new(),
        }
    }

    /// Every knob somewhere, as in a project of this player's.
    pub fn setup(random: &mut Random) -> Vec<(u32, Touch)> {
        let turn = |param| {
            // Rather low: short phrases, and so more of them.
            let position = random.random::<f64>() * random.random::<f64>();
            (0, Touch::Turn { param, position })
        };
        // More than there are: they are counted round and round.
        let mut turns: Vec<_> = (0..64).map(turn).collect();
        turns.push((0, Touch::Bypass(false)));
        turns
    }

    /// What they do in the next block, in order.
    pub fn touches(
        &mut self,
        song: &mut TransportModel,
        frames: u32,
        sample_rate: f64,
        random: &mut Random,
    ) -> Vec<(u32, Touch)> {
        let mut touches = Vec::new();
        let times = |random: &mut Random, count: f64| {
            // On average as many as asked for.
            let whole = count as u32 + u32::from(random.random_bool(count.fract()));
            let mut times: Vec<_> = (0..whole)
                .map(|_| random.random_range(0..frames.max(1)))
                .collect();
            times.sort_unstable();
            times
        };
        let seconds = f64::from(frames) / sample_rate;
        let storm = random.random_bool(self.storms);
        self.resting ^= random.random_bool(self.breaks);
        let pace = match (storm, self.resting) {
            (true, _) => 10_000.0,
            (false, true) => 0.0,
            (false, false) => self.pace,
        };
        for time in times(random, pace * seconds * 2.0) {
            touches.push((time, self.note(storm, random)));
        }
        if let Some((time, _)) = touches
            .last_mut()
            .filter(|_| random.random_bool(self.slips * 0.2))
        {
            // Past the block's end.
            *time += frames;
        }
        if random.random_bool(self.turns) {
            let count = f64::from(1 + random.random_range(0..self.at_once));
            touches.extend(
                times(random, count)
                    .into_iter()
                    .map(|time| (time, turn(random))),
            );
        }
        // A transport event within a block, after which the next block tells of the same song.
        if random.random_bool(self.slips * 0.1)
            && let Some(transport) = song.tell(random)
        {
            touches.push((
                random.random_range(0..frames.max(1)),
                Touch::Transport(transport),
            ));
        }
        touches.sort_by_key(|(time, _)| *time);
        touches
    }

    fn note(&mut self, storm: bool, random: &mut Random) -> Touch {
        if random.random_bool(self.slips) {
            return slip(random);
        }
        let most = if storm { 100 } else { 3 };
        let full = self.held.len() as f64 / most as f64;
        if random.random_bool(full.min(1.0)) {
            let index = random.random_range(0..self.held.len());
            let (channel, key) = self.held.swap_remove(index);
            return Touch::Off { channel, key };
        }
        let key = random.random_range(if storm { 0..128 } else { 48..84 });
        let velocity = random.random_range(0.05..1.0);
        self.held.push((self.channel, key));
        Touch::On {
            channel: self.channel,
            key,
            velocity,
        }
    }
}

/// A note event out of place.
fn slip(random: &mut Random) -> Touch {
    let channel = random.random_range(0..16);
    let key = random.random_range(0..128);
    let (any_channel, any_key) = (pick(&[-1, channel], random), pick(&[-1, key, 60], random));
    match random.random_range(0..8) {
        0 | 1 => Touch::On {
            channel,
            key,
            velocity: pick(&[0.0, -1.0, 2.0, f64::NAN, 1e-9, 1.0], random),
        },
        // The same key again and again.
        2 => Touch::On {
            channel: 0,
            key: 60,
            velocity: 0.7,
        },
        3 => Touch::Off { channel, key },
        4 => Touch::Off {
            channel: any_channel,
            key: any_key,
        },
        5 => Touch::Choke {
            channel: any_channel,
            key: any_key,
        },
        // Bytes: all notes off, all sound off, a note, anything.
        6 => Touch::Midi(pick(
            &[
                [0xb0, 123, 0],
                [0xb3, 120, 0],
                [0x90, key as u8, 100],
                [0x90, key as u8, 0],
                [0x80, key as u8, 64],
                [0xe0, 0, 64],
                [0xff, 0xff, 0xff],
            ],
            random,
        )),
        _ => Touch::On {
            channel: pick(&[-1, 16, 400], random),
            key: pick(&[-1, 128, 400], random),
            velocity: 0.5,
        },
    }
}

fn turn(random: &mut Random) -> Touch {
    let param = random.random_range(0..1000);
    let position = match random.random_range(0..8) {
        0 => pick(&[f64::NAN, f64::INFINITY, -1.0, 2.0, 1e30, -1e30], random),
        1 => pick(&[0.0, 1.0], random),
        _ => random.random(),
    };
    match random.random_range(0..10) {
        0 => Touch::Bypass(random.random_bool(0.3)),
        1 => Touch::Modulate {
            param,
            by: position * 2.0 - 1.0,
        },
        _ => Touch::Turn { param, position },
    }
}
