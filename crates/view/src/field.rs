//! The list of fields that JSON, CSV and tables are created from.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::{
    Cell, Kind, Of, Value, for_csv,
    kind::kinds::{Count, Flag, Id, Records, Text, Texts, Time, Weight},
};

/// A kind of record that can be shown to people and programs.
pub trait View: Sized {
    /// The noun for one record.
    const NOUN: &'static str;

    /// Its fields, in the order of JSON and CSV.
    fn fields() -> Vec<Field<Self>>;

    /// Whether the record is included in the count below a table.
    fn counts(&self) -> bool {
        true
    }

    /// An explanation of a word in the table, if it needs one.
    fn note(&self) -> Option<&'static str> {
        None
    }
}

/// A field of a kind of record.
#[derive(Debug)]
pub struct Field<R> {
    name: &'static str,
    read: Read<R>,
    omitted: bool,
    parts: Option<fn() -> Vec<Part>>,
    column: Option<Column<R>>,
}

/// A field of nested records: its name and its kind. JSON always includes it.
pub type Part = (&'static str, Kind);

/// A column of a table for one or more fields.
#[derive(Debug)]
#[non_exhaustive]
pub struct Column<R> {
    /// Its header, in lower case.
    pub header: &'static str,
    /// Its cell in a row.
    pub cell: for<'a> fn(&'a R) -> Cell<'a>,
    /// Its position: lower numbers are further to the left.
    pub place: u8,
    /// When a narrow output drops it: lower numbers first, `None` never.
    pub expendable: Option<u8>,
}

/// How a field of each kind is read, and a constructor for each.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $kind:ident)+) => {
        #[derive(Debug)]
        enum Read<R> {
            $($kind(for<'a> fn(&'a R) -> Of<'a, $kind>),)+
        }

        impl<R> Read<R> {
            fn of<'a>(&self, row: &'a R) -> Value<'a> {
                match self {
                    $(Self::$kind(read) => read(row).value,)+
                }
            }

            const fn kind(&self) -> Kind {
                match self {
                    $(Self::$kind(_) => Kind::$kind,)+
                }
            }
        }

        impl<R> Field<R> {
            $(
                $(#[$doc])*
                #[must_use]
                pub const fn $name(
                    name: &'static str,
                    read: for<'a> fn(&'a R) -> Of<'a, $kind>,
                ) -> Self {
                    Self {
                        name,
                        read: Read::$kind(read),
                        omitted: false,
                        parts: None,
                        column: None,
                    }
                }
            )+
        }
    };
}

kinds! {
    /// Creates a boolean field.
    flag Flag
    /// Creates a field with a count.
    count Count
    /// Creates a field with a weight, a share or an average.
    weight Weight
    /// Creates a field with a Discord id.
    id Id
    /// Creates a field with a timestamp.
    time Time
    /// Creates a field with text.
    text Text
    /// Creates a field with several texts.
    texts Texts
    /// Creates a field with several records.
    records Records
}

impl<R> Field<R> {
    /// Omits the field from JSON if it is empty.
    #[must_use]
    pub fn or_left_out(mut self) -> Self {
        self.omitted = true;
        self
    }

    /// Sets the fields of the nested records.
    #[must_use]
    pub fn parts(mut self, parts: fn() -> Vec<Part>) -> Self {
        self.parts = Some(parts);
        self
    }

    /// Adds a column for tables.
    #[must_use]
    pub fn column(
        mut self,
        place: u8,
        header: &'static str,
        cell: for<'a> fn(&'a R) -> Cell<'a>,
    ) -> Self {
        self.column = Some(Column {
            header,
            cell,
            place,
            expendable: None,
        });
        self
    }

    /// Allows a narrow table to drop the column, lower ranks first.
    #[must_use]
    pub fn expendable(mut self, rank: u8) -> Self {
        if let Some(column) = &mut self.column {
            column.expendable = Some(rank);
        }
        self
    }
}

/// The fields of a kind of record.
#[derive(Debug)]
pub struct Fields<R>(Vec<Field<R>>);

impl<R: View> Fields<R> {
    /// Creates the list.
    #[must_use]
    pub fn new() -> Self {
        Self(R::fields())
    }
}

