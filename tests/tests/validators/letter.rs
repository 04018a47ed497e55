//! A CLAP host to the letter: streams of a few bytes, events of other spaces, and whom the plug-in
//! calls from which thread.

use super::clap::{CLASSES, entry};
use super::{Class, Random};
use clack_extensions::params::{ParamInfoBuffer, PluginParams};
use clack_extensions::state::PluginState;
use clack_host::events::event_types::{
    NoteOffEvent, NoteOnEvent, ParamModEvent, ParamValueEvent, TransportEvent, TransportFlags,
};
use clack_host::prelude::*;
use clack_host::process::StoppedPluginAudioProcessor;
use clack_host::utils::SecondsTime;
use harmonai_tests::clap::rolling;
use harmonai_tests::clap::strict::{Strict, activate, call_back, open};
use harmonai_tests::wild::random::{pick, size};
use rand::{RngExt, SeedableRng};
use std::io::{Read, Write};

/// Takes or gives a few bytes at a time.
struct Trickle<T>(T, usize);

impl<T: Write> Write for Trickle<T> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(&bytes[..bytes.len().min(self.1)])
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

impl<T: Read> Read for Trickle<T> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let count = bytes.len().min(self.1);
        self.0.read(&mut bytes[..count])
    }
}

/// The state, through a stream that takes a few bytes at a time.
fn save(instance: &mut PluginInstance<Strict>, at_a_time: usize) -> Vec<u8> {
    let plugin = instance.plugin_handle();
    let state = plugin.get_extension::<PluginState>().expect("states");
    let mut bytes = Trickle(Vec::new(), at_a_time);
    state.save(&plugin, &mut bytes).expect("it is saved");
    bytes.0
}

/// Hands over the state through a stream of the kind; whether it was taken.
fn restore(instance: &mut PluginInstance<Strict>, bytes: &[u8], at_a_time: usize) -> bool {
    let plugin = instance.plugin_handle();
    let state = plugin.get_extension::<PluginState>().expect("states");
    state.load(&plugin, &mut Trickle(bytes, at_a_time)).is_ok()
}

/// The value of every parameter.
fn values(instance: &mut PluginInstance<Strict>) -> Vec<(ClapId, f64)> {
    let plugin = instance.plugin_handle();
    let params = plugin.get_extension::<PluginParams>().expect("parameters");
    let value = |index| {
        let mut buffer = ParamInfoBuffer::new();
        let info = params.get_info(&plugin, index, &mut buffer)?;
        Some((info.id, params.get_value(&plugin, info.id)?))
    };
    (0..params.count(&plugin)).filter_map(value).collect()
}

/// An event that puts each parameter somewhere.
fn turns(instance: &mut PluginInstance<Strict>, random: &mut Random) -> Vec<ParamValueEvent> {
    let ids = values(instance);
    // All of them have a 0 and a 1.
    let value = |random: &mut Random| f64::from(random.random_range(0..2));
    let turn = |(id, _)| ParamValueEvent::new(0, id, Pckn::match_all(), value(random));
    ids.into_iter().map(turn).collect()
}

fn flush(instance: &mut PluginInstance<Strict>, turns: &[ParamValueEvent]) {
    let mut input = EventBuffer::new();
    turns.iter().for_each(|turn| input.push(turn));
    let mut plugin = instance.inactive_plugin_handle().expect("not active");
    let params = plugin.get_extension::<PluginParams>().expect("parameters");
    let mut nothing = EventBuffer::new();
    params.flush(&mut plugin, &input.as_input(), &mut nothing.as_output());
}

#[test]
fn states_come_whole_through_streams_of_a_few_bytes_at_a_time() {
    let entry = entry();
    for class in CLASSES {
        let mut from = open(&entry, class).unwrap();
        let turns = turns(&mut from, &mut Random::seed_from_u64(8));
        flush(&mut from, &turns);
        let whole = save(&mut from, usize::MAX);
        for at_a_time in [1, 7, 17, 23, 64, 4096] {
            assert_eq!(save(&mut from, at_a_time), whole, "{at_a_time}");
            let mut to = open(&entry, class).unwrap();
            assert!(restore(&mut to, &whole, at_a_time), "{at_a_time}");
            assert_eq!(values(&mut to), values(&mut from), "{at_a_time}");
            assert_eq!(save(&mut to, usize::MAX), whole, "{at_a_time}");
            assert!(!restore(&mut to, &whole[..whole.len() - 1], at_a_time));
        }
    }
}

#[test]
fn a_restored_state_has_the_host_read_the_parameters_again() {
    let entry = entry();
    for class in CLASSES {
        let mut from = open(&entry, class).unwrap();
        let turns = turns(&mut from, &mut Random::seed_from_u64(9));
        flush(&mut from, &turns);
        let state = save(&mut from, usize::MAX);
        let mut to = open(&entry, class).unwrap();
        assert_eq!(to.access_shared_handler(|watch| watch.take_rescans()), 0);
        assert!(restore(&mut to, &state, usize::MAX));
        call_back(&mut to);
        assert_ne!(to.access_shared_handler(|watch| watch.take_rescans()), 0);
        assert_eq!(to.access_shared_handler(|watch| watch.faults()), [""; 0]);
    }
}

