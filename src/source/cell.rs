//! One cell of an Arrow column as the value of a field. Knows nothing of Parquet.

use std::borrow::Cow;
use std::sync::LazyLock;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};

use super::fields::{Value, quoted};

/// The bytes of a cell that should be text but are no UTF-8: a binary column, as writers without a string type have it.
/// None for all other cells.
pub(super) fn undecoded(column: &dyn Array, row: usize) -> Option<&[u8]> {
    if column.is_null(row) {
        return None;
    }
    let bytes = match column.data_type() {
        DataType::Binary => column.as_binary::<i32>().value(row),
        DataType::LargeBinary => column.as_binary::<i64>().value(row),
        DataType::BinaryView => column.as_binary_view().value(row),
        DataType::Dictionary(..) => {
            let dictionary = column.as_any_dictionary();
            return undecoded(dictionary.values().as_ref(), entry(column, row)?);
        }
        _ => return None,
    };
    simdutf8::basic::from_utf8(bytes).is_err().then_some(bytes)
}

/// The cell of `column` in `row`: strings (and bytes that are UTF-8) as text, numbers, booleans, lists, structs and maps as
/// JSON, dates and times as ISO 8601 text, with a zone as the clock there showed. Numbers that are none in JSON (NaN,
/// infinity) are null; other bytes are in hexadecimal.
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
            entry(column, row).map_or(Value::Null, |at| value(dictionary.values().as_ref(), at))
        }
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) | DataType::Decimal256(..) => {
            printed(column, row).map_or(Value::Null, json)
        }
        DataType::Timestamp(unit, Some(zone)) => match moment(column, row, *unit, zone) {
            Ok(text) => Value::Text(Cow::Owned(text)),
            Err(number) => json(number.to_string()),
        },
        kind => match (printed(column, row), kind) {
            (Some(text), _) => Value::Text(Cow::Owned(text)),
            (None, DataType::Timestamp(unit, None)) => json(count_of(column, row, *unit).to_string()),
            (None, _) => Value::Null,
        },
    }
}

/// Which entry of its dictionary a cell is.
fn entry(column: &dyn Array, row: usize) -> Option<usize> {
    value(column.as_any_dictionary().keys(), row).into_json()?.parse().ok()
}

/// The time zones that files name. They come with tamis, so that every machine reads a file alike.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A moment as the clocks of its zone show it, with their offset; in UTC where nobody knows the zone. The bare number for
/// one beyond the years that a date can have.
fn moment(column: &dyn Array, row: usize, unit: TimeUnit, zone: &str) -> Result<String, i64> {
    let count = count_of(column, row, unit);
    let instant = match unit {
        TimeUnit::Second => Timestamp::from_second(count),
        TimeUnit::Millisecond => Timestamp::from_millisecond(count),
        TimeUnit::Microsecond => Timestamp::from_microsecond(count),
        TimeUnit::Nanosecond => Timestamp::from_nanosecond(i128::from(count)),
    };
    let instant = instant.map_err(|_| count)?;
    Ok(match zone_of(zone) {
        Some(zone) => {
            let offset = zone.to_offset(instant);
            // Printed with an offset, UTC would be `+00:00`.
            if offset == Offset::UTC { instant.to_string() } else { instant.display_with_offset(offset).to_string() }
        }
        None => instant.to_string(),
    })
}

/// The zone of that name, or of an offset such as `+02:00`, `-0330` or `+01`.
fn zone_of(name: &str) -> Option<TimeZone> {
    let Some((sign, digits)) = name.strip_prefix('+').map(|rest| (1, rest)).or(name.strip_prefix('-').map(|r| (-1, r)))
    else {
        return ZONES.get(name).ok();
    };
    let (hours, minutes) = digits.split_once(':').or_else(|| digits.split_at_checked(2)).unwrap_or((digits, ""));
    let hours: i32 = hours.parse().ok()?;
    let minutes: i32 = if minutes.is_empty() { 0 } else { minutes.parse().ok()? };
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok().map(TimeZone::fixed)
}

/// The number after a time stamp, in its own unit.
fn count_of(column: &dyn Array, row: usize, unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => column.as_primitive::<TimestampSecondType>().value(row),
        TimeUnit::Millisecond => column.as_primitive::<TimestampMillisecondType>().value(row),
        TimeUnit::Microsecond => column.as_primitive::<TimestampMicrosecondType>().value(row),
        TimeUnit::Nanosecond => column.as_primitive::<TimestampNanosecondType>().value(row),
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

/// Dates, times, durations and decimals as Arrow prints them; None for what it cannot print.
fn printed(column: &dyn Array, row: usize) -> Option<String> {
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(column, &options).ok()?;
    formatter.value(row).try_to_string().ok()
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
