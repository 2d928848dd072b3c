//! JSON Lines: one line, one record.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::buffer::{Buffer, Line};
use super::charset::Charset;
use super::fields::{Draft, Fields, Node, Object, Str, Value};
use super::read::{Place, Reading};
use super::{Cause, Item, Slice, likely};
use crate::text::encoding::Damage;

/// Reads one slice of a JSONL file.
pub(super) fn read<E>(
    reading: &Reading<'_>,
    slice: &Slice,
    each: &mut dyn FnMut(Item) -> Result<(), E>,
) -> Result<(), E> {
    let mut buffer = match Buffer::open(reading.file, slice, reading.label) {
        Ok(buffer) => buffer,
        Err(fault) => return each(reading.refuse_file(fault)),
    };
    let lines =
        Lines { reading, fields: Fields::new(reading.config), charset: Charset::new(reading.file, reading.label) };
    let place_of = |record: u64, offset: u64| Place { record, offset, line: Some(record + 1) };
    let mut place = place_of(slice.first_record, buffer.offset());
    let mut is_blank = true;
    while let Some(line) = buffer.next_line(reading.limit) {
        match line {
            Line::TooLarge { bytes } => {
                is_blank = false;
                each(reading.too_large(place, "line", bytes))?;
            }
            Line::Whole { length, with_end } => {
                let is_all = place.record == 0 && slice.is_whole(reading.file) && buffer.ends_at(with_end);
                let line = buffer.window().get(..length).unwrap_or_default();
                if is_all && memchr::memchr(b'\r', line.trim_ascii()).is_some() && !is_json(line) {
                    // Old exports part their lines by carriage returns alone: to us, such a file is one line.
                    for range in cut_at_returns(line) {
                        is_blank &= lines.read(&buffer, place, range.clone(), each)?;
                        let offset = place.offset + buffer.span_of(range.start..range.end + 1);
                        place = place_of(place.record + 1, offset);
                    }
                } else {
                    is_blank &= lines.read(&buffer, place, 0..length, each)?;
                }
                buffer.consume(with_end);
            }
        }
        place = place_of(place.record + 1, buffer.offset());
    }
    match reading.rest(&buffer, place) {
        Some(rest) => each(rest),
        None if is_blank && slice.is_whole(reading.file) => each(reading.empty_file(place.offset)),
        None => Ok(()),
    }
}

/// What all lines of a file share.
struct Lines<'a> {
    reading: &'a Reading<'a>,
    fields: Fields,
    charset: Charset<'a>,
}

impl Lines<'_> {
    /// Reads the line at `range` of the window, which stands at `place`; says whether it is blank.
    fn read<E>(
        &self,
        buffer: &Buffer,
        place: Place,
        range: Range<usize>,
        each: &mut dyn FnMut(Item) -> Result<(), E>,
    ) -> Result<bool, E> {
        let line = buffer.window().get(range.clone()).unwrap_or_default();
        if line.trim_ascii().is_empty() {
            return Ok(true);
        }
        let decoded = self.charset.decode(line, buffer);
        let record = Record { place, bytes: buffer.span_of(range), encoding: decoded.encoding };
        let items = record.read(self.reading, &self.fields, &decoded.text, decoded.bad);
        items.into_iter().flatten().try_for_each(each)?;
        Ok(false)
    }
}

fn is_json(line: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(line).is_ok()
}

/// The lines that end in carriage returns, without those.
fn cut_at_returns(line: &[u8]) -> Vec<Range<usize>> {
    let mut start = 0;
    let ends = memchr::memchr_iter(b'\r', line).chain([line.len()]);
    ends.map(|end| std::mem::replace(&mut start, end + 1)..end).collect()
}

/// One line and where it stands.
struct Record {
    place: Place,
    bytes: u64,
    encoding: &'static str,
}

/// Why a line is no record, and at which byte of it.
struct Refusal {
    cause: Cause,
    detail: String,
    column: Option<u64>,
}

impl Record {
    /// The document, followed by a row for replaced bytes if there were any; or why there is none.
    fn read(&self, reading: &Reading<'_>, fields: &Fields, line: &str, bad: Option<Damage>) -> [Option<Item>; 2] {
        let mut mended = None;
        let result = match self.parse(reading, fields, line) {
            Err(refusal) => match mend_surrogates(line) {
                Some((text, first, count)) => {
                    mended = Some((first, count));
                    self.parse(reading, fields, &text)
                }
                None => Err(refusal),
            },
            parsed => parsed,
        };
        match result {
            Err(Refusal { cause, detail, column }) => {
                [Some(reading.refuse_at(self.place, column, cause, detail, self.bytes)), None]
            }
            Ok(item) => {
                let replaced = bad.map(|bad| reading.replaced_bytes(self.place, bad, self.encoding));
                let lone = mended.map(|mended| reading.lone_surrogates(self.place, mended));
                [Some(item), replaced.or(lone)]
            }
        }
    }

