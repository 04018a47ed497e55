//! Ardour's programs as processes: their surroundings, their scripts, and an end if they hang.
//!
//! The [`super::visit`] runs them one after another, each with its log in the visit's folder.

use crate::daw::process::{Program, at_home, tail};
use anyhow::{Context, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// Where Debian and Ubuntu put programs that are no commands.
const PROGRAMS: &str = "/usr/lib/ardour7";
/// What Ardour's commands set for themselves, and its scanner needs too.
const PLACES: [(&str, &str); 4] = [
    ("LD_LIBRARY_PATH", PROGRAMS),
    ("ARDOUR_DLL_PATH", PROGRAMS),
    ("ARDOUR_DATA_PATH", "/usr/share/ardour7"),
    ("ARDOUR_CONFIG_PATH", "/etc/ardour7"),
];
/// A process that runs longer hangs; the slowest takes half a minute.
const HANGS: Duration = Duration::from_secs(240);

/// The functions that scripts for `ardour7-lua` call.
const STEPS: &str = include_str!("steps.lua");
/// The plug-in that logs what HarmonAI plays.
const LOG: &str = include_str!("log.lua");

/// Ardour with a home of its own, so that no user's settings are read or changed.
pub struct Ardour {
    folder: PathBuf,
    plugins: PathBuf,
}

impl Ardour {
    /// In `folder`; it finds only the plug-in at `vst3`, and [`LOG`].
    pub fn new(folder: &Path, vst3: &Path) -> anyhow::Result<Self> {
        let plugins = vst3.parent().context("the plug-in lies in no folder")?;
        let ardour = Self {
            folder: folder.into(),
            plugins: plugins.into(),
        };
        let scripts = ardour.home("config").join("ardour7/scripts");
        std::fs::create_dir_all(&scripts).with_context(|| scripts.display().to_string())?;
        write(&scripts.join("log.lua"), LOG)?;
        // A session is opened with what the cache says, and the cache is not read again.
        // Its time is in whole seconds, and it counts as outdated unless that is later than the plug-in's.
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

    /// Has `ardour7-lua` run `steps`, which call the functions of `steps.lua`.
    pub fn steps(&self, name: &str, steps: &str) -> anyhow::Result<()> {
        let script = self.folder.join(format!("{name}.lua"));
        write(&script, &format!("{STEPS}\n{steps}\nfinish ()\n"))?;
        let mut lua = Command::new("ardour7-lua");
        lua.arg(&script);
        let said = self.run(name, lua)?;
        // The program also succeeds where its script fails.
        let done = said.lines().any(|line| line == "done");
        ensure!(done, "{name} came to no end:\n    {}", tail(&said));
        Ok(())
    }

    /// Renders the session's range faster than real time, and returns the file.
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

    /// Runs it to its end, and returns its output.
    fn run(&self, name: &str, mut command: Command) -> anyhow::Result<String> {
        command.env("VST3_PATH", &self.plugins);
        at_home(&mut command, &self.folder)?;
        Program::start(command, name, &self.folder)?.wait(HANGS)
    }
}

/// When the newest file in it was written.
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
