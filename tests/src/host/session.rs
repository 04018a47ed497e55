//! A session in a host: the script played from beginning to end to one plug-in or to several, on the
//! calling thread.
//!
//! Behind [`Host::play`]; `cargo xtask bench` calls [`play_together`].

use crate::blocks::{Block, Cutter};
use crate::host::{Host, Instance, Output};
use crate::recording::{Call, Event, Recording};
use crate::script::{Pace, Script};
use crate::timeline::Timeline;
use anyhow::Context;
use std::ops::Range;
use std::time::{Duration, Instant};

/// Plays one session to several plug-ins, each with the knobs and the state of its own script; in
/// all else the scripts are to be the same. Every block goes to all of them, first to another one
/// each time.
pub fn play_together(plugins: &[(&dyn Host, &Script)]) -> anyhow::Result<Vec<Recording>> {
    let (_, script) = plugins.first().context("no plug-in to play")?;
    let timeline = Timeline::new(script);
    let take = |(host, script): &(&dyn Host, &Script)| OpenPlugin::take(host.open(script)?, script);
    let mut plugins = plugins
        .iter()
        .map(take)
        .collect::<anyhow::Result<Vec<_>>>()?;
    run(&mut plugins, script, &timeline)?;
    let leave = |plugin: OpenPlugin| plugin.leave(&timeline);
    plugins.into_iter().map(leave).collect()
}

/// Plays the script to one plug-in.
pub(crate) fn play(instance: Box<dyn Instance>, script: &Script) -> anyhow::Result<Recording> {
    let timeline = Timeline::new(script);
    let mut plugin = OpenPlugin::take(instance, script)?;
    run(std::slice::from_mut(&mut plugin), script, &timeline)?;
    plugin.leave(&timeline)
}

/// A plug-in in a session, ready to play.
struct OpenPlugin {
    instance: Box<dyn Instance>,
    recorder: Recorder,
}

impl OpenPlugin {
    fn take(mut instance: Box<dyn Instance>, script: &Script) -> anyhow::Result<Self> {
        let mut recorder = Recorder::new(script);
        recorder.refused = prepare(instance.as_mut(), script)?;
        Ok(Self { instance, recorder })
    }

    fn process(&mut self, block: &Block<'_>, timeline: &Timeline) -> anyhow::Result<()> {
        for state in &block.loads {
            self.recorder.refused += usize::from(!self.instance.load(state));
        }
        let output = self
            .instance
            .process(block, timeline)
            .with_context(|| format!("processing samples {:?}", block.samples()))?;
        self.recorder.keep(block, output);
        Ok(())
    }

    fn leave(mut self, timeline: &Timeline) -> anyhow::Result<Recording> {
        self.recorder.finish(self.instance.as_mut(), timeline)
    }
}

fn run(plugins: &mut [OpenPlugin], script: &Script, timeline: &Timeline) -> anyhow::Result<()> {
    let mut clock = Clock::new(script);
    for (turn, block) in Cutter::new(timeline, script.blocks).enumerate() {
        clock.wait_for(&block);
        let (later, first) = plugins.split_at_mut(turn % plugins.len());
        for plugin in first.iter_mut().chain(later) {
            plugin.process(&block, timeline)?;
        }
    }
    Ok(())
}

/// Everything up to the first block; says how many states were refused.
pub(crate) fn prepare(instance: &mut dyn Instance, script: &Script) -> anyhow::Result<usize> {
    let refused = script
        .state
        .as_ref()
        .is_some_and(|state| !instance.load(state));
    for (name, value) in &script.settings {
        instance.set(name, value)?;
    }
    instance.activate().context("activating")?;
    Ok(refused.into())
}

/// When the blocks are due.
pub(crate) struct Clock {
    started: Instant,
    pace: Pace,
    sample_rate: f64,
}

/// Later than this the sound has broken off: a host carries on from there and does not catch up.
const HITCH: Duration = Duration::from_millis(20);

impl Clock {
    pub(crate) fn new(script: &Script) -> Self {
        Self {
            started: Instant::now(),
            pace: script.pace,
            sample_rate: script.sample_rate,
        }
    }

    /// In real time, waits until the block is due; a slow host until it would be over.
    pub(crate) fn wait_for(&mut self, block: &Block<'_>) {
        let due = match self.pace {
            Pace::Offline | Pace::Rushed => return,
            Pace::Live | Pace::Busy => block.first,
            Pace::Slow => block.samples().end,
        };
        let due = self.started + Duration::from_secs_f64(due as f64 / self.sample_rate);
        let late = due.elapsed();
        if late > HITCH {
            self.started += late;
        }
        if self.pace != Pace::Busy {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        while Instant::now() < due {
            std::hint::spin_loop();
        }
    }
}

/// A recording in the making.
pub(crate) struct Recorder {
    keep_audio: bool,
    events: Vec<Event>,
    calls: Vec<Call>,
    audio: Vec<[f32; 2]>,
    faults: Vec<String>,
    pub(crate) refused: usize,
}

impl Recorder {
    pub(crate) fn new(script: &Script) -> Self {
        Self {
            keep_audio: script.keep_audio,
            events: Vec::new(),
            calls: Vec::new(),
            audio: Vec::new(),
            faults: Vec::new(),
            refused: 0,
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
        timeline: &Timeline,
    ) -> anyhow::Result<Recording> {
        instance.deactivate().context("deactivating")?;
        Ok(Recording {
            timeline: timeline.clone(),
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
pub fn misplaced(samples: Range<u64>, events: &[Event]) -> Vec<String> {
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
