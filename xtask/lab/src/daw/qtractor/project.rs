//! The project that Qtractor opens and saves, and what stands in for ALSA's sequencer.

use anyhow::{Context, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use harmonai_core::music::smf::{self, Song, Track};
use harmonai_tests::Script;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Writes the script's tune, and a project that plays it to the plug-in in this state.
pub fn write(
    folder: &Path,
    plugin: &Path,
    script: &Script,
    state: &[u8],
) -> anyhow::Result<PathBuf> {
    let track = Track {
        name: "tune".into(),
        channel: 0,
        notes: script.phrase.clone(),
    };
    let song = Song {
        tempo: script.tempo,
        metre: script.metre,
        tracks: vec![track],
    };
    fs::write(folder.join("tune.mid"), smf::write(&song))?;
    let end = script.phrase.iter().map(|note| note.end()).max();
    let seconds = end.context("no tune")?.beats().get() * 60.0 / script.tempo;
    let frames = (seconds * script.sample_rate).ceil();
    let text = include_str!("session.qtr")
        .replace("{folder}", &folder.to_string_lossy())
        .replace("{plugin}", &plugin.to_string_lossy())
        .replace("{rate}", &script.sample_rate.to_string())
        .replace("{tempo}", &script.tempo.to_string())
        .replace("{frames}", &frames.to_string())
        .replace("{state}", &letters(state)?);
    let project = folder.join("project.qtr");
    fs::write(&project, text).with_context(|| project.display().to_string())?;
    Ok(project)
}

/// A state as Qtractor writes it: its length, then the state compressed, all of it in base64.
fn letters(state: &[u8]) -> anyhow::Result<String> {
    let bytes = u32::try_from(state.len())?.to_be_bytes().to_vec();
    let mut writer = ZlibEncoder::new(bytes, Compression::default());
    writer.write_all(state)?;
    Ok(BASE64_STANDARD.encode(writer.finish()?))
}

/// The plug-in's state in a project.
pub fn state(project: &str) -> anyhow::Result<Vec<u8>> {
    let (_, plugin) = project
        .split_once("<plugin type=\"CLAP\">")
        .context("no plug-in")?;
    let (_, state) = plugin
        .split_once("<config key=\"state\">")
        .context("no state")?;
    let (letters, _) = state
        .split_once("</config>")
        .context("a state without end")?;
    let letters: String = letters.split_whitespace().collect();
    let bytes = BASE64_STANDARD.decode(letters)?;
    let mut state = Vec::new();
    ZlibDecoder::new(bytes.get(4..).context("an empty state")?).read_to_end(&mut state)?;
    Ok(state)
}

/// Compiles the stand-in for ALSA's sequencer.
pub fn build_sequencer(folder: &Path) -> anyhow::Result<PathBuf> {
    let (source, library) = (folder.join("sequencer.c"), folder.join("sequencer.so"));
    fs::write(&source, include_str!("sequencer.c"))?;
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .arg(&source);
    let output = cc.output().context("starting cc")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "compiling {}: {said}",
        source.display()
    );
    Ok(library)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_as_it_was_written() {
        let wanted = b"any state at all, of any length".repeat(9);
        let letters = letters(&wanted).unwrap();
        let text = format!(
            "<plugin type=\"CLAP\"><configs><config key=\"state\">\n  {letters}\n </config></configs>"
        );
        assert_eq!(state(&text).unwrap(), wanted);
        assert!(state("<plugin type=\"CLAP\"></plugin>").is_err());
    }
}
