//! The window in a host, while an audio thread plays: opened, resized and closed over and over, and
//! where there is no screen.
//!
//! Each host is a process of its own, which runs this same test with `HARMONAI_WINDOW` set. Without `Xvfb` and without a screen there is nothing to show: it says so and
//! passes.
#![cfg(target_os = "linux")]

use harmonai_tests::bundle::FOLDER;
use harmonai_tests::clap::ShownClap;
use harmonai_tests::screen::drag::{Answer, drag};
use harmonai_tests::screen::press::press_with_control;
use harmonai_tests::screen::show::{Pace, Report, Shown, look, wait};
use harmonai_tests::screen::{Frame, Screen, memory};
use harmonai_tests::vst3::ShownVst3;
use harmonai_tests::vst3::objects::{Outputs, PluginObjects};
use harmonai_tests::{Bundles, Class};
use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};
use vst3::Steinberg::Vst::{IAudioProcessorTrait, IComponentTrait, IEditControllerTrait};

/// Tells a process that it is the host.
const HOST: &str = "HARMONAI_WINDOW";
/// How often the window is opened; `HARMONAI_WINDOW_OPENINGS` says otherwise.
const OPENINGS: usize = 200;
const COUNT: &str = "HARMONAI_WINDOW_OPENINGS";
/// What memory may grow by from the second quarter of the openings to the last.
const GROWTH: i64 = 20 << 20;
/// A sound card's pace, and a few knobs.
const CARD: Pace = Pace {
    rate: 48_000.0,
    frames: 256,
    real_time: true,
    turns: 2,
    until_heard: true,
};
/// As many changes as there may be in a real host.
const TURNS: Pace = Pace {
    frames: 64,
    turns: 4,
    until_heard: false,
    ..CARD
};
/// As many changes as can be.
const STORM: Pace = Pace {
    frames: 32,
    real_time: false,
    turns: 4,
    until_heard: false,
    ..CARD
};

/// Runs `host` in a process of its own, on a screen or on none; `test` is the caller's name.
fn in_a_host(test: &str, screen: bool, host: impl FnOnce(&Bundles)) {
    if std::env::var_os(HOST).is_some() {
        host(Bundles::find().expect("the plug-in is built"));
        leave();
    }
    let bundles = Bundles::find().expect("the plug-in is built");
    let found = Screen::find().expect("Xvfb starts where it is installed");
    let mut command = Command::new(std::env::current_exe().expect("it runs"));
    command.args(["--exact", test, "--nocapture"]);
    command.env(HOST, "1");
    command.env(FOLDER, bundles.clap.parent().expect("it lies in a folder"));
    command.env("LIBGL_ALWAYS_SOFTWARE", "1");
    // Each window has a thread. With a heap for each the system keeps what threads before have freed,
    // up to some 150 MiB, and a leak could not be told from that.
    command.env("MALLOC_ARENA_MAX", "1");
    match (&found, screen) {
        (Some(found), true) => command.env("DISPLAY", &found.name),
        (None, true) => {
            eprintln!("{test}: there is no screen and no Xvfb; nothing is tested.");
            return;
        }
        (_, false) => command.env_remove("DISPLAY"),
    };
    let output = command.output().expect("it starts");
    println!("{}", String::from_utf8_lossy(&output.stdout));
    // Among what nice-plug logs of a queue that is full, which it is meant to be.
    let errors = String::from_utf8_lossy(&output.stderr);
    let told: Vec<_> = errors
        .lines()
        .filter(|line| line.contains("panicked") || line.contains("ERROR"))
        .collect();
    assert!(output.status.success(), "{}: {told:#?}", output.status);
    let panics = told.iter().filter(|line| line.contains("panicked"));
    assert_eq!(panics.count(), 0, "{told:#?}");
}

/// Ends the host's process, with its heap in order.
fn leave() -> ! {
    std::io::stdout().flush().expect("it is read");
    // SAFETY: the first goes through all that was freed, and aborts on what is broken; the second
    // leaves out the ends of the graphics libraries, which do not stand that another thread, here
    // that of the test, ends while they run.
    unsafe {
        libc::malloc_trim(0);
        libc::_exit(0)
    }
}

/// The size of the plug-in's window as the X server has it.
fn size_in(frame: &Frame) -> Option<(u32, u32)> {
    let (_, width, height) = frame.child().ok()??;
    Some((width.into(), height.into()))
}

