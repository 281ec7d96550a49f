"""Reading files: real ones of each format, and hostile ones."""

from __future__ import annotations

import io
import json
import zipfile

import docx
import openpyxl
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from hookline_rag.errors import (
    BrokenDocument,
    DocumentError,
    DocumentTooLarge,
    EmptyDocument,
    EncryptedDocument,
    ExtractTimeout,
    UnknownFormat,
)
from hookline_rag.extract import extract, format_of, title_of, try_extract

SCAN = "(a page that is a picture)"
HINDI = "खाता खोलने के लिए आधार कार्ड चाहिए।"
TAMIL = "மின்தடை ஏற்பட்டால் அழைக்கவும்."


def pdf(*pages: str, title: str = "") -> bytes:
    buffer = io.BytesIO()
    sheet = canvas.Canvas(buffer, pagesize=A4)
    if title:
        sheet.setTitle(title)
    for page in pages:
        if page == SCAN:
            sheet.drawImage(ImageReader(Image.new("L", (60, 80), 200)), 72, 72, 400, 600)
            sheet.showPage()
            continue
        text = sheet.beginText(72, 760)
        for line in page.split("\n"):
            text.textLine(line)
        sheet.drawText(text)
        sheet.showPage()
    sheet.save()
    return buffer.getvalue()


