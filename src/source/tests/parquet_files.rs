//! Parquet: types, row groups, damage.

use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::file::properties::WriterProperties;
use arrow::array::*;
use arrow::datatypes::{DataType, Field, Int32Type, Schema, TimeUnit};
use arrow::record_batch::RecordBatch;

use super::*;

/// A Parquet file with row groups of `rows` rows.
fn parquet(columns: Vec<(&str, ArrayRef)>, rows: usize) -> Vec<u8> {
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns.into_iter().map(|(_, array)| array).collect())
        .expect("the columns fit the schema");
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(rows)).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties)).expect("a writer can be made");
    writer.write(&batch).expect("the batch is written");
    writer.into_inner().expect("the file is finished")
}

fn strings(count: usize) -> ArrayRef {
    Arc::new(StringArray::from_iter_values((0..count).map(|row| format!("text {row} {}", row * 7919 % 1000))))
}

#[test]
fn columns_of_all_types_become_fields() {
    let tags = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None])]);
    let place = StructArray::from(vec![(
        Arc::new(Field::new("city", DataType::Utf8, true)),
        Arc::new(StringArray::from(vec!["Lyon"])) as ArrayRef,
    )]);
    let section: DictionaryArray<Int32Type> = ["sport"].into_iter().collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("text", Arc::new(LargeStringArray::from(vec!["One.\nTwo."]))),
        ("id", Arc::new(Int64Array::from(vec![7]))),
        ("title", Arc::new(StringViewArray::from(vec!["A title"]))),
        ("section", Arc::new(section)),
        ("site", Arc::new(BinaryArray::from(vec![b"example.org".as_slice()]))),
        ("published", Arc::new(Date32Array::from(vec![19_604]))),
        ("updated", Arc::new(TimestampMillisecondArray::from(vec![1_693_814_400_000]).with_timezone("+00:00"))),
        ("score", Arc::new(Float32Array::from(vec![0.1]))),
        ("nan", Arc::new(Float64Array::from(vec![f64::NAN]))),
        ("ok", Arc::new(BooleanArray::from(vec![true]))),
        ("none", Arc::new(StringArray::from(vec![None::<&str>]))),
        (
            "price",
            Arc::new(Decimal128Array::from(vec![1250]).with_precision_and_scale(6, 2).expect("the scale is possible")),
        ),
        ("time", Arc::new(TimestampSecondArray::from(vec![0]))),
        ("tags", Arc::new(tags)),
        ("place", Arc::new(place)),
    ];
    assert!(matches!(columns[6].1.data_type(), DataType::Timestamp(TimeUnit::Millisecond, Some(_))));
    let document = Folder::with("a.parquet", parquet(columns, 10)).read().only();
    assert_eq!((document.id(), &*document.text()), ("7", "One.\nTwo."));
    let facts = document.facts();
    assert_eq!(facts.title.as_deref(), Some("A title"));
    assert_eq!(facts.section.as_deref(), Some("sport"));
    assert_eq!(facts.site.as_deref(), Some("example.org"));
    assert_eq!(facts.published.expect("the day is read").to_string(), "2023-09-04");
    assert_eq!(facts.updated.expect("the day is read").to_string(), "2023-09-04");
    let metadata: Vec<_> = document.metadata().iter().map(|(key, json)| format!("{key}={json}")).collect();
    assert_eq!(
        metadata,
        [
            "ok=true",
            r#"place={"city":"Lyon"}"#,
            "price=12.50",
            "score=0.1",
            "tags=[1,null]",
            "time=\"1970-01-01T00:00:00\"",
        ]
    );
}