/// Opens, resizes and closes the window over and over, and looks how memory grows.
fn open_and_close(window: &mut dyn Shown) -> anyhow::Result<()> {
    let openings = std::env::var(COUNT)
        .ok()
        .and_then(|count| count.parse().ok());
    let openings = openings.unwrap_or(OPENINGS);
    let frame = Frame::open(1200, 1000)?;
    let (mut used, start) = (Vec::new(), Instant::now());
    for opening in 0..openings {
        window.open(&frame)?;
        look(window, Duration::from_millis(30));
        let wanted = (860 + opening as u32 % 7 * 20, 680 + opening as u32 % 5 * 20);
        window.resize(wanted.0, wanted.1)?;
        look(window, Duration::from_millis(20));
        assert_eq!(window.size()?, wanted, "opening {opening}");
        // The X server does what it is told when it comes to it.
        wait(window, "it is as large as wanted", |_| {
            size_in(&frame) == Some(wanted)
        });
        window.close()?;
        wait(window, "it is gone", |_| matches!(frame.child(), Ok(None)));
        used.push(memory()? as i64);
    }
    let quarter = openings / 4;
    let mean = |used: &[i64]| used.iter().sum::<i64>() / quarter as i64;
    let early = mean(&used[quarter..2 * quarter]);
    let growth = mean(&used[openings - quarter..]) - early;
    println!(
        "{openings} openings in {:.1} s; memory {} MiB in the second quarter, {:+} KiB in the last",
        start.elapsed().as_secs_f64(),
        early >> 20,
        growth >> 10
    );
    assert!(growth < GROWTH, "{growth} bytes more");
    Ok(())
}

fn tell(report: anyhow::Result<Report>) {
    let report = report.unwrap_or_else(|error| panic!("{error:#}"));
    println!("{report:?}");
    assert!(report.blocks > 0 && report.events > 0, "it plays");
}

#[test]
fn clap_opens_its_window_200_times() {
    in_a_host("clap_opens_its_window_200_times", true, |bundles| {
        let plugin = ShownClap::load(&bundles.clap, Class::Instrument).unwrap();
        tell(plugin.play(CARD, open_and_close));
    });
}

#[test]
fn vst3_opens_its_window_200_times() {
    in_a_host("vst3_opens_its_window_200_times", true, |bundles| {
        let plugin = ShownVst3::load(&bundles.vst3, Class::Instrument).unwrap();
        // Without a run loop: each that a host gives it nice-plug keeps for ever (ARCHITECTURE.md).
        tell(plugin.play(CARD, false, open_and_close));
    });
}

/// nice-plug has a thread of its own look at the window when the audio thread turned a knob, and
/// panics there if the main thread opens or closes it at that moment (ARCHITECTURE.md).
#[test]
fn vst3_stands_knobs_that_turn_while_the_window_opens_and_closes() {
    let name = "vst3_stands_knobs_that_turn_while_the_window_opens_and_closes";
    in_a_host(name, true, |bundles| {
        let plugin = ShownVst3::load(&bundles.vst3, Class::Instrument).unwrap();
        // With the run loop that hosts on Linux have to have, and without.
        for run_loop in [true, false] {
            for _ in 0..5 {
                let report = plugin.play(STORM, run_loop, |window| {
                    let frame = Frame::open(1200, 1000)?;
                    for _ in 0..4 {
                        window.open(&frame)?;
                        look(window, Duration::from_millis(20));
                        window.close()?;
                    }
                    Ok(())
                });
                let report = report.unwrap_or_else(|error| panic!("{error:#}"));
                println!("run loop {run_loop}: {report:?}");
            }
        }
    });
}

/// Knobs turned and states restored by the host's main thread, while the window is open and while
/// it comes and goes; before the plug-in is active for the first time, and while it processes.
#[test]
fn vst3_stands_a_host_that_turns_knobs_and_restores_states_behind_its_window() {
    let name = "vst3_stands_a_host_that_turns_knobs_and_restores_states_behind_its_window";
    in_a_host(name, true, |bundles| {
        let bare = PluginObjects::open(&bundles.vst3, Class::Instrument).unwrap();
        let (frame, ids) = (Frame::open(1200, 1000).unwrap(), bare.ids());
        let state = bare.save().unwrap();
        for active in [false, true] {
            if active {
                assert_eq!(bare.set_up(44_100.0, 64), 0);
                // SAFETY: the order that the format prescribes, on one thread.
                unsafe {
                    assert_eq!(bare.component.setActive(1), 0);
                    assert_eq!(bare.processor.setProcessing(1), 0);
                }
            }
            for opening in 0..5 {
                let window = bare.window(&frame).unwrap();
                for round in 0..40 {
                    let position =
                        |param| f64::from((param * 7 + round * 13 + opening) % 11) / 10.0;
                    let turns = ids
                        .iter()
                        .zip(0..)
                        .map(|(id, param)| (*id, position(param)));
                    let turns: Vec<_> = turns.collect();
                    for (id, position) in &turns {
                        // SAFETY: an initialised controller, on the thread that made it.
                        unsafe { bare.controller.setParamNormalized(*id, *position) };
                    }
                    if active {
                        let processed = bare.process(64, Outputs::Channels(2), &turns);
                        assert_eq!(processed.unwrap().0, 0);
                    }
                    if round % 8 == 7 {
                        assert_eq!(bare.load(b"", &state).unwrap(), 0);
                        assert_eq!(bare.save().unwrap(), state);
                    }
                    window.turn();
                    std::thread::sleep(Duration::from_millis(2));
                }
                window.close().unwrap();
            }
        }
    });
}

