//! Programs that a visit starts: each has a log and a home of its own, and is ended, whatever it does.
//!
//! Every host that is a process is a [`Program`], and so are the servers that it needs.

use anyhow::{Context, bail, ensure};
use harmonai_tests::screen::Screen;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use x11rb::protocol::xproto::ConnectionExt;

/// How often a condition is polled.
const LOOK: Duration = Duration::from_millis(20);
/// How long a program may take to end once asked to.
const ENDING: Duration = Duration::from_secs(10);
/// The same where the exit status does not matter.
const FAREWELL: Duration = Duration::from_secs(2);
/// How many lines of a log an error shows.
const TAIL: usize = 12;

/// A program started for a visit. It and everything that it has started end with the visit.
pub struct Program {
    child: Child,
    name: String,
    log: PathBuf,
}

impl Program {
    /// Starts it; its output goes to `NAME.log` in `folder`.
    pub fn start(mut command: Command, name: &str, folder: &Path) -> anyhow::Result<Self> {
        let log = folder.join(format!("{name}.log"));
        println!("running {name}: {}", log.display());
        let file = File::create(&log).with_context(|| log.display().to_string())?;
        command.stdin(Stdio::null());
        command.stdout(file.try_clone()?).stderr(file);
        // By its group, all that it starts can be ended with it.
        command.process_group(0);
        // The group is not the terminal's, so Ctrl-C would not reach it.
        let told = || {
            // SAFETY: a system call that allocates nothing.
            match unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM) } {
                0 => Ok(()),
                _ => Err(std::io::Error::last_os_error()),
            }
        };
        // SAFETY: between fork and exec there is nothing but that system call.
        unsafe { command.pre_exec(told) };
        let child = command
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        let name = name.to_owned();
        Ok(Self { child, name, log })
    }

    /// Waits until `look` finds something. An error, with the end of the log, if the program ends or the
    /// limit passes before that.
    pub fn until<T>(
        &mut self,
        what: &str,
        limit: Duration,
        mut look: impl FnMut() -> anyhow::Result<Option<T>>,
    ) -> anyhow::Result<T> {
        let start = Instant::now();
        loop {
            if let Some(found) = look().with_context(|| self.said(what))? {
                return Ok(found);
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("{}", self.said(&format!("{what}: it ended, {status}")));
            }
            if start.elapsed() > limit {
                bail!("{}", self.said(&format!("{what}: not within {limit:?}")));
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Waits for its end, and returns its output.
    pub fn wait(mut self, limit: Duration) -> anyhow::Result<String> {
        let status = self.ended(limit)?;
        let status = status.with_context(|| self.said(&format!("no end within {limit:?}")))?;
        ensure!(status.success(), "{}", self.said(&status.to_string()));
        Ok(self.log())
    }

    /// Asks it to end, as a closing desktop session does.
    pub fn end(mut self) -> anyhow::Result<ExitStatus> {
        self.signal(libc::SIGTERM)?;
        let status = self.ended(ENDING)?;
        status.with_context(|| self.said("it was asked to end, and does not"))
    }

    pub fn signal(&mut self, signal: i32) -> anyhow::Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("{}", self.said(&format!("it ended before, {status}")));
        }
        // SAFETY: a signal to a child that was not waited for: the number is still its own.
        unsafe { libc::kill(self.child.id() as i32, signal) };
        Ok(())
    }

    fn ended(&mut self, limit: Duration) -> anyhow::Result<Option<ExitStatus>> {
        let start = Instant::now();
        loop {
            let status = self.child.try_wait()?;
            if status.is_some() || start.elapsed() > limit {
                return Ok(status);
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Its output so far.
    pub fn log(&self) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// `what`, and the end of its log.
    fn said(&self, what: &str) -> String {
        let tail = tail(&self.log());
        let (name, log) = (&self.name, self.log.display());
        format!("{name}: {what}; the end of {log}:\n    {tail}")
    }
}

/// The last lines of a log.
pub fn tail(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..].join("\n    ")
}

impl Drop for Program {
    fn drop(&mut self) {
        // Asked first: a killed JACK server would keep its place among the eight that are possible.
        let _ = self.signal(libc::SIGTERM);
        let _ = self.ended(FAREWELL);
        // SAFETY: the group is its own. If nothing of it is left, this does nothing.
        unsafe { libc::kill(-(self.child.id() as i32), libc::SIGKILL) };
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Gives `command` a home in `folder`, so that nobody's settings are read or written.
pub fn at_home(command: &mut Command, folder: &Path) -> anyhow::Result<()> {
    let home = folder.join("home");
    let places = [
        ("HOME", ""),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_RUNTIME_DIR", "runtime"),
    ];
    for (name, place) in places {
        let place = home.join(place);
        fs::create_dir_all(&place).with_context(|| place.display().to_string())?;
        command.env(name, place);
    }
    // Otherwise Qt complains.
    fs::set_permissions(home.join("runtime"), fs::Permissions::from_mode(0o700))?;
    Ok(())
}

/// Atoms that a window manager makes. JUCE relies on them: without, it crashes at its first window.
const MANAGED: [&str; 10] = [
    "WM_PROTOCOLS",
    "WM_TAKE_FOCUS",
    "WM_DELETE_WINDOW",
    "WM_CHANGE_STATE",
    "WM_STATE",
    "_NET_WM_WINDOW_TYPE",
    "_NET_WM_WINDOW_TYPE_NORMAL",
    "_NET_WM_STATE",
    "_NET_WM_STATE_HIDDEN",
    "_NET_WM_PING",
];

/// A screen, which lasts as long as the returned value.
pub fn screen() -> anyhow::Result<Screen> {
    let screen = Screen::find()?.context("there is no screen, or a library that windows take")?;
    let (connection, _) = x11rb::connect(Some(&screen.name))?;
    for name in MANAGED {
        connection.intern_atom(false, name.as_bytes())?.reply()?;
    }
    Ok(screen)
}

/// Has `command` show its windows there.
pub fn show_on(command: &mut Command, screen: &Screen) {
    command.env("DISPLAY", &screen.name);
    command.env("LIBGL_ALWAYS_SOFTWARE", "1");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longer than anything takes on the most loaded machine.
    const HANG: Duration = Duration::from_secs(300);

    fn shell(text: &str, folder: &Path) -> Program {
        let mut command = Command::new("sh");
        command.args(["-c", text]);
        Program::start(command, "shell", folder).unwrap()
    }

    fn alive(id: i32) -> bool {
        // SAFETY: signal 0 asks and does nothing.
        unsafe { libc::kill(id, 0) == 0 }
    }

    #[test]
    fn a_program_that_hangs_is_ended_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let mut program = shell("sleep 1000 & echo started $!; wait", folder.path());
        let said = |log: &str| {
            let number = log.strip_prefix("started ")?.strip_suffix('\n')?;
            number.parse::<i32>().ok()
        };
        let log = folder.path().join("shell.log");
        let look = || Ok(said(&fs::read_to_string(&log)?));
        let child = program.until("a word", HANG, look).unwrap();
        assert!(alive(child));
        let error = program.wait(Duration::from_millis(50)).unwrap_err();
        assert!(error.to_string().contains("started"), "{error:#}");
        // Whoever inherits it has to wait for it before its number is free.
        let start = Instant::now();
        let zombie =
            || fs::read_to_string(format!("/proc/{child}/stat")).is_ok_and(|s| s.contains(") Z"));
        while alive(child) && !zombie() {
            assert!(start.elapsed() < HANG, "it lives on");
            std::thread::sleep(LOOK);
        }
    }

    #[test]
    fn how_it_ends_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let wait = |text| shell(text, folder.path()).wait(HANG);
        wait("true").unwrap();
        let error = wait("echo reason; exit 3").unwrap_err().to_string();
        assert!(error.contains("reason") && error.contains('3'), "{error}");
        let mut program = shell("exit 0", folder.path());
        let never = program.until("never", HANG, || Ok(None::<()>));
        assert!(never.unwrap_err().to_string().contains("it ended"));
    }
}
