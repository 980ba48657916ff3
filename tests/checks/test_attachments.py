"""Files that people attach: told by their content, bounded, and noticed when changed on the disk."""

import pytest

from checks import attachments
from checks.attachments import LARGEST, Unfit, clean_name, kind_of

GOOD = {
    "plan.pdf": b"%PDF-1.7\n...",
    "shot.PNG": b"\x89PNG\r\n\x1a\n....",
    "photo.jpeg": b"\xff\xd8\xff\xe0....",
    "list.csv": "name;café\r\n".encode(),
    "note.txt": b"\xef\xbb\xbfhello\n",
    "mail.eml": b"From: a@example.test\r\nSubject: yes\r\n\r\nApproved.\r\n",
}
BAD = {
    "plan.pdf": b"<html>",
    "shot.png": b"\xff\xd8\xff",
    "photo.jpg": b"GIF89a",
    "list.csv": b"name\x00",
    "note.txt": b"\xff\xfe\x00h",
    "mail.eml": b"no header here",
    "page.html": b"<script>",
    "none": b"text",
    "empty.txt": b"",
    "picture.svg": b"<svg/>",
}


@pytest.mark.parametrize("name", GOOD)
def test_file_whose_name_and_content_agree_is_taken(name):
    assert kind_of(name, GOOD[name])


@pytest.mark.parametrize("name", BAD)
def test_file_that_is_not_what_it_says_is_refused(name):
    with pytest.raises(Unfit):
        kind_of(name, BAD[name])


def test_size_is_bounded():
    assert kind_of("a.txt", b"a" * LARGEST) == "txt"
    with pytest.raises(Unfit, match="5 MB"):
        kind_of("a.txt", b"a" * (LARGEST + 1))


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\folder\\plan.pdf", "plan.pdf"),
        ('a"b\r\nSet-Cookie: x.pdf', "abSet-Cookie x.pdf"),
        ("...", "file"),
        ("x" * 500 + ".pdf", "x" * 190 + ".pdf"),
    ],
)
def test_name_keeps_nothing_dangerous(name, clean):
    assert clean_name(name) == clean


def test_content_is_read_back_and_a_changed_file_is_not(settings, tmp_path):
    settings.ATTACHMENTS_DIR = tmp_path
    digest = attachments.keep(b"content")
    assert attachments.keep(b"content") == digest
    assert attachments.read(digest) == b"content"
    (place,) = (path for path in tmp_path.rglob("*") if path.is_file())
    place.write_bytes(b"other content")
    assert attachments.read(digest) is None
    assert attachments.read("0" * 64) is None
