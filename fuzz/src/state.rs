//! Bytes in place of a project's state: the JSON text that hosts keep for the plug-in.
//!
//! It goes the way that a project's goes, through the plug-in's CLAP: what is linked into this
//! program is hosted, so that the fuzzer sees into it. It does not play here: the guard against
//! allocations would take the host's for the plug-in's.

use std::collections::BTreeMap;

use harmonai_core::music::time::{Metre, Ticks};
use harmonai_tests::{ClapHost, Class, Host, Script};
use serde_json::Value;

/// What a host asks for when it saves a project.
#[derive(Debug, PartialEq)]
struct Kept {
    taken: bool,
    readings: BTreeMap<String, String>,
    state: Vec<u8>,
}

/// Whatever was kept, the plug-in takes it or leaves it, gets ready to play, and what it keeps then
/// stays the same.
pub fn check(bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).ok();
    // Only what is JSON at all gets as far as the plug-in.
    let json = text.filter(|text| serde_json::from_str::<Value>(text).is_ok());
    let Some(json) = json else { return };
    let host = ClapHost::linked(&harmonai::clap_entry, Class::Instrument);
    let first = load(&host, &host.state_from_json(json));
    let second = load(&host, &first.state);
    assert!(second.taken, "it refuses its own state");
    assert_eq!(
        second,
        Kept {
            taken: true,
            ..first
        }
    );
}

fn load(host: &ClapHost, state: &[u8]) -> Kept {
    let script = Script::new(Vec::new(), Metre::COMMON, Ticks::BEAT);
    let mut instance = host.open(&script).expect("it opens");
    let taken = instance.load(state);
    instance.activate().expect("it gets ready");
    instance.deactivate().expect("it comes to rest");
    Kept {
        taken,
        readings: instance.readings(),
        state: instance.save().expect("it saves"),
    }
}
