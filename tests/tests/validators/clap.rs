//! What only CLAP has: its entry, its descriptors, its ports, what it says of parameters.

use super::Class;
use clack_extensions::audio_ports::{AudioPortFlags, AudioPortInfoBuffer, PluginAudioPorts};
use clack_extensions::audio_ports_config::{AudioPortsConfigBuffer, PluginAudioPortsConfig};
use clack_extensions::latency::PluginLatency;
use clack_extensions::note_ports::{NotePortInfoBuffer, PluginNotePorts};
use clack_extensions::params::{ParamInfoBuffer, ParamInfoFlags, PluginParams};
use clack_host::plugin::PluginDescriptor;
use clack_host::prelude::*;
use harmonai_tests::Bundles;
use harmonai_tests::clap::strict::{load, open, open_id};
use std::collections::BTreeSet;
use std::ffi::CStr;

/// Both plug-ins.
pub const CLASSES: [Class; 2] = [Class::Instrument, Class::Notes];

/// The library.
pub fn entry() -> PluginEntry {
    let bundles = Bundles::find().expect("the plug-in is built");
    load(&bundles.clap).expect("it can be loaded")
}

#[test]
fn there_is_no_factory_but_the_one_and_no_plug_in_but_the_two() {
    let entry = entry();
    let get = entry.raw_entry().get_factory.expect("a function");
    // SAFETY: the entry was initialised, and the name ends with a zero.
    let has = |name: &CStr| !unsafe { get(name.as_ptr()) }.is_null();
    assert!(has(c"clap.plugin-factory"));
    let none = [
        c"",
        c"clap.plugin-factor",
        c"clap.plugin-factory/",
        c"foo-factory-17",
    ];
    for name in none.into_iter().chain([c"clap.preset-discovery-factory/2"]) {
        assert!(!has(name), "{name:?}");
    }
    let factory = entry.get_plugin_factory().expect("a factory");
    assert_eq!(factory.plugin_count(), 2);
    for index in [2, 3, u32::MAX] {
        assert!(factory.plugin_descriptor(index).is_none(), "{index}");
    }
    for class in CLASSES {
        let id = class.clap_id();
        for other in [&format!("{id}x1"), &id[1..], &id.to_uppercase(), ""] {
            assert!(open_id(&entry, other).is_err(), "{other}");
        }
    }
}

#[test]
fn the_descriptors_say_the_same_before_and_after_and_hosts_know_the_features() {
    let entry = entry();
    let factory = entry.get_plugin_factory().expect("a factory");
    let main = [
        "instrument",
        "audio-effect",
        "note-detector",
        "note-effect",
        "analyzer",
    ];
    let standard = [&main[..], &["stereo", "mono", "utility", "synthesizer"]].concat();
    let mut ids = BTreeSet::new();
    for listed in factory.plugin_descriptors() {
        let id = listed.id().expect("an id").to_str().unwrap();
        let instance = open_id(&entry, id).unwrap();
        let own = instance.plugin_shared_handle();
        let own = own.descriptor().expect("a descriptor");
        let texts = |it: &PluginDescriptor| {
            let texts = [
                it.id(),
                it.name(),
                it.vendor(),
                it.version(),
                it.description(),
            ];
            texts.map(|text| text.expect("a text").to_str().unwrap().to_owned())
        };
        let features = |it: &PluginDescriptor| {
            let features = it
                .features()
                .map(|feature| feature.to_str().unwrap().to_owned());
            features.collect::<Vec<_>>()
        };
        assert_eq!(
            (texts(listed), features(listed)),
            (texts(own), features(own))
        );
        assert!(texts(own).iter().all(|text| !text.is_empty()), "{id}");
        let features = features(own);
        let unique: BTreeSet<_> = features.iter().collect();
        assert_eq!(unique.len(), features.len(), "{id}: {features:?}");
        assert!(
            features.iter().any(|it| main.contains(&it.as_str())),
            "{id}"
        );
        assert!(
            features.iter().all(|it| standard.contains(&it.as_str())),
            "{id}: {features:?}"
        );
        assert!(ids.insert(id.to_owned()), "{id} twice");
    }
}

#[cfg(unix)]
#[test]
fn every_symbol_is_there_from_the_start() {
    use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
    let bundles = Bundles::find().expect("the plug-in is built");
    // SAFETY: the file is the plug-in that this workspace builds.
    let library = unsafe { Library::open(Some(&bundles.clap), RTLD_LOCAL | RTLD_NOW) };
    assert!(library.is_ok(), "{library:?}");
}

