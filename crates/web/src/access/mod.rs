//! Who may ask what: the host's name, the token, sessions, and forms.

mod attempts;
mod discord;
mod form;
mod gate;
mod headers;
mod host;
mod login;
mod person;
mod random;
mod sight;
mod throttle;
mod token;
mod visits;

pub use self::{
    discord::{DiscordLogin, NotAnAddress},
    token::{WebToken, WebTokenError},
};
pub(crate) use self::{
    form::Form,
    gate::{Access, Visit, gate, guard},
    headers::headers,
    login::{log_in, log_out, login_page},
    person::{begin, come_back},
    sight::Sight,
};
