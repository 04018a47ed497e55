//! Qtractor: the CLAP on a MIDI track, its window in Qtractor's, its notes through an insert behind it.
//!
//! Qtractor needs JACK and ALSA's sequencer. The first is a server of ours; in place of the second stands
//! a library of ours, `qtractor/sequencer.c`, loaded before ALSA's: it works where there is no sequencer,
//! and logs what is sent.

mod project;

use super::Visit;
use super::findings::Findings;
use super::jack::{self, CYCLE, Client, RATE, Role, Server};
use super::process::{Program, at_home, screen, show_on};
use super::song::{self, BAR};
use super::windows::{Desktop, WindowInfo};
use crate::needs::{self, INSTALL};
use anyhow::{Context, bail, ensure};
use harmonai_core::music::note::Note;
use harmonai_core::music::time::Ticks;
use harmonai_tests::screen::Screen;
use harmonai_tests::{Blocks, ClapHost, Class, Host, Script};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const TEMPO: f64 = 180.0;
/// Where the tune begins: at first Qtractor and JACK are still getting into step.
const START: i64 = BAR;
/// When the picture is taken: in the third bar of the answer.
const PICTURE: i64 = START + 4 * BAR + 48;
/// When the song is over: a bar after the answer.
const END: i64 = START + 7 * BAR;
/// The plug-in's line in the track list, from the upper left of a main window that is new. Qtractor has
/// no key that opens a plug-in's window.
const LINE: (i16, i16) = (178, 180);
/// Where the plug-in's window is put.
const ASIDE: (i32, i32) = (480, 160);
/// The insert's port at the sequencer: Qtractor opens two of its own first.
const INSERT: u8 = 2;
/// That of the bus that the track's own notes go to.
const BUS: u8 = 1;
/// How often the transport is started until Qtractor is in step with it: sometimes it plays its own clip
/// a JACK cycle too early, and stays ahead.
const STARTS: usize = 6;
/// How far from a tick a note may be, in ticks: Qtractor converts samples to its own ticks, 960 a beat,
/// and moves a note-off one of these forward.
const NEAR: f64 = 0.1;
/// The first start's name.
const FIRST: &str = "first";
/// How many ticks late a note may be: a thirty-second, up to which the plug-in still plays it.
const LATE: f64 = 3.0;
/// How long to wait for anything.
const LIMIT: Duration = Duration::from_secs(60);

/// Qtractor, JACK and a screen.
pub fn needs() -> anyhow::Result<()> {
    let found = needs::is_program("qtractor");
    ensure!(found, "Qtractor is missing; {INSTALL} qtractor jackd2 xvfb");
    jack::needs()?;
    needs::screen()
}

pub fn visit(visit: &Visit) -> anyhow::Result<Findings> {
    let folder = &visit.folder;
    let ours = ClapHost::new(&visit.bundles.clap, Class::Instrument);
    let script = script();
    let state = song::state(&ours, &script)?;
    let server = Server::start(folder)?;
    let screen = screen()?;
    let session = QtractorSession {
        folder,
        project: project::write(folder, &visit.bundles.clap, &script, &state)?,
        sequencer: project::build_sequencer(folder)?,
        client: server.client("visit", Role::Receiver)?,
        desktop: Desktop::at(&screen.name)?,
        screen,
        server,
        ours,
    };
    let mut host = session.start(FIRST)?;
    let mut findings = Findings::new(version(), "CLAP");
    findings.check("loads", || {
        let (wanted, found) = (session.json(&state)?, session.save(&mut host)?);
        let knobs = found["params"].as_object().context("no knobs")?;
        let same = Some(knobs) == wanted["params"].as_object();
        ensure!(same, "{knobs:?}, not {wanted}");
        Ok(format!("{} knobs as the project has them", knobs.len()))
    });
    findings.check("window", || session.opens_window(&mut host));
    findings.check("plays", || session.plays(&mut host));
    findings.check("project", || {
        let before = session.save(&mut host)?;
        let phrase = before["fields"]["phrase"].as_str().unwrap_or_default();
        let heard = phrase.contains("notes");
        ensure!(heard, "no phrase that was heard in {before}");
        end(host)?;
        let mut host = session.start("second")?;
        let after = session.save(&mut host)?;
        ensure!(before == after, "{after}, not {before}");
        end(host)?;
        Ok("its knobs, the phrase that it heard, its window: as they were saved".into())
    });
    Ok(findings)
}

struct QtractorSession<'a> {
    folder: &'a Path,
    project: PathBuf,
    sequencer: PathBuf,
    client: Client,
    server: Server,
    desktop: Desktop,
    screen: Screen,
    ours: ClapHost,
}