    fn parse(&self, reading: &Reading<'_>, fields: &Fields, line: &str) -> Result<Item, Refusal> {
        let mut draft = Draft::default();
        let mut parser = serde_json::Deserializer::from_str(line);
        let parsed = Fill { fields, draft: &mut draft }.deserialize(&mut parser).and_then(|()| parser.end());
        parsed.map_err(|error| self.refusal(line, &error))?;
        draft.note_encoding(self.encoding);
        let document = draft.finish(reading.position(self.place.record), reading, &fields.text);
        let document = document.map_err(|(cause, detail)| {
            let others = if cause == Cause::MissingText { other_fields(line) } else { String::new() };
            Refusal { cause, detail: detail + &others, column: None }
        })?;
        Ok(Item::Document { document, bytes: self.bytes })
    }

    /// What a parser's error means: the line is no JSON, or it is JSON but no object.
    fn refusal(&self, line: &str, error: &serde_json::Error) -> Refusal {
        if error.classify() == Category::Data
            && let Ok(raw) = serde_json::from_str::<&RawValue>(line)
            && let Ok(value) = Value::from_json(raw.get())
        {
            let detail = format!("the line is {}, not an object", value.kind());
            return Refusal { cause: Cause::WrongType, detail, column: None };
        }
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        let message = match message.strip_prefix("EOF while parsing") {
            Some(what) => format!("the line ends within{what}"),
            None => message.to_owned(),
        };
        let number = self.place.record + 1;
        let hint = if self.place.record == 0 && matches!(line.trim(), "{" | "[") {
            "; each line must be one whole object, this looks like one JSON document over many lines"
        } else if error.classify() == Category::Syntax && line.trim().contains('\r') {
            "; there is a carriage return within the line: part lines by line feeds"
        } else {
            ""
        };
        let column = error.column() as u64;
        let detail = format!("line {number}, column {column}: {message}{hint}");
        Refusal { cause: Cause::MalformedJson, detail, column: Some(column) }
    }
}

/// Fills a draft from an object, the text without a detour.
struct Fill<'f, 'd, 'de> {
    fields: &'f Fields,
    draft: &'d mut Draft<'de>,
}

impl<'de> DeserializeSeed<'de> for Fill<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fill<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Str(name)) = map.next_key::<Str<'de>>()? {
            let node = self.fields.get(&name);
            if node.is_some_and(Node::is_text) {
                self.draft.put_text(map.next_value_seed(Text)?);
                continue;
            }
            let json: &'de RawValue = map.next_value()?;
            match node {
                Some(_) => {
                    self.draft.put(node, &name, Value::from_json(json.get()).map_err(serde::de::Error::custom)?);
                }
                None => self.draft.put_json(name.into_owned(), json.get()),
            }
        }
        Ok(())
    }
}

/// A value that should be a string. What else it is need only be told, not kept.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Value<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value<'de>, E> {
        Ok(Value::Json(Cow::Borrowed("true")))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value<'de>, E> {
        Ok(Value::Json(Cow::Borrowed("0")))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value<'de>, E> {
        Ok(Value::Json(Cow::Borrowed("0")))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value<'de>, E> {
        Ok(Value::Json(Cow::Borrowed("0")))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Json(Cow::Borrowed("[]")))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Json(Cow::Borrowed("{}")))
    }
}

/// A line whose `\u` escapes of lone surrogates, as other languages write them for text cut within a character, became
/// those of U+FFFD; where the first stood, and how many there were. None if there are none.
fn mend_surrogates(line: &str) -> Option<(String, usize, usize)> {
    let unit = |at: usize| {
        let digits = line.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut mended = String::new();
    let (mut done, mut at, mut first, mut count) = (0, 0, 0, 0);
    while let Some(next) = line.get(at..).and_then(|rest| memchr::memchr(b'\\', rest.as_bytes())) {
        at += next;
        at += match (unit(at), unit(at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                mended.push_str(line.get(done..at).unwrap_or_default());
                mended.push_str("\\ufffd");
                first = if count == 0 { at } else { first };
                count += 1;
                done = at + 6;
                6
            }
            // An escape is two bytes at least; what follows `\\` or `\"` is none of it.
            _ => 1 + line.get(at + 1..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8),
        };
    }
    mended.push_str(line.get(done..).unwrap_or_default());
    (count > 0).then_some((mended, first, count))
}

/// Which fields a line has, and which of them may be the text.
fn other_fields(line: &str) -> String {
    let names = serde_json::from_str(line).map(|Object(fields)| fields.into_iter().map(|(name, _)| name).collect());
    likely::hint(&names.unwrap_or_else(|_| Vec::new()))
}
