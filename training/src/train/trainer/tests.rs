//! Whole small runs: what is learnt, what is kept, what a resumed run ends with.

use std::fs;
use std::path::Path;

use candle_core::Device;
use harmonai_core::model::config::{Cell, Config};
use harmonai_core::model::memory::Memory;
use harmonai_core::model::network::Network;
use harmonai_core::model::vocabulary::{Factor, Style, steps};
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::{Metre, Ticks};

use super::*;

/// Tunes that go up and down a scale, in one of three rhythms; some with velocities.
fn tunes(n: usize) -> Vec<Melody> {
    (0..n)
        .map(|i| {
            let scale = [0, 2, 4, 5, 7, 9, 11, 12, 11, 9, 7, 5, 4, 2, 0, 0];
            let rhythm = [[12, 12, 12, 12], [24, 12, 6, 6], [18, 6, 18, 6]][i % 3];
            let mut onset = 0;
            let notes = (0..24 + i % 5).map(|j| {
                let duration = rhythm[j % 4];
                onset += duration;
                Note {
                    onset: Ticks::new(onset - duration),
                    duration: Ticks::new(duration),
                    pitch: Pitch::clamped(55 + (i % 7) as i64 + scale[j % 16]),
                    velocity: i
                        .is_multiple_of(2)
                        .then(|| Velocity::clamped(60 + 8 * (j % 4) as i64)),
                }
            });
            let style = Some(if i % 2 == 0 { "even" } else { "odd" }.to_owned());
            Melody::new(format!("tune {i}"), style, Metre::COMMON, notes.collect()).unwrap()
        })
        .collect()
}

fn options(cell: Cell, out: &Path) -> TrainOptions {
    let styles = vec!["even".to_owned(), "odd".to_owned()];
    let config = Config::new(cell, 2, 24, 12, styles).unwrap();
    TrainOptions {
        sequence: 16,
        batch: 4,
        epochs: 2,
        device: DeviceChoice::Cpu,
        learning_rate: 1e-2,
        ..TrainOptions::new(config, out.to_owned())
    }
}

fn run(options: TrainOptions) -> Outcome {
    let tunes = tunes(30);
    train(
        options,
        &tunes[..24],
        &tunes[24..],
        &mut |_| {},
        &AtomicBool::new(false),
    )
    .unwrap()
}

#[test]
fn a_small_collection_is_learnt() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(Cell::Lstm, folder.path());
    options.config = Config::new(Cell::Lstm, 1, 64, 32, vec![]).unwrap();
    (options.epochs, options.dropout) = (40, 0.1);
    let outcome = run(options);
    assert!(outcome.finished && outcome.epochs == 40);
    let (_, bits) = outcome.best_epoch.unwrap();
    // An untrained network has some 7 + 8 bits, one that has learnt the keys' frequencies 4.5 of
    // pitch. The scales are certain but for their first notes; each pass has them in other keys.
    for bits in [bits.plain, bits.memory] {
        assert!(bits.pitch < 2.6 && bits.onset_interval < 0.3, "{bits:?}");
        assert!(
            bits.duration < 0.1 && bits.velocity.unwrap() < 0.3,
            "{bits:?}"
        );
    }
    let lines = fs::read_to_string(folder.path().join("metrics.jsonl")).unwrap();
    let reports: Vec<EpochReport> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(reports.len(), 40);
    assert!(reports[39].train.sum() < 0.3 * reports[0].train.sum());
    let best = Checkpoint::read(&fs::read(outcome.best.unwrap()).unwrap()).unwrap();
    let card = &best.header.card;
    assert!(
        best.header.velocity && card.epochs > 1 && card.notes > 500,
        "{card:?}"
    );
    assert_eq!(
        card.metrics["valid: pitch, bits per note"],
        bits.memory.pitch
    );
}

/// Checkpoints of a run that is stopped after each batch in `stops` and resumed.
fn stopped(cell: Cell, representation: Representation, stops: &[u64]) -> [Vec<u8>; 2] {
    stopped_of(options(cell, Path::new("")), representation, stops)
}

fn stopped_of(
    mut options: TrainOptions,
    representation: Representation,
    stops: &[u64],
) -> [Vec<u8>; 2] {
    let folder = tempfile::tempdir().unwrap();
    let tunes = tunes(30);
    options.out = folder.path().to_owned();
    options.config = options.config.speaking(representation);
    let (first, stop) = (AtomicBool::new(false), &AtomicBool::new(false));
    for at in stops {
        stop.store(false, Ordering::Relaxed);
        let mut halt = |progress: Progress| {
            if let Progress::Batch { step, .. } = progress {
                stop.store(step >= *at, Ordering::Relaxed);
            }
        };
        let outcome = train(options.clone(), &tunes[..24], &tunes[24..], &mut halt, stop).unwrap();
        assert!(!outcome.finished && outcome.last.exists());
        options.resume = true;
        // The card is that of the first start.
        options.card.command = "another".to_owned();
    }
    let outcome = train(options, &tunes[..24], &tunes[24..], &mut |_| {}, &first).unwrap();
    assert!(outcome.finished);
    [outcome.best.unwrap(), outcome.last].map(|path| fs::read(path).unwrap())
}

