"""What tests of sources share."""

from __future__ import annotations

import pytest
from mongo_server import mongo_server
from streamergraph.observations.store import Store
from streamergraph.privacy import load_pseudonyms
from streamergraph.verbs.import_observations import import_observations


@pytest.fixture
def imported(tmp_path):
    """Import a source into the store of this test; returns (counts, store)."""

    def run(source, *, store="store", **options):
        counts = import_observations(source, out=tmp_path / store, key=tmp_path / "key", **options)
        return dict(counts), Store(tmp_path / store)

    return run


@pytest.fixture
def viewer(tmp_path):
    """The pseudonym of a login under the key of this test."""
    return lambda login: load_pseudonyms(tmp_path / "key", create=True).viewer(login)


@pytest.fixture(scope="session")
def mongo(tmp_path_factory):
    """The address of a server of MongoDB that is empty at first."""
    with mongo_server(tmp_path_factory.mktemp("mongo")) as address:
        yield address
