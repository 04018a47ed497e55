//! CLAP's events: notes from the plug-in, the transport to it.

use crate::recording::Event;
use crate::timeline::{Stretch, Timeline};
use clack_host::events::event_types::{TransportEvent, TransportFlags};
use clack_host::events::spaces::CoreEventSpace;
use clack_host::events::{EventFlags, Match};
use clack_host::prelude::*;
use clack_host::utils::{BeatTime, SecondsTime};
use harmonai_core::music::note::Pitch;
use harmonai_core::music::time::Metre;

/// A note-on or note-off, or `None` for everything else.
pub fn note(event: &UnknownEvent, first: u64) -> Option<Event> {
    let sample = first + u64::from(event.header().time());
    let number = |channel: Match<u16>| u8::try_from(channel.into_specific()?).ok();
    let key = |key: Match<u16>| Pitch::new(number(key)?);
    match event.as_core_event()? {
        CoreEventSpace::NoteOn(on) => Some(Event {
            sample,
            channel: number(on.channel())?,
            pitch: key(on.key())?,
            velocity: Some(on.velocity() as f32),
        }),
        CoreEventSpace::NoteOff(off) => Some(Event {
            sample,
            channel: number(off.channel())?,
            pitch: key(off.key())?,
            velocity: None,
        }),
        _ => None,
    }
}

/// What the plug-in is told of the transport at `at`.
pub fn transport(stretch: &Stretch, at: u64, timeline: &Timeline, metre: Metre) -> TransportEvent {
    let tempo = stretch.bpm();
    let beats = stretch.beats_at(at).get();
    let bar = metre.bar().beats().get();
    let mut flags = TransportFlags::HAS_TEMPO
        | TransportFlags::HAS_BEATS_TIMELINE
        | TransportFlags::HAS_SECONDS_TIMELINE
        | TransportFlags::HAS_TIME_SIGNATURE;
    if stretch.playing {
        flags |= TransportFlags::IS_PLAYING;
    }
    let cycle = timeline.cycle();
    if cycle.is_some() {
        flags |= TransportFlags::IS_LOOP_ACTIVE;
    }
    let (from, to) = cycle.map_or((0.0, 0.0), |c| (c.start.beats().get(), c.end.beats().get()));
    let line = metre.line().beats().get();
    let seconds = |beats: f64| SecondsTime::from_float(beats * 60.0 / tempo);
    TransportEvent {
        header: EventHeader::new_core(0, EventFlags::empty()),
        flags,
        song_pos_beats: BeatTime::from_float(beats),
        song_pos_seconds: SecondsTime::from_float(
            stretch.song_at(at) as f64 / timeline.sample_rate(),
        ),
        tempo,
        tempo_inc: 0.0,
        loop_start_beats: BeatTime::from_float(from),
        loop_end_beats: BeatTime::from_float(to),
        loop_start_seconds: seconds(from),
        loop_end_seconds: seconds(to),
        bar_start: BeatTime::from_float(((beats - line) / bar).floor() * bar + line),
        bar_number: ((beats - line) / bar).floor() as i32,
        time_signature_numerator: metre.numerator().into(),
        time_signature_denominator: metre.denominator().into(),
    }
}

/// A song in 4/4 that rolls, at quarter `beats`.
pub fn rolling(beats: f64, tempo: f64) -> TransportEvent {
    TransportEvent {
        header: EventHeader::new_core(0, EventFlags::empty()),
        flags: TransportFlags::IS_PLAYING
            | TransportFlags::HAS_TEMPO
            | TransportFlags::HAS_BEATS_TIMELINE,
        song_pos_beats: BeatTime::from_float(beats),
        song_pos_seconds: SecondsTime::from_float(0.0),
        tempo,
        tempo_inc: 0.0,
        loop_start_beats: BeatTime::from_float(0.0),
        loop_end_beats: BeatTime::from_float(0.0),
        loop_start_seconds: SecondsTime::from_float(0.0),
        loop_end_seconds: SecondsTime::from_float(0.0),
        bar_start: BeatTime::from_float(0.0),
        bar_number: 0,
        time_signature_numerator: 4,
        time_signature_denominator: 4,
    }
}
