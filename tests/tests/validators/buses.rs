//! VST3's buses and their arrangements.

use super::Class;
use super::vst3::{CLASSES, open, plays};
use vst3::Steinberg::Vst::{BusInfo, IAudioProcessorTrait, IComponentTrait, SpeakerArr};
use vst3::Steinberg::kResultOk;

/// Kinds of buses and their directions.
const KINDS: [i32; 2] = [0, 1];

#[test]
fn buses_are_the_same_whenever_they_are_asked_for_and_can_be_switched() {
    for class in CLASSES {
        let bare = open(class);
        let text = |info: &BusInfo| {
            let name = String::from_utf16_lossy(&info.name);
            let kind = (info.mediaType, info.direction, info.busType, info.flags);
            (
                name.trim_end_matches('\0').to_owned(),
                kind,
                info.channelCount,
            )
        };
        // SAFETY: an initialised component, and the infos are there to be written to.
        unsafe {
            for (kind, direction) in KINDS
                .into_iter()
                .flat_map(|kind| KINDS.map(|to| (kind, to)))
            {
                let count = bare.component.getBusCount(kind, direction);
                let expect = i32::from(kind == 1 || direction == 1 && class == Class::Instrument);
                assert_eq!(count, expect, "{class:?} {kind} {direction}");
                for index in 0..count {
                    let get = || {
                        let mut info: BusInfo = std::mem::zeroed();
                        let result = bare.component.getBusInfo(kind, direction, index, &mut info);
                        (result, text(&info))
                    };
                    let (result, info) = get();
                    assert_eq!((result, get()), (kResultOk, (kResultOk, info.clone())));
                    assert!(!info.0.is_empty(), "{class:?} {kind} {direction}");
                    for on in [0, 1, 1, 0, 1] {
                        let result = bare.component.activateBus(kind, direction, index, on);
                        assert_eq!(result, kResultOk, "{class:?} {kind} {direction} {on}");
                    }
                    if kind == 0 {
                        let mut arrangement = 0;
                        let processor = &bare.processor;
                        let result =
                            processor.getBusArrangement(direction, index, &mut arrangement);
                        assert_eq!((result, arrangement), (kResultOk, SpeakerArr::kStereo));
                        assert_eq!(arrangement.count_ones() as i32, info.2);
                    }
                }
                for index in [-1, count, 1000] {
                    let mut info: BusInfo = std::mem::zeroed();
                    let result = bare.component.getBusInfo(kind, direction, index, &mut info);
                    assert_ne!(result, kResultOk, "{class:?} {kind} {direction} {index}");
                    let result = bare.component.activateBus(kind, direction, index, 1);
                    assert_ne!(result, kResultOk, "{class:?} {kind} {direction} {index}");
                }
            }
        }
    }
}

/// Whatever the host would like, it ends with what there is, and that is told truly.
#[test]
fn arrangements_that_it_has_not_are_refused_and_it_plays_on() {
    use SpeakerArr::*;
    let wishes = [
        kEmpty,
        kMono,
        kStereo,
        kStereoSurround,
        kStereoSide,
        k30Cine,
        k40Music,
        k50,
        k51,
    ];
    for class in CLASSES {
        let bare = open(class);
        let count = i32::from(class == Class::Instrument);
        for wish in wishes {
            let (mut inputs, mut wished) = ([wish; 1], [wish; 1]);
            // SAFETY: as many as are counted are there.
            unsafe {
                let (from, to) = (inputs.as_mut_ptr(), wished.as_mut_ptr());
                let result = bare.processor.setBusArrangements(from, 0, to, count);
                let fits = class == Class::Instrument && wish.count_ones() == 2;
                assert_eq!(result == kResultOk, fits, "{class:?} {wish:#x}");
                assert_ne!(
                    bare.processor.setBusArrangements(from, 1, to, count),
                    kResultOk
                );
                if count > 0 {
                    let mut got = 0;
                    assert_eq!(bare.processor.getBusArrangement(1, 0, &mut got), kResultOk);
                    assert_eq!(got, kStereo, "{class:?} {wish:#x}");
                }
            }
            assert_eq!(bare.set_up(44_100.0, 512), kResultOk);
            plays(&bare, class, &format!("{class:?} {wish:#x}"));
        }
    }
}
