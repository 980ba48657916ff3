"""The companies that attacks are made on: without a canary in a column, no leak of it is seen."""

import pytest

from tests.attack import company

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]


def test_every_text_of_a_company_is_marked(companies):
    for here in companies:
        wanted = {f"{m.__name__}.{c.name}" for m, c in company.texts()} - company.not_filled()
        missing = wanted - company.filled_columns(here)
        assert sorted(missing) == []


def test_no_company_holds_the_others_marks(companies):
    a, b = companies
    assert not company.row_ids(a) & company.row_ids(b)
    assert len(company.row_ids(b)) > 100
