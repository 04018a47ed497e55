//! Sessions in a process of their own, so that one that takes the process down is known by its
//! seed, and the others go on.
//!
//! The process that plays calls [`perform`] and tells of it on its standard output; the one that
//! started it reads that in [`supervise`]. The tests and `cargo xtask soak` are both.

use super::{Session, SessionPlayer, Tally, shrink};
use crate::wait;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::ops::Range;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often a failing session is played again to find what its fault needs.
const TRIES: usize = 500;
/// What a message begins with: other things may be printed too.
const MARK: &str = "wild: ";
/// Lines of the plug-in's log that are kept for the case that they are its last.
const LAST_WORDS: usize = 12;
/// Faults, and ends of the process, after which more would tell nothing new.
const ENOUGH: usize = 10;

/// What the playing process tells.
#[derive(Serialize, Deserialize)]
enum Message {
    /// A session begins.
    Begin { seed: u64, format: String },
    /// It went well.
    Played {
        tally: Tally,
        heap: u64,
        resident: u64,
    },
    /// It did not.
    Fault { text: String },
    /// The last one is over, and left these threads behind.
    End { threads: u64 },
}

/// Plays the sessions of these seeds on each of the players, until time is up.
pub fn perform(players: &[SessionPlayer], seeds: Range<u64>, until: Option<Instant>) {
    let before = threads();
    play(players, seeds, until);
    let threads = threads_left(before);
    tell(&Message::End { threads });
}

fn play(players: &[SessionPlayer], seeds: Range<u64>, until: Option<Instant>) {
    let mut faults = 0;
    for seed in seeds {
        if faults >= ENOUGH || until.is_some_and(|until| Instant::now() >= until) {
            return;
        }
        let session = Session::of(seed);
        for player in players {
            let format = player.format().to_owned();
            tell(&Message::Begin { seed, format });
            tell(&match player.play(&session) {
                Ok(tally) => Message::Played {
                    tally,
                    heap: heap(),
                    resident: resident(),
                },
                Err(error) => {
                    faults += 1;
                    let small = shrink(&session, TRIES, |less| player.play(less).is_err());
                    let text = format!("{error:#}\n{small:#?}");
                    Message::Fault { text }
                }
            });
        }
    }
}

fn tell(message: &Message) {
    // PANIC: a message is plain values.
    let text = serde_json::to_string(message).expect("plain values");
    let mut out = std::io::stdout().lock();
    // Nobody reads any more: there is nobody to tell that either.
    let _ = writeln!(out, "{MARK}{text}").and_then(|()| out.flush());
}

/// What this process has allocated and not freed, in KiB; 0 where the allocator does not say.
fn heap() -> u64 {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it reads the allocator's counts, under the allocator's own locks.
    return unsafe { libc::mallinfo2() }.uordblks as u64 / 1024;
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    0
}

/// Resident memory of this process in KiB; 0 where the system does not say.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn threads() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task");
    tasks.map_or(0, |tasks| tasks.count() as u64)
}

/// Threads beyond `before`. One that has been joined is listed for a moment more.
fn threads_left(before: u64) -> u64 {
    let left = || threads().saturating_sub(before);
    wait::patiently(|| (left() == 0).then_some(()));
    left()
}

/// What came of the sessions.
#[derive(Debug, Default)]
pub struct Report {
    /// What was played.
    pub tally: Tally,
    /// Each fault with its seed and the smallest session found that has it.
    pub faults: Vec<String>,
    /// Each end of the process with the seed of the session that it came in.
    pub crashes: Vec<String>,
    /// Allocated and not freed in KiB: after the first tenth of the time, and at the end.
    pub heap: (u64, u64),
    /// Resident memory in KiB at most.
    pub resident: u64,
    /// Threads beyond those before the first session, after the last one.
    pub threads: u64,
}

