//! Bytes in place of a MIDI file: the player's phrase, or music to learn from.

use harmonai_core::model::vocabulary::{Style, steps};
use harmonai_core::music::key_finding::KeyEstimate;
use harmonai_core::music::melody::{Melody, skyline};
use harmonai_core::music::note::Note;
use harmonai_core::music::smf::{self, Song};
use harmonai_core::music::time::Ticks;
use harmonai_tests::phrase::opening;

/// Longer songs are read, but not gone through: their notes are many, not new.
const LONGEST: usize = 512;

/// What can be read is in order, can be made a melody and steps of a network, and comes back when it
/// is written.
pub fn check(bytes: &[u8]) {
    let Ok(song) = smf::read(bytes) else { return };
    assert!(!song.tracks.is_empty());
    assert!(song.tempo.is_finite() && song.tempo > 0.0, "{}", song.tempo);
    for track in &song.tracks {
        assert!(!track.notes.is_empty() && track.channel < 16);
        assert!(track.notes.is_sorted_by_key(|note| note.onset));
        assert!(track.notes.iter().all(|note| note.duration > Ticks::ZERO));
    }
    comes_back(&song);
    for track in &song.tracks {
        if track.notes.len() <= LONGEST {
            learn(&song, &track.notes);
        }
    }
    // A song of drums alone has no phrase.
    if let Ok(phrase) = opening(&song) {
        assert!(phrase.bars >= 1 && !phrase.notes.is_empty());
    }
}

/// Written and read again, it is the same music: as many notes in each track, in the same order.
fn comes_back(song: &Song) {
    let back = smf::read(&smf::write(song)).expect("what was written can be read");
    assert_eq!(back.metre, song.metre);
    assert_eq!(back.tracks.len(), song.tracks.len());
    for (back, track) in back.tracks.iter().zip(&song.tracks) {
        assert_eq!(back.channel, track.channel);
        assert_eq!(back.notes.len(), track.notes.len());
        let first = |notes: &[Note]| notes[0].onset;
        assert_eq!(first(&back.notes), first(&track.notes));
    }
}

/// As the trainer takes it.
fn learn(song: &Song, notes: &[Note]) {
    let melody = Melody::new(String::new(), None, song.metre, skyline(notes));
    let melody = melody.expect("a top line is a melody");
    assert!(!melody.tail(4).notes().is_empty());
    assert!(!steps(&melody, Style::ANY, None).is_empty());
    let _ = KeyEstimate::of(melody.notes(), melody.metre());
}
