//! Runs that are killed, run out of room or go astray: what they leave can be relied on.
//!
//! Each test drives the binary, as a user does, on networks so small that an epoch takes a moment and
//! most of a run's time is spent writing files.

mod tiny;

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use harmonai_core::model::checkpoint::Checkpoint;
use safetensors::SafeTensors;
use tiny::{Bench, command, failed, succeeded};

/// Every file that is there under its own name is whole.
fn check_whole(run: &Path) {
    for entry in fs::read_dir(run).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let bytes = if path.is_file() {
            fs::read(&path).unwrap()
        } else {
            Vec::new()
        };
        let text = String::from_utf8_lossy(&bytes);
        match name.as_str() {
            "best.safetensors" | "last.safetensors" => {
                Checkpoint::read(&bytes).unwrap();
            }
            "state.safetensors" => {
                SafeTensors::deserialize(&bytes).unwrap();
            }
            "metrics.jsonl" => {
                for line in text.lines() {
                    serde_json::from_str::<serde_json::Value>(line).unwrap();
                }
            }
            "run.json" | "music.json" => {
                serde_json::from_str::<serde_json::Value>(&text).unwrap();
            }
            "report.html" => {
                assert!(text.starts_with("<!DOCTYPE html>") && text.ends_with("</html>\n"));
            }
            "left-out.txt" | "samples" | ".lock" => {}
            part => assert!(part.starts_with('.') && part.ends_with(".part"), "{part}"),
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// Whether two runs of a bench left the same: checkpoints, samples, and nothing half written.
fn check_same(bench: &Bench, one: &str, other: &str) {
    assert!(bench.checkpoints(one) == bench.checkpoints(other));
    for folder in ["", "samples"] {
        let [one, other] = [one, other].map(|run| names(&bench.path(run).join(folder)));
        assert_eq!(one, other);
    }
    for name in names(&bench.path(one).join("samples")) {
        let read = |run| fs::read(bench.path(run).join("samples").join(&name)).unwrap();
        assert!(read(one) == read(other), "{name}");
    }
}

/// The files in a folder: names, lengths and when they were written last.
fn listing(folder: &Path) -> Vec<(OsString, u64, Option<SystemTime>)> {
    let file = |entry: std::io::Result<fs::DirEntry>| {
        // One that is renamed meanwhile is there under its new name the next time.
        let entry = entry.ok()?;
        let about = entry.metadata().ok()?;
        Some((entry.file_name(), about.len(), about.modified().ok()))
    };
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(file).collect()
}

/// Waits until the folder has been seen to change this often, or the process has ended.
fn watch(child: &mut Child, folder: &Path, changes: u32) {
    let (mut seen, mut count) = (listing(folder), 0);
    while count < changes && child.try_wait().unwrap().is_none() {
        let now = listing(folder);
        if now != seen {
            (seen, count) = (now, count + 1);
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_run_killed_again_and_again_ends_as_one_that_was_left_alone() {
    const EPOCHS: u32 = 16;
    const KILLS: u32 = 30;
    let bench = Bench::new();
    succeeded(&bench.run(&bench.arguments("whole", EPOCHS)));
    assert_eq!(
        names(&bench.path("whole/samples")).len(),
        3 * EPOCHS as usize
    );
    let (mut kills, mut resumed, mut runs) = (0, 0, 0);
    while kills < KILLS {
        // One run after the other, each killed and resumed until it is done.
        let name = format!("killed-{runs}");
        let arguments = bench.going_on(&name, EPOCHS);
        resumed += usize::from(arguments.contains(&"--resume".to_owned()));
        let quiet = || Stdio::null();
        let mut command = command(&arguments);
        let mut child = command.stdout(quiet()).stderr(quiet()).spawn().unwrap();
        // From before the folder is there to well into the epochs, most of them while it writes.
        watch(
            &mut child,
            &bench.path(&name),
            4 * ((kills + runs) * 17 % KILLS),
        );
        // SIGKILL: nothing is tidied up.
        child.kill().unwrap();
        let is_done = child.wait().unwrap().success();
        check_whole(&bench.path(&name));
        if is_done {
            check_same(&bench, &name, "whole");
            runs += 1;
        } else {
            kills += 1;
        }
    }
    assert!(resumed > 10, "{resumed}");
    let name = format!("killed-{runs}");
    succeeded(&bench.run(&bench.going_on(&name, EPOCHS)));
    check_same(&bench, &name, "whole");
    let report = fs::read_to_string(bench.path(&name).join("report.html")).unwrap();
    let epochs = format!("{EPOCHS} of {EPOCHS} epochs are done");
    assert!(
        report.contains(&epochs) && report.contains("<td>1</td>"),
        "{report}"
    );
}

#[test]
fn the_same_seed_and_music_give_the_same_bytes() {
    let bench = Bench::new();
    for name in ["one", "other"] {
        succeeded(&bench.run(&bench.arguments(name, 3)));
    }
    assert!(bench.checkpoints("one") == bench.checkpoints("other"));
    let mut arguments = bench.arguments("third", 3);
    arguments.extend(["--seed", "2"].map(str::to_owned));
    succeeded(&bench.run(&arguments));
    assert!(bench.checkpoints("one") != bench.checkpoints("third"));
}

/// Has a process stand still, so that it gets no further however long the test takes. Returns
/// whether it does: it may have come to its end before.
#[cfg(unix)]
fn freeze(child: &Child) -> bool {
    let id = child.id().to_string();
    let kill = Command::new("kill").args(["-STOP", &id]).status();
    assert!(kill.unwrap().success());
    loop {
        let state = Command::new("ps")
            .args(["-o", "state=", "-p", &id])
            .output();
        match state.unwrap().stdout.first() {
            Some(b'T') => return true,
            // Nobody has waited for it yet: it is a zombie.
            Some(b'Z') => return false,
            _ => std::thread::yield_now(),
        }
    }
}

#[cfg(not(unix))]
fn freeze(_: &Child) -> bool {
    true
}

/// A run that is stopped by a kill some time after its second epoch.
fn half_done(bench: &Bench, name: &str, epochs: u32, meanwhile: impl FnOnce(&Bench)) {
    let metrics = bench.path(name).join("metrics.jsonl");
    // The file is replaced whole: what is read is never half a line.
    let epochs_done = || fs::read_to_string(&metrics).map_or(0, |text| text.lines().count());
    let start = Instant::now();
    let mut child = loop {
        let mut command = command(&bench.arguments(name, epochs));
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        while epochs_done() < 2 && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        // One that has been waited for must not be frozen: its number may be another's by now.
        if child.try_wait().unwrap().is_none() && freeze(&child) {
            break child;
        }
        // On a loaded machine the run may be over before the test has had its turn.
        assert!(child.wait().unwrap().success(), "it failed");
        assert!(start.elapsed() < HANG, "no run was caught in {HANG:?}");
        fs::remove_dir_all(bench.path(name)).unwrap();
    };
    meanwhile(bench);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Longer than anything takes on the most loaded machine.
const HANG: Duration = Duration::from_secs(300);

/// Epochs that are long enough for a run to be killed among them.
const MANY: u32 = 60;

#[cfg(unix)]
#[test]
fn a_file_that_outgrows_its_room_ends_the_run_and_costs_nothing() {
    let bench = Bench::new();
    succeeded(&bench.run(&bench.arguments("whole", MANY)));
    half_done(&bench, "run", MANY, |_| {});
    let state = fs::metadata(bench.path("run/state.safetensors"))
        .unwrap()
        .len();
    let checkpoint = fs::metadata(bench.path("run/best.safetensors"))
        .unwrap()
        .len();
    assert!(checkpoint + 4096 < state);
    // In units of 512 bytes: room for neither file, then for the smaller one alone.
    for (room, file) in [
        (checkpoint / 512 - 2, "last.safetensors"),
        (checkpoint / 512 + 4, "state.safetensors"),
    ] {
        let before = fs::read(bench.path("run/best.safetensors")).unwrap();
        let script = format!("trap '' XFSZ; ulimit -f {room}; exec \"$@\"");
        let mut limited = Command::new("sh");
        limited.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_training")]);
        limited
            .args(["train", "--resume", "--out"])
            .arg(bench.path("run"));
        let error = failed(&limited.output().unwrap());
        assert!(
            error.contains(file) && error.contains("File too large"),
            "{error}"
        );
        check_whole(&bench.path("run"));
        let after = fs::read(bench.path("run/best.safetensors")).unwrap();
        assert!(file != "last.safetensors" || before == after);
        let report = fs::read_to_string(bench.path("run/report.html")).unwrap();
        let told = report.contains("Ended by an error") && report.contains(file);
        // The report may have outgrown its room too; then the one before stays.
        assert!(told || report.contains("epochs are done"), "{report}");
    }
    succeeded(&bench.resume("run"));
    assert!(bench.checkpoints("run") == bench.checkpoints("whole"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_the_run_by_name_and_costs_nothing() {
    let bench = Bench::new();
    succeeded(&bench.run(&bench.arguments("whole", MANY)));
    half_done(&bench, "run", MANY, |_| {});
    // As if the kill had come before the last epoch's samples were written.
    fs::remove_dir_all(bench.path("run/samples")).unwrap();
    // Each of them in turn lies on a device that is full.
    for file in ["last.safetensors", "metrics.jsonl", "report.html"] {
        let path = bench.path("run").join(file);
        let kept = bench.path(file);
        fs::rename(&path, &kept).unwrap();
        std::os::unix::fs::symlink("/dev/full", &path).unwrap();
        let best = fs::read(bench.path("run/best.safetensors")).unwrap();
        let error = failed(&bench.resume("run"));
        assert!(
            error.contains("/dev/full") && error.contains("No space left"),
            "{error}"
        );
        // The figures are written after the best checkpoint: the first epoch that gets as far as that
        // may have made a new one. The next resumption goes over that epoch again, to the same bytes.
        let first = file == "metrics.jsonl";
        assert!(first || best == fs::read(bench.path("run/best.safetensors")).unwrap());
        fs::remove_file(&path).unwrap();
        fs::rename(&kept, &path).unwrap();
        check_whole(&bench.path("run"));
    }
    succeeded(&bench.resume("run"));
    assert!(bench.checkpoints("run") == bench.checkpoints("whole"));
}

#[test]
fn two_at_once_in_one_folder_are_refused() {
    let bench = Bench::new();
    succeeded(&bench.run(&bench.arguments("whole", MANY)));
    half_done(&bench, "run", MANY, |bench| {
        let error = failed(&bench.resume("run"));
        assert!(error.contains("another training is at work"), "{error}");
    });
    succeeded(&bench.resume("run"));
    check_same(&bench, "run", "whole");
}

#[test]
fn a_loss_that_is_no_number_ends_the_run_and_leaves_the_best_model() {
    let bench = Bench::new();
    half_done(&bench, "run", MANY, |_| {});
    let best = fs::read(bench.path("run/best.safetensors")).unwrap();
    // As if the last batch had thrown the weights out of all bounds.
    let path = bench.path("run/state.safetensors");
    let mut bytes = fs::read(&path).unwrap();
    let data = SafeTensors::deserialize(&bytes).unwrap();
    let place = data.tensor("parameter.1").unwrap().data().as_ptr() as usize;
    let place = place - bytes.as_ptr() as usize;
    let weights = data.tensor("parameter.1").unwrap().data().len();
    let nan = f32::NAN.to_le_bytes();
    for value in bytes[place..place + weights].chunks_exact_mut(4) {
        value.copy_from_slice(&nan);
    }
    fs::write(&path, bytes).unwrap();
    let error = failed(&bench.resume("run"));
    for expect in [
        "no longer a number",
        "best.safetensors",
        "lower --learning-rate than 0.003",
    ] {
        assert!(error.contains(expect), "{error}");
    }
    assert!(best == fs::read(bench.path("run/best.safetensors")).unwrap());
    let report = fs::read_to_string(bench.path("run/report.html")).unwrap();
    assert!(report.contains("Ended by an error") && report.contains("no longer a number"));
}

#[test]
fn an_absurd_learning_rate_ends_the_run_with_a_sentence() {
    let bench = Bench::new();
    let mut arguments = bench.arguments("run", 3);
    arguments.extend(["--learning-rate", "1e38"].map(str::to_owned));
    let error = failed(&bench.run(&arguments));
    assert!(error.contains("There is no checkpoint yet"), "{error}");
    assert!(error.contains("lower --learning-rate"), "{error}");
}

#[test]
fn patience_is_told_and_cannot_be_changed_on_the_way() {
    let bench = Bench::new();
    let mut arguments = bench.arguments("run", 50);
    // Nothing is learnt at such a rate, so that no epoch is better than the first.
    arguments.extend(["--patience", "2", "--learning-rate", "1e-30"].map(str::to_owned));
    let output = bench.run(&arguments);
    succeeded(&output);
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("2 epochs without a better one"), "{told}");
    let report = fs::read_to_string(bench.path("run/report.html")).unwrap();
    assert!(report.contains("Ended early") && report.contains("--patience 2"));
    let [best, _] = bench.checkpoints("run");
    let card = Checkpoint::read(&best).unwrap().header.card;
    assert!(card.command.contains("--patience 2"), "{}", card.command);
    let out = bench.path("run").display().to_string();
    let change = ["train", "--resume", "--out", &out, "--patience", "3"].map(str::to_owned);
    assert!(failed(&bench.run(&change)).contains("started with 2"));
}
