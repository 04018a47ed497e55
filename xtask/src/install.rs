//! `cargo xtask install`: copies the plug-in to where DAWs look for this user's plug-ins, or removes it.

use crate::bundle::bundle;
use anyhow::{Context, bail};
use harmonai_workspace::Profile;
use std::path::{Path, PathBuf};

const CLAP: &str = "HarmonAI.clap";
const VST3: &str = "HarmonAI.vst3";

#[derive(clap::Args)]
pub struct Args {
    /// Remove it; models and projects stay
    #[arg(long)]
    uninstall: bool,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    if args.uninstall {
        return uninstall();
    }
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

fn uninstall() -> anyhow::Result<()> {
    let (clap, vst3) = folders()?;
    for path in [clap.join(CLAP), vst3.join(VST3)] {
        if path.exists() {
            remove(&path).with_context(|| format!("{}", path.display()))?;
            println!("Removed {}", path.display());
        } else {
            println!("Not there: {}", path.display());
        }
    }
    Ok(())
}

/// The user's own folders for CLAPs and VST3s.
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

/// Copies a file or a folder over what may be there already. The old one is removed first: a
/// running DAW may have it open.
fn replace(from: &Path, to: &Path) -> std::io::Result<()> {
    if to.exists() {
        remove(to)?;
    }
    copy(from, to)
}

fn remove(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        std::fs::remove_dir_all(path)
    } else {
        std::fs::remove_file(path)
    }
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
