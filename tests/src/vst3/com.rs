//! The host's side of VST3: lists of events and parameter changes, and a stream for states.
//!
//! One thread only: the plug-in is called, and calls back, on the thread of the test.

use crate::recording::Event;
use harmonai_core::music::note::Pitch;
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use vst3::Steinberg::IBStream_::IStreamSeekMode_::{kIBSeekCur, kIBSeekEnd, kIBSeekSet};
use vst3::Steinberg::Vst::{
    self, Event_::EventTypes_, IEventList, IEventListTrait, IHostApplication,
    IHostApplicationTrait, IParamValueQueue, IParamValueQueueTrait, IParameterChanges,
    IParameterChangesTrait, ParamID, ParamValue, String128,
};
use vst3::Steinberg::{
    IBStream, IBStreamTrait, TUID, int32, int64, kInvalidArgument, kNotImplemented, kResultFalse,
    kResultOk, tresult,
};
use vst3::{Class, ComWrapper};

/// Note events, to the plug-in or from it.
#[derive(Default)]
pub struct Events {
    list: RefCell<Vec<Vst::Event>>,
    /// How many it takes from the plug-in, where that is limited.
    room: Option<usize>,
}

impl Events {
    /// A list that refuses all events after the first `room`.
    pub fn with_room(room: Option<usize>) -> Self {
        Self {
            list: RefCell::default(),
            room,
        }
    }

    /// A note-on, or without a velocity a note-off.
    pub fn push(&self, offset: i32, channel: i16, pitch: i16, velocity: Option<f32>) {
        // SAFETY: an event is plain data, for which zeroes are valid.
        let mut event: Vst::Event = unsafe { std::mem::zeroed() };
        event.sampleOffset = offset;
        if let Some(velocity) = velocity {
            event.r#type = EventTypes_::kNoteOnEvent as u16;
            event.__field0.noteOn = Vst::NoteOnEvent {
                channel,
                pitch,
                tuning: 0.0,
                velocity,
                length: 0,
                noteId: -1,
            };
        } else {
            event.r#type = EventTypes_::kNoteOffEvent as u16;
            event.__field0.noteOff = Vst::NoteOffEvent {
                channel,
                pitch,
                velocity: 0.0,
                noteId: -1,
                tuning: 0.0,
            };
        }
        self.list.borrow_mut().push(event);
    }

    /// Takes all events out; those that are no notes count as faults.
    pub fn take(&self, first: u64) -> (Vec<Event>, Vec<String>) {
        let (mut notes, mut faults) = (Vec::new(), Vec::new());
        for event in self.list.take() {
            match note(&event, first) {
                Some(note) => notes.push(note),
                None => {
                    let (kind, offset) = (event.r#type, event.sampleOffset);
                    faults.push(format!("an unknown event: type {kind} at sample {offset}"));
                }
            }
        }
        (notes, faults)
    }
}

fn note(event: &Vst::Event, first: u64) -> Option<Event> {
    // An event before the block falls into the one before, and is found out there.
    let sample = first.checked_add_signed(event.sampleOffset.into())?;
    let (channel, pitch, velocity) = match event.r#type {
        kind if kind == EventTypes_::kNoteOnEvent as u16 => {
            // SAFETY: the type says which of the union's fields is set.
            let on = unsafe { event.__field0.noteOn };
            (on.channel, on.pitch, Some(on.velocity))
        }
        kind if kind == EventTypes_::kNoteOffEvent as u16 => {
            // SAFETY: as above.
            let off = unsafe { event.__field0.noteOff };
            (off.channel, off.pitch, None)
        }
        _ => return None,
    };
    let pitch = Pitch::new(u8::try_from(pitch).ok()?)?;
    Some(Event {
        sample,
        channel: u8::try_from(channel).ok()?,
        pitch,
        velocity,
    })
}

impl Class for Events {
    type Interfaces = (IEventList,);
}

impl IEventListTrait for Events {
    unsafe fn getEventCount(&self) -> int32 {
        self.list.borrow().len() as int32
    }

    unsafe fn getEvent(&self, index: int32, event: *mut Vst::Event) -> tresult {
        let found = self.list.borrow().get(index as usize).copied();
        let Some(found) = found.filter(|_| !event.is_null()) else {
            return kInvalidArgument;
        };
        // SAFETY: not null, and the plug-in's to be written to.
        unsafe { event.write(found) };
        kResultOk
    }

    unsafe fn addEvent(&self, event: *mut Vst::Event) -> tresult {
        if event.is_null() {
            return kInvalidArgument;
        }
        let mut list = self.list.borrow_mut();
        if self.room.is_some_and(|room| list.len() >= room) {
            return kResultFalse;
        }
        // SAFETY: not null, and a whole event.
        list.push(unsafe { event.read() });
        kResultOk
    }
}

/// One knob's changes in a block: sample and value.
pub struct Changes {
    id: ParamID,
    points: Vec<(i32, f64)>,
}

impl Class for Changes {
    type Interfaces = (IParamValueQueue,);
}

impl IParamValueQueueTrait for Changes {
    unsafe fn getParameterId(&self) -> ParamID {
        self.id
    }

    unsafe fn getPointCount(&self) -> int32 {
        self.points.len() as int32
    }

    unsafe fn getPoint(&self, index: int32, offset: *mut int32, value: *mut ParamValue) -> tresult {
        let Some(point) = self.points.get(index as usize) else {
            return kInvalidArgument;
        };
        if offset.is_null() || value.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: not null, and the plug-in's to be written to.
        unsafe { (*offset, *value) = *point };
        kResultOk
    }

