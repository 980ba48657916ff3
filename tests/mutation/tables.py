"""For targets that read tables: one database, made once in the warm process and copied by each fork."""

import importlib
import os
import sys
from collections.abc import Sequence

import pytest

OPTIONS = [
    "-p",
    "tests.environment",
    "-p",
    "pytest_django.plugin",
    "-p",
    "tests.mutation.tables",
    "--confcutdir",
    ".",
]


def make() -> None:
    """Set Django up and lay the tables, in memory; a fork gets them with the rest."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sprinto_xero.settings")
    importlib.import_module("tests.environment")
    django = importlib.import_module("django")
    django.setup()
    connection = importlib.import_module("django.db").connection
    connection.creation.create_test_db(verbosity=0, serialize=False)


def read_anew(package: str, modules: Sequence[str]) -> None:
    """Import the mutated modules again in place: everybody who holds the package sees them."""
    for name in (*(f"{package}.{each}" for each in modules), package):
        importlib.reload(sys.modules[name])


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """Made by the warm process already."""
