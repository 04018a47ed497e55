//! The session in Ardour, and the same song in our own hosts, for all of the visit's checks.

use super::heard::{Capture, HeardNote, ours};
use super::process::Ardour;
use super::session_file::SessionFile;
use crate::daw::Visit;
use anyhow::{Context, ensure};
use harmonai_core::music::time::{Metre, Ticks};
use harmonai_tests::host::Class;
use harmonai_tests::phrase::tune;
use harmonai_tests::{Blocks, ClapHost, Host, Script, Vst3Host};
use std::path::PathBuf;

/// A tempo whose ticks fall between samples.
const TEMPO: f64 = 167.0;
/// The bars of the answer end a quarter before this one, in quarters.
pub const END: i64 = 17;
/// Where the loop turns back: within the answer's last notes.
pub const TURN: i64 = 15;
/// How often it is played.
pub const ROUNDS: usize = 3;
/// At the first of these quarters, on to the second.
pub const JUMPS: [(i64, i64); 3] = [(10, 4), (9, 0), (3, 0)];
/// Where it is stopped: within the last note.
pub const STOP: i64 = 15;
/// The knobs, at their plain values.
const KNOBS: [(&str, i64); 4] = [("Listen", 2), ("Length", 8), ("Seed", 3), ("Thru", 0)];
/// The session, and a snapshot of it as it was opened again.
pub const SESSION: &str = "session";
pub const REOPENED: &str = "reopened";

pub struct Session<'a> {
    visit: &'a Visit,
    ardour: Ardour,
    /// The session's files.
    pub file: SessionFile,
}

impl<'a> Session<'a> {
    pub fn new(visit: &'a Visit) -> anyhow::Result<Self> {
        Ok(Self {
            ardour: Ardour::new(&visit.folder, &visit.bundles.vst3)?,
            file: SessionFile::new(&visit.folder, SESSION),
            visit,
        })
    }

    /// Makes the session, and returns what the plug-in stored in it.
    pub fn make(&self) -> anyhow::Result<String> {
        let knobs = KNOBS.map(|(name, value)| format!("knob ({name:?}, {value})\n"));
        let knobs = knobs.concat();
        let folder = &self.file.folder;
        let steps = format!(
            "create ({folder:?}, {SESSION:?})\ntempo_map ({{ {{0, {TEMPO}, {TEMPO}}} }}, {{}})\n{knobs}save ()"
        );
        self.ardour.steps("make", &steps)?;
        let lengths = [quarters(8), quarters(TURN), quarters(END)];
        self.file.write_phrase("partner", &tune(), lengths)?;
        let state = self.file.state(SESSION)?;
        let params = &serde_json::from_str::<serde_json::Value>(&state)?["params"];
        let listen = &params["listen"]["i32"];
        ensure!(*listen == 2, "the session's state has Listen at {listen}");
        Ok(state)
    }

    /// Opens the session in a new process and runs the steps there.
    pub fn open(&self, name: &str, steps: &str) -> anyhow::Result<()> {
        let folder = &self.file.folder;
        let steps = format!("open ({folder:?}, {SESSION:?})\n{steps}");
        self.ardour.steps(name, &steps)
    }

    /// A step that writes what it hears to the file `name`.
    pub fn step(&self, step: &str, name: &str, how: &str) -> String {
        format!("{step} ({:?}, {how})", self.log(name))
    }

    /// Renders the session to a file.
    pub fn bounce(&self, name: &str) -> anyhow::Result<PathBuf> {
        self.ardour.export(name, &self.file.folder, SESSION)
    }

    fn log(&self, name: &str) -> PathBuf {
        self.visit.folder.join(format!("{name}.txt"))
    }

    pub fn capture(&self, name: &str) -> anyhow::Result<Capture> {
        Capture::read(&self.log(name))
    }

    /// The same song in our own hosts, with the state that Ardour saved.
    pub fn script(&self, metre: Metre, state: &str) -> Script {
        let mut script = Script::new(tune(), metre, quarters(END));
        script.tempo = TEMPO;
        script.blocks = Blocks::Fixed(256);
        script.settings.clear();
        script.state = Some(state.into());
        script
    }

    pub fn ours(&self, script: &Script) -> anyhow::Result<Vec<HeardNote>> {
        let host = Vst3Host::new(&self.visit.bundles.vst3, Class::Instrument);
        Ok(ours(&host.play(&with_state(script, &host)?)?)?.concat())
    }

    /// The same by stretches, in a host that can move the transport.
    pub fn moved(&self, script: &Script) -> anyhow::Result<Vec<Vec<HeardNote>>> {
        let host = ClapHost::new(&self.visit.bundles.clap, Class::Instrument);
        ours(&host.play(&with_state(script, &host)?)?)
    }
}

fn with_state(script: &Script, host: &dyn Host) -> anyhow::Result<Script> {
    let json = script.state.clone().context("no state")?;
    let mut script = script.clone();
    script.state = Some(host.state_from_json(&String::from_utf8(json)?));
    Ok(script)
}

/// Positions and lengths in quarters.
pub fn quarters(count: i64) -> Ticks {
    Ticks::new(count * Ticks::BEAT.get())
}
