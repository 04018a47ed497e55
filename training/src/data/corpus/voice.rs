//! Which tracks of a song are melodies.
//!
//! Called by the MIDI reader for the corpus and by `generate` for its phrase. Pure; any thread.

use harmonai_core::music::note::Note;
use harmonai_core::music::smf::{Song, Track};

use super::line::{
    mean_leap, median_pitch, pitches, repeats, together, top_line, without_left_hand,
};
use super::remarks::Reason;

/// Notes that a melody needs at least.
pub const FEWEST_NOTES: usize = 8;
/// Different pitches that a melody needs at least.
const FEWEST_PITCHES: usize = 3;
/// Share of repeated notes above which a line stands still.
const STANDING: f64 = 0.8;
/// Share of notes that may sound together with others in a single voice.
const MONOPHONIC: f64 = 0.1;
/// The same where the top notes sing: a voice that is doubled here and there.
const DOUBLED: f64 = 0.3;
/// Mean leap, in semitones, above which a single line is taken for broken chords.
const LARGEST_LEAP: f64 = 7.0;
/// The same for the top notes of chords, which must sing more clearly.
const LARGEST_TOP_LEAP: f64 = 6.0;
/// Share of repeated notes above which the top notes of chords are strumming.
const MOST_REPEATS: f64 = 0.6;
/// Median pitch (Bb2) below which a line is a bass.
const LOWEST_MEDIAN: u8 = 46;
/// The same for the top notes of chords: left hands lie below (G#3).
const LOWEST_TOP_MEDIAN: u8 = 56;
/// What the names of melody tracks have in them.
const MELODY_NAMES: [&str; 8] = [
    "melod", "voca", "vox", "voice", "chant", "sing", "lead", "solo",
];

/// What a track is, by its notes and its name.
#[derive(Clone, Debug, PartialEq)]
enum Role {
    /// One voice in a melody's range.
    Melody,
    /// Chords with a clear voice on top.
    TopVoice,
    Bass,
    Other(Reason, String),
}

/// A track left out of a song, why, and figures to it.
pub type Rejected = (usize, Reason, String);

/// The tracks of a song that are melodies, each as its one line of notes with its place in the
/// song, and the others with the reason. Melodies come first; only a song without one gives the
/// top voice of its chords, or else its bass.
pub fn voices(song: &Song) -> (Vec<(usize, Vec<Note>)>, Vec<Rejected>) {
    let roles: Vec<(Role, Vec<Note>)> = song.tracks.iter().map(role).collect();
    let has = |wanted: &Role| roles.iter().any(|(role, _)| role == wanted);
    let wanted = [Role::Melody, Role::TopVoice].into_iter().find(has);
    let wanted = wanted.unwrap_or(Role::Bass);
    let mut voices = Vec::new();
    let mut rejected = Vec::new();
    for (track, (role, line)) in roles.into_iter().enumerate() {
        let (reason, detail) = match role {
            role if role == wanted => {
                voices.push((track, line));
                continue;
            }
            Role::Other(reason, detail) => (reason, detail),
            Role::Bass | Role::Melody => (Reason::Bass, String::new()),
            Role::TopVoice => (Reason::Accompaniment, String::new()),
        };
        rejected.push((track, reason, detail));
    }
    (voices, rejected)
}

/// The one melody of a song, however short: the clearest voice, of several the one with the
/// highest median pitch. `None` where there is no pitched note.
pub fn phrase(song: &Song) -> Option<(usize, Vec<Note>)> {
    let ranked = |(i, track): (usize, &Track)| {
        let (role, line) = role(track);
        let rank = match role {
            Role::Melody | Role::Other(Reason::Short, _) => 3,
            Role::TopVoice | Role::Other(Reason::Monotone, _) => 2,
            Role::Bass => 1,
            Role::Other(..) => 0,
        };
        match line.is_empty() {
            true => (i, rank, top_line(&track.notes)),
            false => (i, rank, line),
        }
    };
    let pitched = song.tracks.iter().enumerate();
    pitched
        .filter(|(_, track)| !track.drums() && !track.notes.is_empty())
        .map(ranked)
        .max_by_key(|(i, rank, line)| (*rank, median_pitch(line), std::cmp::Reverse(*i)))
        .map(|(i, _, line)| (i, line))
}

