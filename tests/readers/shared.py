"""What the tests share: how each reader reads a dataset, and how values are made comparable."""

import datetime
import math

import datasets
import duckdb
import polars
import pyarrow.parquet

SPLITS = ["test", "train", "validation"]


def files(folder, split):
    """The Parquet files of one split, in order."""
    return sorted((folder / "data").glob(f"{split}-*.parquet"))


def splits(folder):
    """The splits that have files."""
    return [split for split in SPLITS if files(folder, split)]


def by_pyarrow(folder, split):
    """Rows as dictionaries, by pyarrow, file by file."""
    return [row for file in files(folder, split) for row in pyarrow.parquet.ParquetFile(file).read().to_pylist()]


def by_polars(folder, split):
    """Rows as dictionaries, by Polars' own Parquet reader."""
    return polars.read_parquet(files(folder, split), use_pyarrow=False).to_dicts()


def by_duckdb(folder, split):
    """Rows as dictionaries, by DuckDB."""
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = true")
        cursor = connection.execute("select * from read_parquet(?)", [[str(file) for file in files(folder, split)]])
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row)) for row in cursor.fetchall()]


def by_datasets(folder, split, cache):
    """Rows as dictionaries, by `datasets.load_dataset` on the folder: it goes by the card's front matter."""
    return list(datasets.load_dataset(str(folder), split=split, cache_dir=str(cache)))


READERS = {"polars": by_polars, "duckdb": by_duckdb}


def plain(value):
    """The value in one form for all readers: bytes, ISO days, floats by their 32-bit value."""
    if isinstance(value, dict):
        # A struct of nothing but nulls and a null struct are told apart by some readers and not by others.
        fields = {key: plain(item) for key, item in value.items()}
        return fields if any(item is not None for item in fields.values()) else None
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 6)
    return value


def plain_rows(rows):
    """All rows in the form of `plain`."""
    return [{key: plain(value) for key, value in row.items()} for row in rows]
