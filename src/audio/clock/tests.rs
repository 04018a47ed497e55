//! The clock against hosts of all kinds.

use super::*;

/// A host that rolls from `samples` on at one tempo and reports its beats through `report`.
struct Host {
    tempo: f64,
    rate: f64,
    at: i64,
    report: fn(f64) -> f64,
    counts: bool,
}

impl Host {
    fn new(tempo: f64, rate: f64, at: i64) -> Self {
        Self {
            tempo,
            rate,
            at,
            report: |beats| beats,
            counts: true,
        }
    }

    fn time(&self) -> HostTime {
        HostTime {
            playing: true,
            free_run: false,
            tempo: Some(self.tempo),
            beats: Some((self.report)(
                self.at as f64 / self.rate * self.tempo / 60.0,
            )),
            samples: self.counts.then_some(self.at as f64),
            signature: Some((4, 4)),
            bar_start: None,
        }
    }

    fn block(&mut self, clock: &mut Clock, frames: u32) -> Block {
        let block = clock.advance(&self.time(), frames, self.rate);
        self.at += i64::from(frames);
        block
    }
}

/// Where every tick falls, in samples from the song's start.
fn ticks(mut host: Host, sizes: &[u32], seconds: f64) -> Vec<(i64, i64)> {
    let mut clock = Clock::default();
    let mut found = Vec::new();
    let mut next = None;
    let end = host.at + (seconds * host.rate) as i64;
    for (n, &frames) in sizes.iter().cycle().enumerate() {
        if host.at >= end {
            break;
        }
        let at = host.at;
        let block = host.block(&mut clock, frames);
        assert!(block.rolling);
        assert_eq!(block.jumped, n == 0, "block {n} at {at}");
        let mut tick = next.unwrap_or_else(|| block.position(0).nearest_tick());
        while block.sample_of(tick) < i64::from(frames) {
            found.push((tick.get(), at + block.sample_of(tick).max(0)));
            tick += Ticks::new(1);
        }
        next = Some(tick);
    }
    found
}

fn check_ticks(tempo: f64, rate: f64, start: i64, report: fn(f64) -> f64, counts: bool) {
    for sizes in [
        &[1][..],
        &[17],
        &[64],
        &[512],
        &[4096],
        &[3, 700, 64, 1, 0, 2048],
    ] {
        let host = Host {
            report,
            counts,
            ..Host::new(tempo, rate, start)
        };
        let found = ticks(host, sizes, 1.5);
        assert!(found.len() > 10);
        for (tick, sample) in found {
            let exact = tick as f64 / 24.0 * 60.0 / tempo * rate;
            // Below the first sample there is nothing to play on.
            let expected = ((exact + 0.5 + 1e-6).floor() as i64).max(start);
            assert_eq!(
                sample, expected,
                "tick {tick} at {tempo}, {rate}, {sizes:?}"
            );
        }
    }
}

#[test]
fn ticks_fall_on_the_same_samples_at_any_block_size() {
    for rate in [44_100.0, 48_000.0, 96_000.0] {
        for tempo in [60.0, 93.5, 120.0, 178.2, 240.0] {
            check_ticks(tempo, rate, 0, |beats| beats, true);
            check_ticks(tempo, rate, 1_234_567, |beats| beats, true);
            check_ticks(tempo, rate, -50_001, |beats| beats, false);
        }
    }
}

#[test]
fn clap_hosts_fixed_point_beats_are_exact_enough() {
    let fixed = |beats: f64| (beats * (1u64 << 31) as f64).trunc() / (1u64 << 31) as f64;
    check_ticks(97.0, 44_100.0, 4_410_123, fixed, false);
}

#[test]
fn ardour_rounds_its_beats_and_is_still_exact() {
    let rounds = |beats: f64| (beats * 1920.0).round() / 1920.0;
    let cuts = |beats: f64| (beats * 1920.0).floor() / 1920.0;
    for start in [0, 48_000, 1_234_567, -100_000] {
        check_ticks(101.3, 48_000.0, start, rounds, true);
        check_ticks(101.3, 44_100.0, start, cuts, true);
    }
}