/// Events of a space that the plug-in does not know are not for it, whatever their type's number.
#[test]
fn events_of_another_space_turn_nothing() {
    let entry = entry();
    for class in CLASSES {
        let mut instance = open(&entry, class).unwrap();
        let stood = values(&mut instance);
        let mut turns = turns(&mut instance, &mut Random::seed_from_u64(10));
        flush(&mut instance, &turns.clone());
        let turned = values(&mut instance);
        assert_ne!(turned, stood);
        let mut instance = open(&entry, class).unwrap();
        for turn in &mut turns {
            let header: *mut ParamValueEvent = turn;
            // SAFETY: an event begins with its size and time, 32 bits each, then its space, 16.
            unsafe { header.cast::<u16>().add(4).write(0xb33f) };
        }
        flush(&mut instance, &turns);
        assert_eq!(values(&mut instance), stood, "{class:?}");
    }
}

/// A song from the beginning, two beats a second.
fn transport(first: u64) -> TransportEvent {
    let seconds = first as f64 / 48_000.0;
    let plain = rolling(2.0 * seconds, 120.0);
    TransportEvent {
        flags: plain.flags | TransportFlags::HAS_SECONDS_TIMELINE,
        song_pos_seconds: SecondsTime::from_float(seconds),
        ..plain
    }
}

/// Blocks of 512 samples with keys struck, knobs turned and modulated; how many events came out.
fn play(
    stopped: StoppedPluginAudioProcessor<Strict>,
    class: Class,
    ids: &[ClapId],
    blocks: u64,
) -> (StoppedPluginAudioProcessor<Strict>, u32) {
    let mut random = Random::seed_from_u64(12);
    stopped.access_shared_handler(|watch| watch.enter_audio());
    let mut started = stopped.start_processing().expect("it starts");
    let (mut ports, mut events) = (AudioPorts::with_capacity(2, 1), 0);
    for block in 0..blocks {
        let mut input = EventBuffer::new();
        let key = Pckn::new(
            0u16,
            0u16,
            random.random_range(60..72u16),
            random.random_range(0..100u16),
        );
        if block % 4 == 0 {
            input.push(&NoteOnEvent::new(random.random_range(0..512), key, 0.8));
        } else {
            input.push(&NoteOffEvent::new(random.random_range(0..512), key, 0.0));
        }
        let (id, at) = (pick(ids, &mut random), random.random_range(0..512));
        input.push(&ParamValueEvent::new(
            at,
            id,
            Pckn::match_all(),
            f64::from(random.random_range(0..2)),
        ));
        let (id, by) = (pick(ids, &mut random), random.random_range(-1.0..1.0));
        input.push(&ParamModEvent::new(
            random.random_range(0..512),
            id,
            Pckn::match_all(),
            by,
        ));
        input.sort();
        let mut buffers = [[0f32; 512]; 2];
        let outputs = (class == Class::Instrument).then(|| AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_output_only(
                buffers.iter_mut().map(|it| &mut it[..]),
            ),
        });
        // SAFETY: no buffers are there to be too short.
        let inputs = unsafe { InputAudioBuffers::from_raw_buffers(&[], 512) };
        let mut output = EventBuffer::new();
        let result = started.process(
            &inputs,
            &mut ports.with_output_buffers(outputs),
            &input.as_input(),
            &mut output.as_output(),
            Some(block * 512),
            Some(&transport(block * 512)),
        );
        assert!(result.is_ok(), "block {block}");
        events += output.len();
    }
    (started.stop_processing(), events)
}

/// While one thread processes, the other saves, restores, shows and reads.
#[test]
fn the_host_is_called_from_the_right_threads_whatever_both_do_at_once() {
    let entry = entry();
    for class in CLASSES {
        let mut instance = open(&entry, class).unwrap();
        let ids: Vec<_> = values(&mut instance)
            .into_iter()
            .map(|(id, _)| id)
            .collect();
        let stopped = activate(&mut instance, 48_000.0, 512).unwrap();
        let (stopped, events) = std::thread::scope(|scope| {
            let thread = scope.spawn(|| play(stopped, class, &ids, 2000));
            let (mut random, mut state) = (Random::seed_from_u64(13), save(&mut instance, 64));
            while !thread.is_finished() {
                call_back(&mut instance);
                match random.random_range(0..4) {
                    0 => state = save(&mut instance, size(64, &mut random) as usize),
                    1 => assert!(restore(
                        &mut instance,
                        &state,
                        size(64, &mut random) as usize
                    )),
                    _ => show_and_read(&mut instance, pick(&ids, &mut random), random.random()),
                }
            }
            thread.join().expect("it processes to the end")
        });
        instance.deactivate(stopped);
        call_back(&mut instance);
        assert_eq!(
            instance.access_shared_handler(|watch| watch.faults()),
            [""; 0]
        );
        assert!(
            events > 100,
            "{class:?}: it was to play something, not {events} events"
        );
    }
}

fn show_and_read(instance: &mut PluginInstance<Strict>, id: ClapId, value: f64) {
    let plugin = instance.plugin_handle();
    let params = plugin.get_extension::<PluginParams>().expect("parameters");
    let mut text = [0; 256];
    let text = params
        .value_to_text(&plugin, id, value, &mut text)
        .expect("a text")
        .to_vec();
    let text = std::ffi::CString::new(text).expect("no zero in it");
    assert!(
        params.text_to_value(&plugin, id, &text).is_some(),
        "{text:?}"
    );
}