#[test]
fn without_a_screen_there_is_no_window_and_it_plays_on() {
    let name = "without_a_screen_there_is_no_window_and_it_plays_on";
    in_a_host(name, false, |bundles| {
        let refused = |window: &mut dyn Shown| {
            // There is no host's window either; any number will do.
            for _ in 0..3 {
                assert!(window.open(&Frame::nowhere()).is_err());
                look(window, Duration::from_millis(500));
            }
            Ok(())
        };
        let plugin = ShownClap::load(&bundles.clap, Class::Instrument).unwrap();
        tell(plugin.play(CARD, refused));
        let plugin = ShownVst3::load(&bundles.vst3, Class::Instrument).unwrap();
        tell(plugin.play(CARD, true, refused));
    });
}

/// Zooms out and in from the keyboard, on a screen of 1600 x 1200; the host is asked for the room, and
/// gives it.
fn zoom(window: &mut dyn Shown) -> anyhow::Result<()> {
    // The minus goes no further down than 100 %, and the plus no further up than the screen goes. What
    // changes nothing comes last: of two keys that the window sees in one frame one may be lost.
    zoom_by(
        window,
        &[('=', 110), ('=', 120), ('-', 110), ('-', 100), ('-', 100)],
    )?;
    let up = [110, 120, 130, 140, 150, 160, 165, 165].map(|zoom| ('=', zoom));
    zoom_by(window, &up)
}

/// Opens the window at 100 % and presses these keys, each followed by the zoom that it leads to.
fn zoom_by(window: &mut dyn Shown, steps: &[(char, u32)]) -> anyhow::Result<()> {
    let frame = Frame::open(1600, 1200)?;
    let (width, height) = window.open(&frame)?;
    wait(window, "it is there", |_| size_in(&frame).is_some());
    for (symbol, zoom) in steps {
        let before = window.size()?;
        press_with_control(&frame, u32::from(*symbol))?;
        let wanted = (width * zoom / 100, height * zoom / 100);
        if wanted == before {
            look(window, Duration::from_millis(200));
            assert_eq!(window.asked(), None);
            continue;
        }
        let mut asked = None;
        wait(window, "the host is asked for room", |window| {
            asked = window.asked();
            asked.is_some()
        });
        assert_eq!(asked, Some(wanted), "{symbol}");
        wait(window, "it has the room", |window| {
            window.size().ok() == Some(wanted) && size_in(&frame) == Some(wanted)
        });
    }
    window.close()
}

#[test]
fn the_host_is_asked_for_the_room_that_a_zoom_takes() {
    in_a_host(
        "the_host_is_asked_for_the_room_that_a_zoom_takes",
        true,
        |bundles| {
            let plugin = ShownClap::load(&bundles.clap, Class::Instrument).unwrap();
            tell(plugin.play(CARD, zoom));
            let plugin = ShownVst3::load(&bundles.vst3, Class::Instrument).unwrap();
            tell(plugin.play(CARD, true, zoom));
        },
    );
}

#[test]
fn a_file_can_be_dropped_on_the_window() {
    in_a_host("a_file_can_be_dropped_on_the_window", true, |bundles| {
        let plugin = ShownClap::load(&bundles.clap, Class::Instrument).unwrap();
        let dropped = plugin.play(CARD, |window| {
            let frame = Frame::open(1200, 1000)?;
            window.open(&frame)?;
            wait(window, "it is there", |_| size_in(&frame).is_some());
            look(window, Duration::from_millis(200));
            // Any file that is there.
            let file = std::env::current_exe()?;
            let answer = drag(&frame, &file.to_string_lossy())?;
            let expect = Answer {
                accepted: true,
                taken: true,
            };
            assert_eq!(answer, expect);
            look(window, Duration::from_millis(100));
            window.close()
        });
        dropped.unwrap_or_else(|error| panic!("{error:#}"));
    });
}

/// Two instances have one thread between them: one may go while the other's window is open.
#[test]
fn vst3_instances_come_and_go_while_the_window_of_another_is_open() {
    let name = "vst3_instances_come_and_go_while_the_window_of_another_is_open";
    in_a_host(name, true, |bundles| {
        let plugin = ShownVst3::load(&bundles.vst3, Class::Instrument).unwrap();
        let open = |window: &mut dyn Shown, frame: &Frame| {
            window.open(frame)?;
            look(window, Duration::from_millis(20));
            anyhow::Ok(())
        };
        let played = plugin.play(TURNS, true, |first| {
            let frames = (Frame::open(900, 800)?, Frame::open(900, 800)?);
            for round in 0..6 {
                open(first, &frames.0)?;
                // One that is turned and goes, one whose window is opened and closed, one that goes
                // right after its window.
                plugin.play(TURNS, false, |_| {
                    std::thread::sleep(Duration::from_millis(50));
                    Ok(())
                })?;
                plugin.play(TURNS, round % 2 == 0, |second| {
                    open(second, &frames.1)?;
                    first.close()?;
                    open(first, &frames.0)?;
                    second.close()
                })?;
                first.close()?;
            }
            Ok(())
        });
        println!("{:?}", played.unwrap_or_else(|error| panic!("{error:#}")));
    });
}
