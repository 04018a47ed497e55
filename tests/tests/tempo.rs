//! Hosts whose time is not plain: tempos that glide, metres that change, positions half told.

mod common;

use common::song_blocks::{PlayedNote, SongBlocks, call_project, end};
use common::{BAR, BEAT, at, call_and_response, clap, hosts, libraries, melody, tune, with_tiny};
use harmonai_core::music::note::Note;
use harmonai_core::music::time::Ticks;
use harmonai_tests::device::{Device, PluginLibrary, Touch, Transport};
use harmonai_tests::{Class, Script};
use serde_json::Value;

/// The answer that the tune gets in a plain host.
fn plain() -> Vec<Note> {
    let host = clap();
    let script = with_tiny(host.as_ref(), call_and_response(8));
    melody(host.as_ref(), &script)
}

fn open(library: &dyn PluginLibrary) -> Box<dyn Device> {
    let mut device = library.open(Class::Instrument).unwrap();
    assert!(device.load(&library.state_from_json(&call_project(8, 3))));
    device
}

fn answer(library: &dyn PluginLibrary, song: &SongBlocks) -> Vec<PlayedNote> {
    song.play(open(library).as_mut(), &tune())
}

/// The song gets the plain host's notes in every format, nowhere more than `off` samples off.
fn check(song: &SongBlocks, off: f64) {
    for library in libraries() {
        check_in(library.as_ref(), song, off);
    }
}

fn check_in(library: &dyn PluginLibrary, song: &SongBlocks, off: f64) {
    check_played(&answer(library, song), off, library);
}

fn check_played(played: &[PlayedNote], off: f64, library: &dyn PluginLibrary) {
    let notes: Vec<_> = played.iter().map(|played| played.note).collect();
    assert_eq!(notes, plain(), "{}", library.format());
    let most = played.iter().map(|played| played.error).fold(0.0, f64::max);
    assert!(most <= off, "{most} samples off in {}", library.format());
}

const SIZES: [&[u32]; 4] = [&[64], &[512], &[1024], &[1, 700, 33, 512, 256, 5]];

/// 60 to 180 beats a minute and back, some 40 a second.
fn wave(seconds: f64) -> f64 {
    120.0 + 60.0 * (seconds * 0.7).sin()
}

#[test]
fn a_tempo_that_steps_in_every_block_keeps_every_note_on_its_sample() {
    for sizes in SIZES {
        check(
            &SongBlocks::new(Ticks::ZERO, end(), sizes, false, wave),
            0.0,
        );
    }
}

/// CLAP alone: in VST3 the transport is told of once a block.
#[test]
fn a_tempo_that_steps_within_blocks_keeps_every_note_on_its_sample() {
    let library = &libraries()[0];
    for (sizes, together) in [([64].as_slice(), 8), (&[64], 3), (&[1, 30, 100], 2)] {
        let song = SongBlocks::new(Ticks::ZERO, end(), sizes, false, wave);
        let played = song.play_in_blocks_of(together, open(library.as_ref()).as_mut(), &tune());
        check_played(&played, 0.0, library.as_ref());
    }
}

/// Where the tempo glides within the block the host tells of it at the start of the block alone: the
/// note's place within is not to be known better than to a sample in blocks as long as these.
#[test]
fn a_tempo_that_glides_keeps_every_note_within_a_sample() {
    for sizes in [[64].as_slice(), &[256], &[1, 256, 33, 100]] {
        check(&SongBlocks::new(Ticks::ZERO, end(), sizes, true, wave), 1.0);
    }
}

#[test]
fn a_tempo_that_steps_in_the_pre_roll_does_not_move_the_answer() {
    for sizes in SIZES {
        let start = at(-BAR - 7);
        check(&SongBlocks::new(start, end(), sizes, false, wave), 0.0);
    }
}

#[test]
fn a_host_that_tells_no_beats_is_followed_by_its_samples() {
    for bpm in [120.0, 133.0] {
        let song = SongBlocks::new(Ticks::ZERO, end(), &[480], false, |_| bpm);
        check(&song.says(|said| said.beats = None), 0.0);
    }
    // And from before the song's start.
    let song = SongBlocks::new(at(-BAR), end(), &[480], false, |_| 120.0);
    let early = |said: &mut Transport| {
        said.beats = None;
        said.samples = said.samples.map(|samples| samples - 4 * 24_000);
    };
    check(&song.says(early), 0.0);
}

