//! The rooms of each crate, and which others each may use.
//!
//! A room is a module at the top of a crate with all that lies in it. It may use itself, and of the
//! others what its row names: a room, or a module in one. The crate's root may use every room, and
//! no room the root.

use crate::graph::{Arrow, Graph};
use crate::read_crate;
use std::collections::BTreeSet;
use std::path::Path;

/// Rooms, each with what it may use.
type Rooms = &'static [(&'static str, &'static [&'static str])];

/// A crate's root and its rooms.
struct Plan {
    root: &'static str,
    rooms: Rooms,
}

/// What is played is told by a model, and a model in notes.
const CORE: Plan = Plan {
    root: "src/core/lib.rs",
    rooms: &[
        ("music", &[]),
        ("model", &["music"]),
        ("play", &["music", "model"]),
    ],
};

/// The threads meet in `link` alone. A project is what the parameters hold and a host saves. Nobody
/// knows the window but what fills it and what puts the plug-in together.
const SHELL: Plan = Plan {
    root: "src/lib.rs",
    rooms: &[
        ("link", &[]),
        ("audio", &["link"]),
        ("project", &["link"]),
        ("worker", &["link", "project"]),
        ("standalone", &["audio::clock"]),
        ("params", &["link", "audio", "project"]),
        ("window", &["link::sync", "project::window_state"]),
        ("ui", &["link", "project", "standalone", "params", "window"]),
        (
            "plugin",
            &[
                "link",
                "audio",
                "project",
                "worker",
                "standalone",
                "params",
                "window",
                "ui",
            ],
        ),
        ("vst3", &["audio::offline", "plugin"]),
    ],
};

/// Music becomes numbers, numbers train a network, what it has learnt is measured; commands order
/// all of it, and nobody orders by commands.
const TRAINER: Plan = Plan {
    root: "training/src/lib.rs",
    rooms: &[
        ("files", &[]),
        ("random", &[]),
        ("data", &["files", "random"]),
        ("nn", &["random", "data"]),
        ("evaluate", &["random", "data", "nn"]),
        ("key_finding", &["random", "data", "evaluate"]),
        ("train", &["files", "random", "data", "nn", "evaluate"]),
        (
            "cli",
            &[
                "files",
                "random",
                "data",
                "nn",
                "evaluate",
                "key_finding",
                "train",
            ],
        ),
    ],
};

/// A file's module within its crate, as `room::module`; nothing for the root.
fn module(root: &str, file: &Path) -> String {
    let folder = Path::new(root).parent().unwrap_or(Path::new(""));
    let within = file.strip_prefix(folder).unwrap_or(file).with_extension("");
    if Path::new(root).with_extension("") == file.with_extension("") {
        return String::new();
    }
    let names = within.iter().map(|name| name.to_string_lossy());
    let names: Vec<_> = names.filter(|name| name != "mod").collect();
    names.join("::")
}

fn room(module: &str) -> &str {
    module.split("::").next().unwrap_or_default()
}

impl Plan {
    fn allows(&self, from: &str, to: &str) -> bool {
        let (here, there) = (room(from), room(to));
        let uses = self.rooms.iter().find(|(name, _)| *name == here);
        let uses = uses.map_or(&[][..], |(_, uses)| uses);
        let within = |whole: &&str| {
            to == *whole
                || to
                    .strip_prefix(*whole)
                    .is_some_and(|rest| rest.starts_with("::"))
        };
        here.is_empty() || here == there || uses.iter().any(within)
    }

