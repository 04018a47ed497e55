//! Plays a session on a new instance of the plug-in, and judges all that comes out.

use super::{Ending, Session, StateSource, Step};
use crate::device::{Block, Device, Param, PluginLibrary, Touch, Transport};
use crate::host::session::misplaced;
use crate::recording::{Event, ledger::Ledger};
use crate::tiny_model::{self, project};
use anyhow::{Context, bail, ensure};
use harmonai_core::model::config::Cell;
use serde::{Deserialize, Serialize};
use std::ops::AddAssign;
use std::path::{Path, PathBuf};

/// Length of the blocks after a session's last step, in samples.
const LAST: u32 = 256;

/// Where sessions are played: a format's plug-in, and models to load.
pub struct SessionPlayer {
    library: Box<dyn PluginLibrary>,
    models: Vec<PathBuf>,
}

/// What was played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    pub sessions: u64,
    /// Calls of the process function.
    pub blocks: u64,
    /// Seconds of music in them.
    pub seconds: f64,
    /// Events to the plug-in.
    pub told: u64,
    /// Notes that it played.
    pub notes: u64,
    /// How many of them were surely its own: nobody struck that key in that block.
    pub own: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.blocks += other.blocks;
        self.seconds += other.seconds;
        self.told += other.told;
        self.notes += other.notes;
        self.own += other.own;
    }
}

impl SessionPlayer {
    /// A player for the plug-in in `library`, with models in `folder`: small ones, which come first,
    /// half of one, and one that is not there.
    pub fn new(library: Box<dyn PluginLibrary>, folder: &Path) -> anyhow::Result<Self> {
        let small = |cell: &Cell| tiny_model::file_in(folder, *cell, 5);
        let mut models: Vec<_> = Cell::ALL.iter().map(small).collect::<Result<_, _>>()?;
        let whole = std::fs::read(&models[0])?;
        let half = folder.join("half.safetensors");
        std::fs::write(&half, &whole[..whole.len() / 2])?;
        models.extend([half, folder.join("not-there.safetensors")]);
        Ok(Self { library, models })
    }

    pub fn format(&self) -> &'static str {
        self.library.format()
    }

    /// Plays the session from beginning to end; an error is a fault of the plug-in.
    pub fn play(&self, session: &Session) -> anyhow::Result<Tally> {
        Ok(self.record(session)?.0)
    }

    /// The same with all that came out.
    pub fn record(&self, session: &Session) -> anyhow::Result<(Tally, Vec<Event>)> {
        let mut running = RunningSession {
            device: self.library.open(session.class)?,
            player: self,
            agreed: None,
            first: 0,
            saved: Vec::new(),
            ledger: Ledger::default(),
            events: Vec::new(),
            tally: Tally {
                sessions: 1,
                ..Tally::default()
            },
        };
        for (number, step) in session.steps.iter().enumerate() {
            let kind = || format!("in step {number} of {}", session.steps.len());
            running.act(step).with_context(kind)?;
        }
        running
            .end(session.ending)
            .with_context(|| format!("at the end, {:?}", session.ending))?;
        Ok((running.tally, running.events))
    }

    fn state(&self, state: &StateSource, saved: &[u8]) -> Vec<u8> {
        match state {
            StateSource::Saved => saved.to_vec(),
            StateSource::Cut(length) => saved[..saved.len().min(*length)].to_vec(),
            StateSource::Bytes(bytes) => bytes.clone(),
            StateSource::Model(number) => {
                let path = &self.models[number % self.models.len()];
                self.library.state_from_json(&project(Some(path)))
            }
            StateSource::Bundled => self.library.state_from_json(&project(None)),
        }
    }
}

/// Is the player one who may have struck this note?
fn struck(block: &Block, note: &Event) -> bool {
    let pitch = note.pitch.get();
    block.touches.iter().any(|(_, touch)| match *touch {
        Touch::On { key, .. } => key == i16::from(pitch),
        Touch::Midi([_, key, _]) => key == pitch,
        _ => false,
    })
}

/// A session under way.
struct RunningSession<'a> {
    device: Box<dyn Device>,
    player: &'a SessionPlayer,
    /// Sample rate and largest block, while it processes.
    agreed: Option<(f64, u32)>,
    /// The next block's first sample.
    first: u64,
    saved: Vec<u8>,
    ledger: Ledger,
    events: Vec<Event>,
    tally: Tally,
}

