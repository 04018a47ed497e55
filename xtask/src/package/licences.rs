//! The licences of everything built into the plug-in.
//!
//! Cargo lists the packages; their licence texts are beside their sources. Equal texts are given
//! once, with the packages that they are for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use cargo_metadata::MetadataCommand;
use harmonai_workspace::cargo;

/// How names of licence files begin, in any case.
const FILES: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "UNLICENSE", "NOTICE"];

/// The whole text.
pub fn text() -> anyhow::Result<String> {
    let built_in = built_in()?;
    let mut list = String::new();
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut found = 0;
    for package in MetadataCommand::new().exec()?.packages {
        let name = format!("{} {}", package.name, package.version);
        // Our own packages have no source.
        if package.source.is_none() || !built_in.contains(&name) {
            continue;
        }
        found += 1;
        let files = licence_files(package.manifest_path.as_std_path())?;
        let licence = package.license.unwrap_or_default();
        let named = !licence.is_empty() || !files.is_empty();
        ensure!(named, "{name} names no licence");
        writeln!(list, "{name}: {licence}")?;
        for text in files {
            texts.entry(text).or_default().insert(name.clone());
        }
    }
    ensure!(found > 0, "no packages are built in, which cannot be");
    let mut all = format!(
        "Built into HarmonAI are these packages, each under the licence that stands beside it. Where \
         there is a choice, HarmonAI takes MIT or Apache-2.0.\n\n{list}"
    );
    for (text, packages) in texts {
        let packages: Vec<_> = packages.into_iter().collect();
        let line = "-".repeat(80);
        let (packages, text) = (packages.join(", "), text.trim());
        write!(all, "\n{line}\n{packages}\n{line}\n\n{text}\n")?;
    }
    Ok(all)
}

/// Name and version of the packages in the plug-in's library, for this system.
fn built_in() -> anyhow::Result<BTreeSet<String>> {
    let mut tree = cargo();
    tree.args(["tree", "--package", "harmonai", "--prefix", "none"]);
    tree.args(["--edges", "normal,no-proc-macro", "--format", "{p}"]);
    let output = tree.output().context("starting cargo")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo tree: {said}");
    let text = String::from_utf8(output.stdout)?;
    let lines = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let (name, version) = (words.next()?, words.next()?);
        Some(format!("{name} {}", version.strip_prefix('v')?))
    });
    Ok(lines.collect())
}

/// The licence texts beside a manifest, in the order of their names.
fn licence_files(manifest: &Path) -> anyhow::Result<Vec<String>> {
    let folder = manifest.parent().context("a manifest lies in a folder")?;
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    // Fonts have their licences in a folder of their own.
    let fonts = fs::read_dir(folder.join("fonts")).into_iter().flatten();
    let mut paths = Vec::new();
    for entry in fonts {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "txt") {
            paths.push(path);
        }
    }
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        let name = name.to_string_lossy().to_uppercase();
        if path.is_file() && FILES.iter().any(|known| name.starts_with(known)) {
            paths.push(path);
        }
    }
    paths.sort();
    let text = |path: &PathBuf| {
        let bytes = fs::read(path).with_context(|| path.display().to_string())?;
        // Line endings differ between copies of the same text.
        Ok(String::from_utf8_lossy(&bytes).replace('\r', ""))
    };
    paths.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_is_listed_with_its_licence_and_the_trainers_crates_are_not() {
        let text = text().unwrap();
        let listed = |name: &str| {
            text.lines()
                .any(|line| line.starts_with(&format!("{name} ")))
        };
        for name in ["nice-plug", "egui", "baseview", "safetensors"] {
            assert!(listed(name), "{name}");
        }
        for name in ["candle-core", "harmonai-core", "nice-plug-xtask"] {
            assert!(!listed(name), "{name}");
        }
        for words in [
            "Permission is hereby granted",
            "SIL OPEN FONT LICENSE",
            "UBUNTU FONT LICENCE",
        ] {
            assert!(text.contains(words), "{words}");
        }
        // Nobody may be bound by what they did not agree to.
        let bound = text
            .lines()
            .filter(|line| line.contains("GPL") && !line.contains(" OR "));
        let bound: Vec<_> = bound.filter(|line| line.contains(": ")).take(3).collect();
        assert!(bound.is_empty(), "{bound:?}");
    }
}
