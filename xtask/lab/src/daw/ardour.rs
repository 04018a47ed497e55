//! Ardour 7 without its window: a session with HarmonAI on a MIDI track and a second track that records what it
//! plays, rolled, looped, moved about in, saved, opened again and rendered.
//!
//! `cargo xtask daw ardour` calls [`visit`]. What Ardour is told is Lua, in [`process`]; what our own hosts play
//! with the state that Ardour saved is what it is held against, in [`checks`].

mod checks;
mod heard;
mod process;
mod saved;
mod stay;

use super::Visit;
use super::findings::Findings;
use anyhow::Context;
use harmonai_core::time::Metre;
use process::Ardour;
use stay::{END, JUMPS, REOPENED, ROUNDS, SESSION, STOP, Stay};

/// Everything that is checked there.
pub fn visit(visit: &Visit) -> anyhow::Result<Findings> {
    let stay = Stay::new(visit)?;
    let mut findings = Findings::new(format!("Ardour {}", Ardour::version()?), "VST3");
    let made = stay.make()?;
    play(&stay)?;
    let closed = stay.session.state(SESSION)?;
    stay.open(
        "again",
        &format!(
            "save (\"{REOPENED}\")\n{}\nknob (\"Preview voice\", 1)\nsave ()",
            stay.step("record", "again", &END.to_string()),
        ),
    )?;
    let bounces = [stay.bounce("bounce-1")?, stay.bounce("bounce-2")?];
    maps(&stay)?;

    let script = stay.script(Metre::COMMON, &made);
    let seven = stay.script(Metre::new(7, 8).context("7/8")?, &made);
    let mut check = |what, check: &dyn Fn() -> anyhow::Result<String>| findings.check(what, check);
    check("notes", &|| stay.check_notes(&script));
    check("timing", &|| stay.check_timing(&script));
    check("loop", &|| stay.check_loop(&script));
    check("jumps", &|| stay.check_jumps(&script));
    check("ramp with a bar of 7/8", &|| {
        stay.check_map("ramp", &script, 8)
    });
    check("ramp in 7/8", &|| stay.check_map("seven", &seven, 7));
    check("note-offs", &|| stay.check_note_offs());
    check("save and reload", &|| stay.check_reload(&script, &closed));
    check("bounce", &|| stay.check_bounce(&script, &bounces));
    Ok(findings)
}

/// The song as it stands, in a loop, and with jumps.
fn play(stay: &Stay<'_>) -> anyhow::Result<()> {
    let jumps = JUMPS.map(|(at, to)| format!("{{{at}, {to}}}")).join(", ");
    stay.open(
        "play",
        &format!(
            "{}\n{}\n{}\nsave ()",
            stay.step("record", "plain", &END.to_string()),
            stay.step("loop", "loop", &ROUNDS.to_string()),
            stay.step("jump", "jump", &format!("{{ {jumps} }}, {STOP}")),
        ),
    )
}

/// The song with tempos that glide and with bars of 7/8: one, where the answer begins; and all.
fn maps(stay: &Stay<'_>) -> anyhow::Result<()> {
    let maps = [
        (
            "ramp",
            "{ {0, 120, 180}, {11.5, 180, 180} }, { {8, 7, 8}, {11.5, 4, 4} }",
        ),
        ("seven", "{ {0, 180, 120}, {14, 120, 120} }, { {0, 7, 8} }"),
    ];
    for (name, map) in maps {
        let record = stay.step("record", name, &END.to_string());
        stay.open(name, &format!("tempo_map ({map})\n{record}"))?;
    }
    Ok(())
}
