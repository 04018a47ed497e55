//! What carries the app's audio and MIDI, and what the user is told about it.

/// In the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// JACK, or PipeWire in its place.
    Jack,
    /// The operating system's own.
    System,
    /// No audio and no MIDI.
    None,
}

/// The operating system's own backend, as the command line and as people call it.
const SYSTEM: (&str, &str) = if cfg!(target_os = "macos") {
    ("core-audio", "CoreAudio")
} else if cfg!(target_os = "windows") {
    ("wasapi", "WASAPI")
} else {
    ("alsa", "ALSA")
};

/// What can stand in for JACK.
const STAND_IN: &str = if cfg!(target_os = "linux") {
    ", or PipeWire in its place"
} else {
    ""
};

impl Backend {
    pub const ALL: [Self; 3] = [Self::Jack, Self::System, Self::None];

    /// On the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Jack => "jack",
            Self::System => SYSTEM.0,
            Self::None => "dummy",
        }
    }

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jack => "JACK",
            Self::System => SYSTEM.1,
            Self::None => "no audio",
        }
    }
}

/// How the app is connected to audio and MIDI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    pub backend: Backend,
    /// Whether the user has named the backend.
    pub named: bool,
    /// Whether MIDI devices for input and for output were named; JACK has ports instead.
    pub midi: (bool, bool),
}

impl Connection {
    /// What the user has to do before notes come in, if anything.
    pub fn advice(self) -> Option<String> {
        let (id, system) = SYSTEM;
        match (self.backend, self.midi.0) {
            (Backend::None, _) if self.named => None,
            (Backend::None, _) => Some(format!(
                "No notes and no sound can come in or go out: neither JACK nor {system} can be \
                 used (the terminal says why). Start JACK{STAND_IN}, then start HarmonAI again."
            )),
            (Backend::System, false) => Some(format!(
                "No notes can come in: start HarmonAI with --midi-input and the name of your \
                 keyboard (with --backend {id} --midi-input \"\" the terminal lists the names)."
            )),
            (Backend::System, true) | (Backend::Jack, _) => None,
        }
    }

    /// A sentence for a tip.
    pub fn about(self) -> String {
        let device = |named| if named { "as named" } else { "none" };
        match self.backend {
            Backend::Jack => {
                "Notes and sound go through JACK: connect its ports midi_input and midi_output"
                    .to_owned()
            }
            Backend::System => format!(
                "Sound goes through {}. MIDI input: {}; MIDI output: {} (--midi-input, \
                 --midi-output)",
                self.backend.name(),
                device(self.midi.0),
                device(self.midi.1)
            ),
            Backend::None => "Nothing comes in or goes out".to_owned(),
        }
    }
}
