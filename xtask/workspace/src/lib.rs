//! Where this workspace and the plug-in built from it lie, how cargo is called in it, and how its
//! programs end.
//!
//! Shared by `xtask`, its lab and the system tests. It depends on next to nothing, so that
//! `cargo xtask install` compiles no host.

use anyhow::{Context, bail, ensure};
use std::fmt::{self, Display};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::str::FromStr;
use std::sync::OnceLock;

/// Names the folder with the bundles to test, instead of the workspace's own.
pub const FOLDER: &str = "HARMONAI_BUNDLES";

/// How the plug-in is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// With debug assertions: the audio thread aborts when it allocates.
    Dev,
    /// For playing.
    Release,
}

impl Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dev => "dev",
            Self::Release => "release",
        })
    }
}

impl FromStr for Profile {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        match text {
            "dev" => Ok(Self::Dev),
            "release" => Ok(Self::Release),
            _ => bail!("it is dev or release"),
        }
    }
}

/// The plug-in in both formats.
#[derive(Clone, Debug)]
pub struct Bundles {
    pub clap: PathBuf,
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

    /// Builds the plug-in by `cargo xtask bundle`, which writes to standard error alone.
    pub fn build(profile: Profile) -> anyhow::Result<Self> {
        let (mut command, name) = (cargo(), profile.to_string());
        command.args(["xtask", "bundle", "--profile", &name]);
        command.current_dir(workspace());
        let status = command.status().context("starting cargo")?;
        ensure!(status.success(), "cargo xtask bundle: {status}");
        Self::in_folder(&match profile {
            Profile::Dev => dev_bundle_folder(),
            Profile::Release => target_folder().join("bundled"),
        })
    }

    /// The bundles that [`FOLDER`] names; without it the dev bundles of this workspace, which are
    /// built first, so that no test sees an old plug-in.
    pub fn find() -> anyhow::Result<&'static Self> {
        static FOUND: OnceLock<anyhow::Result<Bundles>> = OnceLock::new();
        let found = FOUND.get_or_init(|| match std::env::var_os(FOLDER) {
            Some(folder) => Self::in_folder(Path::new(&folder)).context(FOLDER),
            None => Self::build(Profile::Dev),
        });
        found.as_ref().map_err(|error| anyhow::anyhow!("{error:#}"))
    }
}

/// The workspace's folder.
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
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

/// The end of a program: its exit code, and its error on standard error.
pub fn exit(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Cargo, the one that runs this where one does.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// `cargo build` with these arguments, in the workspace.
pub fn build(arguments: &[&str]) -> anyhow::Result<()> {
    let (mut command, shown) = (cargo(), arguments.join(" "));
    command.arg("build").args(arguments);
    command.current_dir(workspace());
    let status = command.status().context("starting cargo")?;
    ensure!(status.success(), "cargo build {shown}: {status}");
    Ok(())
}

/// The headers that the standalone app needs beyond what the plug-in needs; the error says how to
/// get them.
pub fn standalone_headers() -> anyhow::Result<()> {
    let mut pkg_config = Command::new("pkg-config");
    let found = pkg_config.args(["--exists", "alsa", "jack"]).status();
    ensure!(
        found.is_ok_and(|status| status.success()),
        "the headers of ALSA and JACK are missing; run\n    \
         sudo apt-get install -y --no-install-recommends pkg-config libasound2-dev libjack-jackd2-dev"
    );
    Ok(())
}