def word(build) -> bytes:
    document = docx.Document()
    build(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def sheet(tables, change=None) -> bytes:
    """An Excel file with a sheet for each list of rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in tables.items():
        one = book.create_sheet(name)
        for row in rows:
            one.append(row)
    if change is not None:
        change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def zipped(parts) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def read(name: str, data: bytes | str, **more):
    return extract(name, data.encode() if isinstance(data, str) else data, **more)


def kinds(outline):
    return [(block.kind, outline.text[block.start : block.end]) for block in outline.blocks]


# -- each format ---------------------------------------------------------------------------------------------------


def test_markdown_keeps_headings_lists_and_table_rows_with_their_headers():
    text = (
        "# Roaming\n\nCosts *vary*.\n\n- EU: free\n- US: 4.20\n\n| Zone | Price |\n|---|---|\n| EU | 0 |\n| US | 4 |\n"
    )
    [outline] = read("a.md", text)

    assert outline.title == "Roaming"
    assert kinds(outline) == [
        ("heading", "Roaming"),
        ("paragraph", "Costs vary."),
        ("list", "- EU: free"),
        ("list", "- US: 4.20"),
        ("row", "Zone: EU; Price: 0"),
        ("row", "Zone: US; Price: 4"),
    ]


def test_markdown_keeps_the_stars_of_a_number_that_is_dialled():
    [outline] = read("a.md", "Dial *104*, *121# or *199*1#, not *later*, since *2026* was ***busy***.")
    assert outline.text == "Dial *104*, *121# or *199*1#, not later, since 2026 was busy."


def test_markdown_front_matter_gives_title_and_metadata():
    [outline] = read("a.md", '---\ntitle: "Bills"\ncategory: money\n---\nDue on the 3rd.\n')

    assert (outline.title, outline.meta, outline.text) == ("Bills", {"category": "money"}, "Due on the 3rd.")


def test_html_leaves_out_scripts_navigation_and_hidden_parts():
    [outline] = read(
        "a.html",
        "<html lang=fr><head><title>Aide</title><style>p{}</style></head><body><nav>Menu</nav><h1>Factures</h1>"
        "<p>Le <b>5</b> de chaque mois.<br>Merci</p><script>alert(1)</script><p hidden>secret</p>"
        "<table><tr><th>Zone</th><th>Prix</th></tr><tr><td>UE</td><td>0</td></tr></table><ul><li>un<li>deux</ul></body>",
    )

    assert outline.title == "Aide"
    assert outline.meta == {"language": "fr"}
    assert kinds(outline) == [
        ("heading", "Factures"),
        ("paragraph", "Le 5 de chaque mois.\nMerci"),
        ("row", "Zone: UE; Prix: 0"),
        ("list", "- un"),
        ("list", "- deux"),
    ]


def test_html_nested_a_hundred_thousand_deep_is_read_or_refused_but_never_crashes():
    data = b"<div>" * 100_000 + b"deep" + b"</div>" * 100_000

    outcome = try_extract("deep.html", data, 10_000_000, 60.0)

    assert isinstance(outcome, DocumentError) or "deep" in outcome[0].text


def test_a_pdf_gives_its_text_with_wrapped_lines_joined_and_its_title():
    page = (
        "The annual fee for the gold card is forty euros and is taken from the ac-\ncount in the first week of January."
    )

    [outline] = read("card.pdf", pdf(page, title="Gold card"))

    assert outline.title == "Gold card"
    assert outline.text == (
        "The annual fee for the gold card is forty euros and is taken from the account in the first week of January."
    )


def test_the_headers_and_footers_that_stand_on_each_pdf_page_are_left_out():
    pages = [f"ACME Handbook\n\nChapter {name} tells of {name}.\n\nPage {n}" for n, name in enumerate("ABCD", 1)]

    [outline] = read("book.pdf", pdf(*pages))

    assert "ACME" not in outline.text
    assert "Page" not in outline.text
    assert all(f"Chapter {name} tells of {name}." in outline.text for name in "ABCD")


def test_a_word_file_gives_headings_lists_and_tables_in_the_order_of_the_page():
    def build(document):
        document.add_heading("Fees", level=1)
        document.add_paragraph("All prices in euros.")
        document.add_paragraph("Transfer", style="List Bullet")
        table = document.add_table(rows=2, cols=2)
        for cell, text in zip(table._cells, ["Service", "Price", "Card", "15"], strict=True):
            cell.text = text
        document.add_paragraph("That is all.")

    [outline] = read("fees.docx", word(build))

    assert outline.title == "Fees"
    assert [text for _, text in kinds(outline)] == [
        "Fees",
        "All prices in euros.",
        "- Transfer",
        "Service: Card; Price: 15",
        "That is all.",
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_row_is_a_passage_with_its_headers(separator):
    rows = [["Plan", "Price", "Data"], ["Basic", "10", "5 GB"], ["Max", "30", ""]]
    text = "\n".join(separator.join(row) for row in rows)

    [outline] = read("plans.csv", text)

    assert kinds(outline) == [("row", "Plan: Basic; Price: 10; Data: 5 GB"), ("row", "Plan: Max; Price: 30")]
    assert outline.title == "Plans"


def test_a_csv_of_questions_and_answers_gives_records():
    [outline] = read("faq.csv", 'question,answer\n"When are you open?","From 9 to 5, daily."\n')

    [block] = outline.blocks
    assert block.kind == "record"
    assert outline.text[block.answer : block.end] == "From 9 to 5, daily."


@pytest.mark.parametrize(
    "value",
    [
        [{"question": "When?", "answer": "At nine."}],
        {"faqs": [{"q": "When?", "a": "At nine."}]},
        {"faq": {"hours": [{"Question": "When?", "Answer": "At nine."}]}},
    ],
)
def test_json_question_and_answer_pairs_give_records(value):
    [outline] = read("faq.json", json.dumps(value))

    [record] = [block for block in outline.blocks if block.kind == "record"]
    assert outline.text[record.start : record.answer].strip() == "When?"
    assert outline.text[record.answer : record.end] == "At nine."


def test_json_documents_with_content_become_documents_of_their_own():
    value = {"documents": [{"content": "One.", "title": "A", "category": "x"}, {"content": "Two.", "title": "B"}]}

    first, second = read("docs.json", json.dumps(value))

    assert (first.title, first.text, first.meta) == ("A", "One.", {"category": "x"})
    assert (second.title, second.text) == ("B", "Two.")


def test_json_records_are_rows_of_their_fields():
    [outline] = read("m.json", json.dumps([{"model": "Swift", "price_inr": 650000, "colours": ["red", "blue"]}]))

    assert outline.text == "Model: Swift; Price inr: 650000; Colours: red, blue"


def test_json_lines_are_read():
    [outline] = read("m.jsonl", '{"question":"A?","answer":"B."}\n{"question":"C?","answer":"D."}\n')

    assert len(outline.blocks) == 2


def test_plain_text_with_questions_and_answers_gives_records():
    [outline] = read("faq.txt", "Q: Where are you?\nA: In Lyon.\n\nQ: When?\nA: Daily.\n")

    assert [block.kind for block in outline.blocks] == ["record", "record"]


def test_hard_wrapped_plain_text_is_joined_and_addresses_keep_their_lines():
    text = (
        "Opening hours\n\nWe are open from Monday to Friday from nine in the morning\nuntil six in the evening, and on "
        "Saturdays until noon.\n\nAcme Ltd\n1 Main Street\nLyon\n"
    )
    [outline] = read("hours.txt", text)

    assert outline.title == "Opening hours"
    assert "in the morning until six in the evening" in outline.text
    assert "Acme Ltd\n1 Main Street\nLyon" in outline.text


# -- encodings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", ["Où est l'été ? Été comme hiver.", f"About {HINDI}", f"On {TAMIL} it says"])
def test_text_is_read_whatever_its_unicode_encoding(text, encoding):
    [outline] = read("a.txt", text.encode(encoding))

    assert outline.text == text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Les frais de résiliation anticipée s’élèvent à 50 €, même après l’été."),
        ("latin-1", "Die Gebühr für die Überweisung beträgt fünf Euro und ist sofort fällig."),
        ("cp1251", "Стоимость услуги составляет сто рублей в месяц, включая налоги."),
    ],
)
def test_older_encodings_are_recognised(encoding, text):
    [outline] = read("a.txt", text.encode(encoding))

    assert outline.text == text


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_into_blocks_that_cover_what_the_database_takes(text):
    outcome = try_extract("a.txt", text.encode("utf-8", "surrogatepass"), 10_000, 10.0)

    if isinstance(outcome, DocumentError):
        return
    for outline in outcome:
        outline.text.encode("utf-8")
        assert "\0" not in outline.text
        for block in outline.blocks:
            assert 0 <= block.start < block.end <= len(outline.text)
            assert outline.text[block.start : block.end].strip()


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["a.txt", "a.md", "a.html", "a.csv", "a.json", "a.pdf", "a.docx"]))
def test_any_bytes_under_any_name_give_documents_or_one_clear_line(data, name):
    outcome = try_extract(name, data, 10_000, 10.0)

    if isinstance(outcome, DocumentError):
        assert str(outcome).startswith(f"{name}: ")
        assert "\n" not in str(outcome)


# -- hostile files ---------------------------------------------------------------------------------------------------


def encrypted() -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("Secret.")))
    writer.encrypt("password", algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def lying() -> bytes:
    """A package whose directory says that a part is small, though it unpacks to 200 MB."""
    data = bytearray(sheet({"A": [["x"]]}))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = b"<worksheet>" + b" " * (200 * 2**20)
    data = bytearray(zipped(parts))
    size = len(parts["xl/worksheets/sheet1.xml"]).to_bytes(4, "little")
    while (at := data.find(size)) >= 0:
        data[at : at + 4] = (1000).to_bytes(4, "little")
    return bytes(data)


def locked_package() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(4):
            archive.writestr(f"word/{n}.xml", b"0" * (100 * 2**20))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "error", "told"),
    [
        ("empty.txt", b"", EmptyDocument, "empty.txt: is empty; leave it out"),
        ("blank.md", b" \n\t\n", EmptyDocument, "blank.md: is empty; leave it out"),
        ("none.json", b"[]", EmptyDocument, "none.json: has no text in it; leave it out"),
        ("scan.pdf", pdf(SCAN, SCAN), EmptyDocument, "scan.pdf: has no text on its 2 pages: they are scanned pictures; run a"),
        ("white.pdf", pdf("", ""), EmptyDocument, "white.pdf: has no text on its 2 pages: they are empty; leave it out"),
        ("cut.pdf", pdf("Hello.")[:300], BrokenDocument, "cut.pdf: is no readable PDF"),
        ("fake.pdf", b"This is no PDF at all", BrokenDocument, "fake.pdf: is no readable PDF"),
        ("locked.pdf", encrypted(), EncryptedDocument, "locked.pdf: is protected by a password; remove the password"),
        ("cut.docx", word(lambda d: d.add_paragraph("x"))[:900], BrokenDocument, "cut.docx: is no readable Word"),
        ("fake.docx", b"PK\x03\x04nothing", BrokenDocument, "fake.docx: is no readable Word document"),
        ("old.docx", b"\xd0\xcf\x11\xe0\xa1\xb1", EncryptedDocument, "old.docx: is protected by a password, or an old"),
        ("bomb.docx", bomb(), DocumentTooLarge, "bomb.docx: unpacks to 400 MB; split it"),
        ("bad.json", b'{"a": 1,}', BrokenDocument, "bad.json: is no JSON"),
        ("picture.txt", bytes(range(256)) * 20, UnknownFormat, "picture.txt: is no text file"),
        ("tape.xyz", b"abc", UnknownFormat, "tape.xyz: is of an unknown format; give it as one of txt, md, html"),
        ("photo.pdf", b"\x89PNG\r\n\x1a\n", UnknownFormat, "photo.pdf: is a PNG picture; give it as one of"),
        ("all.zip", zipped({"a.txt": b"x"}), UnknownFormat, "all.zip: is a zip archive; unpack it"),
        ("fake.xlsx", b"nothing", BrokenDocument, "fake.xlsx: is no readable Excel workbook (it does not begin as one)"),
        ("fake.pptx", zipped({"ppt/presentation.xml": b"<a/>"}), BrokenDocument, "fake.pptx: is no readable PowerPoint"),
        ("lied.xlsx", lying(), BrokenDocument, "lied.xlsx: is no readable Excel workbook"),
        ("locked.xlsx", locked_package(), EncryptedDocument, "locked.xlsx: is protected by a password; save it as"),
        ("no.eml", b"just some words", BrokenDocument, "no.eml: has none of the headers of a mail"),
        ("blank.xlsx", sheet({"A": []}), EmptyDocument, "blank.xlsx: has no text in it; leave it out"),
        ("song.mp3", b"ID3", UnknownFormat, "song.mp3: is an MP3 recording; give it as one of txt, md, html"),
    ],
)  # fmt: skip
def test_a_file_that_can_not_be_read_is_named_with_its_cause_and_remedy(name, data, error, told):
    with pytest.raises(error) as raised:
        extract(name, data, max_bytes=50 * 2**20)

    assert str(raised.value).startswith(told)


def test_a_file_over_the_limit_is_refused_before_it_is_read():
    with pytest.raises(
        DocumentTooLarge, match=r"big\.txt: has more than 1,000 bytes; split it, or raise max_file_bytes"
    ):
        extract("big.txt", b"x" * 2000, max_bytes=1000)


def test_json_nested_too_deep_is_refused_or_read_but_never_crashes():
    outcome = try_extract("deep.json", b"[" * 50_000 + b"]" * 50_000, 10**6, 10.0)

    assert isinstance(outcome, DocumentError)


def test_reading_ends_at_its_time_limit():
    sheet = ",".join(["x" * 50] * 4) + "\n"

    with pytest.raises(ExtractTimeout, match=r"slow\.csv: took longer than 0\.01 s to read; split it"):
        extract("slow.csv", (sheet * 60_000).encode(), seconds=0.01)


def test_an_error_crosses_a_process_border_unchanged():
    import pickle

    error = EmptyDocument("a.txt", "is empty", "leave it out")

    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("A.PDF", b"", "pdf"),
        ("notes/x.markdown", b"", "md"),
        ("blob", b"%PDF-1.7", "pdf"),
        ("README", b"text", "txt"),
        ("a.exe", b"", ""),
    ],
)
def test_formats_are_told_by_name_and_nameless_ones_by_their_first_bytes(name, data, found):
    assert format_of(name, data) == found


def test_a_title_is_made_from_a_files_name():
    assert title_of("docs/roaming-prices_2026.pdf") == "Roaming prices 2026"
