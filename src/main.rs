//! The standalone app: the instrument with the system's own audio and MIDI.

use harmonai::plugin::HarmonAi;
use harmonai::standalone::{app, signals};
use nice_plug::prelude::nice_export_standalone_with_args;

fn main() {
    signals::block();
    let start = nice_export_standalone_with_args::<HarmonAi, Vec<String>>;
    if !app::run(std::env::args().collect(), start) {
        std::process::exit(1);
    }
}