impl QtractorSession<'_> {
    /// Starts Qtractor with the project.
    fn start(&self, name: &str) -> anyhow::Result<Program> {
        let mut command = Command::new("qtractor");
        command.arg(&self.project).current_dir(self.folder);
        at_home(&mut command, self.folder)?;
        self.server.attach(&mut command);
        show_on(&mut command, &self.screen);
        command.env("LD_PRELOAD", &self.sequencer);
        command.env("SEQUENCER_LOG", self.notes(name));
        let mut host = Program::start(command, name, self.folder)?;
        host.until("the project does not open", LIMIT, || {
            let connected = self.client.is_connected("Qtractor:Master/out_1")?;
            Ok((connected && self.main_window().is_some()).then_some(()))
        })?;
        Ok(host)
    }

    fn notes(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}-notes.txt"))
    }

    fn main_window(&self) -> Option<WindowInfo> {
        let title = self.project.to_string_lossy();
        let mut windows = self.desktop.windows().into_iter();
        windows.find(|window| window.name.starts_with(&*title))
    }

    /// A state of the plug-in as JSON.
    fn json(&self, state: &[u8]) -> anyhow::Result<Value> {
        Ok(serde_json::from_str(&self.ours.json_from_state(state)?)?)
    }

    /// Has it save the project, and reads the plug-in's state in it.
    fn save(&self, host: &mut Program) -> anyhow::Result<Value> {
        let written = || fs::metadata(&self.project).and_then(|file| file.modified());
        let before = written()?;
        // Session managers send this to have Qtractor save.
        host.signal(libc::SIGUSR1)?;
        host.until("the project is not saved", LIMIT, || {
            let text = fs::read_to_string(&self.project).unwrap_or_default();
            let done = written()? != before && text.contains("</session>");
            done.then(|| self.json(&project::state(&text)?)).transpose()
        })
    }

    /// The plug-in's window opens within one of Qtractor's, and is drawn.
    fn opens_window(&self, host: &mut Program) -> anyhow::Result<String> {
        let main = self.main_window().context("Qtractor's window is gone")?;
        self.desktop
            .double_click(main.x + LINE.0, main.y + LINE.1)?;
        let (own, frame) = host.until("no window of the plug-in in one of its", LIMIT, || {
            let windows = self.desktop.windows();
            let own = windows.iter().find(|window| window.name == "HarmonAI");
            let frame = own.and_then(|own| windows.iter().find(|window| window.id == own.within));
            Ok(own.cloned().zip(frame.cloned()))
        })?;
        let name = &frame.name;
        ensure!(name.starts_with("HarmonAI - tune"), "it lies in {frame:?}");
        host.until("nothing is drawn in the plug-in's window", LIMIT, || {
            Ok(self.desktop.is_drawn(&own).then_some(()))
        })?;
        let sizes = [(own.width, own.height), (frame.width, frame.height)];
        ensure!(sizes[0] == sizes[1], "{own:?} in {frame:?}");
        // So that the picture shows the track too.
        self.desktop.move_to(&frame, ASIDE)?;
        Ok(format!("{} x {}, in {name:?}", own.width, own.height))
    }

    /// The song from its start to its end; what comes out of the insert is the answer.
    fn plays(&self, host: &mut Program) -> anyhow::Result<String> {
        let expect = song::answer(&self.ours, &script())?;
        let expect: Vec<_> = expect.iter().map(|played| played.note).collect();
        let before = self.start_in_step(host)?;
        self.until(host, PICTURE)?;
        // For people to look at; no check depends on it.
        let mut picture = Command::new("import");
        picture.args(["-window", "root", "qtractor.png"]);
        picture.current_dir(self.folder);
        show_on(&mut picture, &self.screen);
        let _ = picture.output();
        self.until(host, END)?;
        self.client.stop();
        let heard = heard(&self.sent(before)?)?;
        ensure!(same(&heard, &expect), "{heard:?}, not {expect:?}");
        let off = |(heard, note): &(&Sent, &Note)| heard.0 - note.onset.get() as f64 > NEAR;
        let (count, late) = (heard.len(), heard.iter().zip(&expect).filter(off).count());
        Ok(format!(
            "{count} notes as in our own host, each ended, {late} of them late"
        ))
    }

    /// What the sequencer was sent in the first start, without the first `before` bytes.
    fn sent(&self, before: usize) -> anyhow::Result<String> {
        let text = fs::read_to_string(self.notes(FIRST)).context("what the sequencer was sent")?;
        Ok(text.get(before..).unwrap_or_default().to_owned())
    }

    /// Rolls the transport from the song's start. Returns how much the sequencer had been sent before.
    fn start_in_step(&self, host: &mut Program) -> anyhow::Result<usize> {
        let first = format!("{:.6} {BUS} ", Ticks::new(START).beats().get());
        for _ in 0..STARTS {
            let before = self.sent(0)?.len();
            self.client.roll_from(0);
            // Until then it is still where it was stopped.
            host.until("the transport does not go to the start", LIMIT, || {
                let (rolls, at) = self.client.transport();
                Ok((rolls && at < RATE).then_some(()))
            })?;
            self.until(host, START + 24)?;
            if self.sent(before)?.contains(&first) {
                return Ok(before);
            }
            self.client.stop();
            host.until("the transport does not stop", LIMIT, || {
                Ok((!self.client.transport().0).then_some(()))
            })?;
        }
        bail!("Qtractor never was in step with JACK")
    }

    fn until(&self, host: &mut Program, tick: i64) -> anyhow::Result<()> {
        let frame = Ticks::new(tick).beats().get() * 60.0 / TEMPO * f64::from(RATE);
        host.until("the transport does not get there", LIMIT, || {
            let (rolls, at) = self.client.transport();
            Ok((rolls && f64::from(at) >= frame).then_some(()))
        })
    }
}

