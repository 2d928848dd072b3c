"""The dataset's files are what they say: hashes, counts, row groups, metadata, the ledger's sums."""

import collections
import csv
import datetime
import gzip
import hashlib
import io
import json

import pyarrow.parquet
import pytest
from conftest import REPOSITORY
from shared import SPLITS, by_pyarrow, files, splits

ARTICLES = REPOSITORY / "seeds/articles"
RECORDS = REPOSITORY / "seeds/records"


@pytest.fixture(scope="module")
def rows(dataset):
    return [row for split in splits(dataset) for row in by_pyarrow(dataset, split)]


@pytest.fixture(scope="module")
def ledger(dataset):
    shards = sorted((dataset / "ledger").glob("removed-*.parquet"))
    assert shards
    return [row for shard in shards for row in pyarrow.parquet.ParquetFile(shard).read().to_pylist()]


@pytest.fixture(scope="module")
def rejected(dataset):
    return pyarrow.parquet.ParquetFile(dataset / "ledger/rejected.parquet").read().to_pylist()


def records():
    """(file name, record) of everything that the quickstart reads, counted here without tamis."""
    found = [(path.name, 0) for path in ARTICLES.iterdir()]
    for path in RECORDS.iterdir():
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        if path.suffix == ".csv":
            count = sum(1 for _ in csv.DictReader(io.StringIO(content.decode())))
        else:
            count = len(content.splitlines())
        found += [(path.name, record) for record in range(count)]
    return sorted(found)


def where(row):
    return row["source"].rsplit("/", 1)[-1], row["record"]


def test_every_record_is_kept_or_removed_or_rejected(rows, ledger, rejected):
    kept = [where(row) for row in rows]
    removed = [where(row) for row in ledger if row["kind"] == "removed" and row["block"] is None]
    refused = [(row["source"].rsplit("/", 1)[-1], row["record"] or 0) for row in rejected]
    assert sorted(kept + removed + refused) == records()
    assert refused == [("blank-page.txt", 0)]
    assert removed == [("en-elswick-reprint.txt", 0)]


def test_blocks_of_each_kept_document_add_up(rows, ledger):
    removed = collections.Counter(
        where(row) for row in ledger if row["kind"] == "removed" and row["block"] is not None
    )
    for row in rows:
        assert row["blocks_in"] - row["blocks_kept"] == removed[where(row)], row["id"]


def test_every_removal_names_its_stage_and_rule_and_holds_its_bytes(ledger):
    assert ledger
    for row in ledger:
        assert row["stage"] and row["rule"], row
        assert row["kind"] in ("removed", "edited")
        if row["kind"] == "removed" and row["block"] is not None:
            assert row["text"], row


def test_removed_copies_name_a_partner_that_stays(rows, ledger):
    ids = {row["id"] for row in rows}
    copies = [row for row in ledger if row["stage"] in ("document_dedup", "paragraph_dedup")]
    assert {row["stage"] for row in copies} == {"document_dedup", "paragraph_dedup"}
    for row in copies:
        assert row["partner_id"] in ids, row


def test_digest_and_counts_are_those_of_the_text(rows):
    for row in rows:
        assert row["sha256"] == hashlib.sha256(row["text"].encode()).hexdigest(), row["id"]
        assert row["chars"] == len(row["text"]), row["id"]
        assert row["tokens"] == len(row["token_ids"]) > 0, row["id"]
        assert 0 < row["words"] <= row["chars"], row["id"]
        assert 0 <= row["language_score"] <= 1, row["id"]


def test_ids_are_unique_and_mapped_fields_reach_their_columns(rows):
    ids = [row["id"] for row in rows]
    assert len(set(ids)) == len(ids)
    with open(RECORDS / "wire.jsonl", encoding="utf-8") as lines:
        for line in lines:
            wanted = json.loads(line)
            (row,) = [row for row in rows if row["id"] == wanted["uid"]]
            assert row["title"] == wanted["headline"]
            assert row["published"] == datetime.date.fromisoformat(wanted["date"])
            assert row["url"] == wanted["link"]
            assert row["section"] == wanted["desk"]
            assert json.loads(row["metadata"])["priority"] == wanted["priority"]


@pytest.mark.parametrize("name", ["dataset", "sharded"])
def test_row_groups_are_bounded_compressed_and_indexed(name, request):
    folder = request.getfixturevalue(name)
    limit = {"dataset": 16384, "sharded": 2}[name]
    for shard in sorted((folder / "data").glob("*.parquet")):
        metadata = pyarrow.parquet.read_metadata(shard)
        for index in range(metadata.num_row_groups):
            group = metadata.row_group(index)
            assert 0 < group.num_rows <= limit
            for column in range(group.num_columns):
                chunk = group.column(column)
                assert chunk.compression == "ZSTD", chunk.path_in_schema
                assert chunk.has_offset_index, chunk.path_in_schema
                if chunk.path_in_schema in ("id", "chars", "published", "tokens", "language"):
                    assert chunk.has_column_index, chunk.path_in_schema
                    assert chunk.is_stats_set, chunk.path_in_schema


def test_statistics_bound_the_values(sharded):
    for shard in sorted((sharded / "data").glob("*.parquet")):
        file = pyarrow.parquet.ParquetFile(shard)
        column = file.schema_arrow.names.index("chars")
        for index in range(file.num_row_groups):
            values = file.read_row_group(index, columns=["chars"])["chars"].to_pylist()
            statistics = file.metadata.row_group(index).column(column).statistics
            assert (statistics.min, statistics.max) == (min(values), max(values))


def test_key_value_metadata_tells_version_and_plan(dataset):
    for shard in sorted((dataset / "data").glob("*.parquet")):
        metadata = pyarrow.parquet.read_metadata(shard)
        keys = {key.decode(): value.decode() for key, value in metadata.metadata.items()}
        ours = {key: value for key, value in keys.items() if key.startswith("tamis")}
        assert ours, keys.keys()
        assert any(len(value) == 64 and set(value) <= set("0123456789abcdef") for value in ours.values()), ours
        assert metadata.created_by.startswith("tamis"), metadata.created_by


def test_shards_are_named_as_the_card_says(sharded):
    for split in splits(sharded):
        names = [file.name for file in files(sharded, split)]
        assert names == [f"{split}-{index:05}-of-{len(names):05}.parquet" for index in range(len(names))]
    assert {file.name.split("-")[0] for file in (sharded / "data").iterdir()} <= set(SPLITS)


def test_manifest_names_every_file_with_its_digest(dataset):
    manifest = (dataset / "manifest.json").read_text(encoding="utf-8")
    json.loads(manifest)
    for file in dataset.rglob("*.parquet"):
        assert file.relative_to(dataset).as_posix() in manifest
        assert hashlib.sha256(file.read_bytes()).hexdigest() in manifest, file.name


def test_nothing_in_the_folder_depends_on_where_it_lies(dataset):
    for file in dataset.rglob("*"):
        if file.is_file() and file.name != "run.json":
            content = file.read_bytes()
            assert str(dataset).encode() not in content, file.name
            assert str(REPOSITORY).encode() not in content, file.name
