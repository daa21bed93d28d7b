//! The OpenAPI document, made of the list of endpoints.

use utoipa::openapi::{
    Components, ContentBuilder, HttpMethod, InfoBuilder, OpenApi, OpenApiBuilder, PathItem,
    PathsBuilder, Ref, ResponseBuilder, SecurityRequirement,
    path::{OperationBuilder, ParameterBuilder, ParameterIn},
    schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type},
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use super::{
    BASE,
    endpoint::{ENDPOINTS, Endpoint},
    schema::row,
};

/// What each filter of an address means.
const FILTERS: [(&str, &str); 20] = [
    ("guild", "Only this server: its id"),
    ("span", "1h, 24h, 7d, 30d (default), 90d or all"),
    (
        "since",
        "At this time or later, instead of a span: 7d, 2026-03-01 or RFC 3339",
    ),
    ("until", "Before this time"),
    ("inviter", "Only joins by invites of this user: an id"),
    ("user", "Only this member: an id"),
    ("code", "Only this invite: a code or a link"),
    (
        "certainty",
        "confirmed, deduced, ambiguous, unknown or provisional",
    ),
    ("label", "Only codes with this label"),
    (
        "source",
        "Only joins of this kind, such as invite, vanity or discovery",
    ),
    (
        "here",
        "yes: only current members; no: only members who left",
    ),
    (
        "younger",
        "Only accounts that were younger when the member joined, such as 7d",
    ),
    (
        "name",
        "Only members whose name contains this text, or whose id it is",
    ),
    ("state", "active or ended"),
    (
        "by",
        "How joins are grouped: invite, label, inviter or source",
    ),
    (
        "weekly",
        "yes: joins of different weeks are different cohorts",
    ),
    (
        "parent",
        "The member whose invited members to return: an id; defaults to the roots",
    ),
    (
        "limit",
        "The maximum number of rows: 1 to 1000; defaults to 100",
    ),
    (
        "before",
        "Continue after this position: `next` of the previous response",
    ),
    (
        "place",
        "Continue after this member: `next` of the previous response",
    ),
];

/// The document.
pub(super) fn document() -> OpenApi {
    let mut paths = PathsBuilder::new();
    let mut components = Components::builder();
    for endpoint in ENDPOINTS {
        components = components.schema(endpoint.row, row(&endpoint));
        let item = PathItem::new(HttpMethod::Get, operation(&endpoint));
        paths = paths.path(format!("{BASE}{}", endpoint.path), item);
    }
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let error = ObjectBuilder::new()
        .property("status", ObjectBuilder::new().schema_type(Type::Integer))
        .property("message", text())
        .property("help", text())
        .required("status")
        .required("message")
        .required("help");
    let error = ObjectBuilder::new()
        .property("error", error)
        .required("error");
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("The dashboard's token, if it has one"))
        .build();
    let components = components
        .schema("Error", error)
        .security_scheme("token", SecurityScheme::Http(bearer))
        .build();
    let info = InfoBuilder::new()
        .title("guestlist")
        .version("1")
        .description(Some(
            "Who joined, through which invite, and how certain that is. Ids are text, times are \
             RFC 3339, and null says that something is not known.",
        ))
        .build();
    OpenApiBuilder::new()
        .info(info)
        .paths(paths.build())
        .components(Some(components))
        .build()
}

fn operation(endpoint: &Endpoint) -> OperationBuilder {
    let mut operation = OperationBuilder::new()
        .summary(Some(endpoint.summary))
        .operation_id(Some(endpoint.path.trim_start_matches('/')))
        .security(SecurityRequirement::default())
        .security(SecurityRequirement::new("token", Vec::<String>::new()));
    for (name, what) in FILTERS
        .into_iter()
        .filter(|(name, _)| endpoint.filters.iter().any(|group| group.contains(name)))
    {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Query)
            .description(Some(what))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)));
        operation = operation.parameter(parameter);
    }
    let next = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some("The position to continue from; null at the end"));
    let page = ObjectBuilder::new()
        .property(
            "data",
            ArrayBuilder::new().items(Ref::from_schema_name(endpoint.row)),
        )
        .property("next", next)
        .required("data")
        .required("next");
    let json = |schema: utoipa::openapi::RefOr<utoipa::openapi::Schema>| {
        ContentBuilder::new().schema(Some(schema)).build()
    };
    let error = Ref::from_schema_name("Error");
    let error = |what: &str| {
        ResponseBuilder::new()
            .description(what)
            .content("application/json", json(error.clone().into()))
    };
    operation
        .response(
            "200",
            ResponseBuilder::new()
                .description("Rows")
                .content("application/json", json(page.into())),
        )
        .response("400", error("A filter is invalid"))
        .response("401", error("The token is missing or wrong"))
        .response("421", error("The host name is not one of the dashboard's"))
        .response(
            "422",
            error("There are too many joins; choose a server or a shorter time"),
        )
        .response("429", error("Too many wrong tokens"))
        .response("500", error("The ledger cannot be read"))
        .response("503", error("The ledger is busy"))
}