/// What a track is, with its melody notes.
fn role(track: &Track) -> (Role, Vec<Note>) {
    let notes = &track.notes;
    let line = top_line(notes);
    let other = |reason, detail: String| (Role::Other(reason, detail), Vec::new());
    if track.drums() {
        return other(Reason::Drums, String::new());
    }
    if line.is_empty() {
        return other(Reason::NoNotes, String::new());
    }
    if line.len() < FEWEST_NOTES {
        return (Role::Other(Reason::Short, line.len().to_string()), line);
    }
    let together = together(notes);
    let share = together as f64 / notes.len() as f64;
    if share <= MONOPHONIC {
        let role = single(&line, &track.name);
        return (role, line);
    }
    let top = without_left_hand(&line);
    let sings = mean_leap(&top) <= LARGEST_TOP_LEAP
        && repeats(&top) <= MOST_REPEATS
        && pitches(&top) >= FEWEST_PITCHES
        && top.len() >= FEWEST_NOTES
        && median_pitch(&top) >= LOWEST_TOP_MEDIAN;
    if !sings {
        return other(
            Reason::Chords,
            format!("{together} of {} notes sound with others", notes.len()),
        );
    }
    let name = track.name.to_lowercase();
    if share <= DOUBLED || MELODY_NAMES.iter().any(|part| name.contains(part)) {
        (Role::Melody, top)
    } else {
        (Role::TopVoice, top)
    }
}

fn single(line: &[Note], name: &str) -> Role {
    let name = name.to_lowercase();
    let (pitches, repeats, leap) = (pitches(line), repeats(line), mean_leap(line));
    if pitches < FEWEST_PITCHES || repeats > STANDING {
        let share = repeats * 100.0;
        Role::Other(
            Reason::Monotone,
            format!("{pitches} pitches, {share:.0} % repeated notes"),
        )
    } else if median_pitch(line) < LOWEST_MEDIAN
        || (name.contains("bass") && !name.contains("bassoon"))
    {
        Role::Bass
    } else if leap > LARGEST_LEAP {
        Role::Other(Reason::Figure, format!("{leap:.1} semitones on average"))
    } else {
        Role::Melody
    }
}

#[cfg(test)]
mod tests {
    use harmonai_core::music::note::Pitch;
    use harmonai_core::music::time::{Metre, Ticks};

    use super::*;

    fn note(onset: i64, duration: i64, key: i64) -> Note {
        Note {
            onset: Ticks::new(onset),
            duration: Ticks::new(duration),
            pitch: Pitch::clamped(key),
            velocity: None,
        }
    }

    fn tune(low: i64) -> Vec<Note> {
        let steps = [0, 2, 4, 5, 7, 5, 4, 2, 0, 4, 7, 12];
        (0..)
            .zip(steps)
            .map(|(i, step)| note(i * 12, 14, low + step))
            .collect()
    }

    fn chords(low: i64) -> Vec<Note> {
        (0..12)
            .flat_map(|i| [0, 4, 7].map(|third| note(i * 24, 24, low + third)))
            .collect()
    }

    fn track(notes: Vec<Note>) -> Track {
        Track {
            name: String::new(),
            channel: 0,
            notes,
        }
    }

    fn check(tracks: Vec<Track>, melodies: &[usize], left_out: &[(usize, Reason)]) {
        let song = Song {
            tempo: 120.0,
            metre: Metre::COMMON,
            tracks,
        };
        let (voices, rejected) = voices(&song);
        assert_eq!(
            voices.iter().map(|voice| voice.0).collect::<Vec<_>>(),
            melodies
        );
        let rejected: Vec<_> = rejected.iter().map(|r| (r.0, r.1)).collect();
        assert_eq!(rejected, left_out);
    }

