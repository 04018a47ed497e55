//! DawDreamer and pedalboard: hosts that are Python packages. Both load the VST3's instrument and give
//! back its sound and no notes, so the preview voice is listened to.
//!
//! They come from a virtual environment in the target folder, which is kept. What is played there is a
//! job in a file, the same for both; `python/in_*.py` do it, each by its own host's ways.

use super::findings::Findings;
use super::process::{Guest, at_home, screen, show_on};
use super::song::{BAR, answer, script};
use super::{Visit, sound};
use crate::needs;
use crate::python;
use anyhow::{Context, ensure};
use harmonai_core::time::Ticks;
use harmonai_tests::{Class, Host, Played, Script, Vst3Host};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Where they are put, in the target folder.
const ENVIRONMENT: &str = "daw-python";
/// What is installed. numpy comes with pedalboard.
const PACKAGES: [&str; 2] = ["dawdreamer==0.9.0", "pedalboard==0.9.26"];
/// What their programs share.
const KNOBS: &str = include_str!("python/knobs.py");
/// How long a host may take over everything.
const LIMIT: Duration = Duration::from_secs(300);
/// How many samples after a note's first one it may be found, a millisecond: the voice takes longer to
/// full level.
const LATE: u64 = 48;
/// How far a place read may be from the one set: hosts keep 32-bit floats.
const NEAR: f64 = 1e-6;

/// One of the hosts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Package {
    DawDreamer,
    Pedalboard,
}

/// What a host found.
#[derive(Deserialize)]
struct Answer {
    version: String,
    /// Each knob's text as it was loaded.
    defaults: BTreeMap<String, String>,
    /// A knob, where it was set, what was read there, and its text.
    readings: Vec<(String, f64, f64, String)>,
    /// Each knob's text with the job's knobs set.
    texts: BTreeMap<String, String>,
    /// The same of another instance, with the state of the first loaded.
    loaded: BTreeMap<String, String>,
}

/// Makes the environment where there is none yet.
pub fn needs(package: Package) -> anyhow::Result<()> {
    if package == Package::DawDreamer {
        needs::screen()?;
    }
    python().map(drop)
}

/// Whether they have been fetched.
pub fn are_here() -> bool {
    python::is_here(ENVIRONMENT, &PACKAGES)
}

/// The Python that has both, made where there is none yet.
fn python() -> anyhow::Result<PathBuf> {
    python::environment(ENVIRONMENT, &PACKAGES)
}

/// The visit to one of them.
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
        // Else nothing would have been seen.
        ensure!(
            melody(&turned) != melody(&plain),
            "the turns make no difference"
        );
        Ok(format!("{}; {said}", turns_in_words()))
    });
    findings.check("same again", || {
        ensure!(sound("first.f32")? == sound("second.f32")?, "another sound");
        Ok("bit for bit".into())
    });
    findings.check("state", || {
        for (name, text) in wanted() {
            let shown = &host.texts[&name];
            ensure!(
                *shown == text,
                "{name} was set to {text:?} and shows {shown:?}"
            );
        }
        ensure!(
            host.texts == host.loaded,
            "{:?}, not {:?}",
            host.loaded,
            host.texts
        );
        ensure!(sound("first.f32")? == sound("loaded.f32")?, "another sound");
        Ok(format!(
            "{} knobs and the sound, bit for bit",
            host.loaded.len()
        ))
    });
    Ok(findings)
}

/// The session with the preview voice, whose notes are to be short.
fn plain() -> Script {
    let mut script = script(0);
    let knobs = [
        ("Thru", "Off"),
        ("Preview voice", "On"),
        ("Gate", "50 %"),
        ("Grid", "1/8"),
        ("Lowest note", "C4"),
        // Does nothing where a host's transport rolls.
        ("Run when stopped", "On"),
    ];
    for (name, text) in knobs {
        script = script.set(name, text);
    }
    script
}

/// Knobs that are turned while the answer plays: when, which, to what.
const TURNS: [(i64, &str, &str); 2] = [
    (2 * BAR + 48, "Temperature", "1.80"),
    (4 * BAR, "Length", "12 beats"),
];

/// The session with its turns.
fn turned() -> Script {
    let turn = |script: Script, (at, name, text)| script.turn(Ticks::new(at), name, text);
    TURNS.into_iter().fold(plain(), turn)
}