/// CLAP alone: VST3 has no way not to tell samples.
#[test]
fn a_host_that_tells_neither_beats_nor_samples_starts_at_0() {
    for sizes in SIZES {
        let song = SongBlocks::new(Ticks::ZERO, end(), sizes, false, |_| 133.0);
        let song = song.says(|said| (said.beats, said.samples) = (None, None));
        check_in(libraries()[0].as_ref(), &song, 0.0);
    }
}

#[test]
fn a_metre_that_changes_on_the_way_leaves_every_note_on_its_sample() {
    // In the call, on the bar where the answer begins, in the answer.
    for change in [BAR + 30, 2 * BAR, 2 * BAR + 50] {
        let change = at(change).beats().get();
        let mut first: Option<Vec<PlayedNote>> = None;
        for (library, sizes) in libraries()
            .iter()
            .flat_map(|library| SIZES.map(|sizes| (library, sizes)))
        {
            let song = SongBlocks::new(Ticks::ZERO, at(7 * BAR), sizes, false, |_| 120.0);
            let song = song.says(|said| {
                let late = said.beats.is_some_and(|beats| beats >= change);
                said.metre = Some(if late { (3, 4) } else { (4, 4) });
            });
            let played = answer(library.as_ref(), &song);
            assert!(
                played.iter().all(|played| played.error == 0.0),
                "{played:?}"
            );
            let begins = played.first().expect("an answer").note.onset.get();
            // Where the metre changes in the call, two bars of 3/4 are its length.
            let bar = if change < 8.0 { 3 * BEAT } else { BAR };
            let first_bar = 2 * bar..3 * bar;
            assert!(first_bar.contains(&begins), "it begins at {begins}");
            // Where a block begins, a metre can begin: in longer ones it is told of later.
            if sizes == [64] {
                let expect = first.get_or_insert_with(|| played.clone());
                assert_eq!(&played, expect, "{}", library.format());
            }
        }
    }
}

#[test]
fn a_modulated_temperature_changes_the_answer_until_it_is_let_go() {
    let library = &libraries()[0];
    let song = SongBlocks::new(Ticks::ZERO, end(), &[256], false, |_| 120.0);
    let answer = |shifts: &[(usize, f64)]| {
        let mut device = open(library.as_ref());
        let names = device.params().iter().map(|param| param.name.as_str());
        let param = names.clone().position(|name| name == "Temperature");
        let param = param.expect("it has a temperature");
        device.activate(48_000.0, 256, true).unwrap();
        let knobs = |device: &mut dyn Device| {
            let state = device.save().unwrap();
            let start = state.iter().position(|byte| *byte == b'{').expect("JSON");
            let state: Value = serde_json::from_slice(&state[start..]).expect("JSON");
            state["params"].clone()
        };
        let saved = knobs(device.as_mut());
        let mut events = Vec::new();
        for (number, (first, mut block)) in song.blocks(&tune()).into_iter().enumerate() {
            let now = shifts.iter().filter(|(at, _)| *at == number);
            let shifts = now.map(|(_, by)| (0, Touch::Modulate { param, by: *by }));
            block.touches.splice(0..0, shifts);
            events.extend(device.process(first, &block).unwrap().events);
        }
        // What modulates is no part of the project.
        assert_eq!(knobs(device.as_mut()), saved);
        song.notes(&events)
    };
    let plain = answer(&[]);
    assert_ne!(answer(&[(0, 0.5)]), plain);
    // Before the answer is planned.
    assert_eq!(answer(&[(0, 0.5), (300, 0.0)]), plain);
}

#[test]
fn an_answer_begins_on_the_bar_where_an_odd_one_has_shifted_them_all() {
    // After a bar of 7/8. Counted from the song's start, the tune would begin with an upbeat, and the
    // answer's beats would lie half a beat later.
    let line = 84;
    for host in hosts() {
        let mut script = with_tiny(host.as_ref(), call_and_response(8)).set("Grid", "1/4");
        script.length += Ticks::new(BAR);
        for note in &mut script.phrase {
            note.onset += Ticks::new(line);
        }
        let first = |script: &Script| melody(host.as_ref(), script)[0].onset.get();
        let plain = first(&script);
        script.metre = script.metre.with_line(Ticks::new(line));
        let shifted = first(&script);
        assert_eq!(plain % BEAT, 0, "{plain}");
        assert_eq!((shifted - line) % BEAT, 0, "{shifted}, {}", host.format());
        let bar = line + 2 * BAR;
        assert!((bar..bar + BAR).contains(&shifted), "{shifted}");
    }
}
