//! The standalone app on a JACK server: does it play what our own host plays, and follow JACK's transport?
//!
//! It has no projects and no option for knobs, so they are at their defaults: four bars of listening,
//! sixteen beats of answer, thru.

use super::findings::Findings;
use super::jack::{self, Client, Message, RATE, Role, Server, Timebase};
use super::process::{Program, at_home, screen, show_on};
use super::song::{self, BAR};
use super::windows::{Desktop, WindowInfo};
use super::{Visit, needs};
use anyhow::{Context, bail, ensure};
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::{Metre, Ticks};
use harmonai_tests::ledger::Ledger;
use harmonai_tests::recording::Event;
use harmonai_tests::{Action, Blocks, ClapHost, Class, Host, Script};
use harmonai_workspace::{build, standalone_headers, target_folder};
use std::process::Command;
use std::time::Duration;

/// The app's tempo where JACK gives none.
const TEMPO: f64 = 180.0;
/// Where the transport is moved to when the first answer is over, and where it is stopped.
const FIRST_END: i64 = 8 * BAR + 24;
const SECOND: i64 = 16 * BAR;
const STOP: i64 = SECOND + 5 * BAR + 48;
/// A tempo and a metre that JACK gives.
const LED: (f64, u8) = (200.0, 3);
/// Four bars of it, and eight beats of the answer.
const LED_END: i64 = (4 * 3 + 8) * 24;
/// How long to wait for anything.
const LIMIT: Duration = Duration::from_secs(60);
/// How long to listen after the transport has stopped.
const SILENCE: Duration = Duration::from_millis(500);

/// JACK, a screen, and the headers that the app is built with.
pub fn needs() -> anyhow::Result<()> {
    standalone_headers()?;
    jack::needs()?;
    needs::screen()
}

pub fn visit(visit: &Visit) -> anyhow::Result<Findings> {
    let app = ["--bin", "harmonai-standalone", "--features", "standalone"];
    build(&[&["--release"], &app[..]].concat())?;
    let folder = &visit.folder;
    let server = Server::start(folder)?;
    let screen = screen()?;
    let mut session = AppSession {
        sender: server.client("sender", Role::Sender)?,
        receiver: server.client("receiver", Role::Receiver)?,
        desktop: Desktop::at(&screen.name)?,
        ours: ClapHost::new(&visit.bundles.clap, Class::Instrument),
    };
    let start = |name| {
        let mut command = Command::new(target_folder().join("release/harmonai-standalone"));
        command.args(["--backend", "jack", "--tempo", &TEMPO.to_string()]);
        command.args(["--connect-jack-midi-input", "sender:notes"]);
        command.args(["--connect-jack-midi-output", "receiver:notes"]);
        at_home(&mut command, folder)?;
        server.attach(&mut command);
        show_on(&mut command, &screen);
        Program::start(command, name, folder)
    };
    let mut app = start("app")?;
    let mut findings = Findings::new(format!("standalone {}", env!("CARGO_PKG_VERSION")), "JACK");
    findings.check("opens", || {
        let window = session.opens(&mut app)?;
        let (width, height) = (window.width, window.height);
        Ok(format!("its ports, and a window of {width} x {height}"))
    });
    findings.check("plays", || session.plays(&mut app));
    findings.check("moves and stops", || session.moves_and_stops(&mut app));
    findings.check("tempo and metre", || session.is_led(&mut app));
    findings.check("ends", || {
        session.ends(app, |app| app.signal(libc::SIGTERM))
    });
    findings.check("closes", || {
        let mut app = start("again")?;
        let window = session.opens(&mut app)?;
        session.ends(app, |_| session.desktop.close(&window))
    });
    Ok(findings)
}

struct AppSession {
    sender: Client,
    receiver: Client,
    desktop: Desktop,
    ours: ClapHost,
}

/// An event at a frame of the song.
type At = (u32, [u8; 3]);

