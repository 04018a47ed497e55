//! Bytes in place of a host and of the worker's answers: the engine, block by block.
//!
//! Time jumps, stands still and is no number, events come in any order and beyond their block, the
//! host refuses notes, the worker is late or silent.

use std::time::Duration;

use arbitrary::{Result, Unstructured};
use harmonai::audio::clock::HostTime;
use harmonai::audio::keys::{KeySet, MidiKey};
use harmonai::audio::port::{Gesture, Played, Port};
use harmonai::audio::{Controls, Engine, ProcessCall, Thru};
use harmonai::link::commands::{Command, CommandSender, commands};
use harmonai::link::queues::{WorkerEnd, queue_pair};
use harmonai::link::view::engine_view;
use harmonai::params::HarmonAiParams;
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::{Beats, Metre, Ticks};
use harmonai_core::play::duet::{Mode, Repeat, Reply, Request, Rules};
use harmonai_core::play::listen::Voices;

/// Blocks in a session, at most.
const BLOCKS: usize = 64;

/// Whatever the host does: events go out in order and inside their block, every key that goes down
/// comes up again, and none goes down twice.
pub fn check(bytes: &[u8]) {
    // Where the bytes end, the session ends.
    let _ = session(&mut Unstructured::new(bytes));
}

fn session(bytes: &mut Unstructured<'_>) -> Result<()> {
    let (writer, view) = engine_view();
    let (audio, worker) = queue_pair();
    let (commands, receiver) = commands();
    let mut engine = Engine::new(audio, writer, receiver);
    let mut worker = Worker { end: worker };
    let params = HarmonAiParams::default();
    let mut host = Host {
        controls: params.controls(),
        rules: params.rules(Metre::COMMON),
        commands,
        down: KeySet::default(),
        rate: 48_000.0,
        samples: 0.0,
        tempo: 120.0,
    };
    let played = (0..BLOCKS).try_for_each(|_| {
        if bytes.is_empty() {
            return Ok(());
        }
        host.block(&mut engine, bytes)?;
        if bytes.ratio(7, 8)? {
            worker.answer(bytes)?;
        }
        if bytes.ratio(1, 64)? {
            engine.reset();
        }
        Ok(())
    });
    let mut shown = Vec::new();
    view.notes(&mut shown);
    // A host that stands still takes everything: what sounded is closed.
    host.controls.bypass = true;
    host.controls.thru = Thru::Off;
    let mut port = Paper::new(&mut host.down, 64, &[], usize::MAX);
    engine.reset();
    let call = ProcessCall {
        time: HostTime::default(),
        frames: 64,
        sample_rate: host.rate,
        controls: host.controls,
        rules: &|metre| Rules {
            metre,
            ..host.rules
        },
        patience: &mut || Duration::ZERO,
    };
    engine.process(call, &mut port);
    assert_eq!(host.down, KeySet::default(), "keys are still down");
    played
}

struct Host {
    controls: Controls,
    rules: Rules,
    commands: CommandSender,
    /// Keys that went down and did not come up.
    down: KeySet,
    rate: f64,
    samples: f64,
    tempo: f64,
}

impl Host {
    fn block(&mut self, engine: &mut Engine, bytes: &mut Unstructured<'_>) -> Result<()> {
        if bytes.ratio(1, 8)? {
            self.turn(bytes)?;
        }
        let playing = bytes.ratio(15, 16)?;
        let frames = u32::from(bytes.arbitrary::<u16>()?) % 8193;
        self.samples = jumped(self.samples, bytes)?;
        self.tempo = jumped(self.tempo, bytes)?;
        let beats = self.samples / self.rate * self.tempo / 60.0;
        let time = HostTime {
            playing,
            free_run: self.controls.free_run,
            tempo: bytes.ratio(7, 8)?.then_some(self.tempo),
            beats: match bytes.ratio(7, 8)? {
                true => Some(jumped(beats, bytes)?),
                false => None,
            },
            samples: bytes.ratio(7, 8)?.then_some(self.samples),
            signature: bytes.ratio(1, 8)?.then(|| bytes.arbitrary()).transpose()?,
            bar_start: match bytes.ratio(1, 8)? {
                true => Some(f64::from(bytes.arbitrary::<i32>()?) / 24.0),
                false => None,
            },
        };
        let count = if bytes.ratio(1, 32)? { 500 } else { 4 };
        let events: Vec<Played> = (0..bytes.int_in_range(0..=count)?)
            .map(|_| gesture(bytes))
            .collect::<Result<_>>()?;
        let room = if bytes.ratio(1, 16)? { 1 } else { usize::MAX };
        let mut port = Paper::new(&mut self.down, frames, &events, room);
        let call = ProcessCall {
            time,
            frames,
            sample_rate: self.rate,
            controls: self.controls,
            rules: &|metre| Rules {
                metre,
                ..self.rules
            },
            patience: &mut || Duration::ZERO,
        };
        engine.process(call, &mut port);
        if playing {
            self.samples += f64::from(frames);
        }
        Ok(())
    }

