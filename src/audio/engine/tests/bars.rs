//! Bars of any length, and where they lie.

use harmonai_core::music::time::Metre;

use super::*;

#[test]
fn other_metres_listen_for_their_own_bars() {
    let mut controls = controls(Mode::CallResponse);
    controls.rules.listen_bars = 2;
    for (n, d) in [(3, 4), (6, 8), (7, 8), (5, 4)] {
        let mut host = Host::new(120.0, 48_000.0);
        host.signature = (n, d);
        host.play(&[(0, 10, 60), (12, 20, 62)]);
        let mut bench = Bench::new();
        bench.run(&mut host, 12.0, &[512], &controls);
        let outcome = bench.finish(host, &controls);
        let bar = Metre::new(n.into(), d.into()).unwrap().bar().get();
        let first = outcome
            .notes()
            .into_iter()
            .find(|note| note.key >= 84)
            .unwrap();
        assert_eq!(first.on_tick, (2 * bar + 5) / 6 * 6, "{n}/{d}");
    }
}

#[test]
fn bars_are_listened_for_where_the_host_has_them() {
    let mut controls = controls(Mode::CallResponse);
    controls.rules.listen_bars = 2;
    let mut host = Host::new(120.0, 48_000.0);
    // After a bar of 7/8: by bars from the song's start the phrase would begin with an upbeat.
    host.line = 84;
    host.play(&[(84, 94, 60), (96, 104, 62)]);
    let mut bench = Bench::new();
    bench.run(&mut host, 12.0, &[512], &controls);
    let outcome = bench.finish(host, &controls);
    let notes = outcome.notes();
    let first = notes.iter().find(|note| note.key >= 84).unwrap();
    assert_eq!(first.on_tick, 84 + 2 * 96);
}