/// Qtractor's name and version, as it gives them.
fn version() -> String {
    let mut command = Command::new("qtractor");
    command.arg("--version").env("QT_QPA_PLATFORM", "offscreen");
    let text = command
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let text = text.unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("Qtractor "));
    line.unwrap_or("Qtractor").trim().to_owned()
}

fn end(host: Program) -> anyhow::Result<()> {
    let status = host.end()?;
    ensure!(status.success(), "Qtractor ended with {status}");
    Ok(())
}

/// A note that the insert sent: its onset and its end, in ticks, and its key.
type Sent = (f64, f64, u8);

/// The notes that the insert sent, by the sequencer's lines. An error where one was not ended.
fn heard(text: &str) -> anyhow::Result<Vec<Sent>> {
    let mut open: Vec<(f64, u8)> = Vec::new();
    let mut notes = Vec::new();
    for line in text.lines() {
        let words: Vec<_> = line.split(' ').collect();
        let [beat, port, _, key, velocity] = words[..] else {
            bail!("{line:?} is no note");
        };
        if port.parse() != Ok(INSERT) {
            continue;
        }
        let at = beat.parse::<f64>()? * Ticks::BEAT.get() as f64;
        let key = key.parse()?;
        let sounds = open.iter().position(|(_, sounding)| *sounding == key);
        match (velocity.parse::<u8>()? > 0, sounds) {
            (true, None) => open.push((at, key)),
            (false, Some(index)) => notes.push((open.remove(index).0, at, key)),
            _ => bail!("{line:?}: struck while it sounds, or ended while it does not"),
        }
    }
    ensure!(open.is_empty(), "never ended: {open:?}");
    notes.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(notes)
}

/// Whether these are the expected notes.
fn same(heard: &[Sent], expect: &[Note]) -> bool {
    let near = |heard: f64, wanted: Ticks| {
        let late = heard - wanted.get() as f64;
        (-NEAR..LATE).contains(&late)
    };
    let alike = |(heard, note): (&Sent, &Note)| {
        heard.2 == note.pitch.get() && near(heard.0, note.onset) && near(heard.1, note.end())
    };
    heard.len() == expect.len() && heard.iter().zip(expect).all(alike)
}

/// The session, here and in our own host.
fn script() -> Script {
    let mut script = song::script(START).on(RATE.into(), Blocks::Fixed(CYCLE));
    script.tempo = TEMPO;
    script
}

#[cfg(test)]
mod tests {
    use super::*;
    use harmonai_core::music::note::Pitch;

    fn judge(text: &str) -> bool {
        let note = |onset, key| Note {
            onset: Ticks::new(onset),
            duration: Ticks::new(12),
            pitch: Pitch::clamped(key),
            velocity: None,
        };
        heard(text).is_ok_and(|heard| same(&heard, &[note(24, 60), note(36, 60)]))
    }

    #[test]
    fn notes_are_the_same_where_they_are_on_the_grid_and_each_is_ended() {
        let good = "1.0 2 0 60 1\n1.4998 2 0 60 0\n1.5 2 0 60 1\n2.0 2 0 60 0\n";
        assert!(judge(good));
        assert!(judge(&format!("0.5 1 0 64 100\n{good}")), "another port");
        for bad in [
            "",
            "1.0 2 0 60 1\n1.5 2 0 60 0\n1.75 2 0 60 1\n2.0 2 0 60 0\n",
            "0.9 2 0 60 1\n1.5 2 0 60 0\n1.5 2 0 60 1\n2.0 2 0 60 0\n",
            "1.0 2 0 60 1\n1.5 2 0 60 0\n1.5 2 0 61 1\n2.0 2 0 61 0\n",
            "1.0 2 0 60 1\n1.5 2 0 60 0\n1.5 2 0 60 1\n",
            "1.0 2 0 60 1\n1.5 2 0 60 1\n",
        ] {
            assert!(!judge(bad), "{bad}");
        }
    }
}