#[test]
fn moments_with_a_zone_show_the_clock_there() {
    // 29 March 2023, 22:30 in UTC: in Warsaw the 30th has begun, in Halifax it is the afternoon.
    let seconds = 1_680_129_000;
    for (zone, day, shown) in [
        ("UTC", "2023-03-29", "2023-03-29T22:30:00Z"),
        ("Etc/UTC", "2023-03-29", "2023-03-29T22:30:00Z"),
        ("Europe/Warsaw", "2023-03-30", "2023-03-30T00:30:00+02:00"),
        ("America/Halifax", "2023-03-29", "2023-03-29T19:30:00-03:00"),
        ("Asia/Calcutta", "2023-03-30", "2023-03-30T04:00:00+05:30"),
        ("+05:45", "2023-03-30", "2023-03-30T04:15:00+05:45"),
        ("-0330", "2023-03-29", "2023-03-29T19:00:00-03:30"),
        ("Mars/Olympus", "2023-03-29", "2023-03-29T22:30:00Z"),
    ] {
        let moment = |zone: &str| -> ArrayRef {
            Arc::new(TimestampMicrosecondArray::from(vec![seconds * 1_000_000]).with_timezone(zone))
        };
        let inner = Arc::new(Field::new("at", moment(zone).data_type().clone(), true));
        let nested: ArrayRef = Arc::new(StructArray::from(vec![(inner, moment(zone))]));
        let columns =
            vec![("text", strings(1)), ("published", moment(zone)), ("seen", moment(zone)), ("crawl", nested)];
        let document = Folder::with("a.parquet", parquet(columns, 10)).read().only();
        assert_eq!(document.facts().published.map(|day| day.to_string()).as_deref(), Some(day), "{zone}");
        assert_eq!(document.metadata()["seen"], format!("\"{shown}\""));
        assert_eq!(document.metadata()["crawl"], format!("{{\"at\":\"{shown}\"}}"));
    }
}

#[test]
fn a_moment_that_no_calendar_has_is_its_number() {
    let far = |zone: Option<&str>| -> ArrayRef {
        let column = TimestampSecondArray::from(vec![i64::MAX]);
        Arc::new(match zone {
            Some(zone) => column.with_timezone(zone),
            None => column,
        })
    };
    let columns = vec![("text", strings(1)), ("zoned", far(Some("Europe/Oslo"))), ("plain", far(None))];
    let document = Folder::with("a.parquet", parquet(columns, 10)).read().only();
    let number = document.metadata()["zoned"].parse::<i64>();
    assert!(number.is_ok(), "{:?}", document.metadata());
    assert!(document.metadata()["plain"].parse::<i64>().is_ok(), "{:?}", document.metadata());
}

#[test]
fn binary_texts_are_decoded_as_lines_are() {
    let russian = "Рыбаки вернулись в гавань поздно вечером, рассказал смотритель маяка.";
    let russian = encoding_rs::WINDOWS_1251.encode(russian).0;
    let title = encoding_rs::WINDOWS_1251.encode("Маяк").0;
    let texts: ArrayRef = Arc::new(BinaryArray::from(vec![
        "Zażółć".as_bytes(),
        &russian,
        b"Le ph\xc3\xa9nix \xff et l'\xc3\xa9t\xc3\xa9",
    ]));
    let titles: ArrayRef = Arc::new(LargeBinaryArray::from_opt_vec(vec![None, Some(&title), None]));
    let hashes: ArrayRef = Arc::new(BinaryArray::from(vec![b"\xff\x00".as_slice(); 3]));
    let yielded =
        Folder::with("a.parquet", parquet(vec![("text", texts), ("title", titles), ("hash", hashes)], 10)).read();
    assert_eq!(
        yielded.texts(),
        [
            "Zażółć",
            "Рыбаки вернулись в гавань поздно вечером, рассказал смотритель маяка.",
            "Le phénix \u{fffd} et l'été"
        ]
    );
    assert_eq!(yielded.documents[1].0.facts().title.as_deref(), Some("Маяк"));
    assert_eq!(yielded.documents[1].0.metadata()["encoding"], "\"windows-1251\"");
    assert_eq!(yielded.documents[1].0.metadata()["hash"], "\"ff00\"");
    assert_eq!(yielded.documents[0].0.metadata().get("encoding"), None);
    assert_eq!(yielded.causes(), [(Some(2), 11, "undecodable_bytes", false)]);
}

