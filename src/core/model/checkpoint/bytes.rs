//! Matrices in bytes: a tensor of 8-bit integers, and one of floats, a scale a row, of the same
//! name with `.scale` behind it. A weight is the product of the two.

use safetensors::tensor::{Dtype, SafeTensors};

use super::{CheckpointError, Stored, floats, tensor};
use crate::model::config::TensorSpec;
use crate::model::kernel;

/// The weights of a matrix.
pub fn read(file: &SafeTensors, spec: &TensorSpec) -> Result<Vec<f32>, CheckpointError> {
    let (rows, columns) = (spec.shape[0], spec.shape[1]);
    let steps = tensor(file, &spec.name, &spec.shape, Dtype::I8)?;
    let scales = floats(&tensor(file, &scale_of(&spec.name), &[rows], Dtype::F32)?);
    let rows = steps.data().chunks(columns).zip(scales);
    let values = rows.flat_map(|(row, scale)| {
        let value = move |step: &u8| f32::from(step.cast_signed()) * scale;
        row.iter().map(value)
    });
    Ok(values.collect())
}

/// A matrix as it stands in a file.
pub fn write(spec: TensorSpec, values: &[f32]) -> Vec<Stored> {
    let (steps, scales) = kernel::steps(values, spec.shape[1]);
    let scales = Stored::floats(scale_of(&spec.name), vec![spec.shape[0]], &scales);
    let steps = Stored {
        name: spec.name,
        dtype: Dtype::I8,
        shape: spec.shape,
        data: steps.into_iter().map(i8::cast_unsigned).collect(),
    };
    vec![steps, scales]
}

fn scale_of(name: &str) -> String {
    format!("{name}.scale")
}