#[test]
fn a_resumed_run_ends_with_the_same_bytes() {
    let notes = Cell::ALL.map(|cell| (cell, Representation::Notes));
    for (cell, of) in notes
        .into_iter()
        .chain([(Cell::Lstm, Representation::Grid)])
    {
        let whole = stopped(cell, of, &[]);
        let again = stopped(cell, of, &[]);
        assert!(whole == again, "{cell} {of:?}: the same run twice");
        let parts = stopped(cell, of, &[3, 20, 21]);
        assert!(whole == parts, "{cell} {of:?}: a run in four parts");
        let checkpoint = Checkpoint::read(&whole[0]).unwrap();
        assert_eq!(checkpoint.header.config.representation(), of);
        assert_eq!(checkpoint.header.velocity, of == Representation::Notes);
    }
}

#[test]
fn the_mean_of_the_weights_is_the_model_also_of_a_resumed_run() {
    let options = TrainOptions {
        average: Some(5),
        ..options(Cell::Gru, Path::new(""))
    };
    let plain = stopped(Cell::Gru, Representation::Notes, &[]);
    let whole = stopped_of(options.clone(), Representation::Notes, &[]);
    assert!(plain != whole);
    let parts = stopped_of(options, Representation::Notes, &[3, 20, 21]);
    assert!(whole == parts);
}

#[test]
fn patience_ends_a_run_at_the_same_pass_when_it_is_resumed() {
    let folder = tempfile::tempdir().unwrap();
    // Nothing is learnt at such a rate: no pass is better than the first but by chance.
    let mut options = TrainOptions {
        patience: Some(2),
        epochs: 50,
        learning_rate: 1e-30,
        ..options(Cell::Rnn, folder.path())
    };
    let outcome = run(options.clone());
    let (best, _) = outcome.best_epoch.unwrap();
    assert!(
        outcome.finished && outcome.patience == Some(2),
        "{outcome:?}"
    );
    assert_eq!(outcome.epochs, best + 2);
    let last = fs::read(&outcome.last).unwrap();
    options.resume = true;
    let again = run(options);
    assert!(again.finished && again.patience == Some(2), "{again:?}");
    assert_eq!(again.epochs, outcome.epochs);
    assert!(last == fs::read(again.last).unwrap());
}

#[test]
fn another_run_cannot_be_resumed_nor_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(Cell::Rnn, folder.path());
    run(options.clone());
    let best = fs::read(folder.path().join("best.safetensors")).unwrap();
    let (tunes, never) = (tunes(30), AtomicBool::new(false));
    let check = |change: &dyn Fn(&mut TrainOptions), train_on: usize, expect: &str| {
        let mut options = options.clone();
        options.resume = true;
        change(&mut options);
        let (learn, valid) = (&tunes[..train_on], &tunes[24..]);
        let error = train(options, learn, valid, &mut |_| {}, &never).unwrap_err();
        let error = format!("{error:#}");
        assert!(error.contains(expect), "{error}");
    };
    check(
        &|options| options.resume = false,
        24,
        "holds a training run already",
    );
    check(
        &|options| options.seed = 2,
        24,
        "begun with seed = 1, not 2",
    );
    check(&|_| {}, 23, "begun with other music");
    check(
        &|options| options.out.push("nowhere"),
        24,
        "no run to resume",
    );
    assert_eq!(
        best,
        fs::read(folder.path().join("best.safetensors")).unwrap()
    );
    assert_eq!(Run::options(folder.path()).unwrap(), options);
    let done = run(TrainOptions {
        resume: true,
        ..options
    });
    assert!(done.finished && done.epochs == 2);
}

#[test]
fn a_loss_that_is_no_number_stops_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(Cell::Lstm, folder.path());
    options.learning_rate = 1e38;
    let tunes = tunes(30);
    let never = AtomicBool::new(false);
    let error = train(options, &tunes, &[], &mut |_| {}, &never).unwrap_err();
    assert!(
        format!("{error:#}").contains("no longer a number"),
        "{error:#}"
    );
}

