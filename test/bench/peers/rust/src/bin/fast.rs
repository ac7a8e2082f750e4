//! KL written for speed: hyper on tokio, JSON by sonic-rs into flat matrices, safetensors from its bytes, one fused pass over each row.

use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use peers::fused::divergence;
use peers::matrix::Matrix;
use peers::{Answer, address};
use serde::Deserialize;
use tokio::net::TcpListener;

#[derive(Deserialize)]
struct Json {
    input: Matrix,
    target: Matrix,
    dim: Option<i32>,
}

#[derive(Deserialize)]
struct Header {
    input: Entry,
    target: Entry,
}

#[derive(Deserialize)]
struct Entry {
    dtype: String,
    shape: [usize; 2],
    data_offsets: [usize; 2],
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let listener = TcpListener::bind(address()).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)));
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Failure> {
    let is_binary = request.headers().get(CONTENT_TYPE).is_some_and(|value| value == "application/vnd.safetensors");
    let body = bytes_of(request.into_body()).await?;
    let answer = if is_binary { of_safetensors(&body) } else { of_json(&body) };
    let (status, bytes) = match answer {
        Ok(answer) => (200, sonic_rs::to_vec(&answer)?),
        Err(failure) => (422, failure.to_string().into_bytes()),
    };
    Ok(Response::builder().status(status).header(CONTENT_TYPE, "application/json").body(Full::from(bytes))?)
}

async fn bytes_of(mut body: Incoming) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::with_capacity(body.size_hint().lower() as usize);
    while let Some(frame) = body.frame().await {
        if let Some(data) = frame?.data_ref() {
            bytes.extend_from_slice(data);
        }
    }
    Ok(bytes)
}

fn of_json(body: &[u8]) -> Result<Answer, Failure> {
    let Json { mut input, mut target, dim } = sonic_rs::from_slice(body)?;
    let (rows, columns) = (input.rows(), input.columns);
    if (target.rows(), target.columns) != (rows, columns) || columns == 0 {
        return Err("the shapes differ".into());
    }
    if dim == Some(0) {
        (input, target) = (input.transposed(), target.transposed());
    }
    let pairs = input.data.chunks_exact(input.columns).zip(target.data.chunks_exact(input.columns));
    Ok(Answer::new(pairs.map(|(input, target)| divergence(input, target)).sum(), rows, columns))
}

fn of_safetensors(body: &[u8]) -> Result<Answer, Failure> {
    let (length, rest) = body.split_first_chunk::<8>().ok_or("no length of the header")?;
    let (header, data) = rest.split_at_checked(u64::from_le_bytes(*length) as usize).ok_or("no header")?;
    let Header { input, target } = sonic_rs::from_slice(header)?;
    let [rows, columns] = input.shape;
    if target.shape != input.shape || columns == 0 {
        return Err("the shapes differ".into());
    }
    let (input, target) = (floats(&input, data)?, floats(&target, data)?);
    let (mut of_input, mut of_target) = (vec![0.0; columns], vec![0.0; columns]);
    let mut sum = 0.0;
    for (input, target) in input.chunks_exact(columns).zip(target.chunks_exact(columns)) {
        widen(input, &mut of_input);
        widen(target, &mut of_target);
        sum += divergence(&of_input, &of_target);
    }
    Ok(Answer::new(sum, rows, columns))
}

fn floats<'a>(Entry { dtype, shape, data_offsets: [from, to] }: &Entry, data: &'a [u8]) -> Result<&'a [[u8; 4]], Failure> {
    let (floats, rest) = data.get(*from..*to).ok_or("offsets beyond the data")?.as_chunks();
    if dtype != "F32" || !rest.is_empty() || floats.len() != shape[0] * shape[1] {
        return Err("expected F32 of that shape".into());
    }
    Ok(floats)
}

fn widen(floats: &[[u8; 4]], wide: &mut [f64]) {
    for (float, wide) in floats.iter().zip(wide) {
        *wide = f32::from_le_bytes(*float).into();
    }
}