    fn turn(&mut self, bytes: &mut Unstructured<'_>) -> Result<()> {
        self.press(bytes)?;
        let rules = &mut self.rules;
        rules.mode = *bytes.choose(&[
            Mode::CallResponse,
            Mode::AfterSilence,
            Mode::Manual,
            Mode::Jam,
        ])?;
        rules.repeat = *bytes.choose(&[Repeat::Same, Repeat::New])?;
        rules.slot = bytes.int_in_range(0..=4)?;
        rules.listen_bars = bytes.int_in_range(1..=16)?;
        rules.silence = Ticks::new(bytes.int_in_range(6..=192)?);
        let length = Ticks::new(bytes.int_in_range(1..=64)? * Ticks::BEAT.get());
        rules.length = bytes.ratio(7, 8)?.then_some(length);
        rules.freeze = bytes.ratio(1, 4)?;
        rules.voices = *bytes.choose(&[Voices::Top, Voices::All])?;
        let controls = &mut self.controls;
        controls.thru = *bytes.choose(&[Thru::Off, Thru::Listening, Thru::Always])?;
        controls.trigger = bytes.ratio(1, 8)?.then_some(Pitch::MIDDLE_C);
        controls.channel = bytes.ratio(1, 4)?.then_some(bytes.arbitrary()?);
        controls.free_run = bytes.ratio(1, 8)?;
        controls.bypass = bytes.ratio(1, 16)?;
        self.rate = *bytes.choose(&[48_000.0, 44_100.0, 192_000.0, 8000.0, 1.0])?;
        Ok(())
    }

    fn press(&mut self, bytes: &mut Unstructured<'_>) -> Result<()> {
        let recall = Command::Recall {
            id: bytes.arbitrary()?,
            length: Ticks::new(bytes.int_in_range(1..=1 << 24)?),
        };
        for (command, one_in) in [
            (Command::Generate, 4),
            (Command::Clear, 8),
            (Command::Panic, 8),
            (Command::Load, 8),
            (recall, 8),
        ] {
            if bytes.ratio(1, one_in)? {
                self.commands.send(command);
            }
        }
        Ok(())
    }
}

/// The value, as a rule; sometimes a little beside it, sometimes any.
fn jumped(value: f64, bytes: &mut Unstructured<'_>) -> Result<f64> {
    Ok(match bytes.int_in_range(0..=31)? {
        0 => bytes.arbitrary()?,
        1 => value + f64::from(bytes.arbitrary::<i16>()?),
        2 => -value,
        3 => f64::from(bytes.arbitrary::<u8>()?),
        _ => value,
    })
}

fn gesture(bytes: &mut Unstructured<'_>) -> Result<Played> {
    let (channel, pitch) = (bytes.arbitrary()?, Pitch::new(bytes.arbitrary()?));
    let key = MidiKey::new(channel, pitch.unwrap_or(Pitch::MIDDLE_C));
    let gesture = if bytes.arbitrary()? {
        Gesture::Press(key, bytes.int_in_range(0u8..=100)? as f32 / 100.0)
    } else {
        Gesture::Release {
            channel: bytes.ratio(3, 4)?.then_some(channel),
            pitch,
        }
    };
    Ok(Played {
        sample: bytes.arbitrary::<u16>()?.into(),
        gesture,
    })
}

/// A block's port. Judges what goes out.
struct Paper<'a> {
    down: &'a mut KeySet,
    frames: u32,
    events: std::slice::Iter<'a, Played>,
    last: u32,
    room: usize,
}

impl<'a> Paper<'a> {
    fn new(down: &'a mut KeySet, frames: u32, events: &'a [Played], room: usize) -> Self {
        Self {
            down,
            frames,
            events: events.iter(),
            last: 0,
            room,
        }
    }

    fn take(&mut self, sample: u32, key: MidiKey, on: bool) -> bool {
        assert!(sample < self.frames.max(1), "{sample} of {}", self.frames);
        assert!(sample >= self.last, "{sample} after {}", self.last);
        self.last = sample;
        if self.room == 0 {
            return false;
        }
        self.room -= 1;
        assert_ne!(self.down.contains(key), on, "{key:?} on: {on}");
        if on {
            self.down.insert(key);
        } else {
            self.down.remove(key);
        }
        true
    }
}

impl Port for Paper<'_> {
    fn next(&mut self) -> Option<Played> {
        self.events.next().copied()
    }

    fn note_on(&mut self, sample: u32, key: MidiKey, velocity: f32) -> bool {
        assert!((0.0..=1.0).contains(&velocity), "velocity {velocity}");
        self.take(sample, key, true)
    }

    fn note_off(&mut self, sample: u32, key: MidiKey) -> bool {
        self.take(sample, key, false)
    }
}

/// A worker that keeps to the contract: notes inside the span that is asked for.
struct Worker {
    end: WorkerEnd,
}

impl Worker {
    fn answer(&mut self, bytes: &mut Unstructured<'_>) -> Result<()> {
        while let Some(request) = self.end.requests.pop() {
            let Request::Plan {
                id,
                epoch,
                from,
                until,
                ..
            } = request
            else {
                continue;
            };
            assert!(from <= until, "{from:?} to {until:?}");
            assert!(Beats::new(from.beats().get()).get().is_finite());
            for onset in (from.get()..until.get()).take(3) {
                let note = Note {
                    onset: Ticks::new(onset),
                    duration: Ticks::new(bytes.int_in_range(1..=200)?),
                    pitch: Pitch::clamped(bytes.arbitrary::<u8>()?.into()),
                    velocity: Some(Velocity::clamped(bytes.arbitrary::<u8>()?.into())),
                };
                if bytes.arbitrary()? {
                    let _ = self.end.replies.push(Reply::Note { epoch, note });
                }
            }
            let _ = self.end.replies.push(Reply::Done { id });
        }
        Ok(())
    }
}
