//! What each control does, in the player's words: shown under the mouse, read out by screen
//! readers.

pub const TEMPERATURE: &str = "How adventurous the answer is: lower is calmer and more \
                               predictable, higher is wilder. You hear a change within a \
                               sixteenth note";
pub const LENGTH: &str = "How long an answer lasts, up to endless";
pub const MODE: &str = "When it answers: after a number of bars, after a silence, only when you \
                        press Generate, or (Jam) all the time, along with you";
pub const LISTEN: &str = "How many bars your turn lasts";
pub const SILENCE: &str = "How long you have to be silent before it answers";
pub const VOICES: &str = "Which of your notes make up the phrase: the tune above its \
                          accompaniment, or everything that you play";
pub const SEED: &str = "Each number gives another answer to the same phrase";
pub const VARIATION: &str = "Four answers to the same phrase, each the same every time";
pub const STYLE: &str =
    "Which kind of music the answer is like, of those that the model has learnt";
pub const RHYTHM: &str = "How adventurous the rhythm is; linked, it follows Temperature";
pub const TOP_P: &str = "Leaves out unlikely notes: the lower, the safer";
pub const MEMORY: &str = "How much the answer quotes and varies the phrase that you just played. \
                          At 0 % it goes its own way; at 100 % it returns to your ideas as tunes \
                          do";
pub const SLOT: &str = "Which of the four loaded models plays";
pub const THRU: &str = "Whether the notes that you play are passed on to the next instrument";
pub const FREEZE: &str = "Keeps the phrase, so that every answer is to it, whatever you play";
pub const PREVIEW: &str = "A quiet built-in sound, to hear the answer without another instrument";
pub const BYPASS: &str = "No answers; the notes that you play pass through";
pub const KEY: &str = "The tonic of the scale; Auto takes that of your phrase";
pub const SCALE: &str =
    "The notes that the answer may use; with All notes it still follows your key";
pub const LOW: &str =
    "The lowest note of the answer. A phrase outside the range is answered in another octave";
pub const HIGH: &str =
    "The highest note of the answer. A phrase outside the range is answered in another octave";
pub const OCTAVE: &str = "How many octaves above or below the phrase the answer sounds";
pub const LEAPS: &str = "To the left the answer moves by steps, to the right by leaps";
pub const GRID: &str = "Where in the beat the notes of the answer may begin";
pub const DENSITY: &str = "To the left fewer and longer notes, to the right more and shorter ones";
pub const GATE: &str = "How much of its length a note sounds: lower is staccato, higher is legato";
pub const SWING: &str =
    "Where the second eighth of a quarter falls: 50 % is straight, 67 % is triplets";
pub const TOUCH: &str =
    "How hard the answer strikes: as the model has learnt, as you play, or always the same";
pub const VELOCITY: &str = "The velocity of every note when the touch is fixed";
pub const DYNAMICS: &str =
    "How much the loudness of the answer varies: 0 % not at all, 200 % twice as much";
pub const REPEAT: &str = "What is heard when a loop comes round, or a frozen phrase is answered \
                          again: the same answer or a new one";
pub const TRIGGER: &str = "This key requests an answer and does not sound";
pub const CHANNEL: &str = "The MIDI channel of the answer";
pub const FREE_RUN: &str = "Keeps playing at the host's tempo while the transport is stopped";
pub const GENERATE: &str = "Answers from the next beat; pressed again, it plays on";
pub const CLEAR: &str = "Forgets the phrase, even a frozen one";
pub const PANIC: &str = "Ends every note that sounds";
