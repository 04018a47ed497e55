//! The standalone app's ways to the system's audio and MIDI: tried one after the other, so that the
//! window can say which one it is.
//!
//! nice-plug tries them by itself too, but tells the terminal alone which one it took. So it is given
//! each by name. All of it happens on the main thread, where the plug-in is made and activated as well.

pub mod transport;

use std::cell::Cell;

use crate::standalone::transport::OwnTransport;

thread_local! {
    /// The way that is being tried.
    static TRIED: Cell<Option<Way>> = const { Cell::new(None) };
    /// Whether the plug-in was activated with it.
    static TAKEN: Cell<bool> = const { Cell::new(false) };
    /// Whether somebody waits for the signals.
    #[cfg(target_os = "linux")]
    static WAITS: Cell<bool> = const { Cell::new(false) };
}

/// What carries audio and MIDI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// JACK, or PipeWire in its place.
    Jack,
    /// The system's own.
    System,
    /// Nothing.
    None,
}

/// The system's own, as nice-plug and as people call it.
const SYSTEM: (&str, &str) = if cfg!(target_os = "macos") {
    ("core-audio", "CoreAudio")
} else if cfg!(target_os = "windows") {
    ("wasapi", "WASAPI")
} else {
    ("alsa", "ALSA")
};

/// What else will do.
const STAND_IN: &str = if cfg!(target_os = "linux") {
    ", or PipeWire in its place"
} else {
    ""
};

/// In this order.
const ALL: [Backend; 3] = [Backend::Jack, Backend::System, Backend::None];

impl Backend {
    /// As the command line has it.
    fn id(self) -> &'static str {
        match self {
            Self::Jack => "jack",
            Self::System => SYSTEM.0,
            Self::None => "dummy",
        }
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jack => "JACK",
            Self::System => SYSTEM.1,
            Self::None => "no audio",
        }
    }
}

/// How the app was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// What carries audio and MIDI.
    pub backend: Backend,
    /// Whether the user has named it.
    pub named: bool,
    /// Whether MIDI devices were named to take notes from and to send them to; JACK has ports.
    pub midi: (bool, bool),
}

impl Way {
    /// What the user has to do to play, if anything.
    pub fn advice(self) -> Option<String> {
        let (system, id) = (SYSTEM.1, SYSTEM.0);
        match (self.backend, self.midi.0) {
            (Backend::None, _) if self.named => None,
            (Backend::None, _) => Some(format!(
                "No notes and no sound come in or go out: neither JACK nor {system} can be used (the \
                 terminal says why). Start JACK{STAND_IN}, then start HarmonAI again."
            )),
            (Backend::System, false) => Some(format!(
                "No notes come in: start HarmonAI with --midi-input and the name of your keyboard \
                 (with --backend {id} --midi-input \"\" the terminal lists the names)."
            )),
            (Backend::System, true) | (Backend::Jack, _) => None,
        }
    }

    /// In a sentence, for a tip.
    pub fn about(self) -> String {
        let (backend, to) = (
            self.backend.name(),
            |on| if on { "as named" } else { "none" },
        );
        match self.backend {
            Backend::Jack => {
                "Notes and sound go by JACK: connect its ports midi_input and midi_output"
                    .to_owned()
            }
            Backend::System => format!(
                "Sound goes by {backend}. Notes in: {}; notes out: {} (--midi-input, --midi-output)",
                to(self.midi.0),
                to(self.midi.1)
            ),
            Backend::None => "Nothing comes in or goes out".to_owned(),
        }
    }
}

/// Runs the app by the first way that works; `start` tries one, and gives false if it failed. Gives
/// false if all did, or the one that worked at first.
pub fn run(arguments: Vec<String>, mut start: impl FnMut(Vec<String>) -> bool) -> bool {
    TAKEN.set(false);
    let has = |name: &str| {
        let given = |arg: &String| arg == name || arg.starts_with(&format!("{name}="));
        arguments.iter().any(given)
    };
    let midi = (has("--midi-input"), has("--midi-output"));
    let (rest, chosen) = without_backend(&arguments);
    if let Some(chosen) = chosen.filter(|chosen| chosen != "auto") {
        let known = ALL.into_iter().find(|backend| backend.id() == chosen);
        TRIED.set(known.map(|backend| Way {
            backend,
            named: true,
            midi,
        }));
        return start(arguments);
    }
    ALL.into_iter().any(|backend| {
        // What has run and failed is not started again.
        if TAKEN.get() {
            return false;
        }
        TRIED.set(Some(Way {
            backend,
            named: false,
            midi,
        }));
        let named = ["--backend".to_owned(), backend.id().to_owned()];
        start(rest.iter().cloned().chain(named).collect())
    })
}