    #[test]
    fn a_melody_is_told_from_what_goes_with_it() {
        let drums = Track {
            channel: 9,
            ..track(tune(60))
        };
        let leaps = (0..16)
            .map(|i| note(i * 12, 12, 48 + i % 2 * 19 + i % 3))
            .collect();
        check(
            vec![
                track(tune(62)),
                track(chords(48)),
                drums,
                track(tune(28)),
                track(tune(60)[..7].to_vec()),
                track((0..20).map(|i| note(i * 6, 6, 70)).collect()),
                track(leaps),
            ],
            &[0],
            &[
                (1, Reason::Chords),
                (2, Reason::Drums),
                (3, Reason::Bass),
                (4, Reason::Short),
                (5, Reason::Monotone),
                (6, Reason::Figure),
            ],
        );
    }

    #[test]
    fn a_bass_alone_is_a_melody() {
        check(
            vec![track(tune(28)), track(chords(48))],
            &[0],
            &[(1, Reason::Chords)],
        );
    }

    #[test]
    fn the_top_of_a_piano_part_is_taken_where_there_is_no_single_voice() {
        let mut piano = tune(64);
        piano.extend((0..3).flat_map(|i| [0, 4, 7].map(|third| note(i * 48, 48, 48 + third))));
        let song = Song {
            tempo: 90.0,
            metre: Metre::COMMON,
            tracks: vec![track(piano)],
        };
        let (voices, rejected) = voices(&song);
        assert!(rejected.is_empty());
        let keys: Vec<_> = voices[0].1.iter().map(|note| note.pitch.get()).collect();
        let expect: Vec<_> = tune(64).iter().map(|note| note.pitch.get()).collect();
        assert_eq!(keys, expect);
        // beside a single voice the piano accompanies
        let mut both = song.clone();
        both.tracks.push(track(tune(60)));
        check(both.tracks, &[1], &[(0, Reason::Accompaniment)]);
    }

    #[test]
    fn a_voice_that_is_doubled_or_called_one_stays_a_melody() {
        let mut doubled = tune(64);
        let thirds: Vec<Note> = tune(60).into_iter().take(3).collect();
        doubled.extend(&thirds);
        let mut harmony = tune(64);
        harmony.extend(tune(60));
        let named = |name: &str| Track {
            name: name.into(),
            ..track(harmony.clone())
        };
        check(
            vec![track(doubled), named("Lead Vocals"), named("Organ")],
            &[0, 1],
            &[(2, Reason::Accompaniment)],
        );
    }

    #[test]
    fn the_left_hand_is_not_heard_in_the_melodys_rests() {
        let mut piano = Vec::new();
        for bar in 0..4i64 {
            for (i, step) in [0, 2, 4, 5].into_iter().enumerate() {
                piano.push(note(bar * 96 + i as i64 * 12, 12, 72 + step));
            }
            piano.extend([0, 24, 48, 72].map(|at| note(bar * 96 + at, 24, 43)));
            piano.extend([0, 24, 48, 72].map(|at| note(bar * 96 + at, 24, 47)));
        }
        let song = Song {
            tempo: 90.0,
            metre: Metre::COMMON,
            tracks: vec![track(piano)],
        };
        let (voices, rejected) = voices(&song);
        assert_eq!(rejected, []);
        assert_eq!(voices[0].1.len(), 16);
        assert!(voices[0].1.iter().all(|note| note.pitch.get() >= 72));
    }

    #[test]
    fn a_short_phrase_is_still_a_phrase() {
        let tracks = vec![
            track(chords(50)),
            track(vec![note(0, 24, 67), note(24, 24, 69)]),
        ];
        let song = Song {
            tempo: 120.0,
            metre: Metre::COMMON,
            tracks,
        };
        assert_eq!(phrase(&song).unwrap().0, 1);
        let drums = Track {
            channel: 9,
            ..track(tune(60))
        };
        assert_eq!(
            phrase(&Song {
                tracks: vec![drums],
                ..song
            }),
            None
        );
    }
}