#[test]
fn the_ports_hold_together() {
    for class in CLASSES {
        let mut instance = open(&entry(), class).unwrap();
        let plugin = instance.plugin_handle();
        let notes = plugin
            .get_extension::<PluginNotePorts>()
            .expect("note ports");
        for is_input in [true, false] {
            assert_eq!(notes.count(&plugin, is_input), 1, "{class:?}");
            let mut buffer = NotePortInfoBuffer::new();
            let port = notes
                .get(&plugin, 0, is_input, &mut buffer)
                .expect("a port");
            let preferred = port.preferred_dialect.expect("one dialect");
            assert!(port.supported_dialects.supports(preferred), "{class:?}");
            assert!(!port.name.is_empty(), "{class:?}");
            let mut buffer = NotePortInfoBuffer::new();
            assert!(
                notes.get(&plugin, 1, is_input, &mut buffer).is_none(),
                "{class:?}"
            );
        }
        let audio = plugin
            .get_extension::<PluginAudioPorts>()
            .expect("audio ports");
        let outputs = u32::from(class == Class::Instrument);
        assert_eq!(
            (audio.count(&plugin, true), audio.count(&plugin, false)),
            (0, outputs)
        );
        let mut buffer = AudioPortInfoBuffer::new();
        if let Some(port) = audio.get(&plugin, 0, false, &mut buffer) {
            let kind = port.port_type.map(|kind| kind.0.to_owned());
            assert_eq!((port.channel_count, kind.as_deref()), (2, Some(c"stereo")));
            assert!(port.flags.contains(AudioPortFlags::IS_MAIN) && port.in_place_pair.is_none());
        }
        let configs = plugin.get_extension::<PluginAudioPortsConfig>();
        let Some(configs) = configs else { continue };
        assert_eq!(configs.count(&plugin), outputs, "{class:?}");
        let mut buffer = AudioPortsConfigBuffer::new();
        if let Some(config) = configs.get(&plugin, 0, &mut buffer) {
            assert_eq!(
                (config.input_port_count, config.output_port_count),
                (0, outputs)
            );
            let (input, output) = (config.main_input, config.main_output);
            assert!(input.is_none() && output.is_some_and(|main| main.channel_count == 2));
        }
        let latency = plugin.get_extension::<PluginLatency>();
        assert_eq!(
            latency.map_or(0, |latency| latency.get(&plugin)),
            0,
            "{class:?}"
        );
    }
}

#[test]
fn what_is_said_of_parameters_is_as_the_format_wants_it() {
    for class in CLASSES {
        let mut instance = open(&entry(), class).unwrap();
        let plugin = instance.plugin_handle();
        let params = plugin.get_extension::<PluginParams>().expect("parameters");
        for index in 0..params.count(&plugin) {
            let mut buffer = ParamInfoBuffer::new();
            let info = params
                .get_info(&plugin, index, &mut buffer)
                .expect("each of them");
            let (name, module) = (
                std::str::from_utf8(info.name),
                std::str::from_utf8(info.module),
            );
            let (name, module) = (name.unwrap(), module.unwrap());
            let folders: Vec<_> = module.split('/').collect();
            assert!(
                folders.iter().all(|folder| !folder.is_empty()),
                "{name}: {module:?}"
            );
            let (min, max, default) = (info.min_value, info.max_value, info.default_value);
            assert!(
                min < max && (min..=max).contains(&default),
                "{name}: {min} {default} {max}"
            );
            let has = |flag| info.flags.contains(flag);
            if has(ParamInfoFlags::IS_STEPPED) {
                assert!(
                    min == min.trunc() && max == max.trunc(),
                    "{name}: {min} {max}"
                );
                // A host that cuts a number off has to hit the step.
                let off = (default - default.round()).abs();
                assert!(off < 1e-3, "{name}: {default}");
            }
            assert!(has(ParamInfoFlags::IS_AUTOMATABLE), "{name}");
            assert!(
                !has(ParamInfoFlags::IS_READONLY) && !has(ParamInfoFlags::IS_HIDDEN),
                "{name}"
            );
            assert!(params.get_value(&plugin, info.id).is_some(), "{name}");
        }
        let nobody = ClapId::new(0x7fff_fff1);
        assert!(params.get_value(&plugin, nobody).is_none());
        assert!(
            params
                .value_to_text(&plugin, nobody, 0.0, &mut [0; 64])
                .is_err()
        );
        assert!(params.text_to_value(&plugin, nobody, c"1").is_none());
    }
}
