//! Blocks of every size at every rate, also larger ones than were promised: what comes out is sound
//! and notes, whole and in order, and the same when it is begun again.

use super::{Class, Random, anywhere, plugins, process_turns};
use crate::common::song_blocks::{RATE, SongBlocks, call_project, end};
use crate::common::tune;
use harmonai_core::music::time::Ticks;
use harmonai_tests::device::{Block, Device, Touch, Transport};
use harmonai_tests::host::Output;
use harmonai_tests::session::misplaced;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

/// What is processed: no more blocks than that, and no more samples.
const BLOCKS: usize = 40;
const SAMPLES: u32 = 40_000;

/// A player who strikes and lets go of keys at random, now and then of none that is held, and a
/// transport that rolls.
struct Player {
    random: Random,
    rate: f64,
    first: u64,
}

impl Player {
    fn block(&mut self, frames: u32) -> Block {
        let random = &mut self.random;
        let mut touches: Vec<_> = (0..random.random_range(0..8).min(frames))
            .map(|_| {
                let (channel, key) = (random.random_range(0..16), random.random_range(0..128));
                let velocity = random.random();
                let touch = match random.random_range(0..5) {
                    0..=2 => Touch::On {
                        channel,
                        key,
                        velocity,
                    },
                    3 => Touch::Off { channel, key },
                    _ => Touch::Choke { channel, key: -1 },
                };
                (random.random_range(0..frames), touch)
            })
            .collect();
        touches.sort_by_key(|(time, _)| *time);
        Block {
            frames,
            transport: Some(self.transport(0)),
            touches,
            room: None,
        }
    }

    /// `after` so many samples.
    fn transport(&self, after: u32) -> Transport {
        let samples = self.first + u64::from(after);
        Transport {
            playing: true,
            tempo: Some(150.0),
            beats: Some(samples as f64 / self.rate * 2.5),
            samples: Some(samples as i64),
            metre: Some((4, 4)),
        }
    }
}

/// Every sample is written, and is a number that a processor is quick with; every event lies within
/// the block, in order.
fn judge(output: &Output, class: Class, first: u64, frames: u32, what: &str) {
    assert_eq!(output.faults, [""; 0], "{what}");
    let samples = first..first + u64::from(frames.max(1));
    assert_eq!(misplaced(samples, &output.events), [""; 0], "{what}");
    let expect = if class == Class::Instrument {
        frames
    } else {
        0
    };
    assert_eq!(output.audio.len(), expect as usize, "{what}");
    let odd = |sample: &&f32| !sample.is_finite() || sample.is_subnormal();
    let odd = output.audio.iter().flatten().find(odd);
    assert_eq!(odd, None, "{what}");
}

/// Blocks of these sizes, round and round, at this rate, where `max` was promised. The parameters
/// stand anywhere; the voice sounds.
fn check(device: &mut dyn Device, class: Class, rate: f64, max: u32, sizes: &[u32], what: &str) {
    let what = format!("{what} at {rate}, {max} promised, {sizes:?}");
    device.activate(rate, max, false).unwrap();
    let mut random = Random::seed_from_u64(u64::from(max) + rate as u64);
    let mut turns = anywhere(device, &mut random);
    let params = device.params();
    turns.retain(|(param, _)| !["Bypass", "Thru"].contains(&params[*param].name.as_str()));
    let named = |name| params.iter().position(|param| param.name == name).unwrap();
    turns.extend([(named("Preview voice"), 1.0), (named("Thru"), 1.0)]);
    process_turns(device, &turns).unwrap();
    let mut player = Player {
        random,
        rate,
        first: 0,
    };
    let (mut notes, mut loudest, mut left) = (0, 0f32, SAMPLES);
    for frames in sizes.iter().cycle().take(BLOCKS) {
        let block = player.block(*frames);
        let output = device.process(player.first, &block).unwrap();
        judge(&output, class, player.first, *frames, &what);
        notes += output.events.len();
        loudest = output
            .audio
            .iter()
            .flatten()
            .fold(loudest, |most, it| most.max(it.abs()));
        player.first += u64::from(*frames);
        left = left.saturating_sub(*frames);
        if left == 0 {
            break;
        }
    }
    assert!(notes > 0, "{what}: nothing was played");
    assert!(
        class == Class::Notes || loudest > 0.0,
        "{what}: nothing was heard"
    );
    device.deactivate().unwrap();
}