impl<R: View> Default for Fields<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> From<Vec<Field<R>>> for Fields<R> {
    fn from(fields: Vec<Field<R>>) -> Self {
        Self(fields)
    }
}

impl<R> Fields<R> {
    /// Their names, in order: the header of CSV.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|field| field.name)
    }

    /// Their names and kinds, in order.
    pub fn kinds(&self) -> impl Iterator<Item = (&'static str, Kind)> {
        self.0.iter().map(|field| (field.name, field.read.kind()))
    }

    /// The fields of the records in a field.
    #[must_use]
    pub fn parts(&self, name: &str) -> Vec<Part> {
        let field = self.0.iter().find(|field| field.name == name);
        let parts = field.and_then(|field| field.parts);
        parts.map_or_else(Vec::new, |parts| parts())
    }

    /// A record within another one, with the same in a few words.
    pub(crate) fn within<'a>(&'a self, row: &'a R, short: String) -> Value<'a> {
        Value::Record {
            fields: self.values(row).collect(),
            short,
        }
    }

    /// The fields that JSON omits if they are empty.
    pub fn left_out(&self) -> impl Iterator<Item = &'static str> {
        let omitted = self.0.iter().filter(|field| field.omitted);
        omitted.map(|field| field.name)
    }

    /// A record's values, with their names.
    pub fn values<'a>(&'a self, row: &'a R) -> impl Iterator<Item = (&'static str, Value<'a>)> {
        self.0
            .iter()
            .map(move |field| (field.name, field.read.of(row)))
    }

    /// A record's CSV cells, each escaped with [`for_csv`].
    pub fn csv<'a>(&'a self, row: &'a R) -> impl Iterator<Item = String> {
        self.values(row)
            .map(|(_, value)| for_csv(&value.text()).into_owned())
    }

    /// A record that serializes as a map.
    #[must_use]
    pub const fn record<'a>(&'a self, row: &'a R) -> Record<'a, R> {
        Record { fields: self, row }
    }

    /// The table's columns, from left to right.
    #[must_use]
    pub fn columns(&self) -> Vec<&Column<R>> {
        let mut columns: Vec<_> = self.0.iter().filter_map(|it| it.column.as_ref()).collect();
        columns.sort_by_key(|column| column.place);
        columns
    }
}

/// A record with its fields, for serialization.
#[derive(Debug)]
pub struct Record<'a, R> {
    fields: &'a Fields<R>,
    row: &'a R,
}

impl<R> Serialize for Record<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for field in &self.fields.0 {
            let value = field.read.of(self.row);
            if !(field.omitted && value.is_absent()) {
                map.serialize_entry(field.name, &value)?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use guestlist_ledger::{
        AccuracyRow, Burst, GapRow, GuildRow, InviterProfile, InviterRow, JoinRow, LabelRow,
        RetentionRow, WeightRow,
    };

    use super::{Fields, View};
    use crate::{SeenInvite, Statement};

    fn is_one_list<R: View>() {
        let fields = Fields::<R>::new();
        let names: BTreeSet<_> = fields.names().collect();
        assert_eq!(names.len(), fields.names().count(), "{}: names", R::NOUN);
        let columns = fields.columns();
        let places: BTreeSet<_> = columns.iter().map(|it| it.place).collect();
        assert_eq!(places.len(), columns.len(), "{}: places", R::NOUN);
        let ranks: Vec<_> = columns.iter().filter_map(|it| it.expendable).collect();
        let distinct: BTreeSet<_> = ranks.iter().collect();
        assert_eq!(distinct.len(), ranks.len(), "{}: ranks", R::NOUN);
    }

    #[test]
    fn no_two_fields_or_columns_of_a_kind_are_alike() {
        is_one_list::<JoinRow>();
        is_one_list::<SeenInvite>();
        is_one_list::<InviterRow>();
        is_one_list::<AccuracyRow>();
        is_one_list::<WeightRow>();
        is_one_list::<GapRow>();
        is_one_list::<GuildRow>();
        is_one_list::<LabelRow>();
        is_one_list::<RetentionRow>();
        is_one_list::<InviterProfile>();
        is_one_list::<Burst>();
        is_one_list::<Statement>();
    }
}
