//! twilight-model with the three parsers people use it with.

use serde::{Deserialize, Serialize};
use twilight_model::gateway::payload::incoming::InviteCreate;
use twilight_model::guild::Guild;
use twilight_model::guild::invite::Invite;

decoders! { Vec<Invite>:
    SerdeList writes false: |input| serde_json::from_slice(&input.bytes);
    SimdList writes true: |input| simd_json::from_slice(&mut input.bytes);
    SonicList writes false: |input| sonic_rs::from_slice(&input.bytes);
}

/// An envelope that can hold nothing but INVITE_CREATE. A bot cannot run on it, but it spares
/// twilight the search for `op` and `t` that comes before its own `GatewayEvent`.
#[derive(Debug, Deserialize, Serialize)]
pub struct Envelope {
    d: InviteCreate,
    op: u8,
    s: Option<u64>,
}

decoders! { Envelope:
    SerdeFrame writes false: |input| serde_json::from_str(&input.text);
    SimdFrame writes true: |input| simd_json::from_slice(&mut input.bytes);
    SonicFrame writes false: |input| sonic_rs::from_str(&input.text);
}

decoders! { Invite:
    SerdeOne writes false: |input| serde_json::from_slice(&input.bytes);
    SimdOne writes true: |input| simd_json::from_slice(&mut input.bytes);
    SonicOne writes false: |input| sonic_rs::from_slice(&input.bytes);
}

/// An envelope that can hold nothing but an available guild.
#[derive(Debug, Deserialize, Serialize)]
pub struct GuildEnvelope {
    d: Guild,
    op: u8,
    s: Option<u64>,
}

decoders! { GuildEnvelope:
    SerdeGuild writes false: |input| serde_json::from_str(&input.text);
    SimdGuild writes true: |input| simd_json::from_slice(&mut input.bytes);
    SonicGuild writes false: |input| sonic_rs::from_str(&input.text);
}
