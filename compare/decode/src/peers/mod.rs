//! The peers, one file a library.

use crate::corpus::Task;
use crate::measure::{Decode, Decoder, Of};

/// Decoders that deserialise a type by serde.
macro_rules! decoders {
    ($out:ty: $($name:ident writes $writes:literal: |$input:ident| $decode:expr;)+) => {$(
        pub struct $name;

        impl crate::measure::Decode for $name {
            type Out = $out;
            const WRITES_INPUT: bool = $writes;

            fn decode($input: &mut crate::measure::Input) -> Result<Self::Out, String> {
                $decode.map_err(|error| error.to_string())
            }

            fn shape(out: &Self::Out) -> String {
                format!("{out:?}")
            }

            fn again(out: &Self::Out) -> Option<String> {
                serde_json::to_string(out).ok()
            }
        }
    )+};
}

mod floor;
mod guestlist;
mod serenity;
mod twilight;

fn of<D: Decode + 'static>() -> Option<Box<dyn Decoder>> {
    Some(Box::new(Of::<D>::new()))
}

/// The decoder of a peer for a task, if it has one.
pub fn decoder(peer: &str, task: Task) -> Option<Box<dyn Decoder>> {
    let task = match task {
        Task::Ascending | Task::Shuffled => Task::Frames,
        task => task,
    };
    match (peer, task) {
        ("guestlist", Task::List) => of::<guestlist::List>(),
        ("guestlist", Task::Frames) => of::<guestlist::Frame>(),
        ("guestlist", Task::Invite) => of::<guestlist::One>(),
        ("guestlist", Task::Guild) => of::<guestlist::Guild>(),
        ("guestlist", Task::Text | Task::Messages) => of::<guestlist::Text>(),
        ("twilight+serde_json", Task::List) => of::<twilight::SerdeList>(),
        ("twilight+serde_json", Task::Frames) => of::<twilight::SerdeFrame>(),
        ("twilight+serde_json", Task::Invite) => of::<twilight::SerdeOne>(),
        ("twilight+serde_json", Task::Guild) => of::<twilight::SerdeGuild>(),
        ("twilight+simd-json", Task::List) => of::<twilight::SimdList>(),
        ("twilight+simd-json", Task::Frames) => of::<twilight::SimdFrame>(),
        ("twilight+simd-json", Task::Invite) => of::<twilight::SimdOne>(),
        ("twilight+simd-json", Task::Guild) => of::<twilight::SimdGuild>(),
        ("twilight+sonic-rs", Task::List) => of::<twilight::SonicList>(),
        ("twilight+sonic-rs", Task::Frames) => of::<twilight::SonicFrame>(),
        ("twilight+sonic-rs", Task::Invite) => of::<twilight::SonicOne>(),
        ("twilight+sonic-rs", Task::Guild) => of::<twilight::SonicGuild>(),
        ("serenity+serde_json", Task::List) => of::<serenity::SerdeList>(),
        ("serenity+serde_json", Task::Frames) => of::<serenity::SerdeFrame>(),
        ("serenity+simd-json", Task::List) => of::<serenity::SimdList>(),
        ("serenity+simd-json", Task::Frames) => of::<serenity::SimdFrame>(),
        ("skip with sonic-rs", Task::List) => of::<floor::Elements>(),
        ("skip with sonic-rs", Task::Frames) => of::<floor::Frame>(),
        ("skip with sonic-rs, ignored", Task::List) => of::<floor::Ignored>(),
        ("regex", Task::Text | Task::Messages) => of::<floor::Pattern>(),
        _ => None,
    }
}
