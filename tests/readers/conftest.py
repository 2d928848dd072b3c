"""Builds the quickstart's dataset once, in a fresh folder, with the binary that TAMIS names."""

import os
import pathlib
import subprocess

import pytest

# Before the tests import `datasets`: nothing here may touch the network.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def build(tmp_path_factory):
    """Returns a function that builds the quickstart with some options and returns the dataset's folder."""
    binary = os.environ.get("TAMIS")
    if not binary:
        pytest.exit("set TAMIS to the path of the tamis binary, or run scripts/test readers", returncode=2)

    def run(*options):
        folder = tmp_path_factory.mktemp("build")
        command = [binary, "build", REPOSITORY / "configs/quickstart.toml", "-o", folder / "dataset",
                   "--work-dir", folder / "work", "--quiet", *options]
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        return folder / "dataset"

    return run


@pytest.fixture(scope="session")
def dataset(build):
    """The quickstart as its config writes it."""
    return build()


@pytest.fixture(scope="session")
def sharded(build):
    """The same articles in many small shards and row groups."""
    return build("--set", "output.shard_size=4KiB", "--set", "output.row_group_rows=2")