    /// Where plan and crate have other rooms, and the arrows that the plan does not allow.
    fn faults(&self, graph: &Graph) -> Vec<String> {
        let name = |file: &Path| module(self.root, file);
        let planned: BTreeSet<_> = self
            .rooms
            .iter()
            .map(|(room, _)| room.to_string())
            .collect();
        let files = graph.sources().map(|(file, _)| name(file));
        let rooms = files.map(|module| room(&module).to_string());
        let rooms: BTreeSet<_> = rooms.filter(|room| !room.is_empty()).collect();
        let new = rooms.difference(&planned);
        let new = new.map(|room| format!("the room {room} is not in the plan"));
        let gone = planned.difference(&rooms);
        let gone = gone.map(|room| format!("there is no room {room}"));
        let wrong = |arrow: &Arrow| !self.allows(&name(&arrow.from), &name(&arrow.to));
        let arrows = graph.arrows().into_iter().filter(wrong);
        let arrows = arrows.map(|arrow| arrow.to_string());
        new.chain(gone).chain(arrows).collect()
    }

    fn check(&self) {
        let faults = self.faults(&read_crate(self.root));
        assert!(faults.is_empty(), "{}:\n{}", self.root, faults.join("\n"));
    }
}

#[test]
fn arrows_in_the_core_run_downwards() {
    CORE.check();
}

#[test]
fn rooms_of_the_shell_use_what_they_may() {
    SHELL.check();
}

#[test]
fn rooms_of_the_trainer_use_what_they_may() {
    TRAINER.check();
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let roots = [
        "src/core/lib.rs",
        "src/lib.rs",
        "training/src/lib.rs",
        "tests/src/lib.rs",
        "fuzz/src/lib.rs",
        "xtask/src/main.rs",
        "xtask/lab/src/main.rs",
    ];
    let mut found = String::new();
    for root in roots {
        for circle in read_crate(root).circles() {
            found += "\na circle:\n";
            circle
                .iter()
                .for_each(|arrow| found += &format!("  {arrow}\n"));
        }
    }
    assert!(found.is_empty(), "{found}");
}

/// The faults of a crate with these texts in its rooms by a plan that allows `side` little.
fn faults(rooms: Rooms, low: &str, high: &str, side: &str) -> Vec<String> {
    let files = [
        (
            "src/lib.rs",
            "mod low; mod high; mod side; use side::S; pub struct Root;",
        ),
        ("src/low.rs", low),
        ("src/high.rs", high),
        ("src/high/door.rs", "pub struct D;"),
        ("src/side.rs", side),
    ];
    let text = |path: &Path| {
        let file = files.iter().find(|(name, _)| Path::new(name) == path)?;
        Some(file.1.to_string())
    };
    let root = "src/lib.rs";
    Plan { root, rooms }.faults(&Graph::read(Path::new(root), &text))
}

#[test]
fn an_arrow_against_the_plan_is_found() {
    const ROOMS: Rooms = &[("low", &[]), ("high", &["low"]), ("side", &["high::door"])];
    let check = |low, high, side, expect: &[&str]| {
        assert_eq!(faults(ROOMS, low, high, side), expect);
    };
    let (low, high, side) = (
        "pub struct L;",
        "pub mod door; pub struct H;",
        "pub struct S;",
    );
    check(low, high, side, &[]);
    let high_uses = "pub mod door; use crate::low::L;";
    check(
        low,
        high_uses,
        "use crate::high::door::D; pub struct S;",
        &[],
    );
    let fault = "src/side.rs:1 names crate::high::H, in src/high.rs";
    check(low, high, "pub struct S(crate::high::H);", &[fault]);
    let fault = "src/low.rs:1 names super::high::door::D, in src/high/door.rs";
    check("use super::high::door::D;", high, side, &[fault]);
    let fault = "src/low.rs:1 names crate::Root, in src/lib.rs";
    check("use crate::Root;", high, side, &[fault]);
}

#[test]
fn a_room_more_or_fewer_than_planned_is_found() {
    let found = faults(
        &[("low", &[]), ("high", &[]), ("attic", &[])],
        "",
        "mod door;",
        "pub struct S;",
    );
    let expect = ["the room side is not in the plan", "there is no room attic"];
    assert_eq!(found, expect);
}
