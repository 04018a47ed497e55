//! States: written and read again, in this instance and in others.

use super::{Class, Random, anywhere, plugins, positions, process_turns};
use crate::common::{BAR, at, call_and_response, hosts, melody, with_tiny};
use harmonai_tests::{Action, Host};
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

#[test]
fn a_state_brings_every_parameter_to_another_instance_and_is_saved_there_byte_for_byte() {
    plugins(|library, class, plugin| {
        let mut random = Random::seed_from_u64(3);
        for round in 0..20 {
            let mut device = library.open(class).unwrap();
            let turns = anywhere(device.as_ref(), &mut random);
            // By the window, or by automation.
            if round % 2 == 0 {
                device.place(&turns).unwrap();
            } else {
                device.activate(48_000.0, 512, false).unwrap();
                process_turns(device.as_mut(), &turns).unwrap();
                device.deactivate().unwrap();
            }
            let (stood, state) = (positions(device.as_mut()), device.save().unwrap());
            assert_eq!(device.save().unwrap(), state, "{plugin}: saved twice");
            drop(device);
            // Before and after it is active.
            let mut device = library.open(class).unwrap();
            let late = round % 3 == 0;
            if late {
                device.activate(48_000.0, 512, false).unwrap();
            }
            assert!(device.load(&state), "{plugin}");
            assert_eq!(positions(device.as_mut()), stood, "{plugin}, late: {late}");
            assert_eq!(device.save().unwrap(), state, "{plugin}, late: {late}");
        }
    });
}

#[test]
fn a_state_undoes_what_was_turned_since() {
    plugins(|library, class, plugin| {
        let mut random = Random::seed_from_u64(4);
        let mut device = library.open(class).unwrap();
        device.activate(48_000.0, 512, false).unwrap();
        for _ in 0..20 {
            let (stood, state) = (positions(device.as_mut()), device.save().unwrap());
            let turns = anywhere(device.as_ref(), &mut random);
            process_turns(device.as_mut(), &turns).unwrap();
            assert_ne!(positions(device.as_mut()), stood, "{plugin}");
            assert!(device.load(&state), "{plugin}");
            assert_eq!(positions(device.as_mut()), stood, "{plugin}");
            assert_eq!(device.save().unwrap(), state, "{plugin}");
            // On from elsewhere.
            let turns = anywhere(device.as_ref(), &mut random);
            process_turns(device.as_mut(), &turns).unwrap();
        }
    });
}

#[test]
fn what_is_no_state_is_refused_and_changes_nothing() {
    plugins(|library, class, plugin| {
        let mut random = Random::seed_from_u64(5);
        let mut noise = || (0..1 << 20).map(|_| random.random()).collect::<Vec<_>>();
        let others = [
            Vec::new(),
            vec![0],
            noise(),
            noise(),
            noise(),
            // A state of some other plug-in.
            b"VC2!<?xml version=\"1.0\" encoding=\"UTF-8\"?><Preset gain=\"0.5\"/>".to_vec(),
            library.state_from_json("[0.5, 0.5]"),
            library.state_from_json("null"),
        ];
        let mut device = library.open(class).unwrap();
        let turns = anywhere(device.as_ref(), &mut Random::seed_from_u64(6));
        device.place(&turns).unwrap();
        let (stood, state) = (positions(device.as_mut()), device.save().unwrap());
        for other in others {
            let start = &other[..other.len().min(20)];
            assert!(!device.load(&other), "{plugin}: {start:?}");
            assert_eq!(positions(device.as_mut()), stood, "{plugin}: {start:?}");
            assert_eq!(device.save().unwrap(), state, "{plugin}: {start:?}");
        }
    });
}

/// The class of one format reads what the other class wrote: they have the same parameters.
#[test]
fn the_classes_read_each_others_states() {
    plugins(|library, class, plugin| {
        let other = match class {
            Class::Instrument => Class::Notes,
            Class::Notes => Class::Instrument,
        };
        let mut from = library.open(other).unwrap();
        let turns = anywhere(from.as_ref(), &mut Random::seed_from_u64(7));
        from.place(&turns).unwrap();
        let mut to = library.open(class).unwrap();
        assert!(to.load(&from.save().unwrap()), "{plugin}");
        assert_eq!(positions(to.as_mut()), positions(from.as_mut()), "{plugin}");
    });
}

/// The state with Generate switched.
fn with_generate(host: &dyn Host, state: &[u8], on: bool) -> Vec<u8> {
    let mut state: Value = serde_json::from_str(&host.json_from_state(state).unwrap()).unwrap();
    state["params"]["generate"] = json!({ "bool": on });
    host.state_from_json(&state.to_string())
}

/// A project that was saved with Generate on stands so, and plays nothing for it.
#[test]
fn opening_a_project_presses_no_button() {
    for host in hosts() {
        let script = with_tiny(host.as_ref(), call_and_response(8)).set("Mode", "Manual");
        let mut asked = script.clone().turn(at(3 * BAR - 9), "Generate", "On");
        let saved = host.play(&asked).unwrap().state;
        asked.phrase.clear();
        asked.settings.clear();
        let mut open = |on: bool| {
            asked.state = Some(with_generate(host.as_ref(), &saved, on));
            let mut opened = asked.clone();
            opened.cues.clear();
            (
                melody(host.as_ref(), &opened).len(),
                melody(host.as_ref(), &asked).len(),
            )
        };
        let (silent, answered) = open(false);
        assert!(
            silent == 0 && answered > 0,
            "{}: {silent} {answered}",
            host.format()
        );
        // It is on already: to be switched on it has to be switched off first.
        assert_eq!(open(true), (0, 0), "{}", host.format());
    }
}

/// The same while it plays, as hosts do for an undo.
#[test]
fn an_undo_presses_no_button() {
    for host in hosts() {
        let script = with_tiny(host.as_ref(), call_and_response(8)).set("Mode", "Manual");
        let asked = script.clone().turn(at(3 * BAR - 9), "Generate", "On");
        assert!(!melody(host.as_ref(), &asked).is_empty());
        let saved = host.play(&script).unwrap().state;
        let on = with_generate(host.as_ref(), &saved, true);
        let opened = script.at(at(3 * BAR - 9), Action::Load(on));
        assert_eq!(melody(host.as_ref(), &opened), [], "{}", host.format());
    }
}
