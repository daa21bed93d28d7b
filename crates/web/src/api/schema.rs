//! What a field of a row is, for the document: told by the kind that the field is read as.

use guestlist_view::{Kind, Part};
use utoipa::openapi::{
    KnownFormat, RefOr, Schema, SchemaFormat,
    schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type},
};

use super::endpoint::Endpoint;

/// Any field may hold `null`, where nothing is known.
fn or_null(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([kind, Type::Null]))
}

fn list(items: ObjectBuilder) -> RefOr<Schema> {
    ArrayBuilder::new().items(items).into()
}

/// Records within a row. Their fields are always there.
fn records(parts: &[Part]) -> ObjectBuilder {
    let record = ObjectBuilder::new().schema_type(Type::Object);
    parts.iter().fold(record, |record, (name, kind)| {
        record.property(*name, field(*kind, &[])).required(*name)
    })
}

fn field(kind: Kind, parts: &[Part]) -> RefOr<Schema> {
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
        Kind::Texts => list(ObjectBuilder::new().schema_type(Type::String)),
        Kind::Records => list(records(parts)),
        // A kind that this document does not know yet could be anything.
        _ => ObjectBuilder::new()
            .schema_type(SchemaType::AnyValue)
            .into(),
    }
}

/// A row of an endpoint. What JSON does not leave out is required.
pub(super) fn row(endpoint: &Endpoint) -> ObjectBuilder {
    let fields = (endpoint.fields)();
    let mut row = ObjectBuilder::new();
    for it in fields {
        row = row.property(it.name, field(it.kind, &it.parts));
        if it.always {
            row = row.required(it.name);
        }
    }
    row
}
