//! Ours.

use guestlist_model::{Event, Frame as Decoded, Invite, decode_invites, find_invites};

use crate::measure::{Decode, Input};

pub struct List;

impl Decode for List {
    type Out = Vec<Invite>;

    fn decode(input: &mut Input) -> Result<Self::Out, String> {
        let list = decode_invites(&input.bytes).map_err(|error| error.to_string())?;
        match list.failed.first() {
            Some((place, error)) => Err(format!("element {place}: {error}")),
            None => Ok(list.invites),
        }
    }

    fn shape(out: &Self::Out) -> String {
        out.iter()
            .map(Invite::to_json)
            .collect::<Vec<_>>()
            .join(",")
    }

    fn again(out: &Self::Out) -> Option<String> {
        Some(format!("[{}]", Self::shape(out)))
    }
}

pub struct One;

impl Decode for One {
    type Out = Invite;

    fn decode(input: &mut Input) -> Result<Invite, String> {
        Invite::from_slice(&input.bytes).map_err(|error| error.to_string())
    }

    fn shape(out: &Invite) -> String {
        out.to_json()
    }

    fn again(out: &Invite) -> Option<String> {
        Some(out.to_json())
    }
}

/// GUILD_CREATE, of which only what concerns invites and joins is kept.
pub struct Guild;

impl Decode for Guild {
    type Out = Decoded;

    fn decode(input: &mut Input) -> Result<Decoded, String> {
        let frame = Event::from_frame(&input.bytes)
            .map_err(|error| error.to_string())?
            .ok_or("not a dispatch")?;
        match &frame.event {
            Event::GuildCreate(guild) if !guild.channels.is_empty() => Ok(frame),
            other => Err(format!("not a whole guild: {other:?}")),
        }
    }

    fn shape(out: &Decoded) -> String {
        format!("{out:?}")
    }
}

pub struct Frame;

impl Decode for Frame {
    type Out = Decoded;

    fn decode(input: &mut Input) -> Result<Self::Out, String> {
        Event::from_frame(&input.bytes)
            .map_err(|error| error.to_string())?
            .ok_or_else(|| "not a dispatch".into())
    }

    fn shape(out: &Self::Out) -> String {
        match &out.event {
            Event::InviteCreate(created) => {
                format!("{} {:?} {}", out.op, out.sequence, created.to_json())
            }
            other => format!("{} {:?} {other:?}", out.op, out.sequence),
        }
    }

    fn again(out: &Self::Out) -> Option<String> {
        let Event::InviteCreate(created) = &out.event else {
            return None;
        };
        Some(format!(
            r#"{{"t":"INVITE_CREATE","s":{},"op":{},"d":{}}}"#,
            out.sequence?,
            out.op,
            created.to_json(),
        ))
    }
}

pub struct Text;

impl Decode for Text {
    type Out = usize;

    fn decode(input: &mut Input) -> Result<usize, String> {
        Ok(find_invites(&input.text).count())
    }

    fn shape(out: &usize) -> String {
        out.to_string()
    }
}
