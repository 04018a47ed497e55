//! A song played to a device block by block, in a host that a test makes up: what its transport
//! does and what it says of it are two things.

use super::{at, model_file};
use harmonai_core::model::config::Cell;
use harmonai_core::music::note::Note;
use harmonai_core::music::time::{Beats, Ticks};
use harmonai_tests::device::{Block, Device, Touch, Transport};
use harmonai_tests::ledger::Ledger;
use harmonai_tests::recording::Event;
use harmonai_tests::tiny_model::project;
use serde_json::{Value, json};

/// In Hertz.
pub const RATE: f64 = 48_000.0;

/// A block of the song.
#[derive(Clone, Copy, Debug)]
struct SongBlock {
    /// Its first sample, counted from the session's start.
    first: u64,
    frames: u32,
    /// Where its first sample truly is.
    beats: f64,
    /// Quarter notes a minute at its first sample, and at the next block's.
    tempo: (f64, f64),
    said: Transport,
}

impl SongBlock {
    fn beats_at(&self, frames: f64) -> f64 {
        let (from, to) = self.tempo;
        let gained = (to - from) * frames / (2.0 * f64::from(self.frames));
        self.beats + (from + gained) * frames / 60.0 / RATE
    }

    fn end(&self) -> f64 {
        self.beats_at(self.frames.into())
    }
}

/// The song's blocks, one after another without a jump.
#[derive(Clone, Debug)]
pub struct SongBlocks(Vec<SongBlock>);

/// A note as it was played: on the grid, and how many samples off it both its ends are at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlayedNote {
    pub note: Note,
    pub error: f64,
}

impl SongBlocks {
    /// From `start` to `end` in blocks of these sizes, round and round. `tempo` is asked at the
    /// start of each block; it glides to the next one where `glides`, else it steps.
    pub fn new(
        start: Ticks,
        end: Ticks,
        sizes: &[u32],
        glides: bool,
        tempo: impl Fn(f64) -> f64,
    ) -> Self {
        let mut strides: Vec<SongBlock> = Vec::new();
        let (mut beats, mut first) = (start.beats().get(), 0);
        for frames in sizes.iter().cycle().copied() {
            if beats >= end.beats().get() {
                break;
            }
            let now = tempo(first as f64 / RATE);
            let next = tempo((first + u64::from(frames)) as f64 / RATE);
            let stride = SongBlock {
                first,
                frames,
                beats,
                tempo: (now, if glides { next } else { now }),
                said: Transport {
                    playing: true,
                    tempo: Some(now),
                    beats: Some(beats),
                    samples: Some(first as i64),
                    metre: Some((4, 4)),
                },
            };
            (beats, first) = (stride.end(), first + u64::from(frames));
            strides.push(stride);
        }
        Self(strides)
    }

    /// The same where the host says something else of its transport.
    pub fn says(mut self, say: impl Fn(&mut Transport)) -> Self {
        self.0.iter_mut().for_each(|stride| say(&mut stride.said));
        self
    }

