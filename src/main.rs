//! The standalone app: the instrument with the system's own audio and MIDI.

use harmonai::plugin::HarmonAi;

fn main() {
    if !nice_plug::prelude::nice_export_standalone::<HarmonAi>() {
        std::process::exit(1);
    }
}
