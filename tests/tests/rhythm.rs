//! The answer's rhythm is as the player wants it, in both formats.

mod common;

use common::{call_and_response, hosts, melody, with_tiny};
use harmonai_core::music::note::Note;
use harmonai_tests::{Blocks, Host, Script};

/// The call, and an answer of eight bars by a small network that has learnt nothing: its notes would
/// begin anywhere.
fn script(host: &dyn Host) -> Script {
    let script = call_and_response(32).set("Length", "32");
    with_tiny(host, script.on(44_100.0, Blocks::Fixed(100)))
}

fn onsets(notes: &[Note]) -> Vec<i64> {
    notes.iter().map(|note| note.onset.get()).collect()
}

#[test]
fn notes_begin_on_the_grid() {
    for host in hosts() {
        let free = onsets(&melody(host.as_ref(), &script(host.as_ref())));
        assert!(free.iter().any(|onset| onset % 4 != 0 && onset % 3 != 0));
        for (grid, ticks) in [("1/4", 24), ("1/8 triplet", 8), ("1/16", 6)] {
            let notes = melody(host.as_ref(), &script(host.as_ref()).set("Grid", grid));
            assert!(notes.len() > 4, "{} notes", notes.len());
            for onset in onsets(&notes) {
                assert_eq!(onset % ticks, 0, "{grid} in {}", host.format());
            }
        }
    }
}

#[test]
fn velocities_are_fixed_or_follow_and_nothing_else_changes() {
    for host in hosts() {
        let touched = |touch: &str| {
            let script = script(host.as_ref())
                .set("Touch", touch)
                .set("Velocity", "33");
            melody(host.as_ref(), &script)
        };
        let velocities = |notes: &[Note]| -> Vec<u8> {
            notes
                .iter()
                .filter_map(|note| note.velocity.map(|it| it.get()))
                .collect()
        };
        let [learnt, fixed, follow] = ["As learnt", "Fixed", "As you"].map(touched);
        assert_eq!(
            velocities(&fixed),
            vec![33; fixed.len()],
            "{}",
            host.format()
        );
        assert_eq!(onsets(&learnt), onsets(&fixed));
        // The phrase is struck with 70 to 100.
        assert!(velocities(&follow).iter().all(|it| (70..=105).contains(it)));
        assert_eq!(onsets(&learnt), onsets(&follow));
    }
}

#[test]
fn dynamics_narrow_and_widen_the_velocities() {
    for host in hosts() {
        let spread = |dynamics: &str| {
            let script = script(host.as_ref())
                .set("Touch", "As you")
                .set("Dynamics", dynamics);
            let notes = melody(host.as_ref(), &script);
            let velocities = notes.iter().filter_map(|note| note.velocity);
            let velocities: Vec<_> = velocities.map(|it| i32::from(it.get())).collect();
            velocities.iter().max().unwrap() - velocities.iter().min().unwrap()
        };
        let [none, some, wide] = ["0 %", "100 %", "200 %"].map(spread);
        assert_eq!(none, 0, "{}", host.format());
        assert!(some > 0 && (wide - 2 * some).abs() <= 1, "{some} {wide}");
    }
}

#[test]
fn density_makes_more_notes_and_fewer() {
    for host in hosts() {
        let count = |density: &str| {
            let script = script(host.as_ref()).set("Density", density);
            melody(host.as_ref(), &script).len()
        };
        let (few, some, many) = (count("-100 %"), count("0 %"), count("+100 %"));
        assert!(2 * few < some && 2 * some < many, "{few} {some} {many}");
    }
}

#[test]
fn swing_delays_the_second_eighth_and_nothing_else() {
    for host in hosts() {
        let eighths = |swing: &str| {
            let script = script(host.as_ref())
                .set("Grid", "1/8")
                .set("Density", "+50 %");
            onsets(&melody(host.as_ref(), &script.set("Swing", swing)))
        };
        let (straight, swung) = (eighths("50 %"), eighths("67 %"));
        assert!(straight.iter().any(|onset| onset % 24 == 12));
        let late = |onset: &i64| onset + if onset % 24 == 12 { 4 } else { 0 };
        let expected: Vec<i64> = straight.iter().map(late).collect();
        assert_eq!(swung, expected, "{}", host.format());
    }
}

#[test]
fn the_gate_leaves_onsets_and_shortens_notes() {
    for host in hosts() {
        let gated = |gate: &str| melody(host.as_ref(), &script(host.as_ref()).set("Gate", gate));
        let (whole, short) = (gated("100 %"), gated("25 %"));
        assert_eq!(onsets(&whole), onsets(&short));
        for (whole, short) in whole.iter().zip(&short) {
            let expected = (whole.duration.get() as f32 * 0.25).round().max(1.0) as i64;
            let found = short.duration.get();
            assert!(
                (found - expected).abs() <= 1,
                "{found} for {expected}, {}",
                host.format()
            );
        }
    }
}