    /// The exact sample of `tick`, not rounded.
    fn sample_of(&self, tick: Ticks) -> f64 {
        let wanted = tick.beats().get();
        let after = self.0.partition_point(|stride| stride.beats <= wanted);
        let stride = &self.0[after.max(1) - 1];
        let (mut low, mut high) = (0.0, f64::from(stride.frames));
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if stride.beats_at(middle) < wanted {
                low = middle
            } else {
                high = middle
            }
        }
        stride.first as f64 + high
    }

    /// The nearest tick to `sample`, and how far off its rounded place that is.
    fn on_grid(&self, sample: u64) -> (Ticks, f64) {
        let after = self.0.partition_point(|stride| stride.first <= sample);
        let stride = &self.0[after.max(1) - 1];
        let beats = stride.beats_at((sample - stride.first) as f64);
        let tick = Beats::new(beats).nearest_tick();
        let off = (sample as f64 - self.sample_of(tick)).abs();
        // Exactly between two samples either one is the rounded place.
        (tick, if off <= 0.5 + 1e-3 { 0.0 } else { off })
    }

    /// What is done in the block: the phrase's notes at their nearest samples.
    fn touches(&self, stride: &SongBlock, phrase: &[Note]) -> Vec<(u32, Touch)> {
        let within = |tick: Ticks| {
            let sample = self.sample_of(tick).round() as u64;
            let inside = sample >= stride.first && sample < stride.first + u64::from(stride.frames);
            inside.then(|| (sample - stride.first) as u32)
        };
        let mut touches = Vec::new();
        for note in phrase {
            let (channel, key) = (0, note.pitch.get().into());
            let velocity = note.velocity.map_or(0.8, |velocity| velocity.unit().into());
            let on = Touch::On {
                channel,
                key,
                velocity,
            };
            touches.extend(within(note.end()).map(|at| (at, Touch::Off { channel, key })));
            touches.extend(within(note.onset).map(|at| (at, on)));
        }
        touches.sort_by_key(|(sample, _)| *sample);
        touches
    }

    /// The song's blocks for the device, and one more in which the transport stands.
    pub fn blocks(&self, phrase: &[Note]) -> Vec<(u64, Block)> {
        let block = |stride: &SongBlock| {
            let block = Block {
                frames: stride.frames,
                transport: Some(stride.said),
                touches: self.touches(stride, phrase),
                room: None,
            };
            (stride.first, block)
        };
        let mut blocks: Vec<_> = self.0.iter().map(block).collect();
        let last = self.0.last().expect("a song has blocks");
        let stop = Block {
            frames: last.frames,
            ..Block::default()
        };
        blocks.push((last.first + u64::from(last.frames), stop));
        blocks
    }

    /// Plays `phrase` to the device, which is inactive, and gives its answer.
    pub fn play(&self, device: &mut dyn Device, phrase: &[Note]) -> Vec<PlayedNote> {
        self.play_in_blocks_of(1, device, phrase)
    }

    /// The same with so many of the song's blocks in one of the host's, which tells of the later
    /// ones' transport by events.
    pub fn play_in_blocks_of(
        &self,
        together: usize,
        device: &mut dyn Device,
        phrase: &[Note],
    ) -> Vec<PlayedNote> {
        let blocks = self.blocks(phrase);
        let joined: Vec<_> = blocks.chunks(together).map(join).collect();
        let max = joined.iter().map(|(_, block)| block.frames).max();
        device.activate(RATE, max.unwrap_or(1), true).unwrap();
        let mut events = Vec::new();
        for (first, block) in joined {
            events.extend(device.process(first, &block).unwrap().events);
        }
        device.deactivate().unwrap();
        self.notes(&events)
    }

    /// The notes of these events.
    pub fn notes(&self, events: &[Event]) -> Vec<PlayedNote> {
        let mut ledger = Ledger::default();
        let mut notes = Vec::new();
        for event in events {
            if let Some(on) = ledger.enter(event).unwrap() {
                let ((onset, early), (end, late)) =
                    (self.on_grid(on.sample), self.on_grid(event.sample));
                let note = Note {
                    onset,
                    duration: end - onset,
                    pitch: on.pitch,
                    velocity: on
                        .velocity
                        .map(harmonai_core::music::note::Velocity::from_unit),
                };
                let error = early.max(late);
                notes.push(PlayedNote { note, error });
            }
        }
        ledger.closed().unwrap();
        notes.sort_by_key(|played| (played.note.onset, played.note.pitch));
        notes
    }
}

/// Blocks that follow each other as one.
fn join(blocks: &[(u64, Block)]) -> (u64, Block) {
    let (first, mut whole) = blocks.first().cloned().expect("a chunk has blocks");
    for (_, block) in &blocks[1..] {
        let at = whole.frames;
        let transport = Touch::Transport(block.transport.unwrap_or_default());
        whole.touches.push((at, transport));
        let moved = |(sample, touch): &(u32, Touch)| (at + sample, *touch);
        whole.touches.extend(block.touches.iter().map(moved));
        whole.frames += block.frames;
    }
    (first, whole)
}

/// A project on a small network in which two bars of call get `beats` beats of answer out of `seed`.
pub fn call_project(beats: u32, seed: u32) -> String {
    let model = model_file(Cell::Lstm, 5);
    let mut project: Value = serde_json::from_str(&project(Some(&model))).expect("JSON");
    project["params"] = json!({
        "mode": { "string": "call_response" },
        "listen": { "i32": 2 },
        "length": { "i32": beats },
        "seed": { "i32": seed },
        "thru": { "string": "off" },
    });
    project.to_string()
}

/// How long a song is with a call of two bars and an answer of 8 beats.
pub fn end() -> Ticks {
    at(3 * super::BAR + 8 * super::BEAT)
}
