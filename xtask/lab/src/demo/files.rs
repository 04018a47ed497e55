//! The demo's files: the answer as MIDI, as a picture and as sound.

use super::take::Takes;
use super::{Args, Call, roll};
use anyhow::Context;
use harmonai_core::music::smf::{self, Song, Track};
use std::path::{Path, PathBuf};

/// Where they go by default.
const FOLDER: &str = "target/demo";
/// The session's sample rate, at which the sound is written.
const SAMPLE_RATE: u32 = 48_000;

/// Makes the folder for them.
pub fn folder(args: &Args) -> anyhow::Result<&Path> {
    let folder = args.out.as_deref().unwrap_or(Path::new(FOLDER));
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    Ok(folder)
}

/// Writes them and returns their paths.
pub fn write(folder: &Path, call: &Call, takes: &Takes) -> anyhow::Result<Vec<PathBuf>> {
    let take = takes.answers.first().context("no host played")?;
    let (metre, phrase, answer) = (call.song.metre, &call.phrase.notes, take.melody());
    let svg = roll::draw(&call.name, phrase, &answer, metre);
    let track = |name: &str, channel, notes| Track {
        name: name.into(),
        channel,
        notes,
    };
    let midi = smf::write(&Song {
        tempo: call.song.tempo,
        metre,
        tracks: vec![
            track("Phrase", 0, phrase.clone()),
            track("Answer", 1, answer),
        ],
    });
    let [mid, picture, sound] =
        ["answer.mid", "answer.svg", "answer.wav"].map(|name| folder.join(name));
    std::fs::write(&mid, midi).with_context(|| mid.display().to_string())?;
    std::fs::write(&picture, svg).with_context(|| picture.display().to_string())?;
    wav(&sound, &takes.audio).with_context(|| sound.display().to_string())?;
    Ok(vec![mid, picture, sound])
}

/// Writes the sound at a common level: the preview voice is quiet.
fn wav(path: &Path, audio: &[[f32; 2]]) -> anyhow::Result<()> {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: SAMPLE_RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let samples = || audio.iter().flatten();
    let loudest = samples().fold(0.0f32, |most, sample| most.max(sample.abs()));
    let gain = if loudest > 0.0 { 0.7 / loudest } else { 1.0 };
    let mut writer = hound::WavWriter::create(path, spec)?;
    for sample in samples() {
        writer.write_sample((sample * gain * f32::from(i16::MAX)).round() as i16)?;
    }
    Ok(writer.finalize()?)
}
