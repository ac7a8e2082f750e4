//! What both services in `bin/` share.

pub mod fused;
pub mod matrix;

use serde::Serialize;

/// The three sums of `F.kl_div` over logits.
#[derive(Serialize)]
pub struct Answer {
    pub sum: f64,
    pub mean: f64,
    pub batchmean: f64,
}

impl Answer {
    pub fn new(sum: f64, rows: usize, columns: usize) -> Self {
        Self { sum, mean: sum / (rows * columns) as f64, batchmean: sum / rows as f64 }
    }
}

/// The address to listen on: loopback, at the port of the environment.
pub fn address() -> (&'static str, u16) {
    let port = std::env::var("PORT").ok().and_then(|text| text.parse().ok()).expect("PORT is a number");
    ("127.0.0.1", port)
}
