//! Timing and memory of one decoder, whatever it decodes.

use std::hint::black_box;
use std::marker::PhantomData;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;

use crate::allocator;

/// One document, as bytes (an HTTP body) and as text (a websocket message, which the transport has
/// already found to be UTF-8).
#[derive(Clone)]
pub struct Input {
    pub bytes: Vec<u8>,
    pub text: String,
}

impl Input {
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            bytes: text.clone().into_bytes(),
            text,
        }
    }
}

/// One way of decoding one kind of document.
pub trait Decode {
    /// What a caller would keep.
    type Out;
    /// Whether decoding writes into its input (simd-json), so that each pass needs a fresh copy.
    const WRITES_INPUT: bool = false;

    fn decode(input: &mut Input) -> Result<Self::Out, String>;

    /// Everything that the value holds, as text: two documents between which a peer sees no
    /// difference have the same shape.
    fn shape(out: &Self::Out) -> String;

    /// The value encoded as JSON again, if the peer can do that.
    fn again(_out: &Self::Out) -> Option<String> {
        None
    }
}

/// Nanoseconds of passes over all documents.
pub struct Timing {
    pub median: u64,
    pub min: u64,
    pub passes: usize,
}

/// A decoder without its type.
pub trait Decoder {
    fn check(&self, document: &str) -> Result<(), String>;
    fn time(&self, documents: &[Input], budget: Duration) -> Timing;
    fn shape(&self, document: &str) -> Result<String, String>;
    fn again(&self, document: &str) -> Result<Option<String>, String>;
    fn retained(&self, document: &str) -> Result<i64, String>;
}

pub struct Of<D>(PhantomData<D>);

impl<D> Of<D> {
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<D: Decode> Decoder for Of<D> {
    fn check(&self, document: &str) -> Result<(), String> {
        D::decode(&mut Input::new(document)).map(drop)
    }

    /// Passes over all documents until the budget is spent. Dropping the result is part of a pass;
    /// copying an input that the decoder will destroy is not. Time is that of the thread on a
    /// processor: on a busy machine a clock on the wall would favour whoever's passes are so short
    /// that nothing interrupts them.
    fn time(&self, documents: &[Input], budget: Duration) -> Timing {
        let mut own = documents.to_vec();
        let start = Instant::now();
        let mut passes = Vec::new();
        while start.elapsed() < budget || passes.len() < 5 {
            if D::WRITES_INPUT {
                for (own, given) in own.iter_mut().zip(documents) {
                    own.bytes.copy_from_slice(&given.bytes);
                }
            }
            let pass = ThreadTime::now();
            for document in &mut own {
                let _ = black_box(D::decode(black_box(document)));
            }
            passes.push(pass.elapsed().as_nanos() as u64);
        }
        passes.sort_unstable();
        Timing {
            median: passes[passes.len() / 2],
            min: passes[0],
            passes: passes.len(),
        }
    }

    fn shape(&self, document: &str) -> Result<String, String> {
        D::decode(&mut Input::new(document)).map(|out| D::shape(&out))
    }

    fn again(&self, document: &str) -> Result<Option<String>, String> {
        D::decode(&mut Input::new(document)).map(|out| D::again(&out))
    }

    /// Bytes asked of the allocator and not given back while the result is alive, the input not
    /// counted, and the value itself, as in a `Box`. In a fresh process, caches behind the scenes
    /// count too.
    fn retained(&self, document: &str) -> Result<i64, String> {
        let mut input = Input::new(document);
        let (out, bytes) = allocator::count(|| D::decode(&mut input).map(Box::new));
        out.map(|_alive_until_here| bytes)
    }
}
