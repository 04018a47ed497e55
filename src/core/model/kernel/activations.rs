//! The cells' activation functions, and the logarithm, built of plain f32 operations: the same bits
//! on every processor, whatever the width of its registers.

/// e^x to about one unit in the last place: ln 2 taken out in two parts, then the polynomial of the
/// Cephes library's `expf`. Beyond ±87 it stays at the value there.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    /// 1.5 * 2^23: adding it rounds to a whole number, which stands in the low mantissa bits.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 87.0);
    let whole = x * std::f32::consts::LOG2_E + ROUND;
    let n = whole - ROUND;
    let r = (x - n * LN2_HIGH) - n * LN2_LOW;
    let mut p = 1.987_569_1e-4;
    for coefficient in [
        1.398_199_9e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        1.666_666_5e-1,
        5.0e-1,
    ] {
        p = p * r + coefficient;
    }
    let p = p * (r * r) + r + 1.0;
    // The whole number without a conversion, whose care for numbers out of range costs as much as
    // all the rest.
    let power = f32::from_bits(whole.to_bits().wrapping_add(127) << 23);
    p * power
}

/// Natural logarithm of a positive number, to about two units in the last place: the power of two
/// taken out, then the polynomial of the Cephes library's `logf`.
pub fn ln(x: f32) -> f32 {
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(f32::MIN_POSITIVE, f32::MAX);
    // Mantissa from the root of a half to the root of two.
    const ROOT_OF_HALF: u32 = std::f32::consts::FRAC_1_SQRT_2.to_bits();
    let bits = x.to_bits() as i32 - ROOT_OF_HALF as i32;
    let power = (bits >> 23) as f32;
    let mantissa = (bits as u32 & 0x007f_ffff) + ROOT_OF_HALF;
    let r = f32::from_bits(mantissa) - 1.0;
    let mut p = 7.037_683_6e-2;
    for coefficient in [
        -1.151_461e-1,
        1.167_699_9e-1,
        -1.242_014_1e-1,
        1.424_932_3e-1,
        -1.666_805_8e-1,
        2.000_071_5e-1,
        -2.499_999_4e-1,
        3.333_333e-1,
    ] {
        p = p * r + coefficient;
    }
    let p = p * r * (r * r) + power * LN2_LOW - 0.5 * (r * r);
    r + p + power * LN2_HIGH
}

/// 1 / (1 + e^-x).
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Hyperbolic tangent, to about 1e-7 absolute.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    1.0 - 2.0 / (1.0 + exp(2.0 * x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "to compare with")]
    fn activations_are_accurate() {
        for i in -4000..=4000 {
            let x = i as f32 * 0.02;
            let exact = f64::from(x).exp();
            assert!((f64::from(exp(x)) / exact - 1.0).abs() < 3e-7, "exp {x}");
            assert!(
                (f64::from(tanh(x)) - f64::from(x).tanh()).abs() < 3e-7,
                "tanh {x}"
            );
            let exact = 1.0 / (1.0 + (-f64::from(x)).exp());
            assert!((f64::from(sigmoid(x)) - exact).abs() < 2e-7, "sigmoid {x}");
        }
        for i in 1..=4000 {
            let x = exp(i as f32 * 0.02 - 40.0);
            let exact = f64::from(x).ln();
            assert!(
                (f64::from(ln(x)) - exact).abs() < 3e-7 * exact.abs().max(1.0),
                "ln {x}"
            );
        }
        assert!(ln(0.0) < -80.0 && ln(f32::INFINITY).is_finite());
        assert!(exp(f32::NEG_INFINITY) < 1e-37 && exp(f32::INFINITY).is_finite());
    }
}
