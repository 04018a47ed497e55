//! DawDreamer and pedalboard: hosts that are Python packages. Both load the VST3's instrument and
//! return its sound and no notes, so the notes are detected in the preview voice.
//!
//! They are installed in a virtual environment in the target folder, which is kept. What to play is a
//! job in a file, the same for both; `python/job.py` runs it on what `python/in_*.py` make of each host.

use super::findings::Findings;
use super::process::{Program, at_home, screen, show_on};
use super::song::{BAR, answer, script};
use super::{Visit, sound};
use crate::needs;
use crate::python;
use anyhow::{Context, ensure};
use harmonai_core::music::note::Note;
use harmonai_core::music::time::Ticks;
use harmonai_tests::{Class, Host, Played, Script, Vst3Host};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Their environment, in the target folder.
const ENVIRONMENT: &str = "daw-python";
/// numpy comes with pedalboard.
const PACKAGES: [&str; 2] = ["dawdreamer==0.9.0", "pedalboard==0.9.26"];
/// The module that their programs share.
const JOB: &str = include_str!("python/job.py");
/// How long a host may take for everything.
const LIMIT: Duration = Duration::from_secs(300);
/// How many samples late a note may be found: a millisecond, as the voice takes longer to reach
/// full level.
const LATE: u64 = 48;
/// How far the value read may be from the value set: hosts keep 32-bit floats.
const NEAR: f64 = 1e-6;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Package {
    DawDreamer,
    Pedalboard,
}

#[derive(Deserialize)]
struct Report {
    version: String,
    /// Each knob's text as loaded.
    defaults: BTreeMap<String, String>,
    /// A knob, the value set, the value read, and its text.
    readings: Vec<(String, f64, f64, String)>,
    /// Each knob's text with the job's knobs set.
    texts: BTreeMap<String, String>,
    /// The same of another instance, with the state of the first loaded.
    loaded: BTreeMap<String, String>,
}

pub fn needs(package: Package) -> anyhow::Result<()> {
    if package == Package::DawDreamer {
        needs::screen()?;
    }
    python().map(drop)
}

/// Whether they have been downloaded.
pub fn are_installed() -> bool {
    python::is_installed(ENVIRONMENT, &PACKAGES)
}

/// The Python of the environment, which is made where there is none yet.
fn python() -> anyhow::Result<PathBuf> {
    python::environment(ENVIRONMENT, &PACKAGES)
}

pub fn visit(package: Package, visit: &Visit) -> anyhow::Result<Findings> {
    let (name, code) = match package {
        Package::DawDreamer => ("DawDreamer", include_str!("python/in_dawdreamer.py")),
        Package::Pedalboard => ("pedalboard", include_str!("python/in_pedalboard.py")),
    };
    let folder = &visit.folder;
    let ours = Vst3Host::new(&visit.bundles.vst3, Class::Instrument);
    let host = run(package, code, &visit.bundles.vst3, folder)?;
    let mut findings = Findings::new(format!("{name} {}", host.version), "VST3");
    findings.check("loads", || same_knobs(&ours, &host));
    findings.check("knobs", || knobs_read_as_set(&ours, &host));
    let rate = plain().sample_rate;
    let sound = |file: &str| sound::read(&folder.join(file));
    let plays = |file: &str, script: &Script| {
        let notes = answer(&ours, script)?;
        let said = same_notes(&sound::notes(&sound(file)?, rate), &notes)?;
        anyhow::Ok((said, notes))
    };
    findings.check("plays", || Ok(plays("first.f32", &plain())?.0));
    findings.check("automation", || {
        let (said, turned) = plays("turned.f32", &turned())?;
        let (_, plain) = plays("first.f32", &plain())?;
        // Otherwise the check would prove nothing.
        let turns = melody(&turned) != melody(&plain);
        ensure!(turns, "the turns make no difference");
        let words = |(at, name, text)| format!("{name} {text} at beat {}", at / 24);
        Ok(format!("{}; {said}", TURNS.map(words).join(", ")))
    });
    findings.check("same again", || {
        ensure!(sound("first.f32")? == sound("second.f32")?, "another sound");
        Ok("bit for bit".into())
    });
    findings.check("state", || {
        let (texts, loaded) = (&host.texts, &host.loaded);
        for (name, set) in plain().settings {
            let shown = &texts[&name];
            ensure!(*shown == set, "{name} was set to {set:?}, shows {shown:?}");
        }
        ensure!(texts == loaded, "{loaded:?}, not {texts:?}");
        ensure!(sound("first.f32")? == sound("loaded.f32")?, "another sound");
        let count = loaded.len();
        Ok(format!("{count} knobs and the sound, bit for bit"))
    });
    Ok(findings)
}

