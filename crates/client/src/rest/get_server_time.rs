use crate::{ApiError, Client, transport::Request};
use guestlist_model::Timestamp;

/// Gets Discord's time, to detect a wrong local clock.
///
/// The time comes from the `Date` header of a response, so it is in whole seconds; `None`
/// if there is no such header. Needs no token.
///
/// See [Discord Docs/Get Gateway](https://discord.com/developers/docs/events/gateway#get-gateway).
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), guestlist_client::ApiError> {
/// let now = guestlist_model::Timestamp::from(std::time::SystemTime::now());
/// if let Some(time) = client.get_server_time().await? {
///     println!("the local clock is {:?} ahead", now.duration_since(time));
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct GetServerTime {
    client: Client,
}

impl Client {
    /// Gets Discord's time.
    pub fn get_server_time(&self) -> GetServerTime {
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

/// Parses the date formats that RFC 9110 requires.
fn http_date(text: &str) -> Option<Timestamp> {
    httpdate::parse_http_date(text).ok().map(Timestamp::from)
}

#[cfg(test)]
mod tests {
    use super::http_date;

    #[test]
    fn the_date_of_an_answer_is_read() {
        let read = |text| http_date(text).map(|at| at.to_string());
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
        ] {
            assert_eq!(read(text).as_deref(), Some("1994-11-06T08:49:37Z"));
        }
        for garbled in ["", "Sun, 06 Nov 1994 08:49:37 CET", ", "] {
            assert_eq!(read(garbled), None, "{garbled:?}");
        }
    }
}