    unsafe fn addPoint(&self, _: int32, _: ParamValue, _: *mut int32) -> tresult {
        kNotImplemented
    }
}

/// All knobs' changes in a block. The plug-in itself turns no knobs.
#[derive(Default)]
pub struct AllChanges(Vec<ComWrapper<Changes>>);

impl AllChanges {
    /// From the knobs' ids with samples and values, in order of time.
    pub fn new(turns: &[(u32, i32, f64)]) -> Self {
        let mut ids: Vec<_> = turns.iter().map(|turn| turn.0).collect();
        ids.sort_unstable();
        ids.dedup();
        let points = |id| {
            turns
                .iter()
                .filter(move |t| t.0 == id)
                .map(|t| (t.1, t.2))
                .collect()
        };
        let changes = |id| {
            ComWrapper::new(Changes {
                id,
                points: points(id),
            })
        };
        Self(ids.into_iter().map(changes).collect())
    }
}

impl Class for AllChanges {
    type Interfaces = (IParameterChanges,);
}

impl IParameterChangesTrait for AllChanges {
    unsafe fn getParameterCount(&self) -> int32 {
        self.0.len() as int32
    }

    unsafe fn getParameterData(&self, index: int32) -> *mut IParamValueQueue {
        let changes = self.0.get(index as usize);
        let queue = changes.and_then(|changes| changes.as_com_ref::<IParamValueQueue>());
        queue.map_or(std::ptr::null_mut(), |queue| queue.as_ptr())
    }

    unsafe fn addParameterData(&self, _: *const ParamID, _: *mut int32) -> *mut IParamValueQueue {
        std::ptr::null_mut()
    }
}

/// Bytes that the plug-in reads its state from, or writes it to.
#[derive(Default)]
pub struct Stream {
    bytes: RefCell<Vec<u8>>,
    at: Cell<usize>,
}

impl Stream {
    pub fn new(bytes: &[u8]) -> Self {
        Self {
            bytes: RefCell::new(bytes.into()),
            at: Cell::new(0),
        }
    }

    /// To read from, in the middle of something larger: presets have a header.
    pub fn after(header: &[u8], bytes: &[u8]) -> Self {
        Self {
            bytes: RefCell::new([header, bytes].concat()),
            at: Cell::new(header.len()),
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.borrow().clone()
    }
}

impl Class for Stream {
    type Interfaces = (IBStream,);
}

impl IBStreamTrait for Stream {
    unsafe fn read(&self, to: *mut c_void, wanted: int32, done: *mut int32) -> tresult {
        let bytes = self.bytes.borrow();
        let from = &bytes[self.at.get().min(bytes.len())..];
        let count = from.len().min(wanted.max(0) as usize);
        if to.is_null() && count > 0 {
            return kInvalidArgument;
        }
        // SAFETY: the plug-in gives room for the bytes it wants, and no fewer are there.
        unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), to.cast(), count) };
        self.at.set(self.at.get() + count);
        write(done, count as int32);
        kResultOk
    }

    unsafe fn write(&self, from: *mut c_void, count: int32, done: *mut int32) -> tresult {
        let count = count.max(0) as usize;
        if from.is_null() && count > 0 {
            return kInvalidArgument;
        }
        let mut bytes = self.bytes.borrow_mut();
        let end = self.at.get() + count;
        let longer = bytes.len().max(end);
        bytes.resize(longer, 0);
        // SAFETY: the plug-in gives as many bytes as it says; there is room for them.
        unsafe {
            std::ptr::copy_nonoverlapping(from.cast(), bytes[self.at.get()..].as_mut_ptr(), count)
        };
        self.at.set(end);
        write(done, count as int32);
        kResultOk
    }

    unsafe fn seek(&self, by: int64, mode: int32, result: *mut int64) -> tresult {
        let base = match mode {
            mode if mode == kIBSeekSet as int32 => 0,
            mode if mode == kIBSeekCur as int32 => self.at.get() as i64,
            mode if mode == kIBSeekEnd as int32 => self.bytes.borrow().len() as i64,
            _ => return kInvalidArgument,
        };
        let Ok(at) = usize::try_from(base + by) else {
            return kResultFalse;
        };
        self.at.set(at);
        write(result, at as int64);
        kResultOk
    }

    unsafe fn tell(&self, at: *mut int64) -> tresult {
        write(at, self.at.get() as int64);
        kResultOk
    }
}

/// Answers through a pointer, where the plug-in wants the answer.
fn write<T>(to: *mut T, value: T) {
    if !to.is_null() {
        // SAFETY: not null, and the plug-in's to be written to.
        unsafe { to.write(value) };
    }
}

/// The host as the plug-in sees it: it has a name and makes nothing.
pub struct Application;

impl Class for Application {
    type Interfaces = (IHostApplication,);
}

impl IHostApplicationTrait for Application {
    unsafe fn getName(&self, name: *mut String128) -> tresult {
        if name.is_null() {
            return kInvalidArgument;
        }
        let mut text: String128 = [0; 128];
        let letters = "HarmonAI tests".encode_utf16();
        text.iter_mut()
            .zip(letters)
            .for_each(|(to, letter)| *to = letter as _);
        write(name, text);
        kResultOk
    }

    unsafe fn createInstance(&self, _: *mut TUID, _: *mut TUID, _: *mut *mut c_void) -> tresult {
        kNotImplemented
    }
}
