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
    let timeline = Timeline::new(script);
    let mut refused = 0;
    if let Some(state) = &script.state {
        refused += usize::from(!instance.load(state));
    }
    for (name, value) in &script.settings {
        instance.set(name, value)?;
    }
    instance.activate().context("activating")?;

    let (mut events, mut calls, mut audio, mut faults) = (vec![], vec![], vec![], vec![]);
    let started = Instant::now();
    for block in Cutter::new(&timeline, script.blocks) {
        if script.pace == Pace::Live {
            let due = Duration::from_secs_f64(block.first as f64 / script.sample_rate);
            std::thread::sleep(due.saturating_sub(started.elapsed()));
        }
        for state in &block.loads {
            refused += usize::from(!instance.load(state));
        }
        let output = instance
            .process(&block, &timeline)
            .with_context(|| format!("processing samples {:?}", block.samples()))?;
        calls.push(Call {
            first: block.first,
            frames: block.frames,
            time: output.time,
        });
        faults.extend(output.faults);
        faults.extend(misplaced(&block, &output.events));
        events.extend(output.events);
        if script.keep_audio {
            audio.extend(output.audio);
        }
    }
    instance.deactivate().context("deactivating")?;
    let readings = instance.readings();
    let state = instance.save().context("saving the state")?;
    Ok(Recording {
        timeline,
        events,
        calls,
        audio,
        readings,
        state,
        refused,
        faults,
    })
}

/// Events outside their block, or earlier than the one before.
fn misplaced(block: &Block<'_>, events: &[Event]) -> Vec<String> {
    let samples = block.samples();
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