impl RunningSession<'_> {
    fn act(&mut self, step: &Step) -> anyhow::Result<()> {
        match step {
            Step::Activate {
                sample_rate,
                max,
                offline,
            } => {
                self.deactivate()?;
                self.device.activate(*sample_rate, *max, *offline)?;
                self.agreed = Some((*sample_rate, *max));
            }
            Step::Deactivate => self.deactivate()?,
            Step::Restart if self.agreed.is_some() => self.device.restart()?,
            Step::Reset if self.agreed.is_some() => self.device.reset()?,
            Step::Restart | Step::Reset => {}
            Step::Save => self.saved = self.device.save()?,
            Step::Load(state) => {
                // Garbage is refused, or taken as far as it goes: either is fine.
                self.device.load(&self.player.state(state, &self.saved));
            }
            Step::Block(block) => self.process(block)?,
        }
        Ok(())
    }

    fn deactivate(&mut self) -> anyhow::Result<()> {
        if self.agreed.take().is_some() {
            self.device.deactivate()?;
        }
        Ok(())
    }

    fn process(&mut self, block: &Block) -> anyhow::Result<()> {
        let fits = |(_, max): &(f64, u32)| block.frames <= *max;
        let Some((sample_rate, _)) = self.agreed.filter(fits) else {
            return Ok(());
        };
        let output = self.device.process(self.first, block)?;
        if let Some(fault) = output.faults.first() {
            bail!("{fault}");
        }
        let samples = self.first..self.first + u64::from(block.frames.max(1));
        if let Some(fault) = misplaced(samples, &output.events).first() {
            bail!("{fault}");
        }
        for event in &output.events {
            self.ledger.enter(event)?;
            self.tally.notes += u64::from(event.velocity.is_some());
            self.tally.own += u64::from(event.velocity.is_some() && !struck(block, event));
        }
        self.events.extend(output.events);
        let odd = |sample: &&f32| !sample.is_finite() || sample.is_subnormal();
        let odd = output.audio.iter().flatten().find(odd);
        ensure!(odd.is_none(), "a sample of sound is {odd:?}");
        self.first += u64::from(block.frames);
        self.tally.blocks += 1;
        self.tally.seconds += f64::from(block.frames) / sample_rate;
        self.tally.told += block.touches.len() as u64;
        Ok(())
    }

    /// Ends the session as `ending` says and sees that nothing sounds any more.
    fn end(&mut self, ending: Ending) -> anyhow::Result<()> {
        if self.agreed.is_none() {
            self.activate()?;
        }
        match ending {
            Ending::Stop => self.last_block(false, &self.defaults())?,
            Ending::Bypass => self.last_block(true, &[Touch::Bypass(true)])?,
            Ending::Reset => {
                self.device.reset()?;
                self.last_block(false, &self.defaults())?;
                self.ledger.closed()?;
            }
            Ending::Reactivate => {}
        }
        if matches!(ending, Ending::Stop | Ending::Bypass) {
            // What may sound now is what the player holds, and is passed through.
            let release = |on: &Event| Touch::Off {
                channel: on.channel.into(),
                key: on.pitch.get().into(),
            };
            let held: Vec<_> = self.ledger.open().map(release).collect();
            self.last_block(ending == Ending::Bypass, &held)?;
            self.ledger.closed()?;
        }
        self.activate()?;
        self.last_block(false, &self.defaults())?;
        self.ledger.closed()?;
        self.deactivate()
    }

    fn activate(&mut self) -> anyhow::Result<()> {
        self.act(&Step::Activate {
            sample_rate: 48_000.0,
            max: LAST,
            offline: true,
        })
    }

    /// Everything as it comes.
    fn defaults(&self) -> Vec<Touch> {
        let params = self.device.params().iter().enumerate();
        let turn = |(param, it): (usize, &Param)| {
            let (position, by) = (it.default, 0.0);
            [
                Touch::Modulate { param, by },
                Touch::Turn { param, position },
            ]
        };
        params.flat_map(turn).collect()
    }

    fn last_block(&mut self, playing: bool, touches: &[Touch]) -> anyhow::Result<()> {
        let most = self.agreed.map_or(LAST, |(_, max)| max.min(LAST));
        self.process(&Block {
            frames: most,
            transport: Some(Transport {
                playing,
                tempo: Some(120.0),
                beats: Some(0.0),
                samples: Some(0),
                metre: Some((4, 4)),
            }),
            touches: touches.iter().map(|touch| (0, *touch)).collect(),
            room: None,
        })
    }
}
