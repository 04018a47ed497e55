//! Pictures of the window without screen or GPU: egui's triangles, drawn pixel by pixel.
//!
//! [`Raster`] is what `egui_kittest` renders with, and what it renders is compared with the PNGs
//! under `snapshots/`; `UPDATE_SNAPSHOTS=1 cargo test -p harmonai` rewrites them. Corners lie on
//! whole 256ths of a pixel and a pixel belongs to the triangle that its centre is in, so that a
//! picture is the same on every machine. What egui itself asks the platform for, the sine of a
//! corner, may move a colour by a shade: that is what [`options`] tolerate.

mod tests;

use std::collections::HashMap;
use std::ops::Range;

use egui::epaint::{ClippedPrimitive, Primitive, Vertex};
use egui::{ColorImage, Context, FullOutput, ImageData, Rect, TextureFilter, TextureId};
use egui::{TextureOptions, TexturesDelta, Ui, UiBuilder, Vec2};
use egui_kittest::{Harness, SnapshotOptions, TestRenderer};
use image::{Rgba, RgbaImage};

/// Parts of a pixel.
const PARTS: i64 = 256;

/// Where the pictures are, and how far one may be from them.
pub fn options() -> SnapshotOptions {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/ui/tests/snapshots");
    SnapshotOptions::new().output_path(folder).threshold(0.6)
}

/// A window of `size` points, `scale` pixels each, that `draw` has to itself, after `setup`.
pub fn harness<'a>(
    size: Vec2,
    scale: f32,
    setup: impl FnOnce(&Context) + 'static,
    mut draw: impl FnMut(&mut Ui) + 'a,
) -> Harness<'a> {
    Harness::builder()
        .with_size(size)
        .with_pixels_per_point(scale)
        .with_context_setup(setup)
        // A picture is no place to ask for the names of its widgets.
        .with_accessibility_check(false)
        .renderer(Raster::default())
        .build_ui(move |ui| {
            // The harness leaves a margin, which no host does.
            let window = ui.ctx().content_rect();
            let whole = UiBuilder::new().max_rect(window);
            ui.scope_builder(whole, |ui| {
                ui.set_clip_rect(window);
                draw(ui);
            });
        })
}

/// The rasteriser with the textures that it has been given.
#[derive(Default)]
pub struct Raster(HashMap<TextureId, Texture>);

struct Texture {
    image: ColorImage,
    nearest: bool,
}

impl TestRenderer for Raster {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        for (id, changes) in delta.set.drain() {
            for change in changes {
                let ImageData::Color(image) = &change.image;
                match change.pos {
                    None => {
                        self.0.insert(id, Texture::new(image, change.options));
                    }
                    Some(at) => {
                        let texture = self.0.get_mut(&id).expect("a texture is made first");
                        texture.patch(image, at);
                    }
                }
            }
        }
        delta.free.drain().for_each(|id| drop(self.0.remove(&id)));
    }

    fn render(&mut self, context: &Context, output: &FullOutput) -> Result<RgbaImage, String> {
        let scale = context.pixels_per_point();
        let size = context.content_rect().size() * scale;
        let (width, height) = (size.x.round() as u32, size.y.round() as u32);
        let mut picture = RgbaImage::from_pixel(width, height, Rgba([0, 0, 0, 255]));
        for ClippedPrimitive {
            clip_rect,
            primitive,
        } in context.tessellate(output.shapes.clone(), scale)
        {
            let Primitive::Mesh(mesh) = primitive else {
                return Err("paint callbacks need a GPU".to_owned());
            };
            let texture = self.0.get(&mesh.texture_id);
            let texture = texture.ok_or_else(|| format!("no {:?}", mesh.texture_id))?;
            let clip = Clip::new(clip_rect, scale, &picture);
            for corners in mesh.indices.chunks_exact(3) {
                let corners = [0, 1, 2].map(|i| &mesh.vertices[corners[i] as usize]);
                fill(&mut picture, &clip, texture, corners, scale);
            }
        }
        Ok(picture)
    }
}

impl Texture {
    fn new(image: &ColorImage, options: TextureOptions) -> Self {
        Self {
            image: image.clone(),
            nearest: options.magnification == TextureFilter::Nearest,
        }
    }