impl Report {
    /// Nothing went wrong.
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty() && self.crashes.is_empty() && self.threads == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for text in self.faults.iter().chain(&self.crashes) {
            writeln!(f, "{text}\n")?;
        }
        let tally = &self.tally;
        writeln!(f, "sessions        {}", tally.sessions)?;
        writeln!(f, "blocks          {}", tally.blocks)?;
        writeln!(f, "hours of music  {:.2}", tally.seconds / 3600.0)?;
        writeln!(f, "events in       {}", tally.told)?;
        writeln!(
            f,
            "notes out       {} ({} surely its own)",
            tally.notes, tally.own
        )?;
        writeln!(f, "faults          {}", self.faults.len())?;
        writeln!(f, "crashes, hangs  {}", self.crashes.len())?;
        let mib = |kib: u64| kib as f64 / 1024.0;
        let (early, last) = self.heap;
        writeln!(
            f,
            "heap in use     {:.2} MiB early on, {:.2} at the end",
            mib(early),
            mib(last)
        )?;
        writeln!(f, "resident        {:.0} MiB at most", mib(self.resident))?;
        write!(f, "threads left    {}", self.threads)
    }
}

/// Has the processes that `command` makes play these seeds; one that ends on the way is followed
/// by one that begins after the session it ended in. One that says nothing for `patience` hangs.
pub fn supervise(
    seeds: Range<u64>,
    until: Option<Instant>,
    patience: Option<Duration>,
    mut command: impl FnMut(Range<u64>) -> Command,
) -> anyhow::Result<Report> {
    let (mut report, start) = (Report::default(), Instant::now());
    let mut next = seeds.start;
    let late = || until.is_some_and(|until| Instant::now() >= until);
    while next < seeds.end && !late() && report.crashes.len() < ENOUGH {
        let mut command = command(next..seeds.end);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let heard = listen(&mut child);
        let last_words = last_words(&mut child);
        let mut at = None;
        let hangs = loop {
            let message = match patience {
                None => heard.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(patience) => heard.recv_timeout(patience),
            };
            match message {
                Ok(message) => report.note(message, &mut at, start, until),
                Err(RecvTimeoutError::Timeout) => break true,
                Err(RecvTimeoutError::Disconnected) => break false,
            }
        };
        if hangs {
            child.kill()?;
        }
        let status = child.wait()?;
        if status.success() && !hangs {
            break;
        }
        let words = last_words.join().unwrap_or_default();
        let what = if hangs { "hangs" } else { "crashes" };
        let Some((seed, format)) = at else {
            anyhow::bail!("{status} before the first session\n{words}");
        };
        report.crashes.push(format!(
            "{}: {what}, {status}\n{words}",
            named(seed, &format)
        ));
        next = seed + 1;
    }
    Ok(report)
}

fn named(seed: u64, format: &str) -> String {
    format!("HARMONAI_WILD_SEED={seed}, {format}")
}

impl Report {
    fn note(
        &mut self,
        message: Message,
        at: &mut Option<(u64, String)>,
        start: Instant,
        until: Option<Instant>,
    ) {
        match message {
            Message::Begin { seed, format } => *at = Some((seed, format)),
            Message::Played {
                tally,
                heap,
                resident,
            } => {
                self.tally += tally;
                let early = until.is_some_and(|until| start.elapsed() < (until - start) / 10);
                if early || self.heap.0 == 0 {
                    self.heap.0 = heap;
                }
                self.heap.1 = heap;
                self.resident = self.resident.max(resident);
            }
            Message::End { threads } => self.threads = threads,
            Message::Fault { text } => {
                let (seed, format) = at.clone().unwrap_or_default();
                self.faults
                    .push(format!("{}: {text}", named(seed, &format)));
            }
        }
    }
}

/// The process's messages, as they come.
fn listen(child: &mut Child) -> Receiver<Message> {
    let (send, heard) = channel();
    let out = child.stdout.take();
    std::thread::spawn(move || {
        for line in lines(out) {
            let text = line.split_once(MARK).map(|(_, text)| text);
            if let Some(message) = text.and_then(|text| serde_json::from_str(text).ok())
                && send.send(message).is_err()
            {
                return;
            }
        }
    });
    heard
}

/// The end of what the process logs.
fn last_words(child: &mut Child) -> JoinHandle<String> {
    let log = child.stderr.take();
    std::thread::spawn(move || {
        let mut last = VecDeque::new();
        for line in lines(log) {
            last.push_back(line);
            if last.len() > LAST_WORDS {
                last.pop_front();
            }
        }
        Vec::from(last).join("\n")
    })
}

fn lines(pipe: Option<impl Read>) -> impl Iterator<Item = String> {
    let lines = pipe.map(|pipe| BufReader::new(pipe).lines());
    lines.into_iter().flatten().map_while(Result::ok)
}
