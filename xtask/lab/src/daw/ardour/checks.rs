//! The checks of what was heard in Ardour, a function each, which returns its figures as text.

use super::heard::{HeardNote, on_grid, same};
use super::session::{END, JUMPS, REOPENED, ROUNDS, STOP, Session, TURN, quarters};
use super::session_file::BEAT;
use anyhow::{Context, ensure};
use harmonai_core::music::time::Ticks;
use harmonai_tests::Script;
use std::path::{Path, PathBuf};

impl Session<'_> {
    /// What Ardour recorded is what our own VST3 host plays with the same state.
    pub fn check_notes(&self, script: &Script) -> anyhow::Result<String> {
        let (recorded, ours) = (self.capture("plain")?.recorded, self.ours(script)?);
        same(&recorded, &ours)?;
        let (count, first) = (recorded.len(), recorded[0].onset.beats().get());
        Ok(format!(
            "the {count} notes that it recorded, from quarter {first} on, are those of our own host"
        ))
    }

    /// They lie where they belong: in the recording, and to the sample on the track.
    pub fn check_timing(&self, script: &Script) -> anyhow::Result<String> {
        let plain = self.capture("plain")?;
        let off = on_grid(&plain.recorded)?;
        let apart = same(&plain.stretches.concat(), &self.ours(script)?)?;
        to_the_sample(apart)?;
        Ok(format!(
            "recorded {off}/{BEAT} of a quarter off the grid at most; as they are played, to the sample"
        ))
    }

    /// Each round is what our own host plays in the same loop.
    pub fn check_loop(&self, script: &Script) -> anyhow::Result<String> {
        let mut script = script.clone();
        script.cycle = Some(Ticks::ZERO..quarters(TURN));
        script.length = quarters(TURN * ROUNDS as i64);
        let ours = self.moved(&script)?;
        let heard = self.capture("loop")?.stretches;
        ensure!(ours.len() == ROUNDS, "{} rounds of our own", ours.len());
        ensure!(heard.len() == ROUNDS, "{} rounds with notes", heard.len());
        let mut apart = 0;
        for (round, (heard, ours)) in heard.iter().zip(&ours).enumerate() {
            let same = same(heard, ours).with_context(|| format!("round {}", round + 1));
            apart = apart.max(same?);
        }
        to_the_sample(apart)?;
        let cut = ours[0].iter().filter(|note| note.duration.is_none());
        let (count, cut) = (ours[0].len(), cut.count());
        Ok(format!(
            "{ROUNDS} rounds of {count} notes, {cut} of them cut by the turn, to the sample"
        ))
    }

    /// Each stretch is what our own host plays from there, as far as it goes.
    pub fn check_jumps(&self, script: &Script) -> anyhow::Result<String> {
        let from = [0].into_iter().chain(JUMPS.map(|(_, to)| to));
        let until = JUMPS.map(|(at, _)| at).into_iter().chain([STOP]);
        let mut heard = self.capture("jump")?.stretches.into_iter();
        let (mut notes, mut cut) = (0, 0);
        for (from, until) in from.zip(until) {
            let mut script = script.clone();
            script.start = quarters(from);
            script.length = quarters(END - from);
            let ours = self.moved(&script)?.concat();
            let sure = ours.iter().filter(|note| note.onset < quarters(until));
            let sure = sure.count();
            if sure == 0 {
                continue;
            }
            let mut heard = heard.next().context("a stretch without notes")?;
            ensure!(heard.len() >= sure, "{} notes of {sure}", heard.len());
            cut += usize::from(mend(&mut heard, &ours));
            let same = same(&heard, &ours[..heard.len().min(ours.len())]);
            let apart = same.with_context(|| format!("from quarter {from}"))?;
            to_the_sample(apart)?;
            notes += heard.len();
        }
        ensure!(heard.next().is_none(), "notes in a stretch that has none");
        ensure!(cut > 1, "{cut} notes cut, and not by a jump and the stop");
        let jumps = JUMPS.len();
        Ok(format!(
            "{jumps} jumps while it rolls, and a stop: {notes} notes as from there in our own host, {cut} of them cut"
        ))
    }

    /// State, phrase and answer are the same after reopening. `kept` is the state that the session was
    /// closed with.
    pub fn check_reload(&self, script: &Script, kept: &str) -> anyhow::Result<String> {
        let reopened = self.file.state(REOPENED)?;
        ensure!(reopened == kept, "the state is {reopened}, and was {kept}");
        let state: serde_json::Value = serde_json::from_str(kept)?;
        let phrase = state["fields"]["phrase"].to_string();
        ensure!(phrase.contains("[156,"), "the phrase is kept as {phrase}");
        let again = self.capture("again")?;
        same(&again.recorded, &self.ours(script)?)?;
        let count = state["params"].as_object().map_or(0, |params| params.len());
        let bytes = kept.len();
        Ok(format!(
            "{count} parameters and the phrase, in {bytes} bytes of state, are as they were, and so is the answer"
        ))
    }

    /// Two renderings with the preview voice are equal, and the answer is heard in them.
    pub fn check_bounce(&self, script: &Script, bounces: &[PathBuf; 2]) -> anyhow::Result<String> {
        let [first, second] = [samples(&bounces[0])?, samples(&bounces[1])?];
        let bits = |wav: &[f32]| wav.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        ensure!(bits(&first) == bits(&second), "the two files differ");
        let loud = |sample: &f32| sample.abs() > 1e-3;
        let begins = first.iter().position(loud).context("silence")? as i64 / 2;
        let from = self.ours(script)?;
        let from = from.first().and_then(|note| note.sample);
        let from = from.context("no answer")?;
        ensure!(
            (from..from + 480).contains(&begins),
            "sound from sample {begins}, and the answer is from {from}"
        );
        let peak = first.iter().fold(0_f32, |a, b| a.max(b.abs()));
        let frames = first.len() / 2;
        Ok(format!(
            "2 renderings of {frames} samples are equal bit for bit, from sample {begins} on, with a peak of {peak:.3}"
        ))
    }

    /// The answer is the same as at a steady tempo; it begins on the bar at quarter `bar`, and lies on
    /// the grid of the song's own time.
    pub fn check_map(&self, name: &str, script: &Script, bar: i64) -> anyhow::Result<String> {
        let (capture, ours) = (self.capture(name)?, self.ours(script)?);
        let recorded = &capture.recorded;
        same(recorded, &ours)?;
        let off = on_grid(recorded)?.max(on_grid(&capture.stretches.concat())?);
        let first = recorded[0].onset;
        let on_bar = first == quarters(bar);
        ensure!(on_bar, "it begins at {}", first.beats().get());
        let count = recorded.len();
        Ok(format!(
            "{count} notes from the bar at quarter {bar} on, {off}/{BEAT} of a quarter off the grid at most"
        ))
    }

    /// No pass left a note open, ended one twice or struck one that was open: reading it would have failed.
    pub fn check_note_offs(&self) -> anyhow::Result<String> {
        let passes = ["plain", "loop", "jump", "again", "ramp", "seven"];
        let mut struck = 0;
        for pass in passes {
            struck += self.capture(pass)?.struck;
        }
        let passes = passes.len();
        Ok(format!(
            "{struck} note-ons in {passes} passes, each with its one note-off"
        ))
    }
}

/// Gives the last note heard the length that it has in our own host, where a jump or the stop has cut
/// it; returns whether one had.
fn mend(heard: &mut [HeardNote], ours: &[HeardNote]) -> bool {
    let Some((last, ours)) = heard.iter_mut().zip(ours).next_back() else {
        return false;
    };
    let cut = match (last.duration, ours.duration) {
        (Some(heard), Some(whole)) => heard < whole,
        (heard, _) => heard.is_none(),
    };
    if cut {
        last.duration = ours.duration;
    }
    cut
}

fn to_the_sample(apart: i64) -> anyhow::Result<()> {
    ensure!(apart == 0, "{apart} samples from where our own host plays");
    Ok(())
}

/// The file's samples, interleaved.
fn samples(wav: &Path) -> anyhow::Result<Vec<f32>> {
    let read = || hound::WavReader::open(wav)?.samples::<f32>().collect();
    let samples: Result<_, hound::Error> = read();
    samples.with_context(|| wav.display().to_string())
}
