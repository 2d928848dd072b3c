//! Sorting, ranges, scratch files, fan-in, and damage.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;

/// A record whose value says when it was pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Numbered {
    key: Vec<u8>,
    number: u64,
}

impl Record for Numbered {
    fn key(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.key);
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_number(out, self.number);
    }

    fn read(key: &[u8], mut value: &[u8]) -> Option<Self> {
        let number = take_number(&mut value)?;
        value.is_empty().then(|| Self { key: key.to_vec(), number })
    }
}

fn numbered(keys: impl IntoIterator<Item = Vec<u8>>) -> Vec<Numbered> {
    (0..).zip(keys).map(|(number, key)| Numbered { key, number }).collect()
}

fn sorted(records: &[Numbered], folder: &Path, memory: u64) -> Sorted<Numbered> {
    let mut sorter = Sorter::new(folder.to_owned(), memory);
    records.iter().for_each(|record| sorter.push(record).unwrap());
    sorter.sort().unwrap()
}

fn write(records: &Sorted<Numbered>, path: &Path) {
    records.write(std::fs::File::create(path).unwrap(), path).unwrap();
}

fn all(mut stream: Stream<'_, Numbered>) -> Vec<Numbered> {
    std::iter::from_fn(|| stream.next().unwrap()).collect()
}

/// What a sorter should give.
fn expected(records: &[Numbered], range: &KeyRange) -> Vec<Numbered> {
    let mut records = records.to_vec();
    records.retain(|record| record.key >= range.from && range.is_before_end(&record.key));
    records.sort_by(|a, b| a.key.cmp(&b.key));
    records
}

