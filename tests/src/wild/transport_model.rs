//! The made-up host's transport: it mostly rolls on as transports do, and now and then does not.

use super::random::{Random, pick};
use crate::device::Transport;
use rand::RngExt;

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
pub struct TransportModel {
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

impl TransportModel {
    /// A song in a host of this wildness, from 0 to 1.
    pub fn new(wildness: f64, random: &mut Random) -> Self {
        // The last ones are at the limit of what the plug-in believes.
        let start = match random.random_range(0..10) {
            0 => pick(&[1e6 + 0.3, 1e9 - 8.0, -1e9 + 0.1], random),
            _ => pick(&[0.0, 0.0, 0.0, -4.0, -0.3, 16.0, 1000.5], random),
        };
        let round = random.random_bool(0.3);
        Self {
            now: Transport {
                playing: random.random_bool(0.9),
                tempo: Some(tempo(random)),
                beats: Some(start),
                samples: Some(0),
                metre: Some(metre(random)),
            },
            unrest: wildness * pick(&[0.003, 0.02, 0.1], random),
            nonsense: wildness * pick(&[0.0, 0.0, 0.01, 0.1], random),
            cycle: random.random_bool(0.2).then(|| {
                let from = start + random.random_range(0.0..2.0);
                (from, from + random.random_range(0.01..6.0))
            }),
            grid: round.then(|| pick(&GRIDS, random)),
            ramps: random.random_bool(0.1),
            // Most hosts tell it all.
            tells: [0.93, 0.9, 0.95].map(|share| random.random_bool(share)),
        }
    }

    /// What the host says at the start of the next block.
    pub fn tell(&mut self, random: &mut Random) -> Option<Transport> {
        if random.random_bool(self.unrest) {
            self.disturb(random);
        }
        if self.ramps {
            let tempo = self.now.tempo.unwrap_or(120.0) * random.random_range(0.97..1.03);
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
        if random.random_bool(self.nonsense) {
            garble(&mut said, random);
        }
        (!random.random_bool(self.nonsense * 0.2)).then_some(said)
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

    fn disturb(&mut self, random: &mut Random) {
        match random.random_range(0..6) {
            0 => self.now.playing = !self.now.playing,
            1 => {
                self.now.beats = Some(random.random_range(-8.0..64.0));
                self.now.samples = Some(random.random_range(-1 << 20..15 << 20));
            }
            // About the size at which a correction becomes a jump.
            2 => {
                self.now.beats = self
                    .now
                    .beats
                    .map(|at| at + random.random_range(-0.02..0.02))
            }
            3 => self.now.tempo = Some(tempo(random)),
            4 => self.now.metre = Some(metre(random)),
            _ => self.now.samples = self.now.samples.map(|at| at + random.random_range(-2..=2)),
        }
    }
}

fn tempo(random: &mut Random) -> f64 {
    match random.random_range(0..4) {
        0 => random.random_range(40.0..400.0),
        // A tune in a moment: sessions are short.
        1 | 2 => random.random_range(600.0..3000.0),
        _ => pick(&[120.0, 133.0, 60.0, 9999.0, 0.11], random),
    }
}

fn metre(random: &mut Random) -> (i32, i32) {
    pick(
        &[
            (4, 4),
            (4, 4),
            (3, 4),
            (6, 8),
            (7, 8),
            (5, 4),
            (2, 2),
            (1, 16),
        ],
        random,
    )
}

/// Something that no host should say.
fn garble(said: &mut Transport, random: &mut Random) {
    match random.random_range(0..5) {
        0 => said.tempo = Some(pick(&NO_NUMBERS, random)),
        1 => said.beats = Some(pick(&NO_NUMBERS, random)),
        // Not the very last number: nice-plug adds to it, and its debug builds do not overflow.
        2 => said.samples = Some(pick(&[i64::MIN, i64::MAX - (1 << 20), -1, 1 << 53], random)),
        3 => {
            let number = |random: &mut Random| pick(&[0, -1, 3, 255, i32::MIN, i32::MAX], random);
            said.metre = Some((number(random), number(random)));
        }
        _ => (said.tempo, said.beats) = (None, None),
    }
}
