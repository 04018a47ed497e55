//! The demo's sessions in the hosts.

use super::{Args, Call, Format, Mode};
use anyhow::{Context, ensure};
use harmonai_core::music::note::Note;
use harmonai_core::music::time::Ticks;
use harmonai_tests::host::Class;
use harmonai_tests::{Bundles, ClapHost, Host, Pace, Played, Recording, Script, Vst3Host};
use serde_json::json;
use std::time::Duration;

/// The name of the session in real time.
pub const LIVE: &str = "live";

/// One session.
pub struct Take {
    pub name: &'static str,
    pub notes: Vec<Played>,
    /// Median and longest time in the process function.
    pub process: (Duration, Duration),
}

pub struct Takes {
    /// The first one is written to the files.
    pub answers: Vec<Take>,
    /// The preview voice with phrase and answer.
    pub audio: Vec<[f32; 2]>,
}

impl Take {
    fn new(name: &'static str, recording: &Recording) -> anyhow::Result<Self> {
        let notes = recording.notes();
        let notes = notes.with_context(|| format!("the answer of {name}"))?;
        ensure!(!notes.is_empty(), "{name} did not answer");
        Ok(Self {
            name,
            notes,
            process: recording.process_time(),
        })
    }

    pub fn melody(&self) -> Vec<Note> {
        self.notes.iter().map(|played| played.note).collect()
    }
}

/// Plays the call in every host that is asked for, once more for its sound, and in real time.
pub fn record(args: &Args, call: &Call, bundles: &Bundles) -> anyhow::Result<Takes> {
    let clap = ClapHost::new(&bundles.clap, Class::Instrument);
    let vst3 = Vst3Host::new(&bundles.vst3, Class::Instrument);
    let mut hosts: Vec<(&'static str, &dyn Host)> = Vec::new();
    if args.format != Format::Vst3 {
        hosts.push(("CLAP", &clap));
    }
    if args.format != Format::Clap {
        hosts.push(("VST3", &vst3));
    }
    let mut answers = Vec::new();
    for (name, host) in &hosts {
        answers.push(Take::new(name, &host.play(&script(args, call, *host)?)?)?);
    }
    let (_, host) = hosts[0];
    let mut sounding = script(args, call, host)?
        .set("Thru", "Always")
        .set("Preview voice", "On");
    sounding.keep_audio = true;
    let audio = host.play(&sounding)?.audio;
    if !args.quick {
        let mut live = script(args, call, host)?;
        live.pace = Pace::Live;
        answers.push(Take::new(LIVE, &host.play(&live)?)?);
    }
    Ok(Takes { answers, audio })
}

fn script(args: &Args, call: &Call, host: &dyn Host) -> anyhow::Result<Script> {
    let (metre, end) = (call.song.metre, call.phrase.end(call.song.metre));
    let length = (end.beats().get().round() as u32).clamp(1, 64);
    let length = args.length.unwrap_or(length);
    let answer = Ticks::new(i64::from(length) * Ticks::BEAT.get());
    // After silence the answer may begin later than on the bar, and it needs a bar to end in.
    let pause = Ticks::new(2 * metre.bar().get());
    let mut script = Script::new(call.phrase.notes.clone(), metre, end + answer + pause)
        .set("Mode", args.mode.name())
        .set("Length", &length.to_string())
        .set("Temperature", &args.temperature.to_string())
        .set("Seed", &args.seed.to_string());
    if args.mode == Mode::CallResponse {
        script = script.set("Listen", &call.phrase.listen().to_string());
    }
    for (name, value) in &args.set {
        script = script.set(name, &super::setting(name, value, &call.header)?);
    }
    script.tempo = call.song.tempo;
    if let Some(model) = &args.model {
        let path = model.canonicalize();
        let path = path.with_context(|| model.display().to_string())?;
        let fields = json!({ "model": serde_json::to_string(&path)? });
        let state = json!({ "version": "", "params": {}, "fields": fields });
        script.state = Some(host.state_from_json(&state.to_string()));
    }
    Ok(script)
}
