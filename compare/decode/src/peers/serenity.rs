//! serenity with serde_json (its default) and simd-json (its feature).

use serde::{Deserialize, Serialize};
use serenity::model::event::InviteCreateEvent;
use serenity::model::invite::RichInvite;

/// As for twilight: nothing but INVITE_CREATE, which spares serenity the `Value` that its own
/// `GatewayEvent` is made from.
#[derive(Debug, Deserialize, Serialize)]
pub struct Envelope {
    d: InviteCreateEvent,
    op: u8,
    s: Option<u64>,
}

decoders! { Vec<RichInvite>:
    SerdeList writes false: |input| serde_json::from_slice(&input.bytes);
    SimdList writes true: |input| simd_json::from_slice(&mut input.bytes);
}

decoders! { Envelope:
    SerdeFrame writes false: |input| serde_json::from_str(&input.text);
    SimdFrame writes true: |input| simd_json::from_slice(&mut input.bytes);
}