#[test]
fn coarse_rounding_without_a_sample_count_is_no_jump() {
    let mut host = Host {
        report: |beats| (beats * 960.0).round() / 960.0,
        counts: false,
        ..Host::new(120.0, 48_000.0, 7)
    };
    let mut clock = Clock::default();
    for n in 0..2000 {
        let at = host.at as f64 / 24_000.0;
        let block = host.block(&mut clock, 256);
        assert_eq!(block.jumped, n == 0);
        assert!((block.position(0).get() - at).abs() < 1.1 / 960.0);
    }
}

#[test]
fn seeks_and_loop_wraps_are_jumps_and_tempo_changes_are_not() {
    let mut clock = Clock::default();
    let mut host = Host::new(120.0, 48_000.0, 0);
    assert!(host.block(&mut clock, 512).jumped, "the start");
    assert!(!host.block(&mut clock, 512).jumped);
    host.at = 96_000;
    assert!(host.block(&mut clock, 512).jumped, "a seek");
    host.at = 95_000;
    assert!(
        host.block(&mut clock, 512).jumped,
        "a loop of under a sixteenth"
    );

    // The tempo goes from 120 to 60 in the middle of a block of 4096.
    let time = |tempo, beats, samples| HostTime {
        playing: true,
        tempo: Some(tempo),
        beats: Some(beats),
        samples: Some(samples),
        ..HostTime::default()
    };
    clock.reset();
    clock.advance(&time(120.0, 8.0, 0.0), 4096, 48_000.0);
    let slower = 8.0 + 2048.0 / 24_000.0 + 2048.0 / 48_000.0;
    let block = clock.advance(&time(60.0, slower, 4096.0), 4096, 48_000.0);
    assert!(!block.jumped);
    assert_eq!(block.position(0).get(), slower);
    // And a change of tempo together with a seek is a jump.
    assert!(
        clock
            .advance(&time(90.0, 100.0, 8192.0), 4096, 48_000.0)
            .jumped
    );
}

#[test]
fn blocks_that_the_host_dropped_are_no_seek() {
    let mut clock = Clock::default();
    let mut host = Host::new(120.0, 48_000.0, 0);
    host.block(&mut clock, 512);
    clock.expect_blocks(512);
    for (dropped, jumped) in [(512, false), (4096, false), (9000, false), (12_000, true)] {
        host.at += dropped;
        let exact = host.at as f64 / 24_000.0;
        let block = host.block(&mut clock, 512);
        assert_eq!(block.jumped, jumped, "{dropped} samples");
        assert_eq!(block.position(0).get(), exact);
    }
}

#[test]
fn stopping_and_starting_again_is_a_start() {
    let mut clock = Clock::default();
    let mut host = Host::new(120.0, 48_000.0, 0);
    host.block(&mut clock, 512);
    let stopped = HostTime {
        playing: false,
        ..host.time()
    };
    let block = clock.advance(&stopped, 512, 48_000.0);
    assert!(!block.rolling && !block.jumped);
    assert!(host.block(&mut clock, 512).jumped);
}

#[test]
fn nonsense_stands_still_and_what_is_missing_is_made_up() {
    let mut clock = Clock::default();
    let host = Host::new(120.0, 48_000.0, 24_000);
    for tempo in [0.0, -120.0, f64::NAN, f64::INFINITY, 1e-9, 1e9] {
        let time = HostTime {
            tempo: Some(tempo),
            ..host.time()
        };
        let block = clock.advance(&time, 64, 48_000.0);
        assert!(!block.rolling, "tempo {tempo}");
        assert_eq!(block.position(0).get(), 1.0);
    }
    for rate in [0.0, f64::NAN, -48_000.0] {
        assert!(!clock.advance(&host.time(), 64, rate).rolling);
    }
    for signature in [
        None,
        Some((0, 0)),
        Some((4, 0)),
        Some((-3, 4)),
        Some((7, 5)),
    ] {
        let time = HostTime {
            signature,
            ..host.time()
        };
        assert_eq!(clock.advance(&time, 64, 48_000.0).metre, Metre::COMMON);
    }
    let six_eight = HostTime {
        signature: Some((6, 8)),
        ..host.time()
    };
    assert_eq!(
        clock.advance(&six_eight, 64, 48_000.0).metre,
        Metre::new(6, 8).unwrap()
    );

    // Beats out of the sample count; a position of NaN is a missing one.
    clock.reset();
    for beats in [None, Some(f64::NAN), Some(f64::NEG_INFINITY), Some(1e300)] {
        let time = HostTime {
            beats,
            ..host.time()
        };
        assert_eq!(
            clock.advance(&time, 0, 48_000.0).position(0).get(),
            1.0,
            "{beats:?}"
        );
    }
    // Nothing but "playing": 120 a minute from the last position on.
    clock.reset();
    let bare = HostTime {
        playing: true,
        ..HostTime::default()
    };
    assert!(clock.advance(&bare, 24_000, 48_000.0).jumped);
    let block = clock.advance(&bare, 24_000, 48_000.0);
    assert!(block.rolling && !block.jumped);
    assert_eq!(block.position(0).get(), 2.0);
    // And nothing at all.
    assert!(!clock.advance(&HostTime::default(), 64, 48_000.0).rolling);
}

