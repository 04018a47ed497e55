//! A small network for tests, the same bytes on every machine, made instead of stored.

use harmonai_core::model::checkpoint::Checkpoint;
use harmonai_core::model::config::{Cell, Config};
use harmonai_core::model::vocabulary::Factor;
use serde_json::json;
use std::path::{Path, PathBuf};

/// An untrained network whose weights follow from `seed`. It leans to short notes: left to
/// chance alone, most would last for bars.
pub fn tiny(cell: Cell, seed: u64) -> Checkpoint {
    tiny_of(cell, seed, &[])
}

/// The same with `styles` that it knows.
pub fn tiny_of(cell: Cell, seed: u64, styles: &[&str]) -> Checkpoint {
    let styles = styles.iter().map(|style| (*style).to_owned()).collect();
    let config = Config::new(cell, 2, 24, 16, styles);
    // PANIC: the sizes are constants within the bounds of a configuration.
    let mut checkpoint = Checkpoint::noise(config.expect("a valid size"), seed);
    let specs = checkpoint.header.config.tensors();
    for factor in [Factor::Interval, Factor::Duration] {
        let name = format!("head.{}.bias", factor.name());
        let biases = specs
            .iter()
            .zip(&mut checkpoint.tensors)
            .filter(|(s, _)| s.name == name);
        for (_, bias) in biases {
            let lean = |(symbol, value): (usize, &mut f32)| *value -= symbol as f32 * 0.12;
            bias.iter_mut().enumerate().for_each(lean);
        }
    }
    checkpoint
}

/// The file of a small network in `folder`, which is made if it is missing.
pub fn file_in(folder: &Path, cell: Cell, seed: u64) -> std::io::Result<PathBuf> {
    let path = folder.join(format!("{cell}-{seed}.safetensors"));
    let bytes = tiny(cell, seed).write();
    // Tests run side by side: one that is whole already is not written again.
    if std::fs::read(&path).ok().as_ref() != Some(&bytes) {
        let own = path.with_extension(format!("{:?}", std::thread::current().id()));
        std::fs::write(&own, bytes)?;
        std::fs::rename(&own, &path)?;
    }
    Ok(path)
}

/// What the plug-in stores in a project with the model at `path`, or with its own, and everything
/// else at its default; as JSON text.
pub fn project(path: Option<&Path>) -> String {
    let field = |path: &Path| json!({ "model": json!(path.to_string_lossy()).to_string() });
    let fields = path.map_or(json!({}), field);
    json!({ "version": "", "params": {}, "fields": fields }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_makes_the_network() {
        assert_eq!(tiny(Cell::Gru, 1).write(), tiny(Cell::Gru, 1).write());
        assert_ne!(tiny(Cell::Gru, 1).write(), tiny(Cell::Gru, 2).write());
    }
}
