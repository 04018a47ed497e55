//! Ardour's programs as processes: where they look, what they are told, and an end if they find none.
//!
//! The [`super::visit`] calls them one after another. Each keeps its words in a file of the visit's folder.

use anyhow::{Context, bail, ensure};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant, SystemTime};

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
/// How many of a log's last lines an error shows.
const TAIL: usize = 12;

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
        ensure!(done, "{name} came to no end:\n{}", tail(&said));
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
        let path = self.folder.join(format!("{name}.log"));
        let told = || format!("{name} ({})", path.display());
        let log = File::create(&path).with_context(told)?;
        command.stdout(log.try_clone()?).stderr(log);
        command.env("HOME", self.folder.join("home"));
        command.env("VST3_PATH", &self.plugins);
        for of in ["config", "cache", "data"] {
            let name = format!("XDG_{}_HOME", of.to_uppercase());
            command.env(name, self.home(of));
        }
        let mut child = spawn(&mut command).with_context(told)?;
        let status = wait(&mut child, HANGS).with_context(told)?;
        let said = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
        match status {
            None => bail!(
                "{} hung for {HANGS:?} and was ended:\n{}",
                told(),
                tail(&said)
            ),
            Some(status) if !status.success() => {
                bail!("{}: {status}:\n{}", told(), tail(&said))
            }
            Some(_) => Ok(said),
        }
    }
}

/// In a group of its own, so that it can be ended with all that it starts.
fn spawn(command: &mut Command) -> std::io::Result<Child> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    command.spawn()
}

/// Its status, or none where it hung and was ended.
fn wait(child: &mut Child, hangs: Duration) -> std::io::Result<Option<ExitStatus>> {
    let started = Instant::now();
    while started.elapsed() < hangs {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    #[cfg(unix)]
    Command::new("sh")
        .args(["-c", &format!("kill -s KILL -- -{}", child.id())])
        .status()?;
    child.kill()?;
    child.wait()?;
    Ok(None)
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

/// The last lines.
fn tail(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_hangs_is_ended_with_what_it_started() {
        let left = std::env::temp_dir().join(format!("harmonai-hangs-{}", std::process::id()));
        let mut shell = Command::new("sh");
        // The one that is started writes a file if it is left alone.
        let start = format!("(sleep 2; touch {}) & wait", left.display());
        let mut child = spawn(shell.args(["-c", &start])).unwrap();
        let status = wait(&mut child, Duration::from_millis(200)).unwrap();
        assert_eq!(status, None);
        std::thread::sleep(Duration::from_millis(2500));
        assert!(!left.exists());
        let mut child = spawn(Command::new("sh").args(["-c", "exit 3"])).unwrap();
        let status = wait(&mut child, HANGS).unwrap();
        assert_eq!(status.and_then(|status| status.code()), Some(3));
    }

    #[test]
    fn a_log_is_shown_from_its_end() {
        let log: String = (0..100).map(|n| format!("line {n}\n")).collect();
        let shown = tail(&log);
        assert!(shown.starts_with("line 88\n") && shown.ends_with("line 99"));
    }
}
