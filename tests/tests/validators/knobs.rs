//! Parameters: what is said of them, their texts, and where they stand once they were turned.

use super::{Random, anywhere, plugins, positions, process_turns};
use rand::SeedableRng;
use std::collections::BTreeSet;

/// How far a position may be off for having been a number of 32 bits.
const ROUNDED: f64 = 1e-6;
/// And for steps of the parameter's own, where it has none for the host.
const OWN_STEP: f64 = 0.026;

#[test]
fn what_is_said_of_parameters_holds_together() {
    plugins(|library, class, plugin| {
        let device = library.open(class).unwrap();
        let params = device.params();
        let ids: BTreeSet<_> = params.iter().map(|param| param.id).collect();
        let names: BTreeSet<_> = params.iter().map(|param| &param.name).collect();
        assert_eq!(
            (ids.len(), names.len()),
            (params.len(), params.len()),
            "{plugin}"
        );
        assert_eq!(
            params.iter().filter(|param| param.bypass).count(),
            1,
            "{plugin}"
        );
        for param in params {
            assert!(
                !param.name.trim().is_empty() && param.id < 1 << 31,
                "{plugin}: {param:?}"
            );
            assert!((0.0..=1.0).contains(&param.default), "{plugin}: {param:?}");
            assert!(
                !param.bypass || param.steps == Some(1),
                "{plugin}: {param:?}"
            );
        }
    });
}

#[test]
fn a_new_instance_stands_at_its_defaults() {
    plugins(|library, class, plugin| {
        let mut device = library.open(class).unwrap();
        let stands = positions(device.as_mut());
        for (param, position) in device.params().iter().zip(stands) {
            assert!(
                (param.default - position).abs() < ROUNDED,
                "{plugin}: {position} {param:?}"
            );
        }
    });
}

/// A text that was shown is read, shown as the same text, and read as the same position, exactly.
#[test]
fn texts_come_back_from_wherever_a_parameter_stands() {
    plugins(|library, class, plugin| {
        let mut device = library.open(class).unwrap();
        for (param, it) in device.params().to_vec().iter().enumerate() {
            // Between steps too: hosts draw lines through them.
            for i in 0..=1999 {
                let from = f64::from(i) / 1999.0;
                let at = format!("{plugin}: {} at {from}", it.name);
                let text = device.show(param, from).expect(&at);
                assert!(!text.trim().is_empty(), "{at}");
                let position = device.read(param, &text);
                let position = position.unwrap_or_else(|| panic!("{at}: {text:?} is not read"));
                assert_eq!(device.show(param, position).as_ref(), Some(&text), "{at}");
                assert_eq!(device.read(param, &text), Some(position), "{at}: {text:?}");
                let near = it.steps.map_or(OWN_STEP, |n| 0.51 / f64::from(n));
                assert!(
                    (position - from).abs() < near,
                    "{at}: {text:?} is {position}"
                );
            }
        }
    });
}

#[test]
fn every_step_of_a_parameter_has_a_text_of_its_own() {
    plugins(|library, class, plugin| {
        let mut device = library.open(class).unwrap();
        for (param, it) in device.params().to_vec().iter().enumerate() {
            let Some(steps) = it.steps else { continue };
            let show = |n| device.show(param, f64::from(n) / f64::from(steps));
            let texts: BTreeSet<_> = (0..=steps).map(show).collect();
            assert_eq!(
                texts.len() as u32,
                steps + 1,
                "{plugin}: {}: {texts:?}",
                it.name
            );
        }
    });
}

#[test]
fn whatever_is_typed_is_refused_or_within_the_range() {
    plugins(|library, class, plugin| {
        let mut device = library.open(class).unwrap();
        for param in 0..device.params().len() {
            let name = device.params()[param].name.clone();
            let numbers = [
                "-1000000",
                "99999999999",
                "-2147483648",
                "1e39",
                "nan",
                "-inf",
                "0.0000001",
                "--3",
            ];
            for text in numbers
                .into_iter()
                .chain(["", " ", "\u{1d11e}", "nothing at all"])
            {
                let read = device.read(param, text);
                let within = read.is_none_or(|position| (0.0..=1.0).contains(&position));
                assert!(within, "{plugin}: {name}: {text:?} is {read:?}");
            }
        }
    });
}

/// Set while nothing is processed, or turned within a block: it is the same.
#[test]
fn a_parameter_stands_where_it_was_put_by_whatever_way() {
    plugins(|library, class, plugin| {
        let mut random = Random::seed_from_u64(11);
        for _ in 0..20 {
            let mut device = library.open(class).unwrap();
            let turns = anywhere(device.as_ref(), &mut random);
            device.place(&turns).unwrap();
            let placed = positions(device.as_mut());
            let mut device = library.open(class).unwrap();
            device.activate(44_100.0, 512, true).unwrap();
            process_turns(device.as_mut(), &turns).unwrap();
            assert_eq!(positions(device.as_mut()), placed, "{plugin}");
            for ((param, wanted), stands) in turns.iter().zip(placed) {
                let it = &device.params()[*param];
                let near = it.steps.map_or(OWN_STEP, |_| ROUNDED);
                assert!(
                    (wanted - stands).abs() < near,
                    "{plugin}: {wanted} {stands} {it:?}"
                );
            }
        }
    });
}

#[test]
fn nothing_turns_a_parameter_out_of_its_range() {
    plugins(|library, class, plugin| {
        for wild in [
            -1.0,
            2.0,
            1e30,
            -1e30,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ] {
            let mut device = library.open(class).unwrap();
            let turns: Vec<_> = (0..device.params().len())
                .map(|param| (param, wild))
                .collect();
            // It may be refused.
            let _ = device.place(&turns);
            device.activate(44_100.0, 512, true).unwrap();
            process_turns(device.as_mut(), &turns).unwrap();
            for (param, stands) in positions(device.as_mut()).into_iter().enumerate() {
                let name = device.params()[param].name.clone();
                let within = (0.0..=1.0).contains(&stands);
                assert!(within, "{plugin}: {name} stands at {stands} for {wild}");
                assert!(
                    device.show(param, wild).is_some(),
                    "{plugin}: {name} at {wild}"
                );
            }
        }
    });
}
