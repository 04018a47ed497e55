//! What the made-up host's player and its automation do within a block.

use super::dice::Dice;
use super::song::Song;
use crate::device::Touch;

/// How this session's player plays.
pub struct Hands {
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

impl Hands {
    /// A player at a host that is so wild: 0 not at all, 1 very.
    pub fn new(wildness: f64, dice: &mut Dice) -> Self {
        Self {
            pace: dice.between(2.0, 30.0),
            storms: wildness * dice.of(&[0.0, 0.0, 0.0, 0.03, 0.3]),
            slips: wildness * dice.of(&[0.0, 0.02, 0.3]),
            turns: wildness * dice.of(&[0.0, 0.03, 0.1, 0.7]),
            at_once: dice.of(&[1, 3, 40]),
            breaks: dice.of(&[0.01, 0.05, 0.2]),
            resting: false,
            channel: dice.of(&[0, 0, 3, 15]),
            held: Vec::new(),
        }
    }

    /// Every knob somewhere, as in a project of this player's.
    pub fn setup(dice: &mut Dice) -> Vec<(u32, Touch)> {
        let turn = |dial| {
            // Rather low: short phrases, and so more of them.
            let position = dice.unit() * dice.unit();
            (0, Touch::Turn { dial, position })
        };
        // More than there are: they are counted round and round.
        let mut turns: Vec<_> = (0..64).map(turn).collect();
        turns.push((0, Touch::Bypass(false)));
        turns
    }

    /// What they do in the next block, in order.
    pub fn touches(
        &mut self,
        song: &mut Song,
        frames: u32,
        sample_rate: f64,
        dice: &mut Dice,
    ) -> Vec<(u32, Touch)> {
        let mut touches = Vec::new();
        let times = |dice: &mut Dice, count: f64| {
            // On average as many as asked for.
            let whole = count as u32 + u32::from(dice.chance(count.fract()));
            let mut times: Vec<_> = (0..whole).map(|_| dice.below(frames.max(1))).collect();
            times.sort_unstable();
            times
        };
        let seconds = f64::from(frames) / sample_rate;
        let storm = dice.chance(self.storms);
        self.resting ^= dice.chance(self.breaks);
        let pace = match (storm, self.resting) {
            (true, _) => 10_000.0,
            (false, true) => 0.0,
            (false, false) => self.pace,
        };
        for time in times(dice, pace * seconds * 2.0) {
            touches.push((time, self.note(storm, dice)));
        }
        if let Some((time, _)) = touches.last_mut().filter(|_| dice.chance(self.slips * 0.2)) {
            // Past the block's end.
            *time += frames;
        }
        if dice.chance(self.turns) {
            let count = f64::from(1 + dice.below(self.at_once));
            touches.extend(
                times(dice, count)
                    .into_iter()
                    .map(|time| (time, turn(dice))),
            );
        }
        // A transport event within a block, after which the next block tells of the same song.
        if dice.chance(self.slips * 0.1)
            && let Some(transport) = song.tell(dice)
        {
            touches.push((dice.below(frames.max(1)), Touch::Transport(transport)));
        }
        touches.sort_by_key(|(time, _)| *time);
        touches
    }

    fn note(&mut self, storm: bool, dice: &mut Dice) -> Touch {
        if dice.chance(self.slips) {
            return slip(dice);
        }
        let most = if storm { 100 } else { 3 };
        let release = !self.held.is_empty() && dice.chance(self.held.len() as f64 / most as f64);
        if release {
            let index = dice.below(self.held.len() as u32) as usize;
            let (channel, key) = self.held.swap_remove(index);
            return Touch::Off { channel, key };
        }
        let range = if storm { (0, 128) } else { (48, 36) };
        let key = range.0 + dice.below(range.1) as i16;
        let velocity = dice.between(0.05, 1.0);
        self.held.push((self.channel, key));
        Touch::On {
            channel: self.channel,
            key,
            velocity,
        }
    }
}

/// A note event out of place.
fn slip(dice: &mut Dice) -> Touch {
    let channel = dice.below(16) as i16;
    let key = dice.below(128) as i16;
    let (any_channel, any_key) = (dice.of(&[-1, channel]), dice.of(&[-1, key, 60]));
    match dice.below(8) {
        0 | 1 => Touch::On {
            channel,
            key,
            velocity: dice.of(&[0.0, -1.0, 2.0, f64::NAN, 1e-9, 1.0]),
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
        6 => Touch::Midi(dice.of(&[
            [0xb0, 123, 0],
            [0xb3, 120, 0],
            [0x90, key as u8, 100],
            [0x90, key as u8, 0],
            [0x80, key as u8, 64],
            [0xe0, 0, 64],
            [0xff, 0xff, 0xff],
        ])),
        _ => Touch::On {
            channel: dice.of(&[-1, 16, 400]),
            key: dice.of(&[-1, 128, 400]),
            velocity: 0.5,
        },
    }
}

fn turn(dice: &mut Dice) -> Touch {
    let dial = dice.below(1000) as usize;
    let position = match dice.below(8) {
        0 => dice.of(&[f64::NAN, f64::INFINITY, -1.0, 2.0, 1e30, -1e30]),
        1 => dice.of(&[0.0, 1.0]),
        _ => dice.unit(),
    };
    match dice.below(10) {
        0 => Touch::Bypass(dice.chance(0.3)),
        1 => Touch::Modulate {
            dial,
            by: position * 2.0 - 1.0,
        },
        _ => Touch::Turn { dial, position },
    }
}
