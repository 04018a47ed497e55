//! Which file of a crate names what is defined in which other, and where that runs in a circle.
//!
//! What counts:
//! - A `use`, and a path with `::` in the code, are an arrow to the file in which the thing is
//!   *defined*: names that a module passes on (`pub use`, and what its children see of it through
//!   `super`) are followed to where they come from.
//! - `mod child;` is no arrow: it says where a file lies. Nor is a `pub use` of something that lies
//!   in a folder below, as long as the file does nothing with the name itself.
//! - A module and its folder are one thing: a file may use what the modules above it define, although
//!   these use it. No circle has such an upward arrow in it.
//! - What belongs to `#[cfg(test)]` does not count.

use crate::source::{Import, Source};
use std::collections::VecDeque;
use std::collections::btree_map::{BTreeMap, Entry};
use std::fmt;
use std::path::{Path, PathBuf};

/// A module with a file of its own.
struct Module {
    file: PathBuf,
    source: Source,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
}

/// A crate's modules; the first is its root.
#[derive(Default)]
pub struct Graph {
    modules: Vec<Module>,
}

/// One file names what is defined in another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrow {
    pub from: PathBuf,
    pub line: usize,
    pub to: PathBuf,
    /// As it is written.
    pub name: String,
    /// Does it run to a module that the file lies in?
    pub upward: bool,
}

impl fmt::Display for Arrow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.from.display(), self.to.display());
        write!(f, "{from}:{} names {}, in {to}", self.line, self.name)
    }
}

/// What a path leads to.
#[derive(Clone, Copy)]
enum Target {
    Module(usize),
    /// Something in that module.
    Item(usize),
}

impl Target {
    fn module(self) -> usize {
        match self {
            Self::Module(module) | Self::Item(module) => module,
        }
    }
}

/// Following names passed on by names passed on ends here at the latest.
const LONGEST: u32 = 16;

impl Graph {
    /// The crate whose root is `file`; `read` gives the text of a file where there is one.
    pub fn read(file: &Path, read: &dyn Fn(&Path) -> Option<String>) -> Self {
        let mut graph = Self::default();
        let folder = file.parent().unwrap_or(Path::new("")).to_path_buf();
        graph.add(file, &folder, None, read);
        graph
    }

    /// Adds the module in `file`, whose children lie in `folder`.
    fn add(
        &mut self,
        file: &Path,
        folder: &Path,
        parent: Option<usize>,
        read: &dyn Fn(&Path) -> Option<String>,
    ) -> usize {
        let text = read(file).unwrap_or_else(|| panic!("{} is missing", file.display()));
        let source = Source::parse(&text);
        let source = source.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let (number, modules) = (self.modules.len(), source.modules.clone());
        self.modules.push(Module {
            file: file.into(),
            source,
            parent,
            children: BTreeMap::new(),
        });
        for (name, path) in modules {
            let beside = file.parent().unwrap_or(Path::new(""));
            let places = match path {
                Some(path) => vec![beside.join(path)],
                None => vec![
                    folder.join(format!("{name}.rs")),
                    folder.join(&name).join("mod.rs"),
                ],
            };
            let place = places.iter().find(|place| read(place).is_some());
            let place = place.unwrap_or_else(|| panic!("no file of {name} in {}", file.display()));
            let child = self.add(place, &folder.join(&name), Some(number), read);
            self.modules[number].children.insert(name, child);
        }
        number
    }

    /// The files and what they say.
    pub fn sources(&self) -> impl Iterator<Item = (&Path, &Source)> {
        let modules = self.modules.iter();
        modules.map(|module| (module.file.as_path(), &module.source))
    }

    /// All arrows between files, in order.
    pub fn arrows(&self) -> Vec<Arrow> {
        let mut arrows: Vec<_> = (0..self.modules.len())
            .flat_map(|module| self.arrows_from(module))
            .collect();
        arrows.sort();
        arrows.dedup();
        arrows
    }

    fn arrows_from(&self, module: usize) -> Vec<Arrow> {
        let source = &self.modules[module].source;
        let imports = source.imports.iter().filter_map(|import| {
            let target = self.follow(module, &import.path, 0)?;
            let passed_on = import.public && self.is_below(target.module(), module);
            let used = import
                .name
                .as_ref()
                .is_some_and(|name| source.words.contains(name));
            (used || !passed_on).then_some((target, &import.path, import.line))
        });
        let paths = source
            .paths
            .iter()
            .filter_map(|(path, line)| Some((self.follow(module, path, 0)?, path, *line)));
        let file = |module: usize| self.modules[module].file.clone();
        let arrow = |(target, path, line): (Target, &Vec<String>, usize)| Arrow {
            from: file(module),
            line,
            to: file(target.module()),
            name: path.join("::"),
            upward: self.is_below(module, target.module()),
        };
        let arrows = imports.chain(paths).map(arrow);
        arrows.filter(|arrow| arrow.from != arrow.to).collect()
    }

    fn is_below(&self, module: usize, above: usize) -> bool {
        let parent = self.modules[module].parent;
        parent.is_some_and(|parent| parent == above || self.is_below(parent, above))
    }

