//! The mixer's network: what no weighing of the models can say.
//!
//! For each candidate it reads what each model says of it, how much in doubt each model is, and the
//! clues; one hidden layer, one number out, which is added to the candidate's logit. Its parameters
//! lie in one slice, in rows of [`HIDDEN`]: a row for each model's word, each model's doubt, each
//! clue, the hidden layer's bias, and the way out. Called by the mixer. Pure; any thread.

use super::super::clues::{self, CANDIDATE_CLUES};
use super::super::opinions::View;
use crate::nn::noise::Noise;
use crate::nn::simd::vectorised;

/// Hidden units.
pub const HIDDEN: usize = 16;
/// Spread of the first weights of clues.
const CLUES: f32 = 0.2;

type Row = [f32; HIDDEN];

/// Room to compute in.
#[derive(Clone, Debug, Default)]
pub struct Room {
    hidden: Vec<Row>,
    slopes: Vec<Row>,
}

/// How many parameters it has for so many models.
pub fn parameters(models: usize) -> usize {
    let [note, candidate] = clues::rows();
    (2 * models + note + candidate + 2) * HIDDEN
}

/// What it begins with: random rows, but nothing on the way out.
pub fn start(models: usize, noise: Noise) -> Vec<f32> {
    let n = parameters(models);
    let words = 2 * models * HIDDEN;
    let mut values = noise
        .branch(0)
        .normal(words, 1.0 / (models.max(1) as f32).sqrt());
    values.extend(noise.branch(1).normal(n - words - 2 * HIDDEN, CLUES));
    values.resize(n, 0.0);
    values
}

/// The rows of a slice of parameters.
struct Rows<'a> {
    words: &'a [Row],
    doubts: &'a [Row],
    note: &'a [Row],
    candidate: &'a [Row],
    bias: &'a Row,
    out: &'a Row,
}

impl<'a> Rows<'a> {
    #[inline(always)]
    fn new(values: &'a [f32], models: usize) -> Self {
        let rows = values.as_chunks::<HIDDEN>().0;
        let (words, rest) = rows.split_at(models);
        let (doubts, rest) = rest.split_at(models);
        let (note, rest) = rest.split_at(clues::rows()[0]);
        let (candidate, last) = rest.split_at(clues::rows()[1]);
        Self {
            words,
            doubts,
            note,
            candidate,
            bias: &last[0],
            out: &last[1],
        }
    }
}

/// `sums += factor * row`.
#[inline(always)]
fn add(sums: &mut Row, factor: f32, row: &Row) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum += factor * value;
    }
}

/// What is read of a model's word: a logarithm, brought to about -1 to 1.
#[inline(always)]
fn word(log: f32, heard: f32) -> f32 {
    (0.25 * log + 1.0) * heard
}

vectorised! {
    /// Adds the network's words to the candidates' logits. `heard` are factors for the models'
    /// words: 1, or in learning sometimes 0.
    pub fn speak(values: &[f32], view: &View, heard: &[f32], room: &mut Room, logits: &mut [f32]) {
        let rows = Rows::new(values, heard.len());
        let mut base = *rows.bias;
        for (row, doubt) in rows.doubts.iter().zip(view.doubts()) {
            add(&mut base, doubt, row);
        }
        for clue in view.note_clues {
            add(&mut base, 1.0, &rows.note[usize::from(*clue)]);
        }
        room.hidden.clear();
        room.hidden.resize(logits.len(), base);
        for (logs, (row, heard)) in view.words().zip(rows.words.iter().zip(heard)) {
            for (hidden, log) in room.hidden.iter_mut().zip(logs) {
                add(hidden, word(*log, *heard), row);
            }
        }
        let clues = view.candidate_clues.as_chunks::<CANDIDATE_CLUES>().0;
        for ((hidden, clues), logit) in room.hidden.iter_mut().zip(clues).zip(logits) {
            for clue in clues {
                add(hidden, 1.0, &rows.candidate[usize::from(*clue)]);
            }
            let mut sum = 0.0;
            for (hidden, out) in hidden.iter_mut().zip(rows.out) {
                *hidden = hidden.max(0.0);
                sum += *hidden * out;
            }
            *logit += sum;
        }
    }

    /// Adds to the gradient, after [`speak`]; `slopes` are those of the loss by the logits.
    pub fn learn(
        values: &[f32],
        gradient: &mut [f32],
        view: &View,
        heard: &[f32],
        room: &mut Room,
        slopes: &[f32],
    ) {
        let models = heard.len();
        let rows = Rows::new(values, models);
        let all = gradient.as_chunks_mut::<HIDDEN>().0;
        let [note, candidate] = clues::rows();
        let (notes_at, candidates_at) = (2 * models, 2 * models + note);
        let bias_at = candidates_at + candidate;
        let mut base = [0.0; HIDDEN];
        room.slopes.clear();
        for (slope, hidden) in slopes.iter().zip(&room.hidden) {
            add(&mut all[bias_at + 1], *slope, hidden);
            let mut own = [0.0; HIDDEN];
            for ((own, out), hidden) in own.iter_mut().zip(rows.out).zip(hidden) {
                *own = if *hidden > 0.0 { slope * out } else { 0.0 };
            }
            add(&mut base, 1.0, &own);
            room.slopes.push(own);
        }
        add(&mut all[bias_at], 1.0, &base);
        for (row, doubt) in all[models..notes_at].iter_mut().zip(view.doubts()) {
            add(row, doubt, &base);
        }
        for clue in view.note_clues {
            add(&mut all[notes_at + usize::from(*clue)], 1.0, &base);
        }
        for (row, (logs, heard)) in all[..models].iter_mut().zip(view.words().zip(heard)) {
            for (slopes, log) in room.slopes.iter().zip(logs) {
                add(row, word(*log, *heard), slopes);
            }
        }
        let clues = view.candidate_clues.as_chunks::<CANDIDATE_CLUES>().0;
        for (slopes, clues) in room.slopes.iter().zip(clues) {
            for clue in clues {
                add(&mut all[candidates_at + usize::from(*clue)], 1.0, slopes);
            }
        }
    }
}
