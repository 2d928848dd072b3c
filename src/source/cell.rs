//! One cell of an Arrow column as the value of a field. Knows nothing of Parquet.

use std::borrow::Cow;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::fields::{Value, quoted};

/// The cell of `column` in `row`: strings (and bytes that are UTF-8) as text, numbers, booleans, lists, structs and maps as
/// JSON, dates and times as ISO 8601 text. Numbers that are none in JSON (NaN, infinity) are null.
pub(super) fn value(column: &dyn Array, row: usize) -> Value<'_> {
    if column.is_null(row) {
        return Value::Null;
    }
    let text = |text| Value::Text(Cow::Borrowed(text));
    let json = |json: String| Value::Json(Cow::Owned(json));
    match column.data_type() {
        DataType::Null => Value::Null,
        DataType::Utf8 => text(column.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => text(column.as_string::<i64>().value(row)),
        DataType::Utf8View => text(column.as_string_view().value(row)),
        DataType::Binary => bytes(column.as_binary::<i32>().value(row)),
        DataType::LargeBinary => bytes(column.as_binary::<i64>().value(row)),
        DataType::BinaryView => bytes(column.as_binary_view().value(row)),
        DataType::FixedSizeBinary(_) => bytes(column.as_fixed_size_binary().value(row)),
        DataType::Boolean => json(column.as_boolean().value(row).to_string()),
        DataType::Int8 => json(column.as_primitive::<Int8Type>().value(row).to_string()),
        DataType::Int16 => json(column.as_primitive::<Int16Type>().value(row).to_string()),
        DataType::Int32 => json(column.as_primitive::<Int32Type>().value(row).to_string()),
        DataType::Int64 => json(column.as_primitive::<Int64Type>().value(row).to_string()),
        DataType::UInt8 => json(column.as_primitive::<UInt8Type>().value(row).to_string()),
        DataType::UInt16 => json(column.as_primitive::<UInt16Type>().value(row).to_string()),
        DataType::UInt32 => json(column.as_primitive::<UInt32Type>().value(row).to_string()),
        DataType::UInt64 => json(column.as_primitive::<UInt64Type>().value(row).to_string()),
        DataType::Float16 => float(column.as_primitive::<Float16Type>().value(row).to_f64()),
        // Printed as the shortest decimal of its own width, not of the wider one's.
        DataType::Float32 => {
            float(column.as_primitive::<Float32Type>().value(row).to_string().parse().unwrap_or(f64::NAN))
        }
        DataType::Float64 => float(column.as_primitive::<Float64Type>().value(row)),
        DataType::List(_) => json(array(&column.as_list::<i32>().value(row))),
        DataType::LargeList(_) => json(array(&column.as_list::<i64>().value(row))),
        DataType::ListView(_) => json(array(&column.as_list_view::<i32>().value(row))),
        DataType::LargeListView(_) => json(array(&column.as_list_view::<i64>().value(row))),
        DataType::FixedSizeList(..) => json(array(&column.as_fixed_size_list().value(row))),
        DataType::Struct(fields) => {
            let columns = column.as_struct().columns();
            json(object(fields.iter().zip(columns).map(|(field, column)| (field.name().clone(), value(column, row)))))
        }
        DataType::Map(..) => {
            let entries = column.as_map().value(row);
            let cells = |index: usize| entries.columns().get(index);
            let (Some(keys), Some(values)) = (cells(0), cells(1)) else { return Value::Null };
            json(object((0..entries.len()).map(|entry| (key(value(keys, entry)), value(values, entry)))))
        }
        DataType::Dictionary(..) => {
            let dictionary = column.as_any_dictionary();
            let at = value(dictionary.keys(), row).into_json().and_then(|key| key.parse().ok());
            at.map_or(Value::Null, |at| value(dictionary.values().as_ref(), at))
        }
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) | DataType::Decimal256(..) => {
            json(printed(column, row))
        }
        _ => Value::Text(Cow::Owned(printed(column, row))),
    }
}

/// Bytes that writers without a string type put text in; other bytes in hexadecimal.
fn bytes(bytes: &[u8]) -> Value<'_> {
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => Value::Text(Cow::Borrowed(text)),
        Err(_) => Value::Text(Cow::Owned(crate::text::hash::hex(bytes))),
    }
}

fn float(number: f64) -> Value<'static> {
    match serde_json::Number::from_f64(number) {
        Some(number) => Value::Json(Cow::Owned(number.to_string())),
        None => Value::Null,
    }
}

/// Dates, times, durations and decimals as Arrow prints them.
fn printed(column: &dyn Array, row: usize) -> String {
    match ArrayFormatter::try_new(column, &FormatOptions::default()) {
        Ok(formatter) => formatter.value(row).to_string(),
        Err(error) => error.to_string(),
    }
}

fn array(items: &ArrayRef) -> String {
    let items: Vec<String> = (0..items.len()).map(|row| json(value(items, row))).collect();
    format!("[{}]", items.join(","))
}

fn object<'a>(entries: impl Iterator<Item = (String, Value<'a>)>) -> String {
    let entries: Vec<String> = entries.map(|(key, value)| format!("{}:{}", quoted(&key), json(value))).collect();
    format!("{{{}}}", entries.join(","))
}

fn key(value: Value<'_>) -> String {
    match value {
        Value::Text(text) => text.into_owned(),
        other => json(other),
    }
}

fn json(value: Value<'_>) -> String {
    value.into_json().unwrap_or_else(|| "null".to_owned())
}
