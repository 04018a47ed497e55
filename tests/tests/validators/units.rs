//! VST3's parameters: their folders, their plain values, and how hosts hand them over without sound.

use super::vst3::{CLASSES, open, outputs, parameters};
use harmonai_tests::vst3::objects::Outputs;
use std::collections::BTreeMap;
use vst3::Steinberg::Vst::{
    IAudioProcessorTrait, IComponentTrait, IEditControllerTrait, IMidiMappingTrait, IUnitInfoTrait,
    ParameterInfo, UnitInfo,
};
use vst3::Steinberg::kResultOk;

#[test]
fn every_parameter_is_in_a_folder_that_there_is() {
    for class in CLASSES {
        let bare = open(class);
        // SAFETY: an initialised controller, and the infos are there to be written to.
        unsafe {
            let mut units = BTreeMap::from([(0, "Root".to_owned())]);
            let mut parents = Vec::new();
            for index in 0..bare.units.getUnitCount() {
                let mut info: UnitInfo = std::mem::zeroed();
                assert_eq!(bare.units.getUnitInfo(index, &mut info), kResultOk);
                assert_ne!(info.name[0], 0, "{class:?} {index}");
                let name = String::from_utf16_lossy(&info.name);
                assert_eq!(
                    units.insert(info.id, name),
                    None,
                    "{class:?}: unit {} twice",
                    info.id
                );
                assert!(info.id > 0 && info.programListId == -1);
                parents.push(info.parentUnitId);
            }
            assert!(units.len() > 1 && parents.iter().all(|parent| units.contains_key(parent)));
            let mut info: UnitInfo = std::mem::zeroed();
            assert_ne!(
                bare.units.getUnitInfo(units.len() as i32, &mut info),
                kResultOk
            );
            assert_eq!(bare.units.getProgramListCount(), 0);
            for parameter in parameters(&bare) {
                assert!(
                    units.contains_key(&parameter.unitId) && parameter.unitId > 0,
                    "{class:?}"
                );
            }
            for (channel, controller) in [(0, 1), (15, 129), (16, 0), (0, 130), (-1, -1)] {
                let mut id = 0;
                let mapping = &bare.mapping;
                let result = mapping.getMidiControllerAssignment(0, channel, controller, &mut id);
                assert_ne!(result, kResultOk, "no parameter is a MIDI controller");
            }
        }
    }
}

#[test]
fn plain_values_and_positions_come_back() {
    for class in CLASSES {
        let bare = open(class);
        for parameter in parameters(&bare) {
            let steps = parameter.stepCount.clamp(0, 100);
            let count = if steps > 0 { steps } else { 100 };
            for i in 0..=count {
                let at = f64::from(i) / f64::from(count);
                // SAFETY: an initialised controller.
                let (plain, back, again) = unsafe {
                    let plain = bare.controller.normalizedParamToPlain(parameter.id, at);
                    let back = bare.controller.plainParamToNormalized(parameter.id, plain);
                    (
                        plain,
                        back,
                        bare.controller.normalizedParamToPlain(parameter.id, back),
                    )
                };
                // A step that is drawn may lie between those that there are.
                let near = if steps > 0 {
                    0.51 / f64::from(steps)
                } else {
                    0.02
                };
                assert!(
                    (back - at).abs() < near,
                    "{}: {at} {plain} {back}",
                    parameter.id
                );
                assert!(
                    (again - plain).abs() < 1e-4,
                    "{}: {plain} {again}",
                    parameter.id
                );
            }
        }
    }
}

/// Hosts hand over parameters without sound: no samples, no buses, buses of no channels.
#[test]
fn parameters_are_taken_without_samples_and_without_buses() {
    for class in CLASSES {
        let bare = open(class);
        assert_eq!(bare.set_up(44_100.0, 512), kResultOk);
        let ways = [
            (0, Outputs::None),
            (0, Outputs::Channels(0)),
            (0, outputs(class)),
        ];
        let odd = [
            (512, Outputs::None),
            (512, Outputs::Channels(0)),
            (512, Outputs::Channels(1)),
        ];
        // SAFETY: a component that was set up; calls in the format's order.
        unsafe {
            assert_eq!(bare.component.setActive(1), kResultOk);
            assert_eq!(bare.processor.setProcessing(1), kResultOk);
            for (frames, outputs) in ways.into_iter().chain(odd) {
                for at in [1.0, 0.0] {
                    let turns: Vec<_> = parameters(&bare).iter().map(|it| (it.id, at)).collect();
                    let (result, _) = bare.process(frames, outputs, &turns).unwrap();
                    assert_eq!(result, kResultOk, "{class:?} {frames} {outputs:?}");
                    for (id, _) in turns {
                        let stands = bare.controller.getParamNormalized(id);
                        assert_eq!(stands, at, "{class:?} {frames} {outputs:?} {id}");
                    }
                }
            }
        }
    }
}

#[test]
fn bypass_is_kept_in_a_preset_whatever_comes_before_it_in_the_file() {
    for class in CLASSES {
        let bare = open(class);
        let is_bypass = |it: &&ParameterInfo| it.flags & (1 << 16) != 0;
        let parameters = parameters(&bare);
        let bypass = parameters.iter().find(is_bypass).expect("there is one").id;
        assert_eq!(bare.set_up(44_100.0, 512), kResultOk);
        let flush = |at| bare.process(0, Outputs::None, &[(bypass, at)]).unwrap().0;
        // SAFETY: a component that was set up; calls in the format's order.
        unsafe {
            assert_eq!(bare.component.setActive(1), kResultOk);
            assert_eq!(bare.processor.setProcessing(1), kResultOk);
            assert_eq!(flush(1.0), kResultOk);
            let state = bare.save().unwrap();
            assert_eq!(flush(0.0), kResultOk);
            assert_eq!(bare.processor.setProcessing(0), kResultOk);
            for header in [&b""[..], b"VST3\x01\0\0\0HarmonAIInstrum1"] {
                assert_eq!(bare.controller.setParamNormalized(bypass, 0.0), kResultOk);
                assert_eq!(bare.controller.getParamNormalized(bypass), 0.0);
                assert_eq!(bare.load(header, &state).unwrap(), kResultOk, "{class:?}");
                assert_eq!(bare.controller.getParamNormalized(bypass), 1.0, "{class:?}");
            }
        }
    }
}
