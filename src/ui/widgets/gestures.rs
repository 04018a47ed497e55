//! Changing the parameters of the host: every gesture is begun and ended exactly once.

use nice_plug::context::gui::{GuiContext, ParamSetter};
use nice_plug::prelude::Param;

/// The way to the host's parameters. Without a host nothing is set.
pub struct ParamGestures<'a>(Option<ParamSetter<'a>>);

impl<'a> ParamGestures<'a> {
    pub fn new(gui: Option<&'a GuiContext>) -> Self {
        Self(gui.map(GuiContext::param_setter))
    }

    pub fn begin<P: Param>(&self, param: &P) {
        if let Some(setter) = &self.0 {
            setter.begin_set_parameter(param);
        }
    }

    /// Within a gesture. The value snaps to the steps of the parameter.
    pub fn set<P: Param>(&self, param: &P, normalized: f32) {
        let value = param.preview_plain(normalized.clamp(0.0, 1.0));
        if let Some(setter) = &self.0
            && value != param.unmodulated_plain_value()
        {
            setter.set_parameter(param, value);
        }
    }

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
