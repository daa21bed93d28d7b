use crate::{ApiError, Client, transport::Request};
use guestlist_model::Timestamp;

/// Asks what time it is at Discord, to find clocks that are wrong.
///
/// Read off the `Date` header of an answer, so in whole seconds; `None` if
/// there is no such header. Needs no token.
///
/// See [Discord Docs/Get Gateway](https://discord.com/developers/docs/events/gateway#get-gateway).
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct GetServerTime {
    client: Client,
}

impl Client {
    /// Asks what time it is at Discord.
    pub fn server_time(&self) -> GetServerTime {
        GetServerTime {
            client: self.clone(),
        }
    }
}

impl GetServerTime {
    async fn send(self) -> Result<Option<Timestamp>, ApiError> {
        let reply = self
            .client
            .send(&Request::get("gateway".to_owned()))
            .await?;
        Ok(reply.date.as_deref().and_then(http_date))
    }
}

into_future!(GetServerTime => Option<Timestamp>);

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that servers send.
fn http_date(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (_, date) = text.split_once(", ")?;
    let mut words = date.split(' ');
    let (day, month, year, time) = (words.next()?, words.next()?, words.next()?, words.next()?);
    if words.next()? != "GMT" || words.next().is_some() {
        return None;
    }
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    Timestamp::parse(&format!("{year}-{month:02}-{day}T{time}Z")).ok()
}

#[cfg(test)]
mod tests {
    use super::http_date;

    #[test]
    fn the_date_of_an_answer_is_read() {
        let read = |text| http_date(text).map(|at| at.to_string());
        assert_eq!(
            read("Sun, 06 Nov 1994 08:49:37 GMT").as_deref(),
            Some("1994-11-06T08:49:37Z")
        );
        for garbled in [
            "",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 CET",
            ", ",
        ] {
            assert_eq!(read(garbled), None, "{garbled:?}");
        }
    }
}