#[test]
fn a_file_with_two_columns_of_one_name_is_refused() {
    let folder = Folder::with("a.parquet", parquet(vec![("text", strings(9)), ("text", strings(9))], 3));
    for yielded in [folder.read(), folder.read_cut("paths = [\".\"]", 1)] {
        assert_eq!(yielded.causes(), [(None, 0, "malformed_parquet", true)]);
        assert!(yielded.detail().contains("two columns named `text`"), "{}", yielded.detail());
    }
}

#[test]
fn nested_text_is_reached_by_dots() {
    let article = StructArray::from(vec![
        (
            Arc::new(Field::new("body", DataType::Utf8, true)),
            Arc::new(StringArray::from(vec!["A \"b\"\n"])) as ArrayRef,
        ),
        (Arc::new(Field::new("n", DataType::Int32, true)), Arc::new(Int32Array::from(vec![1])) as ArrayRef),
    ]);
    let folder = Folder::with("a.parquet", parquet(vec![("article", Arc::new(article))], 10));
    let document = folder.read_with("paths = [\".\"]\nfields = { text = \"article.body\" }").only();
    assert_eq!(document.text(), "A \"b\"");
    assert_eq!(document.metadata()["article"], r#"{"n":1}"#);
}

#[test]
fn records_are_the_same_however_row_groups_are_cut() {
    let folder = Folder::with("a.parquet", parquet(vec![("text", strings(1000))], 90));
    let whole = folder.read_cut("paths = [\".\"]", 1 << 30);
    assert_eq!(whole.documents.len(), 1000);
    assert_eq!(whole.documents[999].0.position().record, 999);
    let cut = folder.read_cut("paths = [\".\"]", 1);
    assert!(cut.documents == whole.documents);
    let file = folder.discover("paths = [\".\"]").files.remove(0);
    assert_eq!(survey(&file, 1).expect("the file can be read").slices.len(), 12);
}

#[test]
fn packed_parquet_files_are_read() {
    let folder = Folder::with("a.parquet.zst", zstandard(&parquet(vec![("text", strings(100))], 30)));
    let yielded = folder.read();
    assert_eq!((yielded.documents.len(), yielded.rejected.len()), (100, 0));
}

#[test]
fn a_damaged_row_group_leaves_the_others() {
    let mut bytes = parquet(vec![("text", strings(1000))], 100);
    let middle = bytes.len() / 2;
    bytes[middle..middle + 40].fill(0xff);
    let yielded = Folder::with("a.parquet", bytes).read();
    assert!((800..1000).contains(&yielded.documents.len()), "{}", yielded.documents.len());
    assert!(yielded.rejected.iter().all(|row| row.cause == Cause::MalformedParquet), "{:?}", yielded.rejected);
}

#[test]
fn files_that_are_no_parquet_are_refused() {
    let good = parquet(vec![("text", strings(10))], 100);
    let cut = good[..good.len() - 20].to_vec();
    let folder = Folder::with("a.parquet", cut).and("b.parquet", "PAR1").and("c.parquet", "").and("d.parquet", "text");
    let causes: Vec<_> = folder.read().rejected.iter().map(|row| row.cause.as_str()).collect();
    assert_eq!(causes, ["malformed_parquet", "malformed_parquet", "empty", "malformed_parquet"]);
    let none = Folder::with("a.parquet", parquet(vec![("content", strings(10))], 3)).read_cut("paths = [\".\"]", 1);
    assert_eq!(none.causes(), [(None, 0, "missing_text", true)]);
    let wrong = Folder::with("a.parquet", parquet(vec![("text", Arc::new(Int64Array::from(vec![1])))], 3)).read();
    assert_eq!(wrong.causes(), [(Some(0), 0, "wrong_type", true)]);
}

#[test]
fn no_damage_makes_the_reader_panic() {
    let good = parquet(vec![("text", strings(300)), ("n", Arc::new(Int64Array::from_iter_values(0..300)))], 100);
    let mut state = 7u64;
    for _ in 0..400 {
        let mut bytes = good.clone();
        for _ in 0..3 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = (state >> 33) as usize % bytes.len();
            bytes[at] ^= (state >> 20) as u8 | 1;
        }
        let folder = Folder::with("a.parquet", bytes);
        let yielded = folder.read();
        assert!(yielded.documents.len() <= 300 * 2);
    }
}