fn keys() -> impl Strategy<Value = Vec<Vec<u8>>> {
    // Few and short, so that many are the same, some are empty, and some begin as others do.
    prop::collection::vec(prop::collection::vec(prop::sample::select(vec![0u8, 1, 7, 255]), 0..11), 0..300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn records_come_out_sorted_and_those_of_one_key_as_they_were_pushed(
        keys in keys(), memory in 0u64..20_000, from in keys(), to in prop::option::of(prop::collection::vec(any::<u8>(), 0..3)),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let records = numbered(keys);
        let sorted = sorted(&records, folder.path(), memory);
        let range = KeyRange { from: from.into_iter().next().unwrap_or_default(), to };
        prop_assert_eq!(all(sorted.stream()), expected(&records, &KeyRange::default()));
        prop_assert_eq!(all(sorted.range(&range)), expected(&records, &range));
        let path = folder.path().join("run");
        write(&sorted, &path);
        let run = Arc::new(Run::open(&path).unwrap());
        prop_assert_eq!(run.records(), records.len() as u64);
        let mut gathered = Sorter::<Numbered>::new(folder.path().to_owned(), memory);
        gathered.take(run.scan(range.clone())).unwrap();
        prop_assert_eq!(all(gathered.sort().unwrap().stream()), expected(&records, &range));
    }

    #[test]
    fn records_gathered_from_many_runs_are_those_of_one_sorter(parts in prop::collection::vec(keys(), 0..9), memory in 0u64..9_000) {
        let folder = tempfile::tempdir().unwrap();
        let records = numbered(parts.concat());
        let mut rest = records.as_slice();
        let mut paths = Vec::new();
        for (number, part) in parts.iter().enumerate() {
            let (own, others) = rest.split_at(part.len());
            rest = others;
            paths.push(folder.path().join(number.to_string()));
            write(&sorted(own, folder.path(), memory), paths.last().unwrap());
        }
        for range in [KeyRange::default(), KeyRange::of_prefix(&[7]), KeyRange::of_prefix(&[255, 255])] {
            let mut sorter = Sorter::<Numbered>::new(folder.path().to_owned(), memory);
            sorter.gather(paths.clone(), &range).unwrap();
            prop_assert_eq!(all(sorter.sort().unwrap().stream()), expected(&records, &range));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_queue_gives_the_least_first_whatever_the_memory(
        steps in prop::collection::vec((prop::collection::vec(0u8..9, 0..4), prop::bool::weighted(0.4)), 0..200), memory in 0u64..3_000,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut queue = Queue::new(folder.path().to_owned(), memory);
        let mut waiting: Vec<Numbered> = Vec::new();
        for (number, (key, takes)) in (0..).zip(steps) {
            let record = Numbered { key, number };
            queue.push(&record).unwrap();
            waiting.push(record.clone());
            if !takes {
                continue;
            }
            loop {
                let least = waiting.iter().map(|record| record.key.clone()).min().filter(|least| *least <= record.key);
                let taken = queue.take_up_to(&record.key).unwrap();
                prop_assert_eq!(taken.as_ref().map(|record| &record.key), least.as_ref());
                let Some(taken) = taken else { break };
                let at = waiting.iter().position(|record| *record == taken);
                prop_assert!(at.is_some(), "it was pushed and not taken yet: {:?}", taken);
                waiting.swap_remove(at.unwrap());
            }
        }
    }
}

#[test]
fn a_queue_merges_its_files_where_there_are_many() {
    let folder = tempfile::tempdir().unwrap();
    let mut queue = Queue::new(folder.path().to_owned(), 0);
    let count = 5 * FAN_IN as u64;
    for number in 0..count {
        queue.push(&Numbered { key: vec![(number * 37 % 251) as u8], number }).unwrap();
        assert!(queue.files() < FAN_IN);
    }
    let taken: Vec<Numbered> = std::iter::from_fn(|| queue.take_up_to(&[255]).unwrap()).collect();
    assert_eq!(taken.len() as u64, count);
    assert!(taken.is_sorted_by_key(|record| record.key.clone()));
}

#[test]
fn more_runs_than_are_read_side_by_side_are_merged_first() {
    let folder = tempfile::tempdir().unwrap();
    for count in [FAN_IN as u64 - 1, FAN_IN as u64, 3 * FAN_IN as u64 + 5, 70 * FAN_IN as u64] {
        let records = numbered((0..count).map(|number| vec![(number % 5) as u8, (number * 37 % 251) as u8]));
        // No memory at all: each record is a run.
        let sorted = sorted(&records, folder.path(), 0);
        assert!(sorted.runs() < FAN_IN, "{count} records are {} runs", sorted.runs());
        assert!(all(sorted.stream()) == expected(&records, &KeyRange::default()), "{count}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "scratch files have no name");
}

#[test]
fn a_range_reads_only_the_blocks_that_hold_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let records = numbered((0..40_000u32).map(|number| number.to_be_bytes().to_vec()));
    write(&sorted(&records, folder.path(), 1 << 20), &path);
    // The first byte of the file belongs to the first block alone.
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[0] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let run = Arc::new(Run::open(&path).unwrap());
    let range = |from: u32, to: u32| KeyRange { from: from.to_be_bytes().into(), to: Some(to.to_be_bytes().into()) };
    let mut sorter = Sorter::<Numbered>::new(folder.path().to_owned(), 1 << 20);
    sorter.take(run.scan(range(30_000, 30_010))).unwrap();
    assert_eq!(all(sorter.sort().unwrap().stream()), records[30_000..30_010]);
    let mut sorter = Sorter::<Numbered>::new(folder.path().to_owned(), 1 << 20);
    assert!(matches!(sorter.take(run.scan(range(3, 9))), Err(ExchangeError::Damaged { .. })));
}

#[test]
fn whatever_byte_is_changed_or_cut_off_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let records = numbered((0..9u8).map(|number| vec![number; 3]));
    write(&sorted(&records, folder.path(), 1 << 20), &path);
    let whole = std::fs::read(&path).unwrap();
    let read = || -> Result<Vec<Numbered>, ExchangeError> {
        let mut sorter = Sorter::<Numbered>::new(folder.path().to_owned(), 1 << 20);
        sorter.gather([path.clone()], &KeyRange::default())?;
        Ok(all(sorter.sort()?.stream()))
    };
    assert_eq!(read().unwrap(), records);
    assert!(is_whole(&path));
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        std::fs::write(&path, &changed).unwrap();
        assert!(matches!(read(), Err(ExchangeError::Damaged { .. })), "byte {at} was changed");
        std::fs::write(&path, &whole[..at]).unwrap();
        assert!(!is_whole(&path), "cut to {at} bytes");
    }
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(read(), Err(ExchangeError::Damaged { .. })), "a file that is gone is made again");
}

#[test]
fn equal_parts_of_the_keys_follow_each_other_and_hold_every_key() {
    for of in [1, 2, 7, 16, 300] {
        let all: Vec<KeyRange> = (0..of).map(|part| KeyRange::part(&[4], part..part + 1, of)).collect();
        assert_eq!(all[0].from, [&[4][..], &[0; 8]].concat());
        assert_eq!(all.last().unwrap().to, Some(vec![5]));
        assert!(all.windows(2).all(|pair| pair[0].to.as_ref() == Some(&pair[1].from)), "{of}");
    }
    assert_eq!(KeyRange::part(&[], 0..3, 3).to, None);
}

#[test]
fn nothing_is_a_run_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let none = sorted(&[], folder.path(), 10);
    assert_eq!(all(none.stream()), []);
    write(&none, &path);
    assert!(is_whole(&path));
    assert_eq!(Run::open(&path).unwrap().records(), 0);
}

#[test]
fn numbers_of_any_size_survive() {
    for number in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
        let mut bytes = Vec::new();
        put_number(&mut bytes, number);
        assert_eq!(take_number(&mut bytes.as_slice()), Some(number));
        bytes.pop();
        assert_eq!(take_number(&mut bytes.as_slice()), None);
    }
}
