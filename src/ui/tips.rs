//! What each control does, in the player's words: shown under the mouse, read out by screen readers.

pub const TEMPERATURE: &str = "How daring the answer is. Lower is calmer and closer to what is \
                               likely, higher is wilder. Heard within a sixteenth note";
pub const LENGTH: &str = "How long an answer goes on, up to endless";
pub const MODE: &str = "What makes it answer: your turn is over, you fall silent, never (it plays \
                        along), or only when you ask";
pub const LISTEN: &str = "How many bars are your turn";
pub const SILENCE: &str = "How long you have to be silent before it answers";
pub const VOICES: &str =
    "What it takes for your phrase: the tune above its accompaniment, or everything that you play";
pub const SEED: &str = "Another number, another answer to the same phrase";
pub const VARIATION: &str = "Four answers to the same phrase, each the same every time";
pub const STYLE: &str =
    "The music in whose manner it answers, of the kinds that the model has learnt";
pub const RHYTHM: &str = "How daring the rhythm is; linked, it follows the temperature";
pub const TOP_P: &str = "Leaves out the unlikely notes: lower is safer";
pub const MEMORY: &str = "How much the answer quotes and varies the phrase you just played: 0 % \
                          goes its own way, 100 % comes back to your turns as music does";
pub const SLOT: &str = "Which of four models plays. Each can be another one";
pub const THRU: &str = "Whether your own notes go on to the instrument behind";
pub const FREEZE: &str = "Keeps the phrase: it is answered again and again, whatever you play";
pub const PREVIEW: &str = "A quiet voice, to hear it with no instrument behind";
pub const BYPASS: &str = "No answers; your notes go through";
pub const KEY: &str = "The tonic of the scale. Auto: the one that your phrase has";
pub const SCALE: &str =
    "The notes that the answer is made of. All notes: it keeps to your key by itself";
pub const LOW: &str =
    "The lowest note of the answer; where the phrase lies elsewhere, it is moved by octaves";
pub const HIGH: &str =
    "The highest note of the answer; where the phrase lies elsewhere, it is moved by octaves";
pub const OCTAVE: &str = "How many octaves above or below the phrase the answer sounds";
pub const LEAPS: &str = "To the left the answer walks in steps, to the right it leaps";
pub const GRID: &str = "Where the answer's notes may begin";
pub const DENSITY: &str = "To the left fewer and longer notes, to the right more and shorter ones";
pub const GATE: &str = "How much of its length a note sounds: short and crisp, or long and bound";
pub const SWING: &str =
    "Where the second eighth of a quarter falls: 50 % is straight, 67 % a triplet";
pub const TOUCH: &str =
    "How hard the answer strikes: as the model has learnt it, as you do, or always alike";
pub const VELOCITY: &str = "The velocity of every note, where the touch is fixed";
pub const DYNAMICS: &str = "How far the answer's loudness goes from yours: all alike, or wide";
pub const REPEAT: &str = "When a loop comes round, or a frozen phrase is answered once more: the \
                          same answer, or another one";
pub const TRIGGER: &str = "This key asks for an answer instead of sounding";
pub const CHANNEL: &str = "The MIDI channel of the answer";
pub const FREE_RUN: &str = "Plays on by a clock of its own while the host's transport stands";
pub const GENERATE: &str = "Answers now, on the next beat; pressed again, it plays on";
pub const CLEAR: &str = "Forgets the phrase, a frozen one too";
pub const PANIC: &str = "Ends every note that sounds";
