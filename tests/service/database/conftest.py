"""Every test of a store runs over SQLite and over a real PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.service.database.cluster import PROGRAMS, Cluster, find_programs, run_cluster

from hdalr.service.database import Store


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    missing = set(PROGRAMS) - set(find_programs())
    if missing:
        pytest.skip(f"no PostgreSQL here: {', '.join(sorted(missing))} not found; see Debian's "
                    "package postgresql")  # fmt: skip
    with run_cluster() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'feedback.sqlite'}"
    running: Cluster = request.getfixturevalue("cluster")
    return running.make_schema()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store(url) as opened:
        yield opened
