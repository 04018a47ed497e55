//! `K:`, the key: which letters are sharp or flat, and what stands beside it.
//!
//! Called by [`super::voice`]. Pure; any thread.

/// Letters in the order in which sharps come: F C G D A E B.
const SHARPS: [usize; 7] = [3, 0, 4, 1, 5, 2, 6];

/// Semitones by which each letter is altered, from C to B.
pub type Signature = [i8; 7];

/// The letter's place from C to B, `None` for other signs.
pub fn letter(sign: char) -> Option<usize> {
    "CDEFGAB".find(sign.to_ascii_uppercase())
}

/// The signature that a key's text says; `None` where it only names a clef or the like.
pub fn signature(text: &str) -> Option<Signature> {
    let text = text.trim();
    let mut words = text.split_whitespace();
    let first = words.next()?;
    if first.eq_ignore_ascii_case("none") {
        return Some([0; 7]);
    }
    match first {
        // Highland pipes: without signature, and with the two sharps that they have.
        "HP" => return Some([0; 7]),
        "Hp" => return Some(of_fifths(2)),
        _ => {}
    }
    let mut signs = first.chars();
    let sign = signs.next()?;
    let mut rest = signs.as_str();
    let mut moved = 0;
    if let Some(sharp) = rest.strip_prefix(['#', '♯']) {
        (moved, rest) = (7, sharp);
    } else if let Some(flat) = rest.strip_prefix(['b', '♭']) {
        (moved, rest) = (-7, flat);
    }
    // A small letter is a tonic too, but where it begins a word such as `bass`.
    let tonic = letter(sign)
        .filter(|_| sign.is_ascii_uppercase() || rest.is_empty() || mode_fifths(rest).is_some());
    let Some(tonic) = tonic else {
        // Accidentals alone, such as `K:^f_b`, are a signature too.
        return accidentals(text).map(|found| apply([0; 7], &found));
    };
    let place = SHARPS.iter().position(|letter| *letter == tonic)?;
    let mut fifths = place as i32 - 1 + moved;
    // The mode stands at the tonic or after it; `exp` has only what follows it.
    let own = rest.split(['^', '_', '=']).next().unwrap_or_default();
    let own = Some(own).filter(|own| !own.is_empty());
    let mode = own.or_else(|| words.next()).unwrap_or_default();
    let explicit = mode.to_lowercase().starts_with("exp");
    fifths += mode_fifths(mode).unwrap_or(0);
    let base = if explicit { [0; 7] } else { of_fifths(fifths) };
    Some(apply(base, &accidentals(text).unwrap_or_default()))
}

fn mode_fifths(mode: &str) -> Option<i32> {
    let mode = mode.to_lowercase();
    if mode == "m" {
        return Some(-3);
    }
    let start: String = mode.chars().take(3).collect();
    match start.as_str() {
        "maj" | "ion" => Some(0),
        "min" | "aeo" => Some(-3),
        "mix" => Some(-1),
        "dor" => Some(-2),
        "phr" => Some(-4),
        "loc" => Some(-5),
        "lyd" => Some(1),
        _ => None,
    }
}

fn of_fifths(fifths: i32) -> Signature {
    let mut signature = [0; 7];
    for (place, letter) in SHARPS.into_iter().enumerate() {
        signature[letter] = (fifths - place as i32 + 6).div_euclid(7) as i8;
    }
    signature
}

/// Accidentals that are written out beside a key, such as ` ^f _b =c`.
fn accidentals(text: &str) -> Option<Vec<(usize, i8)>> {
    let mut found = Vec::new();
    for word in text.split_whitespace() {
        let Some(start) = word.find(['^', '_', '=']) else {
            continue;
        };
        // `clef=bass` is no natural, `Ddor=b` is one.
        if start > 1 && word.starts_with(|sign: char| sign.is_ascii_lowercase()) {
            continue;
        }
        let mut amount = 0i8;
        for sign in word[start..].chars() {
            match (sign, letter(sign)) {
                ('^', _) => amount = (amount + 1).min(2),
                ('_', _) => amount = (amount - 1).max(-2),
                ('=', _) => amount = 0,
                (_, Some(letter)) => {
                    found.push((letter, amount));
                    amount = 0;
                }
                _ => break,
            }
        }
    }
    (!found.is_empty()).then_some(found)
}

fn apply(mut signature: Signature, accidentals: &[(usize, i8)]) -> Signature {
    for (letter, amount) in accidentals {
        signature[*letter] = *amount;
    }
    signature
}

/// Semitones that `octave=`, `transpose=` and a clef with `+8` or `-8` move a voice by; each
/// `None` where it is not said.
pub fn shift(text: &str) -> Option<i64> {
    let mut shift = None;
    let mut add = |semitones: i64| *shift.get_or_insert(0) += semitones;
    for word in text.split_whitespace() {
        let (name, value) = word.split_once('=').unwrap_or(("clef", word));
        let number = || value.parse::<i64>().ok().filter(|n| n.abs() < 100);
        match name {
            "octave" => number().into_iter().for_each(|n| add(12 * n)),
            "transpose" | "t" => number().into_iter().for_each(&mut add),
            "clef" => {
                if value.ends_with("-8") {
                    add(-12);
                } else if value.ends_with("+8") {
                    add(12);
                }
            }
            _ => {}
        }
    }
    shift
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters that are altered, such as `F# Bb`.
    fn named(text: &str) -> Option<String> {
        let signature = signature(text)?;
        let name = |place: usize| {
            let letter = "CDEFGAB".as_bytes()[place] as char;
            match signature[place] {
                0 => None,
                n if n > 0 => Some(format!("{letter}{}", "#".repeat(n as usize))),
                n => Some(format!("{letter}{}", "b".repeat(-n as usize))),
            }
        };
        let names: Vec<String> = SHARPS.into_iter().filter_map(name).collect();
        Some(names.join(" "))
    }

    #[test]
    fn keys_with_their_modes_and_accidentals() {
        for (text, expect) in [
            ("C", ""),
            ("G", "F#"),
            ("Gm", "Eb Bb"),
            ("am", ""),
            ("D", "F# C#"),
            ("Dmix", "F#"),
            ("D Mixolydian", "F#"),
            ("Ador", "F#"),
            ("A dorian clef=treble", "F#"),
            ("Bb", "Eb Bb"),
            ("F#m", "F# C# G#"),
            ("Ebmaj", "Ab Eb Bb"),
            ("C#", "F# C# G# D# A# E# B#"),
            ("Em", "F#"),
            ("EMin", "F#"),
            ("Bloc", ""),
            ("Flyd", ""),
            ("HP", ""),
            ("Hp", "F# C#"),
            ("none", ""),
            ("D exp ^f", "F#"),
            ("Dm ^c", "C# Bb"),
            ("Ddor=b_e", "Eb"),
            ("G treble", "F#"),
            ("D =c", "F#"),
            ("^f_b", "F# Bb"),
            ("G octave=-1 transpose=2", "F#"),
        ] {
            assert_eq!(named(text).as_deref(), Some(expect), "K:{text}");
        }
        for text in ["", "clef=bass", "treble", "bass octave=1"] {
            assert_eq!(named(text), None, "K:{text}");
        }
    }

    #[test]
    fn clefs_move_a_voice() {
        assert_eq!(shift("treble-8"), Some(-12));
        assert_eq!(shift("C clef=treble+8 octave=-1"), Some(0));
        assert_eq!(shift("transpose=-3"), Some(-3));
        assert_eq!(shift("Dm"), None);
        assert_eq!(shift("octave=9223372036854775807"), None);
    }
}
