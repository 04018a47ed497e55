//! `cargo xtask install`: copies the plug-in to where DAWs look for this user's plug-ins, or removes it.

use crate::bundle::bundle;
use anyhow::Context;
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
        std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        replace(&from, &to).with_context(|| to.display().to_string())?;
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
            remove(&path).with_context(|| path.display().to_string())?;
            println!("Removed {}", path.display());
        } else {
            println!("Not there: {}", path.display());
        }
    }
    Ok(())
}

/// The user's own folders for CLAPs and VST3s.
fn folders() -> anyhow::Result<(PathBuf, PathBuf)> {
    let (home, within, clap, vst3) = if cfg!(target_os = "macos") {
        ("HOME", "Library/Audio/Plug-Ins", "CLAP", "VST3")
    } else if cfg!(windows) {
        ("LOCALAPPDATA", "Programs\\Common", "CLAP", "VST3")
    } else {
        ("HOME", "", ".clap", ".vst3")
    };
    let path = std::env::var_os(home).with_context(|| format!("{home} is not set"))?;
    let folder = Path::new(&path).join(within);
    Ok((folder.join(clap), folder.join(vst3)))
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
