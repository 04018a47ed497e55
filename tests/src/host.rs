//! What a host does in every format: open the plug-in, set it up, hand it blocks, close it.
//!
//! [`crate::ClapHost`] and [`crate::Vst3Host`] supply the format; the tests and `xtask` call
//! [`Host::play`]. Everything runs on the calling thread.

pub mod session;

use crate::blocks::Block;
use crate::recording::{Event, Recording};
use crate::script::Script;
use crate::timeline::Timeline;
use anyhow::Context;
use std::collections::BTreeMap;
use std::time::Duration;

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
    fn save(&mut self) -> anyhow::Result<Vec<u8>>;
    /// Turns a knob to the value it shows as `value`, before processing starts.
    fn set(&mut self, name: &str, value: &str) -> anyhow::Result<()>;
    /// Each knob's name and what it shows.
    fn readings(&mut self) -> BTreeMap<String, String>;
    /// Gets it ready to process.
    fn activate(&mut self) -> anyhow::Result<()>;
    fn process(&mut self, block: &Block<'_>, timeline: &Timeline) -> anyhow::Result<Output>;
    /// Undoes [`Self::activate`].
    fn deactivate(&mut self) -> anyhow::Result<()>;
}

pub trait Host {
    fn format(&self) -> &'static str;

    fn open(&self, script: &Script) -> anyhow::Result<Box<dyn Instance>>;

    /// The state a project would hold whose plug-in stored this JSON text.
    fn state_from_json(&self, json: &str) -> Vec<u8>;

    /// The JSON text in a state that the plug-in saved.
    fn json_from_state(&self, state: &[u8]) -> anyhow::Result<String>;

    /// Plays the script from beginning to end on a new instance of the plug-in.
    fn play(&self, script: &Script) -> anyhow::Result<Recording> {
        let play = || session::play(self.open(script)?, script);
        play().with_context(|| format!("in the {} host", self.format()))
    }
}
