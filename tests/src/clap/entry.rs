//! The plug-in's code and how an instance of it comes about. Part of the CLAP hosts.

use super::calls::{Calls, Handlers};
use anyhow::Context;
use clack_host::entry::EntryDescriptor;
use clack_host::prelude::*;
use std::ffi::CString;
use std::fmt;
use std::path::PathBuf;

/// Where the plug-in's code is.
pub enum Source {
    /// In a `.clap`.
    File(PathBuf),
    /// In this program.
    Linked(&'static EntryDescriptor),
}

impl Source {
    /// Its entry point.
    pub fn load(&self) -> anyhow::Result<PluginEntry> {
        Ok(match self {
            // SAFETY: the file is the plug-in that this workspace builds, made to be loaded so.
            Self::File(path) => unsafe { PluginEntry::load(path) }?,
            // SAFETY: the same plug-in, its entry point that of its own macro.
            Self::Linked(entry) => unsafe { PluginEntry::load_from_raw(entry, c"") }?,
        })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Linked(_) => f.write_str("this program"),
        }
    }
}

/// A new instance of the plug-in with this id.
pub fn instantiate(entry: &PluginEntry, id: &str) -> anyhow::Result<PluginInstance<Handlers>> {
    let info = HostInfo::new("HarmonAI tests", "HarmonAI", "", env!("CARGO_PKG_VERSION"))?;
    let name = CString::new(id)?;
    PluginInstance::new(|_| Calls::default(), |_| (), entry, &name, &info)
        .with_context(|| format!("opening {id}"))
}
