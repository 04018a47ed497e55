//! Whole small runs: what is learnt, what is kept, what a resumed run ends with.

use std::fs;
use std::path::Path;

use candle_core::Device;
use harmonai_core::model::checkpoint::Card;
use harmonai_core::model::config::Cell;
use harmonai_core::model::memory::Memory;
use harmonai_core::model::network::Network;
use harmonai_core::model::vocabulary::{Factor, Style, steps};
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::{Metre, Ticks};

use super::*;
use crate::train::device::DeviceChoice;

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

fn job(cell: Cell, out: &Path) -> Job {
    Job {
        config: TrainConfig {
            cell,
            hidden: 24,
            embedding: 12,
            styles: vec!["even".to_owned(), "odd".to_owned()],
            seq_len: 16,
            batch: 4,
            epochs: 2,
            device: DeviceChoice::Cpu,
            learning_rate: 1e-2,
            ..TrainConfig::default()
        },
        card: Card::default(),
        base: None,
        out: out.to_owned(),
        resume: false,
    }
}

fn run(job: Job) -> Outcome {
    let tunes = tunes(30);
    let never = AtomicBool::new(false);
    train(job, &tunes[..24], &tunes[24..], &mut |_| {}, &never).unwrap()
}

#[test]
fn a_small_collection_is_learnt() {
    let folder = tempfile::tempdir().unwrap();
    let mut job = job(Cell::Lstm, folder.path());
    (job.config.layers, job.config.hidden, job.config.embedding) = (1, 64, 32);
    job.config.styles.clear();
    (job.config.epochs, job.config.dropout) = (40, 0.1);
    let outcome = run(job);
    assert!(outcome.finished && outcome.epochs == 40);
    let (_, bits) = outcome.best_epoch.unwrap();
    // An untrained network has some 7 + 8 bits, one that has learnt the keys' frequencies 4.5 of
    // pitch. The scales are certain but for their first notes; each epoch has them in other keys.
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
        best.header.config.predicts(Factor::Velocity) && card.epochs > 1 && card.notes > 500,
        "{card:?}"
    );
    assert_eq!(
        card.metrics["valid: pitch, bits per note"],
        bits.memory.pitch
    );
}

/// Checkpoints of a run that is stopped after each batch in `stops` and resumed.
fn stopped(mut job: Job, stops: &[u64]) -> [Vec<u8>; 2] {
    let folder = tempfile::tempdir().unwrap();
    let tunes = tunes(30);
    job.out = folder.path().to_owned();
    let (first, stop) = (AtomicBool::new(false), &AtomicBool::new(false));
    for at in stops {
        stop.store(false, Ordering::Relaxed);
        let mut halt = |progress: Progress| {
            if let Progress::Batch { step, .. } = progress {
                stop.store(step >= *at, Ordering::Relaxed);
            }
        };
        let outcome = train(job, &tunes[..24], &tunes[24..], &mut halt, stop).unwrap();
        assert!(!outcome.finished && outcome.last.exists());
        job = Job::resume(folder.path()).unwrap();
    }
    let outcome = train(job, &tunes[..24], &tunes[24..], &mut |_| {}, &first).unwrap();
    assert!(outcome.finished);
    [outcome.best.unwrap(), outcome.last].map(|path| fs::read(path).unwrap())
}

#[test]
fn a_resumed_run_ends_with_the_same_bytes() {
    for cell in Cell::ALL {
        let job = job(cell, Path::new(""));
        let whole = stopped(job.clone(), &[]);
        let again = stopped(job.clone(), &[]);
        assert!(whole == again, "{cell}: the same run twice");
        let parts = stopped(job, &[3, 20, 21]);
        assert!(whole == parts, "{cell}: a run in four parts");
        let checkpoint = Checkpoint::read(&whole[0]).unwrap();
        assert!(checkpoint.header.config.predicts(Factor::Velocity));
    }
}

