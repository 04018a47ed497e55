//! Checkpoints go to PyTorch and come back, and networks trained there play here: with the real
//! PyTorch, where there is one.
//!
//! `HARMONAI_PYTHON` names a Python that has torch and safetensors; without it the environment that
//! `cargo xtask bench training` makes is used. Where there is neither, nothing is tested.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use candle_core::Device;
use harmonai_core::model::checkpoint::{Checkpoint, Precision};
use harmonai_core::model::config::{Cell, Config};
use harmonai_core::model::vocabulary::NONE;
use harmonai_core::music::note::{Note, Pitch};
use harmonai_core::music::smf::{self, Song, Track};
use harmonai_core::music::time::{Metre, Ticks};
use training::data::batches::Streams;
use training::data::corpus::{Corpus, Split};
use training::nn::model::{Mode, Model};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A Python with PyTorch, if there is one.
fn python() -> Option<PathBuf> {
    let own = workspace().join("target/bench-pytorch/bin/python");
    let named = std::env::var_os("HARMONAI_PYTHON").map(PathBuf::from);
    let python = named.clone().unwrap_or(own);
    let mut command = Command::new(&python);
    let output = command.args(["-c", "import torch, safetensors"]).output();
    let works = output.is_ok_and(|output| output.status.success());
    assert!(
        works || named.is_none(),
        "{} has no PyTorch",
        python.display()
    );
    if !works {
        println!("left out: no Python with torch and safetensors (HARMONAI_PYTHON names one)");
    }
    works.then_some(python)
}

/// Runs Python among our modules; gives what it printed.
fn ask(python: &Path, args: &[&str]) -> String {
    let mut command = Command::new(python);
    command.current_dir(workspace().join("training/pytorch"));
    let output = command.args(args).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Thirty songs that go up and down.
fn music(folder: &Path) {
    for song in 0..30 {
        let note = |i: i64| Note {
            onset: Ticks::new(i * 12),
            duration: Ticks::new(12),
            pitch: Pitch::clamped(60 + song % 7 + [0, 2, 4, 5, 7, 5, 4, 2][i as usize % 8]),
            velocity: None,
        };
        let track = Track {
            name: "Lead".into(),
            channel: 0,
            notes: (0..64 + song).map(note).collect(),
        };
        let song_file = smf::write(&Song {
            tempo: 100.0,
            metre: Metre::COMMON,
            tracks: vec![track],
        });
        fs::write(folder.join(format!("{song}.mid")), song_file).unwrap();
    }
}

/// The music as PyTorch reads it, and a network that knows nothing.
fn export(music: &Path, out: &Path, cell: Cell) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_training"));
    command.args([
        "export",
        "--data",
        text(music),
        "--out",
        text(out),
        "--passes",
        "4",
    ]);
    command.args([
        "--cell",
        cell.name(),
        "--layers",
        "2",
        "--hidden",
        "24",
        "--embedding",
        "12",
    ]);
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
}

/// Bits a note of the validation tunes by our trainer, the memory left aside.
fn bits(checkpoint: &Path, music: &Path) -> f64 {
    let checkpoint = Checkpoint::read(&fs::read(checkpoint).unwrap()).unwrap();
    let model = Model::from_checkpoint(&checkpoint, Device::Cpu).unwrap();
    let mut corpus = Corpus::read(&[music.to_owned()])
        .unwrap()
        .without_duplicates();
    corpus.balance();
    let tunes = corpus.melodies(Split::Valid);
    assert!(!tunes.is_empty());
    let batch = Streams::whole(&tunes, model.config(), 1, 100_000).batch(0);
    let mut memories = model.initial_states(1);
    let (_, nll) = model.loss(&batch, &mut memories, Mode::Measure).unwrap();
    let nats: f64 = nll
        .plain
        .iter()
        .flatten()
        .map(|nats| f64::from(*nats))
        .sum();
    let notes = batch.targets.iter().filter(|targets| targets[0] != NONE);
    nats / notes.count() as f64 / std::f64::consts::LN_2
}

#[test]
fn checkpoints_load_into_torch_modules_say_the_same_there_and_come_back() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let songs = folder.path().join("music");
    fs::create_dir(&songs).unwrap();
    music(&songs);
    for cell in Cell::ALL {
        let out = folder.path().join(cell.name());
        export(&songs, &out, cell);
        let start = out.join("start.safetensors");
        let program = "\
import sys, harmonai, train, torch
network, header = harmonai.load(sys.argv[1])
steps = train.load_file(sys.argv[2])
print(train.measure(network, steps, torch.device('cpu')))
harmonai.save(sys.argv[3], network, header)";
        let (valid, back) = (out.join("valid.safetensors"), out.join("back.safetensors"));
        let says_the_same_there = || {
            let said = ask(
                &python,
                &["-c", program, text(&start), text(&valid), text(&back)],
            );
            let (theirs, ours): (f64, f64) = (said.trim().parse().unwrap(), bits(&start, &songs));
            assert!(
                (theirs - ours).abs() < 1e-4 * ours,
                "{cell}: {theirs}, {ours}"
            );
        };
        says_the_same_there();
        let read = |path: &Path| Checkpoint::read(&fs::read(path).unwrap()).unwrap();
        assert!(read(&back) == read(&start), "{cell}: not what it was");

        // With its weights in bytes; PyTorch writes them as the floats that they stand for.
        let quantized = read(&start).quantized();
        fs::write(&start, quantized.write()).unwrap();
        says_the_same_there();
        let floats = read(&back);
        assert_eq!(floats.header.weights, Precision::F32);
        assert!(floats.quantized() == quantized, "{cell}: not what it was");
    }
}

#[test]
fn a_network_trained_by_torchrun_in_two_processes_plays_here() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (songs, out) = (folder.path().join("music"), folder.path().join("exported"));
    fs::create_dir(&songs).unwrap();
    music(&songs);
    export(&songs, &out, Cell::Lstm);
    let model = folder.path().join("model.safetensors");
    let launch = [
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node",
        "2",
    ];
    let program = [
        "train.py",
        text(&out),
        "--out",
        text(&model),
        "--device",
        "cpu",
    ];
    let options = ["--batch", "2", "--seq-len", "16"];
    let said = ask(&python, &[&launch[..], &program, &options].concat());
    assert!(said.contains("epoch 4/4"), "{said}");
    let start = bits(&out.join("start.safetensors"), &songs);
    let trained = bits(&model, &songs);
    assert!(trained < 0.7 * start, "{start}, then {trained}");
    let header = Checkpoint::read(&fs::read(&model).unwrap()).unwrap().header;
    assert_eq!(header.card.epochs, 4);
    assert!(header.card.command.contains("2 processes"));
    let known = Config::new(Cell::Lstm, 2, 24, 12, Vec::new()).unwrap();
    assert_eq!(header.config, known);

    // On from that model.
    let more = folder.path().join("more.safetensors");
    let program = [
        "train.py",
        text(&out),
        "--out",
        text(&more),
        "--device",
        "cpu",
    ];
    let base = ["--from", text(&model), "--learning-rate", "0.001"];
    ask(&python, &[&launch[..], &program, &options, &base].concat());
    assert!(bits(&more, &songs) < trained, "{trained}");
}
