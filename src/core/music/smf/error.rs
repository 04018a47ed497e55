//! Why a Standard MIDI File cannot be read, in words for the user.

/// Why bytes are no music that can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmfError {
    #[error("it is no Standard MIDI File, or a broken one ({0})")]
    Format(String),
    /// It counts in time code: such a file has no bars.
    #[error("its time is in film frames (SMPTE), not in beats")]
    Smpte,
    /// A file of separate patterns (type 2), of which a song is wanted.
    #[error("it is a type 2 file (separate patterns); save it as type 0 or 1")]
    Patterns,
    #[error("it goes on for days")]
    TooLong,
    #[error("it has no notes")]
    NoNotes,
}
