//! What came after a context, and how such counts become a distribution.
//!
//! The orders of a model are blended from the lowest up: at each, counts are discounted, and what
//! is taken off them, with an escape, goes to the orders below, as in hierarchical Pitman-Yor
//! models (Teh 2006). Below the longest context a symbol counts once for each longer context that
//! it came in, as in Kneser-Ney smoothing (Kneser & Ney 1995; PPM's update exclusion is much the
//! same). What was learnt can be taken back exactly. Called by the n-gram models. Pure; any thread.

use super::alphabet::Alphabet;

/// How far counts are trusted.
#[derive(Clone, Copy, Debug)]
pub struct Smoothing {
    /// Taken off every count for the orders below; from 0 to 1.
    pub discount: f32,
    /// Weight of the orders below, in notes.
    pub escape: f32,
}

/// How often a symbol came.
#[derive(Clone, Copy, Debug)]
struct Entry {
    symbol: i16,
    count: u32,
    /// In how many contexts of the next order.
    contexts: u32,
}

/// What came after one context.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    entries: Vec<Entry>,
}

impl Counts {
    /// Counts a symbol. `new_above` says whether it was new in the next longer context, or there
    /// is none; the answer is the same for this one.
    pub fn add(&mut self, symbol: i16, new_above: bool) -> bool {
        let place = self.entries.iter().position(|entry| entry.symbol == symbol);
        let place = place.unwrap_or_else(|| {
            let (count, contexts) = (0, 0);
            self.entries.push(Entry {
                symbol,
                count,
                contexts,
            });
            self.entries.len() - 1
        });
        let entry = &mut self.entries[place];
        entry.contexts += u32::from(new_above);
        entry.count += 1;
        entry.count == 1
    }

    /// Takes back what [`Counts::add`] did.
    pub fn remove(&mut self, symbol: i16, gone_above: bool) -> bool {
        let Some(place) = self.entries.iter().position(|entry| entry.symbol == symbol) else {
            return false;
        };
        let entry = &mut self.entries[place];
        entry.contexts -= u32::from(gone_above);
        entry.count -= 1;
        let gone = entry.count == 0;
        if gone {
            self.entries.swap_remove(place);
        }
        gone
    }

    /// Blends the distribution `out` of the orders below with this order's. `origin` is the symbol
    /// of pitch 0, `longest` whether there is no longer context. The answer is the sum of the
    /// counts; at 0, nothing was changed.
    pub fn blend(
        &self,
        origin: i32,
        longest: bool,
        smoothing: Smoothing,
        alphabet: &Alphabet,
        out: &mut [f32],
    ) -> f32 {
        // Symbols that would be pitches outside the alphabet cannot come.
        let known = self.entries.iter().filter_map(|entry| {
            let count = if longest { entry.count } else { entry.contexts };
            let place = alphabet.place(i32::from(entry.symbol) - origin)?;
            Some((place, count as f32))
        });
        let (mut total, mut kinds) = (0.0, 0.0);
        for (_, count) in known.clone() {
            total += count;
            kinds += 1.0;
        }
        if total > 0.0 {
            let Smoothing { discount, escape } = smoothing;
            let below = (escape + discount * kinds) / (escape + total);
            out.iter_mut().for_each(|p| *p *= below);
            for (place, count) in known {
                out[place] += (count - discount) / (escape + total);
            }
        }
        total
    }
}

/// What a model says of a note apart from the distribution: how far it may be trusted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Grounds {
    /// Orders that had something to say.
    pub orders: usize,
    /// How much it has seen of this, or how sure it is, on its own scale of about 1.
    pub weight: f32,
}
