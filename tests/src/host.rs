//! What a host does in every format: open the plug-in, set it up, play the script, close it.
//!
//! [`crate::ClapHost`] and [`crate::Vst3Host`] supply the format; the tests and `xtask` call
//! [`Host::play`]. Everything runs on the calling thread.

use crate::blocks::{Block, Cutter};
use crate::recording::{Call, Event, Recording};
use crate::script::{Pace, Script};
use crate::timeline::Timeline;
use anyhow::Context;
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::{Duration, Instant};

/// Which of the bundle's plug-ins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Class {
    /// "HarmonAI": an instrument with a stereo output.
    #[default]
    Instrument,
    /// "HarmonAI Notes": a note effect without audio.
    Notes,
}

impl Class {
    /// Its id in the CLAP.
    pub fn clap_id(self) -> &'static str {
        match self {
            Self::Instrument => "org.harmonai.harmonai",
            Self::Notes => "org.harmonai.harmonai-notes",
        }
    }

    /// Its class id in the VST3.
    pub fn vst3_id(self) -> [u8; 16] {
        match self {
            Self::Instrument => *b"HarmonAIInstrum1",
            Self::Notes => *b"HarmonAINoteFx01",
        }
    }
}

/// What one call to the plug-in gave.
#[derive(Default)]
pub struct Output {
    /// Note events with samples counted from the session's start.
    pub events: Vec<Event>,
    /// Left and right; empty where the plug-in has no audio output.
    pub audio: Vec<[f32; 2]>,
    /// Events that a host could make nothing of.
    pub faults: Vec<String>,
    /// How long the plug-in's process function took.
    pub time: Duration,
}

/// A plug-in that is open in a host.
pub trait Instance {
    /// Hands it a saved state; whether it took it.
    fn load(&mut self, state: &[u8]) -> bool;
    /// Its state.
    fn save(&mut self) -> anyhow::Result<Vec<u8>>;
    /// Turns a knob to the value it shows as `value`, before processing starts.
    fn set(&mut self, name: &str, value: &str) -> anyhow::Result<()>;
    /// Each knob's name and what it shows.
    fn readings(&mut self) -> BTreeMap<String, String>;
    /// Gets it ready to process.
    fn activate(&mut self) -> anyhow::Result<()>;
    /// One block.
    fn process(&mut self, block: &Block<'_>, timeline: &Timeline) -> anyhow::Result<Output>;
    /// Undoes [`Self::activate`].
    fn deactivate(&mut self) -> anyhow::Result<()>;
}

/// A host for one format.
pub trait Host {
    /// The format's name.
    fn format(&self) -> &'static str;

    /// Opens the plug-in for `script`.
    fn open(&self, script: &Script) -> anyhow::Result<Box<dyn Instance>>;

    /// The state a project would hold whose plug-in stored this JSON text.
    fn state_from_json(&self, json: &str) -> Vec<u8>;

    /// The JSON text in a state that the plug-in saved.
    fn json_from_state(&self, state: &[u8]) -> anyhow::Result<String>;

    /// Plays the script from beginning to end on a new instance of the plug-in.
    fn play(&self, script: &Script) -> anyhow::Result<Recording> {
        let play = || {
            self.open(script)
                .and_then(|mut instance| run(instance.as_mut(), script))
        };
        play().with_context(|| format!("in the {} host", self.format()))
    }
}

fn run(instance: &mut dyn Instance, script: &Script) -> anyhow::Result<Recording> {
    let (timeline, refused) = prepare(instance, script)?;
    let mut tape = Tape::new(script);
    tape.refused = refused;
    for block in Cutter::new(&timeline, script.blocks) {
        tape.wait_for(&block);
        for state in &block.loads {
            tape.refused += usize::from(!instance.load(state));
        }
        let output = instance
            .process(&block, &timeline)
            .with_context(|| format!("processing samples {:?}", block.samples()))?;
        tape.keep(&block, output);
    }
    tape.finish(instance, timeline)
}

/// Everything up to the first block; also says how many states were refused.
pub(crate) fn prepare(
    instance: &mut dyn Instance,
    script: &Script,
) -> anyhow::Result<(Timeline, usize)> {
    let refused = script
        .state
        .as_ref()
        .is_some_and(|state| !instance.load(state));
    for (name, value) in &script.settings {
        instance.set(name, value)?;
    }
    instance.activate().context("activating")?;
    Ok((Timeline::new(script), refused.into()))
}

/// A recording in the making.
pub(crate) struct Tape {
    started: Instant,
    pace: Pace,
    sample_rate: f64,
    keep_audio: bool,
    events: Vec<Event>,
    calls: Vec<Call>,
    audio: Vec<[f32; 2]>,
    faults: Vec<String>,
    pub(crate) refused: usize,
}

impl Tape {
    /// The session's clock starts now.
    pub(crate) fn new(script: &Script) -> Self {
        Self {
            started: Instant::now(),
            pace: script.pace,
            sample_rate: script.sample_rate,
            keep_audio: script.keep_audio,
            events: Vec::new(),
            calls: Vec::new(),
            audio: Vec::new(),
            faults: Vec::new(),
            refused: 0,
        }
    }

    /// In real time, sleeps until the block is due.
    pub(crate) fn wait_for(&self, block: &Block<'_>) {
        if self.pace == Pace::Live {
            let due = Duration::from_secs_f64(block.first as f64 / self.sample_rate);
            std::thread::sleep(due.saturating_sub(self.started.elapsed()));
        }
    }

    /// What a block gave.
    pub(crate) fn keep(&mut self, block: &Block<'_>, output: Output) {
        self.calls.push(Call {
            first: block.first,
            frames: block.frames,
            time: output.time,
        });
        self.faults.extend(output.faults);
        self.faults
            .extend(misplaced(block.samples(), &output.events));
        self.events.extend(output.events);
        if self.keep_audio {
            self.audio.extend(output.audio);
        }
    }

    /// Ends the session.
    pub(crate) fn finish(
        self,
        instance: &mut dyn Instance,
        timeline: Timeline,
    ) -> anyhow::Result<Recording> {
        instance.deactivate().context("deactivating")?;
        Ok(Recording {
            timeline,
            events: self.events,
            calls: self.calls,
            audio: self.audio,
            readings: instance.readings(),
            state: instance.save().context("saving the state")?,
            refused: self.refused,
            faults: self.faults,
        })
    }
}

/// Events outside their block's `samples`, or earlier than the one before.
pub(crate) fn misplaced(samples: Range<u64>, events: &[Event]) -> Vec<String> {
    let outside = events
        .iter()
        .filter(|event| !samples.contains(&event.sample));
    let mut faults: Vec<_> = outside
        .map(|event| format!("outside the block {samples:?}: {event:?}"))
        .collect();
    let unsorted = events
        .windows(2)
        .filter(|pair| pair[1].sample < pair[0].sample);
    faults.extend(unsorted.map(|pair| format!("not in order: {pair:?}")));
    faults
}
