//! Ardour 7 without its window: a session with HarmonAI on a MIDI track and a second track that records what it
//! plays, rolled, looped, moved about in, saved, opened again and rendered.
//!
//! `cargo xtask daw ardour` calls [`visit`]. Ardour is told what to do in Lua, by [`process`]; [`checks`]
//! compares what it played with what our own hosts play with the state that it saved.

mod checks;
mod heard;
mod process;
mod session;
mod session_file;

use super::Visit;
use super::findings::Findings;
use anyhow::Context;
use harmonai_core::music::time::Metre;
use process::Ardour;
use session::{END, JUMPS, REOPENED, ROUNDS, SESSION, STOP, Session};

/// Checks everything; each check follows what it needs to have been played.
pub fn visit(visit: &Visit) -> anyhow::Result<Findings> {
    let session = Session::new(visit)?;
    let mut findings = Findings::new(format!("Ardour {}", Ardour::version()?), "VST3");
    let made = session.make()?;
    let script = session.script(Metre::COMMON, &made);
    play(&session)?;
    findings.check("notes", || session.check_notes(&script));
    findings.check("timing", || session.check_timing(&script));
    findings.check("loop", || session.check_loop(&script));
    findings.check("jumps", || session.check_jumps(&script));

    let closed = session.file.state(SESSION)?;
    session.open(
        "again",
        &format!(
            "save (\"{REOPENED}\")\n{}\nknob (\"Preview voice\", 1)\nsave ()",
            session.step("record", "again", &END.to_string()),
        ),
    )?;
    findings.check("save and reload", || session.check_reload(&script, &closed));
    let bounces = [session.bounce("bounce-1")?, session.bounce("bounce-2")?];
    findings.check("bounce", || session.check_bounce(&script, &bounces));

    maps(&session)?;
    let seven = session.script(Metre::new(7, 8).context("7/8")?, &made);
    findings.check("ramp with a bar of 7/8", || {
        session.check_map("ramp", &script, 8)
    });
    findings.check("ramp in 7/8", || session.check_map("seven", &seven, 7));
    findings.check("note-offs", || session.check_note_offs());
    Ok(findings)
}

/// Plays the song as it stands, in a loop, and with jumps.
fn play(session: &Session<'_>) -> anyhow::Result<()> {
    let jumps = JUMPS.map(|(at, to)| format!("{{{at}, {to}}}")).join(", ");
    session.open(
        "play",
        &format!(
            "{}\n{}\n{}\nsave ()",
            session.step("record", "plain", &END.to_string()),
            session.step("loop", "loop", &ROUNDS.to_string()),
            session.step("jump", "jump", &format!("{{ {jumps} }}, {STOP}")),
        ),
    )
}

/// Plays the song with tempo ramps and with bars of 7/8: a single one, where the answer begins; and all.
fn maps(session: &Session<'_>) -> anyhow::Result<()> {
    let maps = [
        (
            "ramp",
            "{ {0, 120, 180}, {11.5, 180, 180} }, { {8, 7, 8}, {11.5, 4, 4} }",
        ),
        ("seven", "{ {0, 180, 120}, {14, 120, 120} }, { {0, 7, 8} }"),
    ];
    for (name, map) in maps {
        let record = session.step("record", name, &END.to_string());
        session.open(name, &format!("tempo_map ({map})\n{record}"))?;
    }
    Ok(())
}
