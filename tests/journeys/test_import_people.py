"""A list with errors: they are shown by row, nothing is saved; put right, it is taken over."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Hub

pytestmark = pytest.mark.journeys
HEADER = "name;email;org_roles;starts_on\n"
GOOD = "Demo Newcomer;demo.newcomer@demo.example;Accountant;2026-01-04\n"
WRONG = "Demo Typo;demo.typo;;\nDemo Astronaut;demo.astronaut@demo.example;Astronaut;\n"
RIGHT = "Demo Typo;demo.typo@demo.example;;\n"


def upload(admin: Page, hub: Hub, path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-16")
    admin.goto(f"{hub.url}/people/imports/")
    admin.get_by_label("CSV file").set_input_files(path)
    admin.get_by_role("button", name="Show the preview").click()


def answer_to_the_start_of(hub: Hub, size: int) -> bytes:
    """What the web server says to the first bytes of an upload that would be so large."""
    where = urlsplit(hub.url)
    with socket.create_connection((where.hostname, where.port), timeout=10) as wire:
        head = f"POST /people/imports/ HTTP/1.1\r\nHost: {where.netloc}\r\n"
        wire.sendall(f"{head}Content-Length: {size}\r\n\r\nname,email".encode())
        return wire.recv(100)


def test_import_with_errors_is_put_right_and_taken_over(
    admin: Page, hub: Hub, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    upload(admin, hub, path, HEADER + GOOD + WRONG)
    expect(admin.get_by_role("row").filter(has_text="Demo Typo")).to_contain_text("3 · email")
    expect(admin.get_by_text("There is no Org role named Astronaut")).to_be_visible()
    expect(admin.get_by_role("button", name="Import the valid rows")).to_be_visible()
    admin.get_by_role("button", name="Cancel the import").click()

    upload(admin, hub, path, HEADER + GOOD + RIGHT)
    admin.get_by_role("button", name="Import", exact=True).click()
    expect(admin.get_by_text("This list is in the directory")).to_be_visible()

    admin.get_by_role("link", name="To the directory").click()
    admin.get_by_label("Search").press_sequentially("demo new")
    expect(admin.get_by_role("row").filter(has_text="Demo Newcomer")).to_contain_text("Accountant")
    expect(admin.get_by_role("row").filter(has_text="Demo Typo")).to_have_count(0)

    assert b" 413 " in answer_to_the_start_of(hub, 200 << 20)
