//! Where the built plug-in lies.

use anyhow::{Context, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Names the folder with the bundles to test, instead of the workspace's own.
pub const FOLDER: &str = "HARMONAI_BUNDLES";

/// The plug-in in both formats.
#[derive(Clone, Debug)]
pub struct Bundles {
    /// The `.clap`.
    pub clap: PathBuf,
    /// The `.vst3`.
    pub vst3: PathBuf,
}

impl Bundles {
    /// The bundles in `folder`.
    pub fn in_folder(folder: &Path) -> anyhow::Result<Self> {
        let bundle = |name: &str| {
            let path = folder.join(name);
            ensure!(path.exists(), "{} is missing", path.display());
            Ok(path)
        };
        Ok(Self {
            clap: bundle("HarmonAI.clap")?,
            vst3: bundle("HarmonAI.vst3")?,
        })
    }

    /// The bundles that [`FOLDER`] names; without it the dev bundles of this workspace, which are
    /// built first, so that no test sees an old plug-in.
    pub fn find() -> anyhow::Result<&'static Self> {
        static FOUND: OnceLock<anyhow::Result<Bundles>> = OnceLock::new();
        let found = FOUND.get_or_init(|| {
            if let Some(folder) = std::env::var_os(FOLDER) {
                return Self::in_folder(Path::new(&folder)).context(FOLDER);
            }
            build()?;
            Self::in_folder(&dev_bundle_folder())
        });
        found.as_ref().map_err(|error| anyhow::anyhow!("{error:#}"))
    }
}

/// The workspace's folder.
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Cargo's target folder.
pub fn target_folder() -> PathBuf {
    let workspace = workspace();
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => workspace.join(folder),
        None => workspace.join("target"),
    }
}

/// The target folder of dev bundles, apart from that of the release bundles.
pub fn dev_bundle_target() -> PathBuf {
    target_folder().join("dev-bundle")
}

/// Where `cargo xtask bundle --profile dev` puts the bundles.
pub fn dev_bundle_folder() -> PathBuf {
    dev_bundle_target().join("bundled")
}

/// Cargo, the one that runs this where one does.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn build() -> anyhow::Result<()> {
    let mut command = cargo();
    command
        .args(["xtask", "bundle", "--profile", "dev"])
        .current_dir(workspace());
    let output = command.output().context("cargo xtask bundle")?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo xtask bundle: {errors}");
    Ok(())
}