/// A run folder as it was written before the configuration was one, from how it is now.
fn as_before(folder: &Path) {
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let now: serde_json::Value = serde_json::from_slice(&read("run.json")).unwrap();
    let config = &now["config"];
    let before = serde_json::json!({
        "options": {
            "config": {
                "cell": config["cell"], "layers": config["layers"], "hidden": config["hidden"],
                "embedding": config["embedding"], "styles": config["styles"],
            },
            "sequence": config["seq_len"], "batch": config["batch"], "epochs": config["epochs"],
            "learning_rate": config["learning_rate"], "weight_decay": config["weight_decay"],
            "dropout": config["dropout"], "patience": config["patience"],
            "average": config["average"], "seed": config["seed"], "device": config["device"],
            "card": now["card"],
        },
        "train": now["train"],
        "valid": now["valid"],
    });
    fs::write(folder.join("run.json"), before.to_string()).unwrap();
    fs::write(folder.join("music.json"), config["data"].to_string()).unwrap();
}

#[test]
fn a_run_folder_of_before_is_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let (tunes, stop) = (tunes(30), AtomicBool::new(false));
    let mut halt = |progress: Progress| {
        if let Progress::Batch { .. } = progress {
            stop.store(true, Ordering::Relaxed);
        }
    };
    let job = job(Cell::Gru, folder.path());
    train(job.clone(), &tunes[..24], &tunes[24..], &mut halt, &stop).unwrap();
    as_before(folder.path());
    let outcome = run(Job::resume(folder.path()).unwrap());
    let resumed = [outcome.best.unwrap(), outcome.last].map(|path| fs::read(path).unwrap());
    assert!(resumed == stopped(job, &[]), "it went another way");
}

#[test]
fn the_mean_of_the_weights_is_the_model_also_of_a_resumed_run() {
    let plain = job(Cell::Gru, Path::new(""));
    let mut averaged = plain.clone();
    averaged.config.average = Some(5);
    let whole = stopped(averaged.clone(), &[]);
    assert!(stopped(plain, &[]) != whole);
    let parts = stopped(averaged, &[3, 20, 21]);
    assert!(whole == parts);
}

#[test]
fn patience_ends_a_run_at_the_same_epoch_when_it_is_resumed() {
    let folder = tempfile::tempdir().unwrap();
    // Nothing is learnt at such a rate: no epoch is better than the first but by chance.
    let mut job = job(Cell::Rnn, folder.path());
    (job.config.patience, job.config.epochs) = (Some(2), 50);
    job.config.learning_rate = 1e-30;
    let outcome = run(job);
    let (best, _) = outcome.best_epoch.unwrap();
    assert!(
        outcome.finished && outcome.patience == Some(2),
        "{outcome:?}"
    );
    assert_eq!(outcome.epochs, best + 2);
    let last = fs::read(&outcome.last).unwrap();
    let again = run(Job::resume(folder.path()).unwrap());
    assert!(again.finished && again.patience == Some(2), "{again:?}");
    assert_eq!(again.epochs, outcome.epochs);
    assert!(last == fs::read(again.last).unwrap());
}

#[test]
fn another_run_cannot_be_resumed_nor_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let job = job(Cell::Rnn, folder.path());
    run(job.clone());
    let best = fs::read(folder.path().join("best.safetensors")).unwrap();
    let (tunes, never) = (tunes(30), AtomicBool::new(false));
    let check = |change: &dyn Fn(&mut Job), train_on: usize, expect: &str| {
        let mut job = Job {
            resume: true,
            ..job.clone()
        };
        change(&mut job);
        let (learn, valid) = (&tunes[..train_on], &tunes[24..]);
        let error = train(job, learn, valid, &mut |_| {}, &never).unwrap_err();
        let error = format!("{error:#}");
        assert!(error.contains(expect), "{error}");
    };
    check(
        &|job| job.resume = false,
        24,
        "holds a training run already",
    );
    check(
        &|job| job.config.seed = 2,
        24,
        "begun with another configuration",
    );
    check(&|_| {}, 23, "begun with other music");
    check(&|job| job.out.push("nowhere"), 24, "no run to resume");
    assert_eq!(
        best,
        fs::read(folder.path().join("best.safetensors")).unwrap()
    );
    let resumed = Job::resume(folder.path()).unwrap();
    assert_eq!(resumed.config, job.config);
    let done = run(resumed);
    assert!(done.finished && done.epochs == 2);
}

