//! The hand that turns the host's parameters: every gesture is begun and ended exactly once.

use nice_plug::context::gui::{GuiContext, ParamSetter};
use nice_plug::prelude::Param;

/// The way to the host's parameters. Without a host nothing can be set.
pub struct Hand<'a>(Option<ParamSetter<'a>>);

impl<'a> Hand<'a> {
    /// Through the window's context, once there is one.
    pub fn new(gui: Option<&'a GuiContext>) -> Self {
        Self(gui.map(GuiContext::param_setter))
    }

    /// A gesture begins.
    pub fn begin<P: Param>(&self, param: &P) {
        if let Some(setter) = &self.0 {
            setter.begin_set_parameter(param);
        }
    }

    /// Inside a gesture; the value snaps to the parameter's steps.
    pub fn set<P: Param>(&self, param: &P, normalized: f32) {
        let value = param.preview_plain(normalized.clamp(0.0, 1.0));
        if let Some(setter) = &self.0
            && value != param.unmodulated_plain_value()
        {
            setter.set_parameter(param, value);
        }
    }

    /// The gesture ends.
    pub fn end<P: Param>(&self, param: &P) {
        if let Some(setter) = &self.0 {
            setter.end_set_parameter(param);
        }
    }

    /// A whole gesture.
    pub fn jump<P: Param>(&self, param: &P, normalized: f32) {
        self.begin(param);
        self.set(param, normalized);
        self.end(param);
    }
}
