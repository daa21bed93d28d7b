//! Who may ask what: the host's name, the token, sessions, and forms.

mod form;
mod gate;
mod headers;
mod host;
mod login;
mod random;
mod throttle;
mod token;
mod visits;

pub use self::token::{WebToken, WebTokenError};
pub(crate) use self::{
    form::Form,
    gate::{Access, Visit, gate},
    headers::headers,
    login::{log_in, log_out, login_page},
};
