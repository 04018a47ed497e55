//! What is drawn in the window.

use nice_plug::context::gui::GuiContext;

/// Called on the window's thread.
pub trait App: Send + 'static {
    /// The window is open, and nothing is drawn yet. Called again when it is opened again.
    fn build(&mut self, egui: &egui::Context, gui: GuiContext);
    /// Draws a frame.
    fn ui(&mut self, ui: &mut egui::Ui);
    /// The window is gone.
    fn closed(&mut self);
}
