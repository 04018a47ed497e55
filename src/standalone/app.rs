//! Starts the app with the first backend that works, so that the window can say which one it is.
//!
//! nice-plug tries the backends by itself too, but tells only the terminal which one it took. So it
//! is given each by name. All of this happens on the main thread, where the plug-in is made and
//! activated as well.

use std::cell::Cell;

use super::backend::{Backend, Connection};

thread_local! {
    /// The connection that is being tried.
    static TRIED: Cell<Option<Connection>> = const { Cell::new(None) };
    /// Whether the plug-in was activated with it.
    static TAKEN: Cell<bool> = const { Cell::new(false) };
}

/// Runs the app with the first backend that works. `start` tries one, and returns false if it
/// failed. Returns false if all failed, or the one that worked at first.
pub fn run(arguments: Vec<String>, mut start: impl FnMut(Vec<String>) -> bool) -> bool {
    TAKEN.set(false);
    let has = |name: &str| {
        let given = |arg: &String| arg == name || arg.starts_with(&format!("{name}="));
        arguments.iter().any(given)
    };
    let midi = (has("--midi-input"), has("--midi-output"));
    let connection = |backend, named| Connection {
        backend,
        named,
        midi,
    };
    let (rest, chosen) = without_backend(&arguments);
    if let Some(chosen) = chosen.filter(|chosen| chosen != "auto") {
        let known = Backend::ALL
            .into_iter()
            .find(|backend| backend.id() == chosen);
        TRIED.set(known.map(|backend| connection(backend, true)));
        return start(arguments);
    }
    Backend::ALL.into_iter().any(|backend| {
        // What has run and failed is not started again.
        if TAKEN.get() {
            return false;
        }
        TRIED.set(Some(connection(backend, false)));
        let named = ["--backend".to_owned(), backend.id().to_owned()];
        start(rest.iter().cloned().chain(named).collect())
    })
}

/// The plug-in is activated in the app: returns the connection, if it is known.
pub fn taken() -> Option<Connection> {
    TAKEN.set(true);
    TRIED.get()
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
            // Without a value nice-plug reports it.
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
    fn tried(line: &str, works: &str, ends: bool) -> (Vec<String>, Option<Connection>, bool) {
        let (mut all, mut connection) = (Vec::new(), None);
        let end = run(words(line), |arguments| {
            let arguments = arguments.join(" ");
            let starts = arguments.ends_with(works);
            all.push(arguments);
            if starts {
                connection = taken();
            }
            starts && ends
        });
        (all, connection, end)
    }

    #[test]
    fn backends_are_tried_until_one_works_and_the_window_knows_which() {
        let system = format!("app --tempo 96 --backend {}", Backend::System.id());
        let (all, connection, end) = tried("app --tempo 96", Backend::System.id(), true);
        assert_eq!(all, ["app --tempo 96 --backend jack", &system]);
        let connection = connection.unwrap();
        assert_eq!(
            (connection.backend, connection.midi, end),
            (Backend::System, (false, false), true)
        );
        assert!(connection.advice().unwrap().contains("--midi-input"));

        let (all, connection, end) = tried("app -b auto --midi-input=Keys", "dummy", true);
        assert_eq!((all.len(), end), (3, true));
        assert_eq!(all[0], "app --midi-input=Keys --backend jack");
        assert!(connection.unwrap().advice().unwrap().contains("JACK"));
    }

    #[test]
    fn what_ran_and_failed_is_not_run_with_another_backend() {
        let (all, _, end) = tried("app", "jack", false);
        assert_eq!((all.len(), end), (1, false));
        let (all, connection, end) = tried("app", "nothing", true);
        assert_eq!((all.len(), connection, end), (3, None, false));
    }

    #[test]
    fn a_backend_that_was_named_is_the_only_one() {
        for line in [
            "app --backend dummy",
            "app --backend=dummy",
            "app -b dummy",
            "app -bdummy",
        ] {
            let (all, connection, _) = tried(line, "dummy", true);
            assert_eq!(all, [line]);
            let connection = connection.unwrap();
            assert_eq!(
                (connection.backend, connection.advice()),
                (Backend::None, None),
                "{line}"
            );
        }
        let (all, connection, _) = tried("app -b asio", "asio", true);
        assert_eq!((all.len(), connection), (1, None));
        let (all, ..) = tried("app --backend", "nothing", true);
        assert_eq!(all, ["app --backend"]);
    }
}
