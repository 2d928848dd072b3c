"""Polars, pyarrow, DuckDB and datasets read the same dataset in the same way."""

import datasets
import mlcroissant
import polars
import pyarrow
import pyarrow.parquet
import pytest
from shared import READERS, by_datasets, by_pyarrow, files, plain_rows, splits

COLUMNS = {
    "id": pyarrow.string(),
    "text": pyarrow.string(),
    "source": pyarrow.string(),
    "record": pyarrow.uint64(),
    "title": pyarrow.string(),
    "author": pyarrow.string(),
    "published": pyarrow.date32(),
    "updated": pyarrow.date32(),
    "url": pyarrow.string(),
    "site": pyarrow.string(),
    "section": pyarrow.string(),
    "credit": pyarrow.string(),
    "language": pyarrow.string(),
    "language_script": pyarrow.string(),
    "language_score": pyarrow.float32(),
    "chars": pyarrow.uint32(),
    "words": pyarrow.uint32(),
    "tokens": pyarrow.uint32(),
    "token_ids": pyarrow.list_(pyarrow.uint32()),
    "sha256": pyarrow.string(),
    "cluster": pyarrow.string(),
    "cluster_size": pyarrow.uint32(),
    "similarity": pyarrow.float32(),
    "blocks_in": pyarrow.uint32(),
    "blocks_kept": pyarrow.uint32(),
    "bytes_in": pyarrow.uint64(),
    "quality": None,  # a struct of float32, whatever its fields
    "metadata": pyarrow.string(),
}


def same_type(found, wanted):
    """Equal types; the name and nullability of a list's items are not compared."""
    if pyarrow.types.is_list(wanted):
        return pyarrow.types.is_list(found) and found.value_type == wanted.value_type
    return found == wanted


@pytest.mark.parametrize("name", ["dataset", "sharded"])
def test_schema_is_the_fixed_one_in_every_file(name, request):
    folder = request.getfixturevalue(name)
    shards = sorted((folder / "data").glob("*.parquet"))
    assert shards
    for shard in shards:
        schema = pyarrow.parquet.read_schema(shard)
        assert schema.names == list(COLUMNS), shard.name
        for field in schema:
            if field.name == "quality":
                assert pyarrow.types.is_struct(field.type)
                assert {part.type for part in field.type} == {pyarrow.float32()}
            else:
                assert same_type(field.type, COLUMNS[field.name]), f"{shard.name}: {field}"


@pytest.mark.parametrize("name", ["dataset", "sharded"])
@pytest.mark.parametrize("reader", READERS)
def test_reader_agrees_with_pyarrow(name, reader, request):
    folder = request.getfixturevalue(name)
    assert splits(folder)
    for split in splits(folder):
        wanted = plain_rows(by_pyarrow(folder, split))
        assert plain_rows(READERS[reader](folder, split)) == wanted, split


@pytest.mark.parametrize("name", ["dataset", "sharded"])
def test_load_dataset_finds_the_splits_and_agrees_with_pyarrow(name, request, tmp_path):
    folder = request.getfixturevalue(name)
    loaded = datasets.load_dataset(str(folder), cache_dir=str(tmp_path))
    assert sorted(loaded) == splits(folder)
    assert list(loaded["train"].features) == list(COLUMNS)
    for split in splits(folder):
        wanted = plain_rows(by_pyarrow(folder, split))
        assert plain_rows(by_datasets(folder, split, tmp_path)) == wanted, split


def test_the_ledger_is_a_config_of_its_own(dataset, tmp_path):
    removed = datasets.load_dataset(str(dataset), "ledger", cache_dir=str(tmp_path))["removed"]
    shards = sorted((dataset / "ledger").glob("removed-*.parquet"))
    assert removed.num_rows == sum(pyarrow.parquet.read_metadata(shard).num_rows for shard in shards)
    assert "rule" in removed.features


@pytest.mark.parametrize("name", ["dataset", "sharded"])
def test_croissant_is_valid_and_loads_every_split(name, request):
    folder = request.getfixturevalue(name)
    described = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
    assert not described.metadata.ctx.issues.errors
    for split in splits(folder):
        ids = sorted(record[f"{split}/id"].decode() for record in described.records(split))
        assert ids == sorted(row["id"] for row in by_pyarrow(folder, split)), split


def test_cutting_shards_and_row_groups_otherwise_changes_no_row(dataset, sharded):
    assert splits(dataset) == splits(sharded)
    assert len(files(sharded, "train")) > len(files(dataset, "train"))
    for split in splits(dataset):
        whole, cut = ({row["id"]: row for row in plain_rows(by_pyarrow(folder, split))} for folder in (dataset, sharded))
        assert whole == cut


def test_polars_scans_lazily_with_predicates(dataset):
    french = polars.scan_parquet(dataset / "data/*.parquet").filter(polars.col("language") == "fr").collect()
    rows = [row for split in splits(dataset) for row in by_pyarrow(dataset, split)]
    assert french.height == sum(row["language"] == "fr" for row in rows) > 0


def test_null_columns_keep_their_types_for_every_reader(dataset):
    frame = polars.read_parquet(dataset / "data/*.parquet")
    assert frame["cluster"].null_count() == frame.height
    assert frame.schema["cluster"] == polars.String
    assert frame.schema["cluster_size"] == polars.UInt32
