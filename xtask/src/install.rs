//! `cargo xtask install`: puts the plug-in where DAWs look for plug-ins of this user.

use crate::bundle::{Profile, bundle};
use crate::needs;
use anyhow::{Context, bail};
use std::path::{Path, PathBuf};

/// What the command is told.
#[derive(clap::Args)]
pub struct Args {}

/// The command.
pub fn run(_: &Args) -> anyhow::Result<()> {
    needs::linker()?;
    let bundles = bundle(Profile::Release)?;
    let (clap, vst3) = folders()?;
    for (from, folder) in [(bundles.clap, clap), (bundles.vst3, vst3)] {
        let name = from.file_name().context("a bundle has a name")?;
        let to = folder.join(name);
        std::fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
        replace(&from, &to).with_context(|| format!("{}", to.display()))?;
        println!("Installed {}", to.display());
    }
    println!(
        "Scan for new plug-ins in your DAW; HarmonAI is among the instruments, HarmonAI Notes among the note effects."
    );
    Ok(())
}

/// Where the user's own CLAPs and VST3s lie.
fn folders() -> anyhow::Result<(PathBuf, PathBuf)> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    if cfg!(target_os = "macos") {
        let plug_ins = variable("HOME")
            .context("HOME is not set")?
            .join("Library/Audio/Plug-Ins");
        Ok((plug_ins.join("CLAP"), plug_ins.join("VST3")))
    } else if cfg!(windows) {
        let common = variable("LOCALAPPDATA").context("LOCALAPPDATA is not set")?;
        let common = common.join("Programs").join("Common");
        Ok((common.join("CLAP"), common.join("VST3")))
    } else if let Some(home) = variable("HOME") {
        Ok((home.join(".clap"), home.join(".vst3")))
    } else {
        bail!("HOME is not set")
    }
}

/// Copies a file or a folder over what may be there already. The old one is taken away first:
/// a DAW that runs may have it open.
fn replace(from: &Path, to: &Path) -> std::io::Result<()> {
    if to.is_dir() {
        std::fs::remove_dir_all(to)?;
    } else if to.exists() {
        std::fs::remove_file(to)?;
    }
    copy(from, to)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if !from.is_dir() {
        return std::fs::copy(from, to).map(drop);
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