    /// Where a path leads that is written in `module`; `None` out of the crate.
    fn follow(&self, module: usize, path: &[String], depth: u32) -> Option<Target> {
        let (first, mut rest) = path.split_first()?;
        let mut target = match first.as_str() {
            "crate" => Target::Module(0),
            "self" => Target::Module(module),
            "super" => Target::Module(self.modules[module].parent?),
            name => self.find(module, name, depth)?,
        };
        while let (Target::Module(at), Some((name, others))) = (target, rest.split_first()) {
            target = match name.as_str() {
                "super" => Target::Module(self.modules[at].parent?),
                name => self.find(at, name, depth).unwrap_or(Target::Item(at)),
            };
            rest = others;
        }
        Some(target)
    }

    /// What is called so in `module`.
    fn find(&self, module: usize, name: &str, depth: u32) -> Option<Target> {
        let here = &self.modules[module];
        if let Some(child) = here.children.get(name) {
            return Some(Target::Module(*child));
        }
        if here.source.defined.contains(name) {
            return Some(Target::Item(module));
        }
        if depth == LONGEST {
            return None;
        }
        let imports = here.source.imports.iter();
        let named = |import: &&Import| import.name.as_deref() == Some(name);
        let all = |import: &&Import| import.name.is_none();
        if let Some(import) = imports.clone().find(named) {
            return self.follow(module, &import.path, depth + 1);
        }
        imports.filter(all).find_map(|import| {
            match self.follow(module, &import.path, depth + 1)? {
                Target::Module(other) => self.find(other, name, depth + 1),
                Target::Item(_) => None,
            }
        })
    }

    /// Circles of files, each as the arrows that close it: the shortest through some file of it.
    pub fn circles(&self) -> Vec<Vec<Arrow>> {
        let arrows = self.arrows();
        let mut from: BTreeMap<&Path, Vec<&Arrow>> = BTreeMap::new();
        for arrow in arrows.iter().filter(|arrow| !arrow.upward) {
            from.entry(&arrow.from).or_default().push(arrow);
        }
        let mut circles: Vec<Vec<Arrow>> = Vec::new();
        for file in from.keys() {
            let is_known = circles.iter().flatten().any(|arrow| arrow.from == *file);
            if !is_known {
                circles.extend(shortest(&from, file));
            }
        }
        circles
    }
}