fn turns_in_words() -> String {
    TURNS
        .map(|(at, name, text)| format!("{name} {text} at beat {}", at / 24))
        .join(", ")
}

fn wanted() -> BTreeMap<String, String> {
    plain().settings.into_iter().collect()
}

/// Has it done in the host.
fn run(package: Package, code: &str, plugin: &Path, folder: &Path) -> anyhow::Result<Answer> {
    let script = plain();
    let seconds = |at: Ticks| at.beats().get() * 60.0 / script.tempo;
    let note = |note: &harmonai_core::note::Note| {
        let velocity = note.velocity.map_or(100, |velocity| velocity.get());
        (
            note.pitch.get(),
            velocity,
            seconds(note.onset),
            seconds(note.duration),
        )
    };
    let turn = |(at, name, text): (i64, &'static str, _)| (seconds(Ticks::new(at)), name, text);
    let job = json!({
        "plugin": plugin,
        "rate": script.sample_rate,
        "block": script.blocks.max(),
        "tempo": script.tempo,
        "seconds": seconds(script.length),
        "notes": script.phrase.iter().map(note).collect::<Vec<_>>(),
        "knobs": wanted(),
        "turns": TURNS.into_iter().map(turn).collect::<Vec<_>>(),
    });
    std::fs::write(folder.join("job.json"), job.to_string())?;
    std::fs::write(folder.join("visit.py"), code)?;
    std::fs::write(folder.join("knobs.py"), KNOBS)?;
    let mut command = Command::new(python()?);
    command
        .args(["visit.py", "job.json", "result.json"])
        .current_dir(folder);
    at_home(&mut command, folder)?;
    // DawDreamer loads no state into a plug-in that has no window.
    let screen = match package {
        Package::DawDreamer => Some(screen()?),
        Package::Pedalboard => None,
    };
    if let Some(screen) = &screen {
        show_on(&mut command, screen);
    }
    Guest::start(command, "python", folder)?.wait(LIMIT)?;
    let file = folder.join("result.json");
    let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    serde_json::from_str(&text).with_context(|| file.display().to_string())
}

/// All knobs are there, and show what they show in our own host.
fn same_knobs(ours: &dyn Host, host: &Answer) -> anyhow::Result<String> {
    let texts = ours.open(&plain())?.readings();
    ensure!(host.defaults == texts, "{:?}, not {texts:?}", host.defaults);
    Ok(format!("{} knobs at their defaults", texts.len()))
}

/// What is set is read, and its text is one that our own host finds the same knob by.
fn knobs_read_as_set(ours: &dyn Host, host: &Answer) -> anyhow::Result<String> {
    let mut own = ours.open(&plain())?;
    for (name, set, read, text) in &host.readings {
        ensure!(
            (set - read).abs() < NEAR,
            "{name} set to {set} reads {read}"
        );
        own.set(name, text)?;
        let shown = &own.readings()[name];
        ensure!(
            shown == text,
            "{name} {text:?} is {shown:?} in our own host"
        );
    }
    ensure!(
        host.readings.len() == 4 * host.defaults.len(),
        "{} readings",
        host.readings.len()
    );
    Ok(format!(
        "{} places of {} knobs",
        host.readings.len(),
        host.defaults.len()
    ))
}

/// The notes heard in the sound are those that our own host played.
fn same_notes(heard: &[sound::Struck], notes: &[Played]) -> anyhow::Result<String> {
    let keys =
        |keys: &mut dyn Iterator<Item = u8>| keys.map(|key| key.to_string()).collect::<Vec<_>>();
    let found = keys(&mut heard.iter().map(|note| note.key));
    let expect = keys(&mut notes.iter().map(|note| note.note.pitch.get()));
    ensure!(
        found == expect,
        "keys {}, not {}",
        found.join(" "),
        expect.join(" ")
    );
    let mut latest = 0;
    for (heard, note) in heard.iter().zip(notes) {
        let late = heard
            .sample
            .checked_sub(note.on)
            .filter(|late| *late <= LATE);
        latest = latest.max(late.with_context(|| format!("{heard:?} for {note:?}"))?);
    }
    Ok(format!(
        "{} notes, onset and key; found at most {latest} samples late",
        notes.len()
    ))
}

fn melody(notes: &[Played]) -> Vec<harmonai_core::note::Note> {
    notes.iter().map(|played| played.note).collect()
}
