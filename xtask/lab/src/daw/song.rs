//! What is played to the plug-in in every host: a tune of two bars, with knobs that are not at their
//! defaults; and what our own host hears as its answer.

use anyhow::{Context, ensure};
use harmonai_core::music::note::{Note, Velocity};
use harmonai_core::music::time::{Metre, Ticks};
use harmonai_tests::recording::largest_error;
use harmonai_tests::{Blocks, Host, Played, Script, phrase};

/// Ticks in a bar.
pub const BAR: i64 = 96;
/// The tune from `place` on, all notes equally loud.
pub fn tune(place: i64) -> Vec<Note> {
    let note = |note: Note| Note {
        onset: note.onset + Ticks::new(place),
        velocity: Some(Velocity::clamped(100)),
        ..note
    };
    phrase::tune().into_iter().map(note).collect()
}

/// The session: two bars of tune from `place` on, four of answer, and one to die away.
pub fn script(place: i64) -> Script {
    Script::new(tune(place), Metre::COMMON, Ticks::new(place + 7 * BAR))
        // A tick is two blocks.
        .on(48_000.0, Blocks::Fixed(500))
        .set("Mode", "Call & response")
        .set("Listen", "2 bars")
        .set("Length", "16 beats")
        .set("Seed", "5")
        .set("Temperature", "0.95")
}

/// The answer in our own host: at least a few notes, each ended, all on the grid.
pub fn answer(host: &dyn Host, script: &Script) -> anyhow::Result<Vec<Played>> {
    let notes = host.play(script)?.notes().context("in our own host")?;
    ensure!(notes.len() > 7, "{} notes in our own host", notes.len());
    let error = largest_error(&notes);
    ensure!(error == 0, "{error} samples off in our own host");
    Ok(notes)
}

/// The state of the plug-in with the script's knobs.
pub fn state(host: &dyn Host, script: &Script) -> anyhow::Result<Vec<u8>> {
    let mut plugin = host.open(script)?;
    for (name, value) in &script.settings {
        plugin.set(name, value)?;
    }
    plugin.save()
}