/// The plug-in is activated in the app: gives the way, if it is known.
pub fn taken() -> Option<Way> {
    TAKEN.set(true);
    TRIED.get()
}

/// The signals that mean the end: Ctrl-C, a session that is closed, a terminal that is.
#[cfg(target_os = "linux")]
fn ends() -> libc::sigset_t {
    // SAFETY: a set of signals, which the first call makes empty.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
            libc::sigaddset(&mut set, signal);
        }
        set
    }
}

/// Keeps the signals that mean the end from all threads that this one starts, and from itself, so that
/// [`end_when_told`] can wait for them. Called before there are others.
pub fn hold_signals() {
    // SAFETY: this thread's own mask.
    #[cfg(target_os = "linux")]
    unsafe {
        libc::pthread_sigmask(libc::SIG_BLOCK, &ends(), std::ptr::null_mut());
    }
}

/// From now on the app ends when it is told to from outside, with no note left sounding. nice-plug 0.4.2
/// looks whether it was told to only where there is no window.
pub fn end_when_told(transport: &OwnTransport) {
    #[cfg(target_os = "linux")]
    if !WAITS.replace(true) {
        let transport = transport.clone();
        let wait = move || {
            // SAFETY: the signals are blocked in all threads. The end leaves out what libraries would do
            // at it: they do not stand that other threads run.
            unsafe {
                let mut signal = 0;
                if libc::sigwait(&ends(), &mut signal) == 0 {
                    transport.hush();
                    libc::_exit(0);
                }
            }
        };
        // Without a thread to be had, it has to be killed.
        let _ = std::thread::Builder::new().spawn(wait);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = transport;
}

/// The arguments without the backend, and the backend.
fn without_backend(arguments: &[String]) -> (Vec<String>, Option<String>) {
    let (mut rest, mut chosen) = (Vec::new(), None);
    let mut all = arguments.iter();
    while let Some(argument) = all.next() {
        let short = || {
            argument
                .strip_prefix("-b")
                .filter(|value| !value.is_empty())
        };
        if argument == "--backend" || argument == "-b" {
            // Without a value: nice-plug says so.
            chosen = Some(all.next().cloned().unwrap_or_default());
        } else if let Some(value) = argument.strip_prefix("--backend=").or_else(short) {
            chosen = Some(value.trim_start_matches('=').to_owned());
        } else {
            rest.push(argument.clone());
        }
    }
    (rest, chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    /// What is tried, where only `works` can be activated and then ends as `ends`.
    fn tried(line: &str, works: &str, ends: bool) -> (Vec<String>, Option<Way>, bool) {
        let (mut all, mut way) = (Vec::new(), None);
        let end = run(words(line), |arguments| {
            let arguments = arguments.join(" ");
            let starts = arguments.ends_with(works);
            all.push(arguments);
            if starts {
                way = taken();
            }
            starts && ends
        });
        (all, way, end)
    }

    #[test]
    fn ways_are_tried_until_one_works_and_the_window_knows_which() {
        let system = format!("app --tempo 96 --backend {}", SYSTEM.0);
        let (all, way, end) = tried("app --tempo 96", SYSTEM.0, true);
        assert_eq!(all, ["app --tempo 96 --backend jack", &system]);
        let way = way.unwrap();
        assert_eq!(
            (way.backend, way.midi, end),
            (Backend::System, (false, false), true)
        );
        assert!(way.advice().unwrap().contains("--midi-input"));

        let (all, way, end) = tried("app -b auto --midi-input=Keys", "dummy", true);
        assert_eq!((all.len(), end), (3, true));
        assert_eq!(all[0], "app --midi-input=Keys --backend jack");
        assert!(way.unwrap().advice().unwrap().contains("JACK"));
    }

    #[test]
    fn what_ran_and_failed_is_not_run_by_another_way() {
        let (all, _, end) = tried("app", "jack", false);
        assert_eq!((all.len(), end), (1, false));
        let (all, way, end) = tried("app", "nothing", true);
        assert_eq!((all.len(), way, end), (3, None, false));
    }

    #[test]
    fn a_way_that_was_named_is_the_only_one() {
        for line in [
            "app --backend dummy",
            "app --backend=dummy",
            "app -b dummy",
            "app -bdummy",
        ] {
            let (all, way, _) = tried(line, "dummy", true);
            assert_eq!(all, [line]);
            let way = way.unwrap();
            assert_eq!((way.backend, way.advice()), (Backend::None, None), "{line}");
        }
        let (all, way, _) = tried("app -b asio", "asio", true);
        assert_eq!((all.len(), way), (1, None));
        let (all, ..) = tried("app --backend", "nothing", true);
        assert_eq!(all, ["app --backend"]);
    }
}
