//! What a control is called, what it does, what it reads.

use egui::Rect;

/// The texts of a control, and where its value is typed.
pub struct Labels<'a> {
    /// For screen readers.
    pub name: &'a str,
    pub tip: &'a str,
    pub value: String,
    /// Where the field to type the value in opens.
    pub field: Rect,
}
