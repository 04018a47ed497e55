//! Text of any of the encodings that music files come in.
//!
//! Called by the readers of ABC and MusicXML. Pure; any thread.

/// The bytes as text: UTF-16 where a byte order mark says so, else UTF-8, else Latin-1, in which
/// every byte is a letter.
pub fn decode(bytes: &[u8]) -> String {
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8_or_latin1(rest),
        _ => utf8_or_latin1(bytes),
    }
}

fn utf8_or_latin1(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    String::from_utf16_lossy(&units.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn the_same_text_in_four_encodings() {
        let text = "T:Für Elise";
        let latin1: Vec<u8> = text.chars().map(|c| c as u8).collect();
        let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        let little: Vec<u8> = "\u{FEFF}T:Für Elise"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let big: Vec<u8> = "\u{FEFF}T:Für Elise"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        for bytes in [text.as_bytes(), &latin1, &marked, &little, &big] {
            assert_eq!(decode(bytes), text);
        }
        assert_eq!(decode(b"\xFF\xFEa"), "");
    }
}