    fn patch(&mut self, patch: &ColorImage, [left, top]: [usize; 2]) {
        for y in 0..patch.height() {
            for x in 0..patch.width() {
                self.image[(left + x, top + y)] = patch[(x, y)];
            }
        }
    }

    /// What it has at a place between 0 and 1 each way; beyond its edges, what it has there.
    fn at(&self, u: f32, v: f32) -> [f32; 4] {
        let [width, height] = self.image.size;
        let texel = |x: f32, y: f32| {
            // Negative ones become 0.
            let (x, y) = ((x as usize).min(width - 1), (y as usize).min(height - 1));
            self.image[(x, y)].to_array().map(f32::from)
        };
        let (x, y) = (u * width as f32, v * height as f32);
        if self.nearest {
            return texel(x, y);
        }
        let (x, y) = (x - 0.5, y - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let row = |y| mix(texel(left, y), texel(left + 1.0, y), x - left);
        mix(row(top), row(top + 1.0), y - top)
    }
}

fn mix(from: [f32; 4], to: [f32; 4], share: f32) -> [f32; 4] {
    std::array::from_fn(|i| from[i] + (to[i] - from[i]) * share)
}

/// The pixels that may be painted.
struct Clip {
    x: Range<i64>,
    y: Range<i64>,
}

impl Clip {
    fn new(rect: Rect, scale: f32, picture: &RgbaImage) -> Self {
        let within = |at: f32, size: u32| ((at * scale).round() as i64).clamp(0, size.into());
        let (width, height) = picture.dimensions();
        Self {
            x: within(rect.min.x, width)..within(rect.max.x, width),
            y: within(rect.min.y, height)..within(rect.max.y, height),
        }
    }
}

/// Twice the area of a triangle; positive where it goes round clockwise on the screen.
fn area(a: [i64; 2], b: [i64; 2], c: [i64; 2]) -> i64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

/// Whether a centre that lies on the edge belongs to the triangle: of two that share the edge it
/// does to one.
fn owns(from: [i64; 2], to: [i64; 2]) -> bool {
    to[1] < from[1] || (to[1] == from[1] && to[0] > from[0])
}

/// Paints one triangle over the picture, as a GPU does: all colours with their alpha multiplied in.
fn fill(
    picture: &mut RgbaImage,
    clip: &Clip,
    texture: &Texture,
    mut corners: [&Vertex; 3],
    scale: f32,
) {
    let place = |vertex: &Vertex| {
        [vertex.pos.x, vertex.pos.y].map(|at| (at * scale * PARTS as f32).round() as i64)
    };
    if area(place(corners[0]), place(corners[1]), place(corners[2])) < 0 {
        corners.swap(1, 2);
    }
    let [a, b, c] = corners.map(place);
    let whole = area(a, b, c);
    if whole == 0 {
        return;
    }
    let pixels = |axis: usize, clip: &Range<i64>| {
        let (low, high) = (
            a[axis].min(b[axis]).min(c[axis]),
            a[axis].max(b[axis]).max(c[axis]),
        );
        low.div_euclid(PARTS).max(clip.start)..(high.div_euclid(PARTS) + 1).min(clip.end)
    };
    let edges = [(b, c), (c, a), (a, b)];
    for y in pixels(1, &clip.y) {
        for x in pixels(0, &clip.x) {
            let centre = [x, y].map(|at| at * PARTS + PARTS / 2);
            let shares = edges.map(|(from, to)| area(from, to, centre));
            let mut inside = shares.iter().zip(edges);
            if !inside.all(|(share, (from, to))| *share > 0 || *share == 0 && owns(from, to)) {
                continue;
            }
            let shares = shares.map(|share| share as f32 / whole as f32);
            let blend = |value: &dyn Fn(&Vertex) -> f32| {
                (0..3).map(|i| shares[i] * value(corners[i])).sum::<f32>()
            };
            let texel = texture.at(blend(&|v| v.uv.x), blend(&|v| v.uv.y));
            let paint: [f32; 4] = std::array::from_fn(|i| {
                blend(&|v| f32::from(v.color.to_array()[i])) * texel[i] / 255.0
            });
            let Rgba(under) = picture.get_pixel_mut(x as u32, y as u32);
            for (under, paint_of) in under.iter_mut().zip(paint) {
                let shines_through = f32::from(*under) * (1.0 - paint[3] / 255.0);
                *under = (paint_of + shines_through).round() as u8;
            }
        }
    }
}
