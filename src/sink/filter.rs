//! A small expression that picks rows of a table: `language = "fr" and tokens > 200`.
//!
//! Columns are compared with texts, numbers and `null`; `~` and `contains` look into texts; `and`, `or`, `not` and parentheses
//! put comparisons together. A null is neither less nor greater nor equal to anything but `null`.

use std::collections::BTreeSet;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Float32Type, Float64Type, SchemaRef, UInt32Type, UInt64Type};
use arrow::util::display::array_value_to_string;
use regex::Regex;

mod parse;

pub use parse::parse;

/// An expression that was read.
#[derive(Debug, Clone)]
pub struct Filter(Expression);

#[derive(Debug, Clone)]
enum Expression {
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    Is { column: String, test: Test },
}

#[derive(Debug, Clone)]
enum Test {
    Null,
    Number(Order, f64),
    /// Texts, and days as they are written.
    Text(Order, String),
    Matches(Regex),
    Contains(String),
}

/// How a value stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// What is wrong with an expression, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    /// The character at fault, from 0.
    pub at: usize,
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// The name that no column has, if that is what is wrong.
    pub unknown: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

/// A column that expressions may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its name; that of a member of a struct follows a dot.
    pub name: String,
    /// Whether its values are numbers.
    pub is_number: bool,
}

/// The columns of a table that expressions may name. `more` are texts that are the same for all rows of a file.
#[must_use]
pub fn columns(schema: &SchemaRef, more: &[&str]) -> Vec<Named> {
    let mut named: Vec<Named> = more.iter().map(|name| Named { name: (*name).to_owned(), is_number: false }).collect();
    let mut add = |name: String, kind: &DataType| match kind {
        DataType::Utf8 | DataType::Date32 => named.push(Named { name, is_number: false }),
        DataType::UInt32 | DataType::UInt64 | DataType::Float32 | DataType::Float64 => {
            named.push(Named { name, is_number: true });
        }
        _ => {}
    };
    for field in schema.fields() {
        match field.data_type() {
            DataType::Struct(members) => {
                members
                    .iter()
                    .for_each(|member| add(format!("{}.{}", field.name(), member.name()), member.data_type()));
            }
            kind => add(field.name().clone(), kind),
        }
    }
    named
}

impl Filter {
    /// The columns that it names.
    #[must_use]
    pub fn columns(&self) -> BTreeSet<&str> {
        let mut columns = BTreeSet::new();
        let mut left = vec![&self.0];
        while let Some(expression) = left.pop() {
            match expression {
                Expression::And(a, b) | Expression::Or(a, b) => left.extend([a.as_ref(), b.as_ref()]),
                Expression::Not(inner) => left.push(inner),
                Expression::Is { column, .. } => _ = columns.insert(column.as_str()),
            }
        }
        columns
    }

    /// Which rows of the batch it picks. `same` gives the value of a column that is none of the batch.
    #[must_use]
    pub fn picks(&self, batch: &RecordBatch, same: &dyn Fn(&str) -> Option<String>) -> Vec<bool> {
        self.0.picks(batch, same)
    }
}

impl Expression {
    fn picks(&self, batch: &RecordBatch, same: &dyn Fn(&str) -> Option<String>) -> Vec<bool> {
        let both = |a: &Self, b: &Self, join: fn(bool, bool) -> bool| {
            a.picks(batch, same).into_iter().zip(b.picks(batch, same)).map(|(a, b)| join(a, b)).collect()
        };
        match self {
            Self::And(a, b) => both(a, b, |a, b| a && b),
            Self::Or(a, b) => both(a, b, |a, b| a || b),
            Self::Not(inner) => inner.picks(batch, same).into_iter().map(|picked| !picked).collect(),
            Self::Is { column, test } => match array(batch, column) {
                Some(values) => (0..batch.num_rows()).map(|row| test.holds(&values, row)).collect(),
                None => vec![test.holds_for(same(column).as_deref()); batch.num_rows()],
            },
        }
    }
}

/// A column of the batch, or a member of one.
fn array(batch: &RecordBatch, name: &str) -> Option<ArrayRef> {
    match name.split_once('.') {
        Some((outer, member)) => batch.column_by_name(outer)?.as_struct_opt()?.column_by_name(member).cloned(),
        None => batch.column_by_name(name).cloned(),
    }
}

impl Test {
    fn holds(&self, values: &ArrayRef, row: usize) -> bool {
        if !values.is_valid(row) {
            return self.holds_for(None);
        }
        match self {
            Self::Number(order, number) => value(values, row).is_some_and(|value| order.of(value.partial_cmp(number))),
            _ => match values.as_string_opt::<i32>() {
                Some(texts) => self.holds_for(Some(texts.value(row))),
                None => self.holds_for(array_value_to_string(values, row).ok().as_deref()),
            },
        }
    }

