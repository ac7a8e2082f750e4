//! KL of two rows of logits in one pass, with exponentials that the compiler turns into vector instructions.

const LANES: usize = 8;

type Lanes = [f64; LANES];

/// D(softmax(target) || softmax(input)) of one row, in nats: with x shifted by its maximum and Z = sum exp(x),
/// sum exp(t) (t - i) / Z_t - ln Z_t + ln Z_i.
pub fn divergence(input: &[f64], target: &[f64]) -> f64 {
    let (most_input, most_target) = (maximum(input), maximum(target));
    let (mut sum_input, mut sum_target, mut sum_terms) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    let mut add = |input: &Lanes, target: &Lanes, used: usize| {
        for lane in 0..used {
            let (i, t) = (input[lane] - most_input, target[lane] - most_target);
            let of_target = exp(t);
            sum_input[lane] += exp(i);
            sum_target[lane] += of_target;
            sum_terms[lane] += of_target * (t - i);
        }
    };
    let (inputs, input_rest) = input.as_chunks::<LANES>();
    let (targets, target_rest) = target.as_chunks::<LANES>();
    for (input, target) in inputs.iter().zip(targets) {
        add(input, target, LANES);
    }
    let (mut last_input, mut last_target) = ([0.0; LANES], [0.0; LANES]);
    last_input[..input_rest.len()].copy_from_slice(input_rest);
    last_target[..target_rest.len()].copy_from_slice(target_rest);
    add(&last_input, &last_target, input_rest.len());
    let [input, target, terms] = [sum_input, sum_target, sum_terms].map(|lanes| lanes.iter().sum::<f64>());
    terms / target - target.ln() + input.ln()
}

fn maximum(row: &[f64]) -> f64 {
    let (chunks, rest) = row.as_chunks::<LANES>();
    let mut most = [f64::NEG_INFINITY; LANES];
    for chunk in chunks {
        for lane in 0..LANES {
            most[lane] = if chunk[lane] > most[lane] { chunk[lane] } else { most[lane] };
        }
    }
    most.iter().chain(rest).copied().fold(f64::NEG_INFINITY, f64::max)
}

/// exp(x) for x <= 0, to a few units in the last place: x = k ln 2 + r, Taylor's polynomial of r, and k put into the exponent.
#[inline(always)]
fn exp(x: f64) -> f64 {
    const SHIFT: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52: what is added to it is rounded to a whole number
    const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let x = if x > -708.0 { x } else { -708.0 };
    let shifted = x.mul_add(std::f64::consts::LOG2_E, SHIFT);
    let k = shifted - SHIFT;
    let r = k.mul_add(-LN_2_LOW, k.mul_add(-LN_2_HIGH, x));
    let mut sum = COEFFICIENTS[0];
    for coefficient in &COEFFICIENTS[1..] {
        sum = sum.mul_add(r, *coefficient);
    }
    f64::from_bits(sum.to_bits().wrapping_add(shifted.to_bits() << 52))
}

/// 1 / n! from 13 down to 0.
const COEFFICIENTS: [f64; 14] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
    1.0,
    1.0,
];
