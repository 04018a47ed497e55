//! Draws egui's frames with OpenGL.
//!
//! Made, called and dropped by the [driver](super::driver) on the window's thread. The context is
//! current while it draws and at no other time: the host may have one of its own on this thread.

use std::sync::Arc;

use baseview::WindowContext;
use baseview::gl::GlContext;
use egui::{ClippedPrimitive, TexturesDelta};
use egui_glow::Painter;
use egui_glow::glow;

pub struct Graphics {
    painter: Painter,
    gl: GlContext,
    /// Changes of textures that are not drawn yet: a frame that fails must not lose them.
    textures: TexturesDelta,
}

impl Graphics {
    /// Or why there is no OpenGL.
    pub fn new(window: &WindowContext) -> Result<Self, String> {
        let gl = window.gl_context().ok_or("the window has no OpenGL")?;
        let painter = current(&gl, || {
            // SAFETY: the context is current, and outlives its functions in the painter: see
            // `drop`.
            let functions = unsafe {
                glow::Context::from_loader_function_cstr(|name| gl.get_proc_address(name))
            };
            Painter::new(Arc::new(functions), "", None, true).map_err(|error| error.to_string())
        })??;
        Ok(Self {
            painter,
            gl,
            textures: TexturesDelta::default(),
        })
    }

    pub fn max_texture_side(&self) -> usize {
        self.painter.max_texture_side()
    }

    /// Textures have changed. The next frame brings them to the card.
    pub fn change(&mut self, textures: TexturesDelta) {
        self.textures.append(textures);
    }

    pub fn paint(
        &mut self,
        size: [u32; 2],
        pixels_per_point: f32,
        shapes: &[ClippedPrimitive],
    ) -> Result<(), String> {
        let (painter, textures) = (&mut self.painter, &mut self.textures);
        current(&self.gl, || {
            painter.clear(size, [0.0, 0.0, 0.0, 1.0]);
            painter.paint_and_update_textures(size, pixels_per_point, shapes, textures);
            self.gl.swap_buffers().map_err(|error| error.to_string())
        })?
    }
}

impl Drop for Graphics {
    fn drop(&mut self) {
        // Without the context there is nothing to free: it went with the context.
        let _ = current(&self.gl, || self.painter.destroy());
        self.textures.clear();
    }
}

/// Does something while the context is current.
fn current<R>(gl: &GlContext, work: impl FnOnce() -> R) -> Result<R, String> {
    // SAFETY: it is current on this thread alone, and no longer when this returns.
    unsafe { gl.make_current() }.map_err(|error| error.to_string())?;
    let result = work();
    // SAFETY: as above. If it fails, the next frame finds the context current, which does no harm.
    let _ = unsafe { gl.make_not_current() };
    Ok(result)
}
