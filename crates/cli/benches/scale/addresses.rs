//! What is asked of the server.

use guestlist_testkit::http::Request;

use crate::{
    generate::{INVITES, Plan, code, guild},
    serving::Serving,
};

/// An address, another one each time.
pub(crate) struct Address {
    pub(crate) name: String,
    pub(crate) target: Box<dyn Fn(u64) -> String>,
    /// Whether the figures are about it.
    pub(crate) counts: bool,
    /// Whether the answer may be that this is too much at once.
    pub(crate) may_refuse: bool,
}

/// Pages and endpoints that know a server and a time.
const PLACES: [&str; 22] = [
    "/",
    "/joins",
    "/invites",
    "/inviters",
    "/retention",
    "/retention?by=invite",
    "/retention?by=inviter&weekly=yes",
    "/alerts",
    "/accuracy",
    "/tracking",
    "/api/v1/totals",
    "/api/v1/series",
    "/api/v1/joins",
    "/api/v1/invites",
    "/api/v1/inviters",
    "/api/v1/retention",
    "/api/v1/retention?by=label",
    "/api/v1/bursts",
    "/api/v1/accuracy",
    "/api/v1/weights",
    "/api/v1/labels",
    "/api/v1/gaps",
];
/// Those that need a server.
const OF_ONE: [&str; 12] = [
    "/tree",
    "/api/v1/tree",
    "/joins?name=wolf",
    "/joins?name=wolfs_77",
    "/joins?name=nobody",
    "/joins?name=%22%27*(NEAR%20AND",
    "/joins?name=zq",
    "/joins?label=campaign%201",
    "/joins?certainty=unknown&here=no",
    "/joins?younger=1d",
    "/joins?source=vanity",
    "/?label=campaign%201",
];
/// Those that are the same for all.
const OTHERS: [&str; 4] = [
    "/metrics",
    "/health",
    "/api/v1/guilds",
    "/api/v1/openapi.json",
];

fn with(place: &str, more: &str) -> String {
    let sign = if place.contains('?') { '&' } else { '?' };
    format!("{place}{sign}{more}")
}

/// One of the usual servers; the large one is the first.
fn one(plan: Plan, round: u64) -> u64 {
    1 + round * 7 % (plan.guilds - 1).max(1)
}

/// A join, as the list links to it.
fn a_join(server: &Serving, of: u64) -> String {
    let target = format!("/joins?guild={}&span=all", guild(of));
    let answer = Request::new("GET", &target).send(server.address());
    let page = answer.text();
    let found = page.split("href=\"/joins/").nth(1).unwrap_or_default();
    let path = found.split('"').next().unwrap_or_default();
    format!("/joins/{path}")
}

/// The pages and endpoints of one server in the usual time, as people who look around ask.
pub(crate) fn usual(plan: Plan, number: u64) -> String {
    let places = PLACES.iter().chain(&OF_ONE);
    let place = places.cycle().nth(usize::try_from(number % 34).unwrap());
    let of = guild(one(plan, number / 34 + number));
    with(place.unwrap(), &format!("guild={of}"))
}

/// Everything.
pub(crate) fn pages(server: &Serving, plan: Plan) -> Vec<Address> {
    let mut all = Vec::new();
    let of_one = || PLACES.iter().chain(&OF_ONE);
    for (span, title) in [("", "30 days"), ("&span=all", "all time")] {
        for place in of_one() {
            all.push(Address {
                name: format!("{place} of a server, {title}"),
                target: Box::new(move |round| {
                    with(place, &format!("guild={}{span}", guild(one(plan, round))))
                }),
                counts: true,
                may_refuse: false,
            });
        }
        for place in PLACES {
            all.push(Address {
                name: format!("{place} of all servers, {title}"),
                target: Box::new(move |_| with(place, span.trim_start_matches('&'))),
                counts: true,
                may_refuse: !span.is_empty(),
            });
        }
    }
    for place in OTHERS {
        all.push(Address {
            name: place.to_owned(),
            target: Box::new(|_| place.to_owned()),
            counts: true,
            may_refuse: false,
        });
    }
    all.push(Address {
        name: "an invite, all time".to_owned(),
        target: Box::new(move |round| {
            let of = one(plan, round);
            format!(
                "/invites/{}/{}?span=all",
                guild(of),
                code(of, round * 3 % INVITES)
            )
        }),
        counts: true,
        may_refuse: false,
    });
    let join = a_join(server, one(plan, 0));
    all.push(Address {
        name: "a join".to_owned(),
        target: Box::new(move |_| join.clone()),
        counts: true,
        may_refuse: false,
    });
    for place in of_one() {
        all.push(Address {
            name: format!("{place} of the large server, all time (no figure)"),
            target: Box::new(move |_| with(place, &format!("guild={}&span=all", guild(0)))),
            counts: false,
            may_refuse: false,
        });
    }
    all
}