impl AppSession {
    /// The app's ports are connected, and its window is drawn.
    fn opens(&self, app: &mut Program) -> anyhow::Result<WindowInfo> {
        app.until("no connected ports", LIMIT, || {
            let connected = |port| self.receiver.is_connected(port);
            let both = connected("harmonai:midi_input")? && connected("harmonai:midi_output")?;
            Ok(both.then_some(()))
        })?;
        app.until("no window", LIMIT, || {
            let mut windows = self.desktop.windows().into_iter();
            Ok(windows.find(|shown| shown.name == "HarmonAI" && self.desktop.is_drawn(shown)))
        })
    }

    /// The whole first answer. Leaves the transport rolling.
    fn plays(&self, app: &mut Program) -> anyhow::Result<String> {
        self.roll(app, &[0], TEMPO, 0)?;
        self.until(app, frame(FIRST_END, TEMPO))?;
        let heard = self.heard()?;
        let expect = self.expected(&script(&[0], TEMPO, FIRST_END))?;
        ensure!(heard == expect, "{heard:?}, not {expect:?}");
        let count = heard.len();
        Ok(format!("{count} events as in our own host, to the frame"))
    }

    /// The transport is moved while it rolls, and stopped while a second answer is played.
    fn moves_and_stops(&self, app: &mut Program) -> anyhow::Result<String> {
        let script = script(&[0, SECOND], TEMPO, FIRST_END + STOP - SECOND + BAR);
        let script = script.at(Ticks::new(FIRST_END), Action::Seek(Ticks::new(SECOND)));
        let mut expect = self.expected(&script)?;
        expect.retain(|(at, _)| *at >= frame(SECOND, TEMPO));
        self.roll(app, &[0, SECOND], TEMPO, SECOND)?;
        self.until(app, frame(STOP, TEMPO))?;
        self.stop(app)?;
        same_until(&self.heard()?, &expect, frame(STOP, TEMPO))
    }

    /// JACK gives tempo and metre.
    fn is_led(&mut self, app: &mut Program) -> anyhow::Result<String> {
        let (tempo, beats) = LED;
        let mut script = script(&[0], tempo, LED_END + BAR);
        script.metre = Metre::new(beats.into(), 4).context("a metre")?;
        let expect = self.expected(&script)?;
        let (unit, beats) = (4.0, f32::from(beats));
        self.sender.lead_timebase(Timebase { tempo, beats, unit })?;
        self.roll(app, &[0], tempo, 0)?;
        self.until(app, frame(LED_END, tempo))?;
        self.stop(app)?;
        let said = same_until(&self.heard()?, &expect, frame(LED_END, tempo))?;
        Ok(format!("{said}; at {tempo} in {beats}/{unit}"))
    }

    /// The app is told to end while a note of the tune sounds.
    fn ends(
        &self,
        mut app: Program,
        tell: impl FnOnce(&mut Program) -> anyhow::Result<()>,
    ) -> anyhow::Result<String> {
        self.receiver.heard();
        self.roll(&mut app, &[0], TEMPO, 0)?;
        self.until(&mut app, frame(BAR + 24, TEMPO))?;
        ensure!(!app.log().contains("panicked"), "{}", app.log());
        tell(&mut app)?;
        app.wait(LIMIT)?;
        let heard = self.heard()?;
        let (_, last) = heard.last().context("nothing was heard")?;
        // The note that sounded is written in the tune to last longer.
        let its = last[1] == song::tune(0)[5].pitch.get();
        ensure!(its, "the last event is {last:?}");
        let cut = heard.len();
        Ok(format!("and with it the note that sounded, event {cut}"))
    }

    /// Sends the tune at these places, and rolls the transport from `start`.
    fn roll(
        &self,
        app: &mut Program,
        places: &[i64],
        tempo: f64,
        start: i64,
    ) -> anyhow::Result<()> {
        self.sender.play(score(places, tempo));
        let start = frame(start, tempo);
        self.sender.roll_from(start);
        app.until("the transport does not roll", LIMIT, || {
            let (rolls, at) = self.receiver.transport();
            let there = rolls && (start..start + RATE).contains(&at);
            Ok(there.then_some(()))
        })
    }

    /// Waits until the transport is at `end`.
    fn until(&self, app: &mut Program, end: u32) -> anyhow::Result<()> {
        app.until("the transport does not get there", LIMIT, || {
            Ok((self.receiver.transport().1 >= end).then_some(()))
        })
    }