#[test]
fn notes_before_the_line_are_those_of_its_ticks() {
    for (tempo, rate) in [(120.0, 48_000.0), (93.7, 44_100.0), (9_000.0, 44_100.0)] {
        let mut host = Host::new(tempo, rate, -3_000);
        let mut clock = Clock::default();
        for _ in 0..100 {
            let block = host.block(&mut clock, 64);
            for sample in 0..block.frames {
                let tick = block.tick_at(sample);
                assert!(i64::from(sample) < block.sample_after(tick));
                assert!(i64::from(sample) >= block.sample_after(tick - Ticks::new(1)));
            }
        }
    }
}

#[test]
fn half_ticks_go_up_at_any_sample_rate() {
    for rate in [44_100.0, 48_000.0, 88_200.0, 96_000.0] {
        for tempo in [71.3, 120.0, 123.4, 200.0] {
            for tick in -50..50 {
                let half = (tick as f64 + 0.5) / 24.0;
                let sample = (half * 60.0 / tempo * rate).round() as i64;
                let block = Host::new(tempo, rate, sample).block(&mut Clock::default(), 64);
                assert_eq!(block.tick_at(0), Ticks::new(tick + 1), "{tempo} {rate}");
            }
        }
    }
}

#[test]
fn positions_that_count_a_cut_twice_are_put_right() {
    for (tempo_after, blocks) in [(120.0, 1), (90.0, 1), (120.0, 3)] {
        let mut clock = Clock::default();
        clock.expect_blocks(1024);
        let mut beats = 4.0;
        let mut advance = |tempo: f64, wrong: f64, frames: u32| {
            let time = HostTime {
                playing: true,
                tempo: Some(tempo),
                beats: Some(beats + wrong * tempo / 60.0 / 48_000.0),
                ..HostTime::default()
            };
            let block = clock.advance(&time, frames, 48_000.0);
            let error = block.position(0).get() - beats;
            beats += f64::from(frames) * tempo / 60.0 / 48_000.0;
            (block.jumped, error)
        };
        assert!(advance(120.0, 0.0, 1024).0, "a start");
        // A knob cuts the block, then word of the transport, then perhaps more knobs.
        advance(120.0, 0.0, 100);
        advance(120.0, 0.0, 200);
        let mut left = 724;
        for _ in 0..blocks {
            let (jumped, error) = advance(tempo_after, 300.0, left / blocks);
            assert!(!jumped && error.abs() < 1e-9, "{tempo_after} {error}");
            left -= left / blocks;
        }
        let (jumped, error) = advance(tempo_after, 0.0, 1024);
        assert!(!jumped && error.abs() < 1e-4, "{error}");
    }
}

#[test]
fn time_runs_on_by_itself_while_the_transport_stands() {
    let mut clock = Clock::default();
    let mut host = Host::new(120.0, 48_000.0, 24_000);
    host.block(&mut clock, 24_000);
    let at = host.at;
    let standing = |tempo| HostTime {
        playing: false,
        free_run: true,
        tempo,
        ..host.time()
    };
    for (tempo, expect, jumped) in [
        (Some(120.0), 2.0, true),
        (Some(60.0), 3.0, false),
        (Some(0.0), 3.5, false),
        (None, 4.5, false),
    ] {
        let block = clock.advance(&standing(tempo), 24_000, 48_000.0);
        assert!(block.rolling && block.own_clock);
        assert_eq!(
            (block.position(0).get(), block.jumped),
            (expect, jumped),
            "{tempo:?}"
        );
    }
    // The host goes on where it stood.
    host.at = at;
    let block = host.block(&mut clock, 512);
    assert!(block.jumped && !block.own_clock);
    assert_eq!(block.position(0).get(), 2.0);
}
