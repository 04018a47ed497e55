//! The made-up host's transport: it mostly rolls on as transports do, and now and then does not.

use super::dice::Dice;
use crate::device::Transport;

/// Numbers that no host should send.
const NO_NUMBERS: [f64; 8] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    -1.0,
    0.0,
    1e-300,
    1e9,
    1e300,
];

/// The finest grids that hosts round their beats to.
const GRIDS: [f64; 3] = [480.0, 960.0, 1920.0];

/// Where the song is, and how this host tells it.
pub struct Song {
    now: Transport,
    /// How often something odd happens to the transport, per block.
    unrest: f64,
    /// How often it tells nonsense.
    nonsense: f64,
    /// The loop it runs in.
    cycle: Option<(f64, f64)>,
    /// What it rounds beats to.
    grid: Option<f64>,
    /// Does its tempo change in every block?
    ramps: bool,
    tells: [bool; 3],
}

impl Song {
    /// A song in a host that is so wild: 0 not at all, 1 very.
    pub fn new(wildness: f64, dice: &mut Dice) -> Self {
        // The last ones are as far away as the plug-in believes anything to be.
        let start = match dice.below(10) {
            0 => dice.of(&[1e6 + 0.3, 1e9 - 8.0, -1e9 + 0.1]),
            _ => dice.of(&[0.0, 0.0, 0.0, -4.0, -0.3, 16.0, 1000.5]),
        };
        let round = dice.chance(0.3);
        Self {
            now: Transport {
                playing: dice.chance(0.9),
                tempo: Some(tempo(dice)),
                beats: Some(start),
                samples: Some(0),
                metre: Some(metre(dice)),
            },
            unrest: wildness * dice.of(&[0.003, 0.02, 0.1]),
            nonsense: wildness * dice.of(&[0.0, 0.0, 0.01, 0.1]),
            cycle: dice.chance(0.2).then(|| {
                let from = start + dice.between(0.0, 2.0);
                (from, from + dice.between(0.01, 6.0))
            }),
            grid: round.then(|| dice.of(&GRIDS)),
            ramps: dice.chance(0.1),
            // Most hosts tell it all.
            tells: [0.93, 0.9, 0.95].map(|share| dice.chance(share)),
        }
    }

    /// What the host says at the start of the next block.
    pub fn tell(&mut self, dice: &mut Dice) -> Option<Transport> {
        if dice.chance(self.unrest) {
            self.disturb(dice);
        }
        if self.ramps {
            let tempo = self.now.tempo.unwrap_or(120.0) * dice.between(0.97, 1.03);
            self.now.tempo = Some(tempo.clamp(20.0, 900.0));
        }
        let [beats, samples, metre] = self.tells;
        let mut said = self.now;
        said.beats = said.beats.filter(|_| beats);
        said.samples = said.samples.filter(|_| samples);
        said.metre = said.metre.filter(|_| metre);
        if let (Some(grid), Some(beats)) = (self.grid, &mut said.beats) {
            *beats = (*beats * grid).round() / grid;
        }
        if dice.chance(self.nonsense) {
            garble(&mut said, dice);
        }
        (!dice.chance(self.nonsense * 0.2)).then_some(said)
    }

    /// The block is over.
    pub fn run(&mut self, frames: u32, sample_rate: f64) {
        if !self.now.playing {
            return;
        }
        let tempo = self.now.tempo.unwrap_or(120.0);
        let mut beats =
            self.now.beats.unwrap_or(0.0) + f64::from(frames) / sample_rate * tempo / 60.0;
        if let Some((from, to)) = self.cycle
            && beats >= to
        {
            beats = from + (beats - to) % (to - from);
        }
        self.now.beats = Some(beats);
        self.now.samples = self.now.samples.map(|samples| samples + i64::from(frames));
    }

    fn disturb(&mut self, dice: &mut Dice) {
        match dice.below(6) {
            0 => self.now.playing = !self.now.playing,
            1 => {
                self.now.beats = Some(dice.between(-8.0, 64.0));
                self.now.samples = Some(i64::from(dice.below(1 << 24)) - (1 << 20));
            }
            // The least jump that is none any more.
            2 => self.now.beats = self.now.beats.map(|at| at + dice.between(-0.02, 0.02)),
            3 => self.now.tempo = Some(tempo(dice)),
            4 => self.now.metre = Some(metre(dice)),
            _ => self.now.samples = self.now.samples.map(|at| at + i64::from(dice.below(5)) - 2),
        }
    }
}

fn tempo(dice: &mut Dice) -> f64 {
    match dice.below(4) {
        0 => dice.between(40.0, 400.0),
        // A tune in a moment: sessions are short.
        1 | 2 => dice.between(600.0, 3000.0),
        _ => dice.of(&[120.0, 133.0, 60.0, 9999.0, 0.11]),
    }
}

fn metre(dice: &mut Dice) -> (i32, i32) {
    dice.of(&[
        (4, 4),
        (4, 4),
        (3, 4),
        (6, 8),
        (7, 8),
        (5, 4),
        (2, 2),
        (1, 16),
    ])
}

/// Something that no host should say.
fn garble(said: &mut Transport, dice: &mut Dice) {
    match dice.below(5) {
        0 => said.tempo = Some(dice.of(&NO_NUMBERS)),
        1 => said.beats = Some(dice.of(&NO_NUMBERS)),
        // Not the very last number: nice-plug adds to it, and its debug builds do not overflow.
        2 => said.samples = Some(dice.of(&[i64::MIN, i64::MAX - (1 << 20), -1, 1 << 53])),
        3 => {
            let number = |dice: &mut Dice| dice.of(&[0, -1, 3, 255, i32::MIN, i32::MAX]);
            said.metre = Some((number(dice), number(dice)));
        }
        _ => (said.tempo, said.beats) = (None, None),
    }
}
