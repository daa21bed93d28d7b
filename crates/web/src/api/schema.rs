//! What a field of a row is, for the document.

use utoipa::openapi::{
    KnownFormat, RefOr, Schema, SchemaFormat,
    schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type},
};

use super::endpoint::Endpoint;

/// What a field holds. Any of them may hold `null`, where nothing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Id,
    Time,
    Text,
    Count,
    Weight,
    Flag,
    List,
}

/// The fields are named so that their kind can be told.
fn kind(name: &str, flags: &[&str]) -> Kind {
    match name {
        _ if flags.contains(&name) => Kind::Flag,
        _ if name.ends_with("_id") => Kind::Id,
        _ if name.ends_with("_at") => Kind::Time,
        "from" | "until" | "last_join" | "last_known" | "week" => Kind::Time,
        "ended_by" => Kind::Id,
        "expected" | "usual" | "given" | "share" => Kind::Weight,
        "evidence" | "candidates" | "kept" => Kind::List,
        "certainty" | "origin" | "code" | "inviter" | "guild" | "name" | "label" | "reason"
        | "guess" | "state" | "month" | "what" => Kind::Text,
        _ => Kind::Count,
    }
}

fn or_null(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([kind, Type::Null]))
}

fn field(kind: Kind) -> RefOr<Schema> {
    let text = |format| or_null(Type::String).format(format);
    match kind {
        Kind::Id => text(None)
            .pattern(Some("^[0-9]+$"))
            .description(Some("an id of Discord's"))
            .into(),
        Kind::Time => text(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).into(),
        Kind::Text => text(None).into(),
        Kind::Count => or_null(Type::Integer).minimum(Some(0)).into(),
        Kind::Weight => or_null(Type::Number).minimum(Some(0)).into(),
        Kind::Flag => or_null(Type::Boolean).into(),
        Kind::List => ArrayBuilder::new()
            .items(ObjectBuilder::new().schema_type(SchemaType::AnyValue))
            .into(),
    }
}

/// A row of an endpoint.
pub(super) fn row(endpoint: &Endpoint) -> ObjectBuilder {
    let mut row = ObjectBuilder::new();
    for name in (endpoint.fields)() {
        row = row.property(name, field(kind(name, endpoint.flags)));
    }
    row
}