/// The session with the preview voice and short notes.
fn plain() -> Script {
    let mut script = script(0);
    let knobs = [
        ("Thru", "Off"),
        ("Preview voice", "On"),
        ("Gate", "50 %"),
        ("Grid", "1/8"),
        ("Lowest note", "C4"),
        // Has no effect where a host's transport rolls.
        ("Run when stopped", "On"),
    ];
    for (name, text) in knobs {
        script = script.set(name, text);
    }
    script
}

/// Knobs that are turned while the answer plays: tick, name, text.
const TURNS: [(i64, &str, &str); 2] = [
    (2 * BAR + 48, "Temperature", "1.80"),
    (4 * BAR, "Length", "12 beats"),
];

/// The session with knobs turned.
fn turned() -> Script {
    let turn = |script: Script, (at, name, text)| script.turn(Ticks::new(at), name, text);
    TURNS.into_iter().fold(plain(), turn)
}

/// Runs the job in the host.
fn run(package: Package, code: &str, plugin: &Path, folder: &Path) -> anyhow::Result<Report> {
    let script = plain();
    let seconds = |at: Ticks| at.beats().get() * 60.0 / script.tempo;
    let note = |note: &Note| {
        let velocity = note.velocity.map_or(100, |velocity| velocity.get());
        let (onset, length) = (seconds(note.onset), seconds(note.duration));
        (note.pitch.get(), velocity, onset, length)
    };
    let turn = |(at, name, text): (i64, &'static str, _)| (seconds(Ticks::new(at)), name, text);
    let job = json!({
        "plugin": plugin,
        "rate": script.sample_rate,
        "block": script.blocks.max(),
        "tempo": script.tempo,
        "seconds": seconds(script.length),
        "notes": script.phrase.iter().map(note).collect::<Vec<_>>(),
        "knobs": script.settings.iter().cloned().collect::<BTreeMap<_, _>>(),
        "turns": TURNS.into_iter().map(turn).collect::<Vec<_>>(),
    });
    std::fs::write(folder.join("job.json"), job.to_string())?;
    std::fs::write(folder.join("visit.py"), code)?;
    std::fs::write(folder.join("job.py"), JOB)?;
    let mut command = Command::new(python()?);
    command.args(["visit.py", "job.json", "result.json"]);
    command.current_dir(folder);
    at_home(&mut command, folder)?;
    // DawDreamer loads no state into a plug-in that has no window.
    let screen = match package {
        Package::DawDreamer => Some(screen()?),
        Package::Pedalboard => None,
    };
    if let Some(screen) = &screen {
        show_on(&mut command, screen);
    }
    Program::start(command, "python", folder)?.wait(LIMIT)?;
    let file = folder.join("result.json");
    let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    serde_json::from_str(&text).with_context(|| file.display().to_string())
}

/// Checks that all knobs exist, and show what they show in our own host.
fn same_knobs(ours: &dyn Host, host: &Report) -> anyhow::Result<String> {
    let texts = ours.open(&plain())?.readings();
    ensure!(host.defaults == texts, "{:?}, not {texts:?}", host.defaults);
    Ok(format!("{} knobs at their defaults", texts.len()))
}

/// Checks that what is set is read, and that our own host finds the same setting by the text shown.
fn knobs_read_as_set(ours: &dyn Host, host: &Report) -> anyhow::Result<String> {
    let mut own = ours.open(&plain())?;
    for (name, set, read, text) in &host.readings {
        let near = (set - read).abs() < NEAR;
        ensure!(near, "{name} set to {set} reads {read}");
        own.set(name, text)?;
        let shown = &own.readings()[name];
        ensure!(shown == text, "{name} {text:?} is {shown:?} in our host");
    }
    let (places, knobs) = (host.readings.len(), host.defaults.len());
    ensure!(places == 4 * knobs, "{places} readings");
    Ok(format!("{places} places of {knobs} knobs"))
}

/// Checks that the notes in the sound are those that our own host played.
fn same_notes(heard: &[sound::DetectedNote], notes: &[Played]) -> anyhow::Result<String> {
    let found: Vec<_> = heard.iter().map(|note| note.key).collect();
    let expect: Vec<_> = notes.iter().map(|note| note.note.pitch.get()).collect();
    ensure!(found == expect, "keys {found:?}, not {expect:?}");
    let mut latest = 0;
    for (heard, note) in heard.iter().zip(notes) {
        let late = heard.sample.checked_sub(note.on);
        let late = late.filter(|late| *late <= LATE);
        latest = latest.max(late.with_context(|| format!("{heard:?} for {note:?}"))?);
    }
    let count = notes.len();
    Ok(format!(
        "{count} notes, onset and key; found at most {latest} samples late"
    ))
}

fn melody(notes: &[Played]) -> Vec<Note> {
    notes.iter().map(|played| played.note).collect()
}