#[test]
fn every_rate_gives_whole_sound_and_notes_in_order() {
    plugins(|library, class, plugin| {
        // One instance: hosts change the rate of what is open.
        let mut device = library.open(class).unwrap();
        let rates = [
            8000.0, 22_050.0, 44_100.0, 88_200.0, 192_000.0, 384_000.0, 768_000.0,
        ];
        let odd = [
            1000.0,
            1234.5678,
            12_345.678,
            45_678.901,
            123_456.78,
            1_234_567.8,
        ];
        for rate in rates.into_iter().chain(odd) {
            check(device.as_mut(), class, rate, 512, &[512], plugin);
        }
    });
}

#[test]
fn every_size_of_block_gives_whole_sound_and_notes_in_order() {
    plugins(|library, class, plugin| {
        let mut device = library.open(class).unwrap();
        for size in [1024, 256, 4096, 16_384, 1536, 10, 17, 2027] {
            check(device.as_mut(), class, 44_100.0, size, &[size], plugin);
            check(
                device.as_mut(),
                class,
                44_100.0,
                size,
                &[size, 1, 0, size / 2 + 1],
                plugin,
            );
        }
    });
}

#[test]
fn blocks_may_be_larger_than_was_promised() {
    plugins(|library, class, plugin| {
        for rate in [44_100.0, 96_000.0] {
            for promised in [64, 512, 1024] {
                let mut device = library.open(class).unwrap();
                let sizes = [2 * promised, promised, 16 * promised];
                check(device.as_mut(), class, rate, promised, &sizes, plugin);
            }
        }
    });
}

/// A transport that is reported at every sample, or at a few, cuts no note and loses none.
#[test]
fn the_transport_may_be_told_of_within_a_block_as_often_as_there_are_samples() {
    plugins(|library, class, plugin| {
        for every in [1u32, 10, 100] {
            let mut device = library.open(class).unwrap();
            device.activate(44_100.0, 128, false).unwrap();
            let mut player = Player {
                random: Random::seed_from_u64(every.into()),
                rate: 44_100.0,
                first: 0,
            };
            for _ in 0..60 {
                let mut block = player.block(128);
                for time in (0..128).step_by(every as usize) {
                    block
                        .touches
                        .push((time, Touch::Transport(player.transport(time))));
                }
                block.touches.sort_by_key(|(time, _)| *time);
                let output = device.process(player.first, &block).unwrap();
                judge(
                    &output,
                    class,
                    player.first,
                    128,
                    &format!("{plugin}, every {every}"),
                );
                player.first += 128;
            }
        }
    });
}

/// What it does depends on what it is told from the beginning on, and not on what was before that.
#[test]
fn after_a_reset_and_when_begun_again_it_plays_the_same() {
    plugins(|library, class, plugin| {
        let mut device = library.open(class).unwrap();
        let mut project: Value = serde_json::from_str(&call_project(8, 1)).unwrap();
        // Else a second time round would be no other than the first, reset or not.
        project["params"]["repeat"] = json!({ "string": "new" });
        assert!(device.load(&library.state_from_json(&project.to_string())));
        let song = SongBlocks::new(Ticks::ZERO, end(), &[512], false, |_| 300.0);
        let play = |device: &mut dyn Device| {
            let blocks = song.blocks(&tune());
            let process = |(first, block): (u64, Block)| device.process(first, &block).unwrap();
            blocks
                .into_iter()
                .map(process)
                .flat_map(|output| output.events)
                .collect::<Vec<_>>()
        };
        device.activate(RATE, 512, true).unwrap();
        let first = play(device.as_mut());
        assert!(first.len() > 10, "{plugin}");
        device.reset().unwrap();
        assert_eq!(play(device.as_mut()), first, "{plugin}: reset");
        device.restart().unwrap();
        assert_eq!(
            play(device.as_mut()),
            first,
            "{plugin}: stopped and started"
        );
        device.deactivate().unwrap();
        device.activate(RATE, 512, true).unwrap();
        assert_eq!(play(device.as_mut()), first, "{plugin}: activated anew");
    });
}
