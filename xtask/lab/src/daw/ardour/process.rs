//! Ardour's programs as processes: where they look, what they are told, and an end if they find none.
//!
//! The [`super::visit`] calls them one after another. Each keeps its words in a file of the visit's folder.

use crate::daw::process::{Guest, at_home, tail};
use anyhow::{Context, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// Where Debian and Ubuntu put what is no command.
const PROGRAMS: &str = "/usr/lib/ardour7";
/// The rest of what Ardour's commands set for themselves, as its scanner needs it too.
const PLACES: [(&str, &str); 4] = [
    ("LD_LIBRARY_PATH", PROGRAMS),
    ("ARDOUR_DLL_PATH", PROGRAMS),
    ("ARDOUR_DATA_PATH", "/usr/share/ardour7"),
    ("ARDOUR_CONFIG_PATH", "/etc/ardour7"),
];
/// A process that runs longer hangs; the longest takes half a minute.
const HANGS: Duration = Duration::from_secs(240);

/// The vocabulary of what `ardour7-lua` is told.
const STEPS: &str = include_str!("steps.lua");
/// The plug-in that listens to HarmonAI.
const LOG: &str = include_str!("log.lua");

/// Ardour with a home of its own, so that nobody's settings are read or touched.
pub struct Ardour {
    folder: PathBuf,
    plugins: PathBuf,
}

impl Ardour {
    /// In `folder`; it knows the plug-in at `vst3` alone, and [`LOG`].
    pub fn new(folder: &Path, vst3: &Path) -> anyhow::Result<Self> {
        let plugins = vst3.parent().context("the plug-in lies in no folder")?;
        let ardour = Self {
            folder: folder.into(),
            plugins: plugins.into(),
        };
        let scripts = ardour.home("config").join("ardour7/scripts");
        std::fs::create_dir_all(&scripts).with_context(|| scripts.display().to_string())?;
        write(&scripts.join("log.lua"), LOG)?;
        // A session is opened with what the cache says, and the cache is never looked at again.
        // It bears whole seconds, and is taken for old where it is not of a later one than the plug-in.
        let later = newest(vst3)? + Duration::from_secs(1);
        while let Ok(early) = later.duration_since(SystemTime::now()) {
            std::thread::sleep(early.max(Duration::from_millis(1)));
        }
        let scanner = Path::new(PROGRAMS).join("ardour-vst3-scanner");
        let mut scan = Command::new(scanner);
        scan.args(["-q", "-f"]).arg(vst3).envs(PLACES);
        ardour.run("scan", scan)?;
        Ok(ardour)
    }

    /// Ardour's version.
    pub fn version() -> anyhow::Result<String> {
        let output = Command::new("ardour7-export").arg("--version").output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = text
            .lines()
            .next()
            .and_then(|line| line.split(' ').next_back());
        let version = version.with_context(|| format!("ardour7-export --version says {text:?}"))?;
        Ok(version.split('~').next().unwrap_or(version).to_owned())
    }

    /// Has `ardour7-lua` do `steps`, in the words of `steps.lua`.
    pub fn steps(&self, name: &str, steps: &str) -> anyhow::Result<()> {
        let script = self.folder.join(format!("{name}.lua"));
        write(&script, &format!("{STEPS}\n{steps}\nfinish ()\n"))?;
        let mut lua = Command::new("ardour7-lua");
        lua.arg(&script);
        let said = self.run(name, lua)?;
        // A script that goes wrong ends the program all the same.
        let done = said.lines().any(|line| line == "done");
        ensure!(done, "{name} came to no end:\n    {}", tail(&said));
        Ok(())
    }

    /// Renders the session's range as fast as it goes, and gives the file.
    pub fn export(&self, name: &str, session: &Path, snapshot: &str) -> anyhow::Result<PathBuf> {
        let wav = self.folder.join(format!("{name}.wav"));
        let mut export = Command::new("ardour7-export");
        export.args(["-b", "float", "-o"]).arg(&wav);
        export.arg(session).arg(snapshot);
        self.run(name, export)?;
        Ok(wav)
    }

    fn home(&self, of: &str) -> PathBuf {
        self.folder.join("home").join(of)
    }

    /// Runs it to its end, and gives what it said.
    fn run(&self, name: &str, mut command: Command) -> anyhow::Result<String> {
        command.env("VST3_PATH", &self.plugins);
        at_home(&mut command, &self.folder)?;
        Guest::start(command, name, &self.folder)?.wait(HANGS)
    }
}

/// When the youngest file in there was written.
fn newest(path: &Path) -> anyhow::Result<SystemTime> {
    let mut newest = path.metadata()?.modified()?;
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            newest = newest.max(self::newest(&entry?.path())?);
        }
    }
    Ok(newest)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| path.display().to_string())
}