#[test]
fn a_loss_that_is_no_number_stops_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut job = job(Cell::Lstm, folder.path());
    job.config.learning_rate = 1e38;
    let tunes = tunes(30);
    let never = AtomicBool::new(false);
    let error = train(job, &tunes, &[], &mut |_| {}, &never).unwrap_err();
    assert!(
        format!("{error:#}").contains("no longer a number"),
        "{error:#}"
    );
}

#[test]
fn a_run_goes_on_from_a_model_and_resumes_as_if_it_had_not_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = job(Cell::Lstm, &folder.path().join("base"));
    first.config.epochs = 12;
    let base = Checkpoint::read(&fs::read(run(first).last).unwrap()).unwrap();
    let more = |name: &str, tunes: &[Melody], stop_at: u64, resume: bool| {
        let out = folder.path().join(name);
        let mut job = match resume {
            true => Job::resume(&out).unwrap(),
            false => job(Cell::Lstm, &out),
        };
        if !resume {
            job.config.styles.push("own".to_owned());
            (job.config.from, job.config.learning_rate) = (Some("base".to_owned()), 1e-3);
            job.config.epochs = 3;
            job.base = Some(base.clone());
        }
        let (stop, mut before) = (AtomicBool::new(false), None);
        let mut watch = |progress| match progress {
            Progress::Batch { step, .. } if step == stop_at => stop.store(true, Ordering::Relaxed),
            Progress::Before(figures) => before = Some(figures),
            _ => {}
        };
        let outcome = train(job, &tunes[..5], &tunes[5..], &mut watch, &stop).unwrap();
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
        "too few tunes to choose an epoch by"
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
    let job = job(Cell::Rnn, folder.path());
    let error = train(job, &tunes, &[], &mut |_| {}, &never).unwrap_err();
    assert!(format!("{error:#}").contains("metrics.jsonl"), "{error:#}");
}

#[test]
fn the_player_gives_the_trainers_probabilities() {
    for cell in Cell::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut job = job(cell, folder.path());
        job.config.epochs = 4;
        let bytes = fs::read(run(job).last).unwrap();
        let checkpoint = Checkpoint::read(&bytes).unwrap();
        assert!(checkpoint.header.cadence.is_some());
        let model = Model::from_checkpoint(&checkpoint, Device::Cpu).unwrap();
        let styles = checkpoint.header.config.styles().to_vec();
        let network = Network::new(checkpoint);
        let tunes = tunes(6);
        let mut heard = 0;
        for tune in &tunes {
            let streams = Streams::whole(std::slice::from_ref(tune), model.config(), 1, 1000);
            let mut memories = model.initial_states(1);
            let (_, nll) = model
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
                    let mut check = |mut logits: Vec<f32>, nll: &[f32]| {
                        harmonai_core::play::sampler::log2_softmax(&mut logits);
                        let played = f64::from(logits[usize::from(target)]).exp2();
                        let trained = f64::from(-nll[i]).exp();
                        let off = (played - trained).abs();
                        assert!(
                            off <= 1e-5,
                            "{cell}, {factor:?}, step {i}: {played}, {trained}"
                        );
                        heard += 1;
                    };
                    check(logits.clone(), &nll.plain[factor.index()]);
                    let with = (&mut memory, 1.0);
                    network.add_memory_logits(&state, factor, &targets, with, &mut logits);
                    check(logits, &nll.with_memory[factor.index()]);
                }
                events.push(step.event);
            }
        }
        assert!(heard > 400, "{heard}");
    }
}
