//! KL as most would write it: axum, serde_json into vectors of vectors, loops with the standard library's exp and ln.

use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use axum::{Json, Router};
use peers::{Answer, address};
use serde::Deserialize;

#[derive(Deserialize)]
struct KlRequest {
    input: Vec<Vec<f64>>,
    target: Vec<Vec<f64>>,
    #[serde(default = "last")]
    dim: i32,
}

fn last() -> i32 {
    -1
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = Router::new().route("/v1/kl-divergence", post(kl_divergence)).layer(DefaultBodyLimit::max(64 << 20));
    axum::serve(tokio::net::TcpListener::bind(address()).await?, app).await
}

async fn kl_divergence(Json(KlRequest { input, target, dim }): Json<KlRequest>) -> Json<Answer> {
    let (rows, columns) = (input.len(), input[0].len());
    let (input, target) = if dim == 0 { (transposed(&input), transposed(&target)) } else { (input, target) };
    let sum = input.iter().zip(&target).map(|(input, target)| divergence(input, target)).sum();
    Json(Answer::new(sum, rows, columns))
}

fn transposed(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    (0..matrix[0].len()).map(|column| matrix.iter().map(|row| row[column]).collect()).collect()
}

fn divergence(input: &[f64], target: &[f64]) -> f64 {
    let (log_q, log_p) = (log_softmax(input), log_softmax(target));
    log_p.iter().zip(&log_q).map(|(log_p, log_q)| log_p.exp() * (log_p - log_q)).sum()
}

fn log_softmax(row: &[f64]) -> Vec<f64> {
    let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let log_sum = row.iter().map(|x| (x - most).exp()).sum::<f64>().ln();
    row.iter().map(|x| x - most - log_sum).collect()
}
