"""The embedded installation's folder, secrets, ports and environments."""

import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from sprinto_xero import embedded

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"DATA_DIR": str(tmp_path / "data"), "PATH": "/usr/bin"}


@pytest.fixture
def taken() -> Iterator[int]:
    """A loopback port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_data_folder_and_secrets_are_the_owners_alone(env: dict[str, str]) -> None:
    with embedded.prepare(env):
        folder = Path(env["DATA_DIR"])
        assert mode(folder) == 0o700
        assert mode(folder / "secrets.env") == 0o600


def test_secrets_are_made_once(tmp_path: Path) -> None:
    assert embedded.keep_secrets(tmp_path) == embedded.keep_secrets(tmp_path)


def test_secrets_differ_between_installations(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, two = embedded.keep_secrets(tmp_path / "a"), embedded.keep_secrets(tmp_path / "b")
    assert not set(one.values()) & set(two.values())


def test_secret_new_in_an_upgrade_is_added_and_the_rest_kept(tmp_path: Path) -> None:
    (tmp_path / "secrets.env").write_text("SECRET_KEY=old=with=signs\n")
    kept = embedded.keep_secrets(tmp_path)
    assert kept["SECRET_KEY"] == "old=with=signs"
    assert embedded.read_secrets(tmp_path) == kept
    assert kept["AUDIT_SEAL_KEYS"].startswith("k1:")


def test_demo_password_given_wins_and_is_not_kept(env: dict[str, str]) -> None:
    env["DEMO_PASSWORD"] = "given by somebody"
    with embedded.prepare(env):
        assert env["DEMO_PASSWORD"] == "given by somebody"
        assert "given by somebody" not in embedded.read_secrets(Path(env["DATA_DIR"])).values()
        assert embedded.demo_password(env) == "the password in DEMO_PASSWORD"


def test_demo_password_that_is_short_is_refused(env: dict[str, str]) -> None:
    env["DEMO_PASSWORD"] = "short"
    with pytest.raises(embedded.CannotStart, match="12 is the least"):
        embedded.prepare(env)
    assert not Path(env["DATA_DIR"]).exists()


def test_sandbox_neither_on_nor_off_is_refused(env: dict[str, str]) -> None:
    env["SANDBOX"] = "maybe"
    with pytest.raises(embedded.CannotStart, match="SANDBOX must be on or off, not 'maybe'"):
        embedded.prepare(env)


def test_second_start_on_a_data_folder_is_refused_with_the_address(env: dict[str, str]) -> None:
    with embedded.prepare(env), pytest.raises(embedded.CannotStart, match="already running"):
        embedded.prepare(env)


def test_port_in_use_is_named_with_a_way_out(env: dict[str, str], taken: int) -> None:
    env["PORT"] = str(taken)
    with pytest.raises(embedded.CannotStart, match=f"Port {taken} is in use.*PORT="):
        embedded.prepare(env)


@pytest.mark.parametrize("value", ["web", "0", "70000", "-1", "80 "])
def test_port_that_is_none_is_refused(env: dict[str, str], value: str) -> None:
    env["PORT"] = value
    with pytest.raises(embedded.CannotStart, match="PORT must be a number"):
        embedded.prepare(env)


def test_port_left_open_goes_round_a_taken_one(taken: int) -> None:
    assert embedded.choose_port({}, "PORT", taken) > taken


def test_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(embedded.CannotStart, match=r"cannot be used.*DATA_DIR="):
        embedded.prepare({"DATA_DIR": str(file / "data")})


def test_sandbox_is_told_nothing_of_ours(env: dict[str, str]) -> None:
    env["DATABASE_URL"] = "postgres://somewhere"
    with embedded.prepare(env):
        told = embedded.sandbox_environment(env)
    ours = {"SECRET_KEY", "AUDIT_SEAL_KEYS", "DATABASE_URL", "DEMO_PASSWORD"}
    assert not ours & set(told)
    assert not {env[name] for name in ours} & set(told.values())


def test_own_processes_are_not_told_the_sandboxs_secrets(env: dict[str, str]) -> None:
    with embedded.prepare(env):
        told = embedded.own_environment(env)
    assert not [name for name in told if name.startswith("SANDBOX_")]
    assert "DEMO_PASSWORD" not in told


def test_both_sides_share_token_and_webhook_secret(env: dict[str, str]) -> None:
    with embedded.prepare(env):
        ours, theirs = embedded.own_environment(env), embedded.sandbox_environment(env)
    assert ours["TRUTO_API_TOKEN"] == theirs["SANDBOX_API_TOKEN"]
    assert ours["TRUTO_WEBHOOK_SECRETS"] == theirs["SANDBOX_WEBHOOK_SECRET"]
    assert ours["TRUTO_API_BASE_URL"] == f"http://localhost:{theirs['SANDBOX_PORT']}"
    assert ours["SANDBOX"] == theirs["SANDBOX"] == "on"


def test_truto_token_given_means_no_sandbox(env: dict[str, str]) -> None:
    env["TRUTO_API_TOKEN"] = "a token of Truto's"
    with embedded.prepare(env):
        assert not embedded.uses_sandbox(env)
        assert "TRUTO_API_BASE_URL" not in env


def test_other_commands_find_the_kept_secrets(env: dict[str, str]) -> None:
    with embedded.prepare(dict(env)):
        pass
    embedded.adopt(env)
    assert env["SECRET_KEY"] == embedded.read_secrets(Path(env["DATA_DIR"]))["SECRET_KEY"]


def test_other_commands_make_no_secrets(env: dict[str, str]) -> None:
    embedded.adopt(env)
    assert not Path(env["DATA_DIR"]).exists()
    assert "SECRET_KEY" not in env


def test_production_adopts_nothing(env: dict[str, str]) -> None:
    with embedded.prepare(dict(env)):
        pass
    env["DEPLOYMENT"] = "production"
    embedded.adopt(env)
    assert "SECRET_KEY" not in env
