//! Loads the plug-in, plays a call and its answer and unloads it again, so many times, in both
//! formats: `reload ROUNDS CLAP VST3`. For tools that look at memory; `cargo xtask valgrind` runs it.

fn main() -> anyhow::Result<()> {
    use anyhow::{Context, ensure};
    use harmonai_core::model::config::Cell;
    use harmonai_core::music::note::{Note, Pitch};
    use harmonai_core::music::time::{Metre, Ticks};
    use harmonai_tests::tiny_model::tiny;
    use harmonai_tests::{ClapHost, Class, Host, Script, Vst3Host};
    use serde_json::json;

    let mut arguments = std::env::args().skip(1);
    let mut argument = || arguments.next().context("reload ROUNDS CLAP VST3");
    let rounds: usize = argument()?.parse()?;
    let hosts: [Box<dyn Host>; 2] = [
        Box::new(ClapHost::new(argument()?.as_ref(), Class::Instrument)),
        Box::new(Vst3Host::new(argument()?.as_ref(), Class::Instrument)),
    ];
    let model = std::env::temp_dir().join(format!("reload-{}.safetensors", std::process::id()));
    std::fs::write(&model, tiny(Cell::Lstm, 5).write())?;
    let field = json!(model).to_string();
    let state = json!({ "version": "", "params": {}, "fields": { "model": field } }).to_string();
    let phrase = [(0, 60), (24, 62), (48, 64), (72, 67)].map(|(onset, key)| Note {
        onset: Ticks::new(onset),
        duration: Ticks::new(20),
        pitch: Pitch::clamped(key),
        velocity: None,
    });
    for round in 0..rounds {
        for host in &hosts {
            let mut script = Script::new(phrase.to_vec(), Metre::COMMON, Ticks::new(4 * 96))
                .set("Listen", "1")
                .set("Length", "8");
            script.state = Some(host.state_from_json(&state));
            let notes = host.play(&script)?.notes()?;
            let played = notes.len();
            ensure!(played > 2, "round {round}: {played} notes");
        }
    }
    std::fs::remove_file(&model)?;
    println!("{rounds} times loaded, played and unloaded in both formats");
    Ok(())
}
