"""The files that run the product in containers: accepted by the tool, and with nothing secret in them."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.architecture import sources

pytestmark = pytest.mark.sqlite_only

COMPOSE = sources.ROOT / "docker-compose.yml"
SECRET = re.compile(r"SECRET|PASSWORD|TOKEN|KEYS")
compose_tool = pytest.mark.skipif(
    not shutil.which("docker-compose"), reason="docker-compose is not installed"
)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text())


def validate(folder: Path, text: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Let the tool judge the text in a folder of its own, out of reach of anybody's .env."""
    (folder / "docker-compose.yml").write_text(text)
    told = {"PATH": os.environ["PATH"]} | env
    argv = ["docker-compose", "config", "-q"]
    return subprocess.run(argv, cwd=folder, env=told, text=True, capture_output=True)


def asked_for() -> list[str]:
    """The variables without which nothing starts."""
    return sorted(set(re.findall(r"\$\{(\w+):\?", COMPOSE.read_text())))


@compose_tool
def test_compose_accepts_the_file(tmp_path: Path) -> None:
    done = validate(tmp_path, COMPOSE.read_text(), **dict.fromkeys(asked_for(), "x"))
    assert done.returncode == 0, done.stderr


@compose_tool
@pytest.mark.parametrize("name", asked_for())
def test_compose_names_a_variable_that_is_missing(tmp_path: Path, name: str) -> None:
    rest = {each: "x" for each in asked_for() if each != name}
    done = validate(tmp_path, COMPOSE.read_text(), **rest)
    assert done.returncode == 1
    assert f"{name} is missing" in done.stderr


@compose_tool
def test_compose_refuses_a_misspelt_key(tmp_path: Path) -> None:
    wrong = COMPOSE.read_text().replace("healthcheck:", "healthchek:", 1)
    assert validate(tmp_path, wrong, **dict.fromkeys(asked_for(), "x")).returncode == 1


def test_compose_has_no_default_for_a_secret() -> None:
    text = COMPOSE.read_text()
    optional = {"SECRET_KEY_FALLBACKS"}  # empty until a key is changed
    names = {name for name in asked_for() if SECRET.search(name)} | optional
    used = set(re.findall(r"\$\{(\w+)", text))
    assert {name for name in used if SECRET.search(name)} == names
    assert "${SECRET_KEY_FALLBACKS:-}" in text


def test_compose_watches_every_lasting_service(compose: dict[str, Any]) -> None:
    lasting = {name for name in compose["services"] if name != "migrate"}
    assert lasting == {"web", "worker", "beat", "postgres", "redis"}
    assert not [name for name in lasting if "healthcheck" not in compose["services"][name]]


def test_compose_opens_no_port_but_the_webs_on_loopback(compose: dict[str, Any]) -> None:
    ports = {name: each["ports"] for name, each in compose["services"].items() if "ports" in each}
    assert ports == {"web": ["${LISTEN:-127.0.0.1:8000}:8000"]}


def test_example_names_every_variable_and_no_value_of_a_secret() -> None:
    lines = (sources.ROOT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    used = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text()))
    assert set(example) == used
    assert not [name for name, value in example.items() if SECRET.search(name) and value]


def test_image_runs_as_nobody_special_with_checked_packages() -> None:
    text = (sources.ROOT / "Dockerfile").read_text()
    assert re.findall(r"^USER (\w+)$", text, re.M) == ["app"]
    assert text.index("\nUSER app") < text.index("\nCMD")
    assert "--require-hashes" in text
    assert "collectstatic" in text


def test_image_carries_every_app_and_not_the_sandbox() -> None:
    text = (sources.ROOT / "Dockerfile").read_text()
    copied = set(re.findall(r"^COPY (\w+) \1$", text, re.M))
    assert copied == {*sources.APPS, "templates", "static"}
    allowed = (sources.ROOT / ".dockerignore").read_text().splitlines()
    assert {f"!{name}" for name in copied} <= set(allowed)