    /// Stops the transport, and listens a little longer.
    fn stop(&self, app: &mut Program) -> anyhow::Result<()> {
        self.sender.stop();
        app.until("the transport does not stop", LIMIT, || {
            Ok((!self.receiver.transport().0).then_some(()))
        })?;
        std::thread::sleep(SILENCE);
        Ok(())
    }

    /// What was heard since the last time; an error unless each note was ended, once.
    fn heard(&self) -> anyhow::Result<Vec<At>> {
        let heard = self.receiver.heard();
        let mut ledger = Ledger::default();
        for Message { frame, bytes, .. } in &heard {
            let [status, key, velocity] = *bytes;
            let on = match status >> 4 {
                0x9 => Some(f32::from(velocity) / 127.0),
                0x8 => None,
                _ => bail!("no note: {bytes:?}"),
            };
            ledger.enter(&Event {
                sample: (*frame).into(),
                channel: status & 15,
                pitch: Pitch::clamped(key.into()),
                velocity: on,
            })?;
        }
        ledger.closed()?;
        let events = heard.iter().map(|message| (message.frame, message.bytes));
        Ok(events.collect())
    }

    /// What our own host hears, at frames of the song.
    fn expected(&self, script: &Script) -> anyhow::Result<Vec<At>> {
        let recording = self.ours.play(script)?;
        recording.notes().context("in our own host")?;
        let event = |event: &Event| {
            let stretch = recording.timeline.stretch_at(event.sample);
            let frame = u32::try_from(stretch.song_at(event.sample))?;
            let kind = if event.velocity.is_some() { 0x90 } else { 0x80 };
            let velocity = event.velocity.map_or(0, |v| Velocity::from_unit(v).get());
            Ok((frame, [kind | event.channel, event.pitch.get(), velocity]))
        };
        recording.events.iter().map(event).collect()
    }
}

/// Checks that the notes are the expected ones for as long as the transport rolled: up to `end`, and any
/// more that came until it stood still.
fn same_until(heard: &[At], expect: &[At], end: u32) -> anyhow::Result<String> {
    let struck = |events: &[At]| {
        let on = |event: &&At| event.1[0] >> 4 == 0x9;
        events.iter().filter(on).copied().collect::<Vec<_>>()
    };
    let (struck, expect) = (struck(heard), struck(expect));
    let due = expect.iter().filter(|(at, _)| *at < end).count();
    let answers = due > song::tune(0).len();
    ensure!(answers, "no answer in our own host: {due} notes");
    let same = struck.len() >= due && expect.starts_with(&struck);
    ensure!(same, "{struck:?}, not {:?}", &expect[..due]);
    Ok(format!("{} notes, then none; all ended", struck.len()))
}

/// The tune at these places, and what the app does with its knobs at their defaults.
fn script(places: &[i64], tempo: f64, length: i64) -> Script {
    let notes = places.iter().flat_map(|place| song::tune(*place)).collect();
    let script = Script::new(notes, Metre::COMMON, Ticks::new(length));
    let mut script = script.on(RATE.into(), Blocks::Fixed(jack::CYCLE));
    script.tempo = tempo;
    script.set("Thru", "Always")
}

/// The tune at these places.
fn score(places: &[i64], tempo: f64) -> Vec<Message> {
    let messages = |note: Note| {
        let key = note.pitch.get();
        let velocity = note.velocity.map_or(0, |velocity| velocity.get());
        let on = (note.onset, [0x90, key, velocity]);
        [on, (note.end(), [0x80, key, 0])].map(|(at, bytes)| Message {
            frame: frame(at.get(), tempo),
            rolling: true,
            bytes,
        })
    };
    let notes = places.iter().flat_map(|place| song::tune(*place));
    let mut score: Vec<_> = notes.flat_map(messages).collect();
    // A key goes up before the next one goes down.
    score.sort_by_key(|message| (message.frame, message.bytes[0]));
    score
}

/// The frame that a tick falls on.
fn frame(tick: i64, tempo: f64) -> u32 {
    let seconds = Ticks::new(tick).beats().get() * 60.0 / tempo;
    (seconds * f64::from(RATE)).round() as u32
}
