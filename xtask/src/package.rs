//! `cargo xtask package`: one archive for this platform, as users download it: the plug-in in both
//! formats, its licence, the licences of everything built into it, and the archive's checksum.

mod licences;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Seek, Write};
use std::path::Path;

use anyhow::Context;
use harmonai_workspace::target_folder;
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::bundle::bundle_for_users;

const INSTALL: &str = include_str!("package/INSTALL.txt");

/// The built-in model's card: its file, its heading there, and the next heading.
const CARD: (&str, &str, &str) = (
    "plugin-assets/README.md",
    "## default.safetensors",
    "## seeds/",
);

pub fn run() -> anyhow::Result<()> {
    let bundles = bundle_for_users()?;
    let folder = target_folder().join("package");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let name = format!("HarmonAI-{}-{}", env!("CARGO_PKG_VERSION"), platform());
    let archive = folder.join(format!("{name}.zip"));
    let file = File::create(&archive).with_context(|| archive.display().to_string())?;
    let mut zip = ZipWriter::new(file);
    for bundle in [&bundles.clap, &bundles.vst3] {
        let inside = bundle.file_name().context("a bundle has a name")?;
        add(&mut zip, bundle, &Path::new(&name).join(inside))?;
    }
    let documents = [
        ("INSTALL.txt", INSTALL.to_owned()),
        ("LICENSE", read("LICENSE")?),
        ("CHANGELOG.md", read("CHANGELOG.md")?),
        ("MODEL.md", card()?),
        ("THIRD-PARTY.txt", licences::text()?),
    ];
    for (document, text) in documents {
        zip.start_file(format!("{name}/{document}"), options(0o644))?;
        zip.write_all(text.as_bytes())?;
    }
    zip.finish()?;
    let sum = checksum(&archive)?;
    let shown = archive.file_name().unwrap_or_default().to_string_lossy();
    let note = archive.with_extension("zip.sha256");
    fs::write(&note, format!("{sum}  {shown}\n")).with_context(|| note.display().to_string())?;
    let size = fs::metadata(&archive)?.len() as f64 / 1e6;
    println!("{} ({size:.1} MB)\nsha256 {sum}", archive.display());
    Ok(())
}

fn read(path: &str) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| path.to_owned())
}

/// The built-in model's card alone.
fn card() -> anyhow::Result<String> {
    let (path, from, to) = CARD;
    let text = read(path)?;
    let card = text
        .split_once(from)
        .and_then(|(_, card)| card.split_once(to));
    let (card, _) = card.with_context(|| format!("{path} has no {from}, or no {to} after it"))?;
    Ok(format!("# The built-in model\n{card}"))
}

/// As archives are commonly named.
fn platform() -> String {
    match std::env::consts::OS {
        "macos" => "macos-universal".into(),
        os => format!("{os}-{}", std::env::consts::ARCH),
    }
}

fn options(mode: u32) -> SimpleFileOptions {
    let options = SimpleFileOptions::default();
    options
        .compression_method(CompressionMethod::Deflated)
        .unix_permissions(mode)
}

/// Adds a file, or a folder with its contents, as `inside`.
fn add<W: Write + Seek>(zip: &mut ZipWriter<W>, from: &Path, inside: &Path) -> anyhow::Result<()> {
    let named = || from.display().to_string();
    if from.is_dir() {
        let entries = fs::read_dir(from).with_context(named)?;
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        let mut entries = paths.collect::<Result<Vec<_>, _>>().with_context(named)?;
        entries.sort();
        for entry in entries {
            let name = entry.file_name().context("an entry has a name")?;
            add(zip, &entry, &inside.join(name))?;
        }
        return Ok(());
    }
    // Libraries are executable, as linkers leave them.
    let mode = if from.extension().is_some_and(|end| end == "plist") {
        0o644
    } else {
        0o755
    };
    // Archives have slashes on every system.
    let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
    zip.start_file(parts.join("/"), options(mode))?;
    let mut file = File::open(from).with_context(named)?;
    std::io::copy(&mut file, zip).with_context(named)?;
    Ok(())
}

fn checksum(path: &Path) -> anyhow::Result<String> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    let mut text = String::new();
    for byte in Sha256::digest(&bytes) {
        write!(text, "{byte:02x}")?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_models_card_is_given_without_what_is_not_in_the_archive() {
        std::env::set_current_dir(harmonai_workspace::workspace()).unwrap();
        let card = card().unwrap();
        assert!(
            card.contains("open-melodies") && !card.contains("seeds"),
            "{card}"
        );
    }
}
