//! Metrics of a service, through the `metrics` facade (feature `metrics`). Without the
//! feature, nothing is measured and the calls compile to nothing.

#[cfg(feature = "metrics")]
mod on;
#[cfg(feature = "metrics")]
pub(crate) use on::{Meters, Timer};

#[cfg(not(feature = "metrics"))]
mod off;
#[cfg(not(feature = "metrics"))]
pub(crate) use off::{Meters, Timer};
