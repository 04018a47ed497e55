//! What is worth knowing of a model before one plays it, in words. For the model browser.

use harmonai_core::model::checkpoint::Header;

/// A model's card in words. An empty text is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    pub name: String,
    /// Cell, layers, hidden size, parameters.
    pub network: String,
    /// The music that it learnt from, a line a source.
    pub data: Vec<String>,
    /// How much of it, how often.
    pub training: String,
    /// How well it predicts music that it has not learnt from.
    pub score: String,
    pub made: String,
    pub styles: String,
    pub licence: String,
}

impl About {
    /// What a checkpoint's header says; `name` is what the model is called in lists.
    pub fn new(name: &str, header: &Header) -> Self {
        let (config, card) = (&header.config, &header.card);
        let parameters = config.parameters() as f64 / 1e6;
        let network = format!(
            "{} {} x {}, {parameters:.1} million parameters",
            config.cell().to_string().to_uppercase(),
            config.layers(),
            config.hidden(),
        );
        let training = match (card.notes, card.epochs) {
            (0, _) => String::new(),
            (notes, epochs) => grouped(&format!("{notes} notes, {epochs} times")),
        };
        Self {
            name: name.to_owned(),
            network,
            data: card.data.iter().map(|line| source(line, header)).collect(),
            training,
            score: score(header).unwrap_or_default(),
            made: card.created.chars().take(10).collect(),
            styles: header.style_names().join(", "),
            licence: card.licence.clone(),
        }
    }
}

/// A line of the card on a source, with the source's readable name (the trainer writes those of its
/// folders and files) and numbers that can be read.
fn source(line: &str, header: &Header) -> String {
    let Some((id, rest)) = line.split_once(':') else {
        return line.to_owned();
    };
    let name = header.card.style_names.get(id.trim());
    let (counts, origin) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
    let name = name.map_or(id, String::as_str);
    format!("{name}:{}{origin}", grouped(counts))
}

/// Bits per note of pitch and onset interval on the validation split, as the trainer writes them
/// down; less is better.
fn score(header: &Header) -> Option<String> {
    let bits = |factor: &str| {
        let name = format!("valid: {factor}, bits per note");
        header.card.metrics.get(&name).copied()
    };
    let sum = bits("pitch")? + bits("onset interval")?;
    Some(format!("{sum:.2} bits per note"))
}

/// `760907 notes` as `760,907 notes`.
fn grouped(text: &str) -> String {
    let mut grouped = String::new();
    for (i, letter) in text.char_indices() {
        grouped.push(letter);
        let after = text[i..].chars().skip(1);
        let digits = after.take_while(char::is_ascii_digit).count();
        if letter.is_ascii_digit() && digits > 0 && digits.is_multiple_of(3) {
            grouped.push(',');
        }
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_model_says_what_it_is() {
        let model = crate::project::models::bundled();
        let about = About::new(&model.name, model.network.header());
        assert_eq!(about.network, "LSTM 2 x 384, 2.7 million parameters");
        assert_eq!(about.made.len(), 10);
        assert!(about.score.ends_with("bits per note"), "{about:?}");
        assert!(about.training.contains("760,907 notes"), "{about:?}");
        assert!(about.styles.contains("Irish dance") && about.data.len() == 4);
        let ids = ["cre:", "lieder:", "quartets:", "scores_of_scores:"];
        for (line, id) in about.data.iter().zip(ids) {
            assert!(!line.starts_with(id), "{line}");
        }
        assert!(about.data[0].starts_with("Irish dance: 947 melodies, 169,086 notes;"));
        assert!(
            about.data[0].contains("github:polifonia"),
            "where it is from"
        );
    }

    #[test]
    fn a_source_without_a_readable_name_keeps_its_own() {
        let model = crate::project::models::bundled();
        let header = model.network.header();
        for line in ["mine: 3 melodies; home", "no colon", ""] {
            assert_eq!(source(line, header), line);
        }
    }

    #[test]
    fn large_numbers_can_be_read() {
        for (text, expect) in [
            ("0", "0"),
            ("999 notes", "999 notes"),
            ("1000", "1,000"),
            ("1234567 notes, 12 times", "1,234,567 notes, 12 times"),
        ] {
            assert_eq!(grouped(text), expect);
        }
    }
}
