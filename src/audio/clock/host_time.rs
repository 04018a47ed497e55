//! What a host says of its time, and how far that is to be trusted.

/// Positions that are meant, in beats from the song's start: eight years at 240 a minute.
pub const FARTHEST: f64 = 1e9;
/// The finest grid that a host was seen to round its beats to.
pub const HOST_GRID: f64 = 1920.0;

/// What a host says at the start of a block. Nothing in it is trusted.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostTime {
    pub playing: bool,
    /// Does time run on at the host's tempo where it does not?
    pub free_run: bool,
    /// Quarter notes a minute.
    pub tempo: Option<f64>,
    pub beats: Option<f64>,
    /// Position in samples, counted independently of the beats.
    pub samples: Option<f64>,
    /// Numerator and denominator of the time signature.
    pub signature: Option<(i32, i32)>,
    /// Where the bar of the position began, in quarter notes.
    pub bar_start: Option<f64>,
}

/// Whether that position may have been rounded by the host.
pub fn on_host_grid(beats: f64) -> bool {
    let steps = beats * HOST_GRID;
    (steps - steps.round()).abs() < 1e-5
}