    fn holds_for(&self, text: Option<&str>) -> bool {
        match (self, text) {
            (Self::Null, text) => text.is_none(),
            (Self::Text(order, wanted), Some(text)) => order.of(Some(text.cmp(wanted))),
            (Self::Matches(pattern), Some(text)) => pattern.is_match(text),
            (Self::Contains(wanted), Some(text)) => text.contains(wanted),
            (Self::Number(..), _) | (_, None) => false,
        }
    }
}

fn value(values: &ArrayRef, row: usize) -> Option<f64> {
    Some(match values.data_type() {
        DataType::UInt32 => f64::from(values.as_primitive::<UInt32Type>().value(row)),
        DataType::UInt64 => values.as_primitive::<UInt64Type>().value(row) as f64,
        // As it is written, rather than with the digits that single precision adds.
        DataType::Float32 => values.as_primitive::<Float32Type>().value(row).to_string().parse().ok()?,
        DataType::Float64 => values.as_primitive::<Float64Type>().value(row),
        DataType::Date32 => f64::from(values.as_primitive::<Date32Type>().value(row)),
        _ => return None,
    })
}

impl Order {
    fn of(self, order: Option<std::cmp::Ordering>) -> bool {
        let Some(order) = order else { return false };
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::AtLeast => order.is_ge(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Float32Array, StringArray, UInt32Array};
    use arrow::datatypes::{Field, Schema};

    use super::*;

    fn batch() -> RecordBatch {
        let fields = vec![
            Field::new("language", DataType::Utf8, true),
            Field::new("tokens", DataType::UInt32, true),
            Field::new("score", DataType::Float32, true),
        ];
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(vec![Some("fr"), Some("en"), None])),
            Arc::new(UInt32Array::from(vec![Some(100), Some(300), None])),
            Arc::new(Float32Array::from(vec![0.7, 0.9, 0.0])),
        ];
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
    }

    fn picked(expression: &str) -> Vec<usize> {
        let batch = batch();
        let filter = parse(expression, &columns(&batch.schema(), &["split"])).expect(expression);
        let same = |_: &str| Some("train".to_owned());
        let picks = filter.picks(&batch, &same);
        picks.into_iter().enumerate().filter(|(_, picked)| *picked).map(|(row, _)| row).collect()
    }

    #[test]
    fn rows_are_picked_by_their_values() {
        for (expression, rows) in [
            ("language = 'fr'", vec![0]),
            ("language != \"fr\"", vec![1]),
            ("tokens >= 100", vec![0, 1]),
            ("score = 0.7", vec![0]),
            ("language = null", vec![2]),
            ("language != null and tokens < 200", vec![0]),
            ("not (language = 'fr' or tokens > 200)", vec![2]),
            ("language = 'fr' or language = 'en' and tokens > 1000", vec![0]),
            ("language ~ '^f|n$' AND split = 'train'", vec![0, 1]),
            ("language contains 'r'", vec![0]),
            ("split = 'test'", vec![]),
        ] {
            assert_eq!(picked(expression), rows, "{expression}");
        }
    }

    #[test]
    fn a_mistake_is_shown_at_its_place() {
        let columns = columns(&batch().schema(), &[]);
        for (expression, at, message) in [
            ("langage = 'fr'", 0, "there is no column `langage`"),
            ("tokens > '5'", 9, "`tokens` is a number; a text is no value for it"),
            ("tokens = 5 language = 'fr'", 11, "`and` or `or` is missing"),
            ("(tokens = 5", 11, "a `)` is missing"),
            ("tokens 5", 7, "a comparison is missing: `=`, `!=`, `<`, `<=`, `>`, `>=`, `~` or `contains`"),
            ("language = 'fr", 11, "the text has no end"),
            ("language ~ '('", 11, "`(` is no regular expression"),
            ("tokens ~ 'a'", 7, "`tokens` is a number, which `~` does not look into"),
            ("", 0, "a column is missing"),
            ("tokens > ", 9, "a value is missing: a text in quotes, a number or `null`"),
            ("tokens < null", 9, "nothing is less or greater than `null`"),
            ("é & 5", 2, "`&` means nothing here"),
        ] {
            let error = parse(expression, &columns).expect_err(expression);
            assert_eq!((error.at, error.message.as_str()), (at, message), "{expression}");
        }
        let error = parse("langage = 'fr'", &columns).unwrap_err();
        assert_eq!(error.hint.as_deref(), Some("the columns are language, tokens, score"));
    }
}