#[test]
fn a_run_goes_on_from_a_model_and_resumes_as_if_it_had_not_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = options(Cell::Lstm, &folder.path().join("base"));
    first.epochs = 12;
    let base = Checkpoint::read(&fs::read(run(first).last).unwrap()).unwrap();
    let more = |name: &str, tunes: &[Melody], stop_at: u64, resume: bool| {
        let mut options = options(Cell::Lstm, &folder.path().join(name));
        let styles = vec!["even".to_owned(), "odd".to_owned(), "own".to_owned()];
        options.config = base::config(&base.header.config, styles).unwrap();
        (options.from, options.learning_rate) = (Some("base".to_owned()), 1e-3);
        options.base = (!resume).then(|| base.clone());
        (options.epochs, options.resume) = (3, resume);
        let (stop, mut before) = (AtomicBool::new(false), None);
        let mut watch = |progress| match progress {
            Progress::Batch { step, .. } if step == stop_at => stop.store(true, Ordering::Relaxed),
            Progress::Before(figures) => before = Some(figures),
            _ => {}
        };
        let outcome = train(options, &tunes[..5], &tunes[5..], &mut watch, &stop).unwrap();
        (outcome, before.unwrap())
    };
    let own: Vec<Melody> = tunes(8)
        .iter()
        .map(|tune| {
            let mut onset = Ticks::ZERO;
            // The same scales in slow notes, which the base has never met.
            let notes = tune.notes().iter().map(|note| {
                onset += Ticks::new(48);
                let (onset, duration) = (onset, Ticks::new(48));
                Note {
                    onset,
                    duration,
                    ..*note
                }
            });
            let style = Some("own".to_owned());
            Melody::new(String::new(), style, Metre::COMMON, notes.collect()).unwrap()
        })
        .collect();
    let (whole, before) = more("whole", &own, u64::MAX, false);
    let (_, after) = whole.best_epoch.unwrap();
    assert!(after.sum() < before.sum() - 0.3, "{before}, then {after}");
    assert_eq!(
        whole.best_epoch.unwrap().0,
        3,
        "too few tunes to choose a pass by"
    );
    let (cut, _) = more("cut", &own, 7, false);
    assert!(!cut.finished);
    let (resumed, again) = more("cut", &own, u64::MAX, true);
    assert_eq!(again, before);
    assert_eq!(
        fs::read(resumed.last).unwrap(),
        fs::read(whole.last).unwrap()
    );
}

#[test]
fn a_file_that_cannot_be_written_ends_the_run_by_name() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("metrics.jsonl")).unwrap();
    let tunes = tunes(6);
    let never = AtomicBool::new(false);
    let options = options(Cell::Rnn, folder.path());
    let error = train(options, &tunes, &[], &mut |_| {}, &never).unwrap_err();
    assert!(format!("{error:#}").contains("metrics.jsonl"), "{error:#}");
}

#[test]
fn the_player_gives_the_trainers_probabilities() {
    for cell in Cell::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut options = options(cell, folder.path());
        options.epochs = 4;
        let bytes = fs::read(run(options).last).unwrap();
        let checkpoint = Checkpoint::read(&bytes).unwrap();
        assert!(checkpoint.header.cadence.is_some());
        let model = Model::from_checkpoint(&checkpoint, Device::Cpu).unwrap();
        let styles = checkpoint.header.config.styles().to_vec();
        let network = Network::new(checkpoint);
        let tunes = tunes(6);
        let mut heard = 0;
        for tune in &tunes {
            let streams = Streams::whole(std::slice::from_ref(tune), model.config(), 1, 1000);
            let mut memories = model.memories(1);
            let (_, surprise) = model
                .loss(&streams.batch(0), &mut memories, Mode::Measure)
                .unwrap();
            let mut state = network.state();
            let style = Style::find(&styles, tune.style());
            let (mut events, mut memory) = (Vec::new(), Memory::default());
            for (i, step) in steps(tune, style, None).iter().enumerate() {
                network.step(&mut state, &step.inputs);
                memory.listen(&events, step.event.onset, tune.metre());
                let targets = step.event.targets;
                for factor in Factor::ALL {
                    let target = targets[factor.index()];
                    if target == harmonai_core::model::vocabulary::NONE {
                        continue;
                    }
                    let mut logits = vec![0.0; factor.symbols()];
                    network.logits(&state, factor, &targets, &mut logits);
                    let mut check = |mut logits: Vec<f32>, surprise: &[f32]| {
                        harmonai_core::play::sampler::log2_softmax(&mut logits);
                        let played = f64::from(logits[usize::from(target)]).exp2();
                        let trained = f64::from(-surprise[i]).exp();
                        let off = (played - trained).abs();
                        assert!(
                            off <= 1e-5,
                            "{cell}, {factor:?}, step {i}: {played}, {trained}"
                        );
                        heard += 1;
                    };
                    check(logits.clone(), &surprise.plain[factor.index()]);
                    let with = (&mut memory, 1.0);
                    network.remember(&state, factor, &targets, with, &mut logits);
                    check(logits, &surprise.remembering[factor.index()]);
                }
                events.push(step.event);
            }
        }
        assert!(heard > 400, "{heard}");
    }
}
