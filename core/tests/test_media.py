"""Files that people send: what they are, what they are called, where they lie, and who gets at them."""

from __future__ import annotations

import io
import zipfile

import pytest

from hookline.media import MediaFolder, MediaMissing, MediaRefused, check, headers, safe_name, sign, signed, sniff

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (PNG, "holiday.exe", "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 20, "a.jpg", "image/jpeg"),
        (b"GIF89a" + b"\0" * 20, "a.gif", "image/gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "a.webp", "image/webp"),
        (b"%PDF-1.7\n%\xe2\xe3", "bill.pdf", "application/pdf"),
        (b"OggS\0\2" + b"\0" * 22 + b"OpusHead", "voice.oga", "audio/ogg"),
        (b"ID3\x03" + b"\0" * 30, "song.mp3", "audio/mpeg"),
        ("नमस्ते, मेरा बिल".encode(), "note.txt", "text/plain"),
        (b"a;b\n1;2\n", "table.CSV", "text/csv"),
        (zipped("[Content_Types].xml", "word/document.xml"), "letter.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "letter.docx", "application/zip"),
        (zipped("payload.js"), "letter.docx", "application/zip"),
        (b"PK\x03\x04broken", "letter.docx", "application/zip"),
        (b"MZ\x90\0" + b"\0" * 100, "photo.png", "application/vnd.microsoft.portable-executable"),
        (b"<html><script>alert(1)</script>", "photo.png", "text/html"),
        (b"  <!-- x --> <SCRIPT>alert(1)</SCRIPT>", "note.txt", "text/html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "photo.png", "image/svg+xml"),
        (b"<?xml version='1.0'?><svg onload='x()'/>", "photo.png", "image/svg+xml"),
        (b"plain\x00text", "note.txt", "application/octet-stream"),
        (b"", "nothing", "text/plain"),
    ],
)  # fmt: skip
def test_the_type_is_what_the_bytes_say(data, name, kind):
    assert sniff(data, name) == kind


def test_what_is_not_taken_is_refused_with_what_is():
    with pytest.raises(MediaRefused, match="its content is text/html; allowed: image/\\*, text/plain"):
        check(b"<html>", "text/html", most=100, types=("image/*", "text/plain"))
    with pytest.raises(MediaRefused, match="it has 101 bytes; at most 100 are allowed"):
        check(b"x" * 101, "text/plain", most=100, types=("text/plain",))
    with pytest.raises(MediaRefused, match="it is empty"):
        check(b"", "text/plain", most=100, types=("text/plain",))
    check(PNG, "image/png", most=100, types=("image/*",))


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\bill.pdf", "bill.pdf"),
        ("..", "file"),
        ("", "file"),
        ("bill\r\nSet-Cookie: a=b.pdf", "billSet-Cookie_ a=b.pdf"),
        ("बिल मार्च.pdf", "बिल मार्च.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
    ],
)
def test_a_name_is_safe_to_save_under(given, name):
    assert safe_name(given) == name


def test_a_file_is_never_run_as_a_page():
    page = headers("x.html", "text/html")
    assert page["Content-Type"] == "text/plain; charset=utf-8"
    assert page["Content-Disposition"].startswith("attachment")
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers("a.png", "image/png")["Content-Disposition"].startswith("inline")
    assert headers("a.png", "image/png", download=True)["Content-Disposition"].startswith("attachment")
    named = headers('बिल "1"\r\nX: y.pdf', "application/pdf")["Content-Disposition"]
    assert "\r" not in named
    assert "\n" not in named
    assert named.isascii()


def test_a_file_comes_back_as_it_was_and_goes_for_good(tmp_path):
    folder = MediaFolder(tmp_path / "media", "acme")
    medium = folder.put(PNG, "../a.png", "image/png")
    assert (medium.name, medium.size) == ("a.png", len(PNG))
    assert folder.get(medium.id) == PNG
    assert folder.remove(medium.id)
    assert not folder.remove(medium.id)
    with pytest.raises(MediaMissing, match=f"tenant 'acme' has no file '{medium.id}'"):
        folder.get(medium.id)


@pytest.mark.parametrize("ident", ["../../secret", "a/b/c/d/e/f", "", "..%2f..%2fx", "x" * 65])
def test_an_id_is_never_a_path(tmp_path, ident):
    (tmp_path / "secret").write_text("keep out")
    with pytest.raises(MediaMissing, match="is no id of a file"):
        MediaFolder(tmp_path / "media", "acme").get(ident)


class Turned:
    """A seal that a test can see through: the bytes backwards, bound to what they are about."""

    def seal(self, data: bytes, about: str) -> bytes:
        return about.encode() + b"\n" + data[::-1]

    def open(self, data: bytes, about: str) -> bytes:
        bound, _, body = data.partition(b"\n")
        assert bound == about.encode()
        return body[::-1]


def test_a_seal_gets_every_file_on_its_way_to_the_disk_and_back(tmp_path):
    folder = MediaFolder(tmp_path, "acme", Turned())
    medium = folder.put(b"my secret", "a.txt", "text/plain")
    assert folder.get(medium.id) == b"my secret"
    assert all(b"my secret" not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_link_works_for_its_file_and_its_time_alone():
    made = sign("key", "file1", 1000)
    assert signed("key", "file1", "1000", made, 999.0)
    assert not signed("key", "file1", "1000", made, 1000.0), "its time is over"
    assert not signed("key", "file2", "1000", made, 999.0)
    assert not signed("key", "file1", "2000", made, 999.0)
    assert not signed("other", "file1", "1000", made, 999.0)
    for bad in ("", "-1", "1e9", "١٠٠٠", "9" * 20):
        assert not signed("key", "file1", bad, made, 0.0)
    assert not signed("key", "file1", "1000", "é\ud800", 999.0)
