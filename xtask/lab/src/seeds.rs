//! `cargo xtask seeds`: makes the seed phrases' MIDI files from their texts.

mod tune;

use anyhow::{Context, ensure};
use harmonai_core::music::smf;
use std::path::Path;

/// Texts and MIDI files are side by side.
pub const FOLDER: &str = "plugin-assets/seeds";

#[derive(clap::Args)]
pub struct Args {
    /// Write nothing; fail where a file does not match its text
    #[arg(long)]
    pub check: bool,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let folder = Path::new(FOLDER);
    let songs = tune::compile(folder)?;
    let mut stale = Vec::new();
    for (stem, song) in &songs {
        let path = folder.join(stem).with_extension("mid");
        let bytes = smf::write(song);
        if std::fs::read(&path).is_ok_and(|old| old == bytes) {
            continue;
        }
        if !args.check {
            std::fs::write(&path, bytes).with_context(|| path.display().to_string())?;
        }
        stale.push(path.display().to_string());
    }
    let list = stale.join(", ");
    ensure!(
        !args.check || stale.is_empty(),
        "not what the texts say: {list}; cargo xtask seeds"
    );
    let written = match stale.len() {
        0 => "none was stale".to_owned(),
        _ => format!("wrote {list}"),
    };
    println!("{} seed phrases; {written}", songs.len());
    Ok(())
}
