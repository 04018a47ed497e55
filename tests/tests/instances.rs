//! Many instances in one process: none hears another.

mod common;

use common::song_blocks::{RATE, SongBlocks, call_project, end};
use common::{at, libraries, tune};
use harmonai_core::music::note::{Note, Pitch};
use harmonai_core::music::time::Ticks;
use harmonai_tests::Class;
use harmonai_tests::device::{Device, PluginLibrary};

const INSTANCES: u32 = 16;
const BLOCK: u32 = 256;

/// The plug-in with a seed of its own, active.
fn open(library: &dyn PluginLibrary, number: u32) -> Box<dyn Device> {
    let class = [Class::Instrument, Class::Notes][number as usize % 2];
    let mut device = library.open(class).unwrap();
    assert!(device.load(&library.state_from_json(&call_project(8, number))));
    device.activate(RATE, BLOCK, true).unwrap();
    device
}

/// A phrase of its own.
fn phrase(number: u32) -> Vec<Note> {
    let moved = |mut note: Note| {
        let key = i64::from(note.pitch.get()) + i64::from(number) - 8;
        note.pitch = Pitch::clamped(key);
        note.onset += at(i64::from(number % 3) * 6);
        note
    };
    tune().into_iter().map(moved).collect()
}

/// A tempo of its own.
fn song(number: u32) -> SongBlocks {
    let bpm = 110.0 + f64::from(number) * 7.0;
    SongBlocks::new(Ticks::ZERO, end(), &[BLOCK], false, |_| bpm)
}

#[test]
fn sixteen_instances_play_what_each_plays_alone() {
    for library in libraries() {
        let alone: Vec<_> = (0..INSTANCES)
            .map(|number| {
                let mut device = open(library.as_ref(), number);
                let blocks = song(number).blocks(&phrase(number));
                let play = |(first, block)| device.process(first, &block).unwrap().events;
                blocks.into_iter().flat_map(play).collect::<Vec<_>>()
            })
            .collect();
        assert!(alone.iter().all(|events| !events.is_empty()));

        let mut together = vec![Vec::new(); INSTANCES as usize];
        let mut devices: Vec<_> = (0..INSTANCES).map(|n| open(library.as_ref(), n)).collect();
        let mut songs: Vec<_> = (0..INSTANCES)
            .map(|number| song(number).blocks(&phrase(number)).into_iter())
            .collect();
        let longest = songs.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
        for _ in 0..longest {
            for ((device, song), events) in devices.iter_mut().zip(&mut songs).zip(&mut together) {
                if let Some((first, block)) = song.next() {
                    events.extend(device.process(first, &block).unwrap().events);
                }
            }
        }
        for (number, (together, alone)) in together.iter().zip(&alone).enumerate() {
            assert_eq!(together, alone, "{number} in {}", library.format());
        }
    }
}