/// The shortest way along the arrows from a file back to itself.
fn shortest(from: &BTreeMap<&Path, Vec<&Arrow>>, file: &Path) -> Option<Vec<Arrow>> {
    let mut came_by: BTreeMap<&Path, &Arrow> = BTreeMap::new();
    let mut next = VecDeque::from([file]);
    while let Some(at) = next.pop_front() {
        for arrow in from.get(at).into_iter().flatten() {
            if let Entry::Vacant(place) = came_by.entry(&arrow.to) {
                place.insert(arrow);
                next.push_back(&arrow.to);
            }
        }
    }
    let mut way = vec![(*came_by.get(file)?).clone()];
    while way[0].from != file {
        way.insert(0, came_by[way[0].from.as_path()].clone());
    }
    Some(way)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A made-up crate out of files and their texts.
    fn graph(files: &[(&str, &str)]) -> Graph {
        let text = |path: &Path| {
            let file = files.iter().find(|(name, _)| Path::new(name) == path)?;
            Some(file.1.to_string())
        };
        Graph::read(Path::new("lib.rs"), &text)
    }

    /// From where to where arrows run.
    fn arrows(files: &[(&str, &str)]) -> Vec<(String, String)> {
        let arrows = graph(files).arrows();
        let ends = |arrow: &Arrow| [&arrow.from, &arrow.to].map(|p| p.display().to_string());
        let mut ends: Vec<(String, String)> = arrows.iter().map(|a| ends(a).into()).collect();
        ends.sort();
        ends.dedup();
        ends
    }

    fn check(files: &[(&str, &str)], expect: &[(&str, &str)]) {
        let mut expect: Vec<_> = expect
            .iter()
            .map(|(from, to)| (from.to_string(), to.to_string()))
            .collect();
        expect.sort();
        assert_eq!(arrows(files), expect, "{files:#?}");
    }

    #[test]
    fn imports_and_paths_in_the_code_are_arrows() {
        let lib = ("lib.rs", "mod a; mod b; mod c;");
        let b = ("b.rs", "pub struct B; pub mod within { pub struct W; }");
        let c = ("c.rs", "pub fn c() {}");
        for a in [
            "use crate::b::B;",
            "use super::b::{B as Other};",
            "use crate::b::{self};",
            "use crate::b::*;",
            "fn f() { crate::b::B; }",
            "fn f() { let x: Option<super::b::B> = None; }",
            "fn f() { println!(\"{:?}\", (1, crate::b::B)); }",
            "fn f() { use super::b::within::W; }",
            "mod inner { fn f() { super::super::b::within::W; } }",
        ] {
            check(&[lib, ("a.rs", a), b, c], &[("a.rs", "b.rs")]);
        }
        let both = "use crate::{b, c}; fn f() { b::B; c::c() }";
        let expect = [("a.rs", "b.rs"), ("a.rs", "c.rs")];
        check(&[lib, ("a.rs", both), b, c], &expect);
    }

    #[test]
    fn what_is_not_the_crates_and_what_is_for_tests_is_no_arrow() {
        let lib = ("lib.rs", "mod a; mod std;");
        let other = ("std.rs", "pub struct Vec;");
        for a in [
            "use ::std::vec::Vec; fn f() { ::std::mem::drop(Vec::new()); }",
            "use std::fmt; fn f() { fmt::Result; Self::X; T::default(); }",
            "#[cfg(test)] mod tests { use crate::std::Vec; }",
            "#[cfg(test)] use crate::std::Vec;",
            "struct A; impl A { #[cfg(test)] fn f() { crate::std::Vec; } }",
            "#[cfg(all(test, unix))] fn f() { crate::std::Vec; }",
            "/// [`crate::std::Vec`]\nfn f() { /* crate::std::Vec */ \"crate::std::Vec\"; }",
        ] {
            check(&[lib, ("a.rs", a), other], &[]);
        }
        let here = "#[cfg(not(test))] fn f() { crate::std::Vec; }";
        check(&[lib, ("a.rs", here), other], &[("a.rs", "std.rs")]);
    }

    #[test]
    fn names_that_are_passed_on_lead_to_where_they_are_defined() {
        let lib = ("lib.rs", "mod room;");
        let files = |room: &'static str| {
            [
                lib,
                ("room.rs", room),
                ("room/a.rs", "pub struct A;"),
                ("room/b.rs", "use super::A; fn b() -> A { A }"),
            ]
        };
        let sibling = [("room/b.rs", "room/a.rs")];
        check(&files("mod a; mod b; pub use a::A;"), &sibling);
        check(&files("mod a; mod b; pub use a::*;"), &sibling);
        check(&files("mod a; mod b; pub use self::a::A;"), &sibling);
        // Whoever does something with the name uses it.
        let used = files("mod a; mod b; pub use a::A; fn f() -> A { A }");
        check(&used, &[("room.rs", "room/a.rs"), sibling[0]]);
        let private = files("mod a; mod b; use a::A;");
        check(&private, &[("room.rs", "room/a.rs"), sibling[0]]);
    }

    #[test]
    fn files_are_found_where_rust_finds_them() {
        let files = [
            ("lib.rs", "mod a; #[path = \"elsewhere.rs\"] mod b;"),
            ("a/mod.rs", "mod c; use super::b::B;"),
            ("a/c.rs", "use crate::b::B;"),
            ("elsewhere.rs", "pub struct B;"),
        ];
        let expect = [("a/c.rs", "elsewhere.rs"), ("a/mod.rs", "elsewhere.rs")];
        check(&files, &expect);
    }

    /// The files of each circle.
    fn circles(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let from = |arrow: &Arrow| arrow.from.display().to_string();
        let circles = graph(files).circles();
        let files = |circle: &Vec<Arrow>| {
            let mut files: Vec<_> = circle.iter().map(from).collect();
            files.sort();
            files
        };
        circles.iter().map(files).collect()
    }

    #[test]
    fn circles_are_found() {
        let three = [
            ("lib.rs", "mod a; mod b; mod c; mod d;"),
            ("a.rs", "use crate::b::B; pub struct A;"),
            ("b.rs", "pub struct B; fn f() { crate::c::c() }"),
            ("c.rs", "pub fn c() { vec![crate::a::A]; }"),
            ("d.rs", "use crate::{a::A, b::B};"),
        ];
        assert_eq!(circles(&three), [["a.rs", "b.rs", "c.rs"]]);
        let open = [("c.rs", "pub fn c() {}")];
        let open: Vec<_> = three
            .iter()
            .map(|f| if f.0 == "c.rs" { open[0] } else { *f })
            .collect();
        assert!(circles(&open).is_empty());
    }

    #[test]
    fn a_module_and_its_folder_are_one_thing() {
        let files = |b, c| {
            [
                ("lib.rs", "mod a;"),
                ("a.rs", "mod b; mod c; use b::B; pub struct A(B);"),
                ("a/b.rs", b),
                ("a/c.rs", c),
            ]
        };
        let c = "use super::A; pub struct C;";
        assert!(circles(&files("use super::A; pub struct B(Box<A>);", c)).is_empty());
        assert!(circles(&files("use super::c::C; pub struct B(C);", c)).is_empty());
        let both = files(
            "use super::c::C; pub struct B;",
            "use super::b::B; pub struct C;",
        );
        assert_eq!(circles(&both), [["a/b.rs", "a/c.rs"]]);
    }

    #[test]
    fn a_circle_may_run_through_folders() {
        let files = [
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "mod x; fn f() { x::f() } pub struct A;"),
            ("a/x.rs", "pub fn f() { crate::b::f() }"),
            ("b.rs", "mod y; pub fn f() { y::f() }"),
            ("b/y.rs", "pub fn f() { crate::a::A; }"),
        ];
        assert_eq!(circles(&files), [["a.rs", "a/x.rs", "b.rs", "b/y.rs"]]);
    }
}
