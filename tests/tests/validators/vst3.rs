//! What only VST3 has: classes, and an order of calls that hosts keep to more or less. `buses.rs` and
//! `units.rs` go on with the rest.
//!
//! All calls are made on the thread that made the plug-in.

use super::Class;
use harmonai_tests::Bundles;
use harmonai_tests::vst3::objects::{Outputs, PluginObjects};
use vst3::Interface;
use vst3::Steinberg::Vst::{
    IAudioProcessorTrait, IComponent, IComponentTrait, IEditControllerTrait, ParameterInfo,
};
use vst3::Steinberg::{IPluginBaseTrait, IPluginFactoryTrait, PClassInfo, kResultFalse, kResultOk};

/// Both plug-ins.
pub const CLASSES: [Class; 2] = [Class::Instrument, Class::Notes];

/// A new one, initialised.
pub fn open(class: Class) -> PluginObjects {
    let bundles = Bundles::find().expect("the plug-in is built");
    PluginObjects::open(&bundles.vst3, class).expect("it can be opened")
}

/// What it fills with sound.
pub fn outputs(class: Class) -> Outputs {
    match class {
        Class::Instrument => Outputs::Channels(2),
        Class::Notes => Outputs::None,
    }
}

/// Its parameters.
pub fn parameters(bare: &PluginObjects) -> Vec<ParameterInfo> {
    // SAFETY: an initialised controller, and the infos are there to be written to.
    unsafe {
        let count = bare.controller.getParameterCount();
        let info = |index| {
            let mut info: ParameterInfo = std::mem::zeroed();
            assert_eq!(
                bare.controller.getParameterInfo(index, &mut info),
                kResultOk
            );
            info
        };
        (0..count).map(info).collect()
    }
}

/// Goes through a few blocks, with a parameter turned in each.
pub fn plays(bare: &PluginObjects, class: Class, what: &str) {
    let turned = parameters(bare)[0].id;
    // SAFETY: a component that was set up; calls in the format's order.
    unsafe {
        assert_eq!(bare.component.setActive(1), kResultOk, "{what}");
        assert_eq!(bare.processor.setProcessing(1), kResultOk, "{what}");
        for frames in [0, 1, 64, 512] {
            let turns = [(turned, frames as f64 / 512.0)];
            let (result, sound) = bare.process(frames, outputs(class), &turns).unwrap();
            assert_eq!(result, kResultOk, "{what}, {frames}");
            assert!(
                sound.iter().flatten().all(|sample| *sample == 0.0),
                "{what}, {frames}"
            );
        }
        assert_eq!(bare.processor.setProcessing(0), kResultOk, "{what}");
        assert_eq!(bare.component.setActive(0), kResultOk, "{what}");
    }
}

#[test]
fn the_factory_makes_its_two_classes_and_nothing_else() {
    let bare = open(Class::Instrument);
    let factory = bare.factory().unwrap();
    // SAFETY: ids are 16 bytes long; what is not made is not taken.
    unsafe {
        assert_eq!(factory.countClasses(), 2);
        let mut ids = Vec::new();
        for index in 0..2 {
            let mut info: PClassInfo = std::mem::zeroed();
            assert_eq!(factory.getClassInfo(index, &mut info), kResultOk);
            let letters = info.category.iter().map(|letter| *letter as u8);
            let category: Vec<_> = letters.take_while(|letter| *letter > 0).collect();
            assert_eq!(category, b"Audio Module Class");
            assert_ne!(info.name[0], 0);
            ids.push(info.cid.map(|byte| byte as u8));
        }
        assert_eq!(ids, CLASSES.map(Class::vst3_id));
        for index in [-1, 2, i32::MAX] {
            let mut info: PClassInfo = std::mem::zeroed();
            assert_ne!(factory.getClassInfo(index, &mut info), kResultOk, "{index}");
        }
        let mut other = Class::Instrument.vst3_id();
        other[15] ^= 1;
        for (class, interface) in [(other, IComponent::IID), (ids[0], other)] {
            let mut object = std::ptr::null_mut();
            let (class, interface) = (class.as_ptr().cast(), interface.as_ptr().cast());
            assert_ne!(
                factory.createInstance(class, interface, &mut object),
                kResultOk
            );
            assert!(object.is_null());
        }
    }
}

#[test]
fn it_is_switched_on_and_off_set_up_anew_and_begun_again() {
    for class in CLASSES {
        let bare = open(class);
        // SAFETY: no more than the plug-in may refuse.
        unsafe {
            assert_eq!(
                bare.component.setActive(1),
                kResultFalse,
                "{class:?}: not set up"
            );
            assert_eq!(
                bare.component.setActive(0),
                kResultOk,
                "{class:?}: not active"
            );
        }
        for sample_rate in [22_050.0, 384_000.0, 1234.5678, 1_234_567.8, 48_000.0] {
            assert_eq!(bare.set_up(sample_rate, 512), kResultOk);
            plays(&bare, class, &format!("{class:?} at {sample_rate}"));
            // SAFETY: not active; what comes after is a beginning.
            unsafe {
                for _ in 0..2 {
                    assert_eq!(bare.component.setActive(1), kResultOk);
                    assert_eq!(bare.component.setActive(0), kResultOk);
                }
                assert_eq!(bare.component.terminate(), kResultOk);
                let host = bare.host().unwrap();
                assert_eq!(bare.component.initialize(host.as_ptr()), kResultOk);
            }
        }
        // SAFETY: an initialised component.
        unsafe {
            assert_eq!(bare.processor.getLatencySamples(), 0);
            assert_eq!(bare.processor.canProcessSampleSize(0), kResultOk);
            assert_eq!(bare.processor.canProcessSampleSize(1), kResultFalse);
        }
    }
}

/// The host's numbers are written as they were before.
#[test]
fn the_locale_is_left_alone() {
    let locale = || {
        // SAFETY: asks only; the text is good until the locale is set.
        let name =
            unsafe { std::ffi::CStr::from_ptr(libc::setlocale(libc::LC_ALL, std::ptr::null())) };
        name.to_owned()
    };
    let before = locale();
    for class in CLASSES {
        let bare = open(class);
        assert_eq!(bare.set_up(44_100.0, 512), kResultOk);
        plays(&bare, class, "the locale");
        drop(bare);
        assert_eq!(locale(), before, "{class:?}");
    }
}
