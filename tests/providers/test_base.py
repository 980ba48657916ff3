"""The providers' errors speak to people, travel between processes, and keep secrets."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from integrations.providers import PROVIDERS, TrutoConfig
from integrations.providers.base import (
    BadSignature,
    ConnectLink,
    Gone,
    Malformed,
    NeedsReconnect,
    ProviderError,
    Refused,
    RemoteConnection,
    TryLater,
)

ERRORS = [
    ProviderError("Something"),
    NeedsReconnect("Refused", ("a.read", "b.read")),
    NeedsReconnect("Refused"),
    TryLater(10),
    TryLater(None, "Too busy."),
    Refused("Our token"),
    Malformed("No JSON"),
    Gone(),
    BadSignature(),
]


@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_error_says_what_happened_and_what_now(error: ProviderError) -> None:
    assert error.words.count(". ") >= 1
    assert ".." not in error.words
    assert any(calm in error.words for calm in ("Nothing was", "nothing was", "is kept")), (
        error.words
    )
    assert len(error.words) <= 500


@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_error_survives_pickling(error: ProviderError) -> None:
    again = pickle.loads(pickle.dumps(error))

    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_codes_are_each_their_own() -> None:
    kinds = {type(error) for error in ERRORS}

    assert len({kind.code for kind in kinds}) == len(kinds)


def test_words_stay_short_with_many_scopes() -> None:
    assert len(NeedsReconnect("x", tuple(f"scope.number.{n}" for n in range(500))).words) <= 500


def test_secrets_stay_out_of_representations() -> None:
    config = TrutoConfig("https://api.example", "https://app.example", "SECRET", ("SECRET",))
    provider = PROVIDERS["truto"](config)

    shown = f"{config!r}{provider!r}{vars(provider)}{ConnectLink('https://x/?link_token=SECRET')!r}"

    provider.close()
    assert "SECRET" not in shown


def test_a_connections_context_stays_out_of_representations() -> None:
    found = RemoteConnection(
        "r", "t", "xero", "active", False, {"connect_nonce": "SECRET"}, None, (), None
    )

    assert found.nonce == "SECRET"
    assert "SECRET" not in repr(found)
    assert hash(found)


@pytest.mark.parametrize("context", [{}, {"connect_nonce": None}, {"connect_nonce": ["x"]}])
def test_a_nonce_that_is_no_text_is_none(context: dict[str, object]) -> None:
    found = RemoteConnection("r", "t", "xero", "active", False, context, None, (), None)

    assert found.nonce is None


def test_providers_live_without_django() -> None:
    code = (
        "import sys; import integrations.providers, integrations.providers.listing;"
        "sys.exit(any(name.split('.')[0] == 'django' for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
