"""Sheets, slides, mails and mixed files as a reader sees them: made here with the programs' own libraries."""

from __future__ import annotations

import datetime as dt
import email.message
import email.policy
import io
import json

import docx
import openpyxl
import pptx
import pypdf
import pytest
from openpyxl.styles import Alignment
from PIL import Image
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate

from hookline.errors import ConfigError
from hookline_rag.errors import BrokenDocument, EncryptedDocument
from hookline_rag.extract import extract
from hookline_rag.numbers import shown
from hookline_rag.schema import Rules, load

SCAN = "(a page that is a picture)"


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


def read(name: str, data: bytes | str, **more):
    return extract(name, data.encode() if isinstance(data, str) else data, **more)


def kinds(outline):
    return [(block.kind, outline.text[block.start : block.end]) for block in outline.blocks]


def rows(outline):
    return [text for kind, text in kinds(outline) if kind == "row"]


def notes(outline):
    return outline.meta.get("notes", [])


# -- sheets ----------------------------------------------------------------------------------------------------------


def test_a_sheets_row_is_a_passage_with_dates_and_numbers_as_the_sheet_shows_them():
    def formats(book):
        one = book["Plans"]
        one["B2"].number_format = '"₹"#,##0.00'
        one["C2"].number_format = "0.0%"
        one["D2"].number_format = "dd mmm yyyy"
        one["E2"].number_format = "00000"

    data = sheet({"Plans": [["Plan", "Price", "Tax", "Since", "Code", "Open"],
                            ["Basic", 1499.5, 0.185, dt.datetime(2026, 3, 4), 42, True]]}, formats)  # fmt: skip
    [outline] = read("plans.xlsx", data)

    assert rows(outline) == ["Plan: Basic; Price: ₹1,499.50; Tax: 18.5%; Since: 04 Mar 2026; Code: 00042; Open: TRUE"]
    assert kinds(outline)[0] == ("heading", "Plans")


@pytest.mark.parametrize(
    ("value", "form", "told"),
    [
        (1234567.891, "#,##0.00", "1,234,567.89"), (-5, "#,##0;(#,##0)", "(5)"), (0, '0;-0;"none"', "none"),
        (650000, r"[>=10000000]##\,##\,##\,##0;[>=100000]##\,##\,##0;##,##0", "6,50,000"), (2, "0.##", "2"),
        (1_500_000, '0.0,,"M"', "1.5M"), (12345, "0.00E+00", "1.23E+04"), (5551234, "000-0000", "555-1234"),
        (1 / 3, "General", "0.3333333333"), (3.0, "General", "3"), (0.000012, "General", "0.000012"),
        (9.99, "[$€-407] #,##0.00", "€ 9.99"), (5, '0" months"', "5 months"), (-0.001, "0.00", "0.00"),
        (dt.datetime(2026, 11, 21), "mm-dd-yy", "2026-11-21"), (dt.time(9, 30), "h:mm AM/PM", "9:30 AM"),
        (dt.datetime(2026, 11, 21, 14, 5), "d/m/yyyy h:mm", "21/11/2026 14:05"),
        (dt.timedelta(hours=30, minutes=5), "[h]:mm", "30:05"), (float("nan"), "0", ""),
    ],
)  # fmt: skip
def test_a_number_is_shown_by_its_format(value, form, told):
    assert shown(value, form) == told


def test_merged_cells_titles_groups_and_labels_of_a_sheet_are_understood():
    def merge(book):
        one = book["Tariff"]
        one.merge_cells("A1:D1")
        one.merge_cells("B3:C3")
        one.merge_cells("A3:A4")
        one.merge_cells("D3:D4")
        one.merge_cells("A5:A6")
        one.merge_cells("A7:D7")
        one["A5"].alignment = Alignment(vertical="top")

    table = [["Tariff 2026", None, None, None], [None] * 4, ["Zone", "Calls", None, "Data"],
             [None, "Peak", "Night", None], ["EU", 0.1, 0.05, "1 GB"], [None, 0.2, 0.1, "5 GB"],
             ["Business customers", None, None, None], ["US", 1, 0.5, "none"]]  # fmt: skip
    [outline] = read("t.xlsx", sheet({"Tariff": table}, merge))

    assert kinds(outline) == [
        ("heading", "Tariff"),
        ("heading", "Tariff 2026"),
        ("row", "Zone: EU; Calls Peak: 0.1; Calls Night: 0.05; Data: 1 GB"),
        ("row", "Zone: EU; Calls Peak: 0.2; Calls Night: 0.1; Data: 5 GB"),
        ("heading", "Business customers"),
        ("row", "Zone: US; Calls Peak: 1; Calls Night: 0.5; Data: none"),
    ]


def test_sheets_stay_apart_and_what_is_hidden_is_left_out_and_said():
    def hide(book):
        book["Margins"].sheet_state = "hidden"
        book["One"].row_dimensions[3].hidden = True
        book["One"].column_dimensions["B"].hidden = True

    data = sheet({"One": [["A", "Secret", "C"], ["a", "s", "c"], ["x", "y", "z"]], "Two": [["B"], ["b"]],
                  "Margins": [["M"], ["9"]]}, hide)  # fmt: skip
    [outline] = read("book.xlsx", data)

    assert kinds(outline) == [("heading", "One"), ("row", "A: a; C: c"), ("heading", "Two"), ("row", "B: b")]
    assert notes(outline) == [
        "hidden sheets are left out: Margins",
        "hidden rows or columns of sheet 'One' are left out",
    ]


def test_a_table_may_stand_anywhere_and_several_on_one_sheet():
    table = [[None] * 4, [None, None, "Item", "Fee"], [None, None, "Card", 5], [None] * 4, [None] * 4,
             ["Name", "Phone", None, None], ["Asha", "1930", None, None]]  # fmt: skip
    [outline] = read("s.xlsx", sheet({"Sheet1": table}))

    assert rows(outline) == ["Item: Card; Fee: 5", "Name: Asha; Phone: 1930"]


def test_formulas_that_were_never_computed_are_said():
    [outline] = read("f.xlsx", sheet({"Sheet1": [["Item", "Sum"], ["A", "=1+1"]]}))

    assert rows(outline) == ["Item: A"]
    assert notes(outline) == ["1 formulas have no stored result and are left out; open and save it in Excel once"]


def test_rows_far_apart_take_no_time_and_no_memory():
    def far(book):
        book["Sheet1"]["A1000000"] = "far"
        book["Sheet1"]["XFD1"] = "wide"

    [outline] = read("far.xlsx", sheet({"Sheet1": [["a", "b"], ["c", "d"]]}, far), seconds=5)

    assert "far" in outline.text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name,2024,2025\nA,10,20\n", ["name: A; 2024: 10; 2025: 20"]),
        ("12,30\n13,40\n", ["12; 30", "13; 40"]),
        ("sep=;\nPlan;Price\nBasic;1,50\n", ["Plan: Basic; Price: 1,50"]),
        ("Plan|Price\nBasic|5\n", ["Plan: Basic; Price: 5"]),
        ('Plan,Note\nBasic,"two\nlines, one cell"\n', ["Plan: Basic; Note: two lines, one cell"]),
        ("Price list\n\nPlan,Price\nBasic,5\n", ["Plan: Basic; Price: 5"]),
        ("Phone:,1930\nHours:,9 to 5\n", ["Phone: 1930", "Hours: 9 to 5"]),
        ("Plan,Price\nBasic,5,extra\nMax\n", ["Plan: Basic; Price: 5; extra", "Plan: Max"]),
        ("पद,मूल्य\nखाता,₹500\n", ["पद: खाता; मूल्य: ₹500"]),
    ],
)
def test_the_header_of_a_csv_is_found_where_there_is_one(text, told):
    [outline] = read("a.csv", text)

    assert rows(outline) == told


# -- slides ----------------------------------------------------------------------------------------------------------


def slides(build) -> bytes:
    show = pptx.Presentation()
    build(show)
    buffer = io.BytesIO()
    show.save(buffer)
    return buffer.getvalue()


def test_slides_give_titles_lists_tables_charts_and_notes_without_hidden_ones():
    def build(show):
        one = show.slides.add_slide(show.slide_layouts[1])
        one.shapes.title.text = "Our plans"
        one.placeholders[1].text = "Basic\nMax"
        one.notes_slide.notes_text_frame.text = "Say it slowly."
        table = one.shapes.add_table(2, 2, Inches(1), Inches(1), Inches(4), Inches(1)).table
        for at, text in enumerate(["Plan", "Price", "Basic", "10"]):
            table.cell(at // 2, at % 2).text = text
        chart = CategoryChartData()
        chart.categories = ["2024", "2025"]
        chart.add_series("Customers", (10, 25.5))
        one.shapes.add_chart(XL_CHART_TYPE.LINE, Inches(1), Inches(3), Inches(4), Inches(2), chart)
        two = show.slides.add_slide(show.slide_layouts[5])
        two.shapes.title.text = "Internal"
        two._element.set("show", "0")

    [outline] = read("plans.pptx", slides(build))

    assert outline.title == "Our plans"
    assert kinds(outline) == [
        ("heading", "Our plans"),
        ("list", "- Basic"),
        ("list", "- Max"),
        ("row", "Plan: Basic; Price: 10"),
        ("row", "Customers; 2024: 10; 2025: 25.5"),
        ("paragraph", "Notes: Say it slowly."),
    ]
    assert notes(outline) == ["hidden slides are left out: 2"]


# -- word ------------------------------------------------------------------------------------------------------------


def test_merged_cells_controls_and_tracked_changes_of_a_word_file_are_read_as_they_show():
    def build(document):
        table = document.add_table(rows=3, cols=3)
        for at, text in enumerate(["Zone", "Calls", "Data", "EU", "1", "2", "", "3", "4"]):
            table.cell(at // 3, at % 3).text = text
        table.cell(1, 0).merge(table.cell(2, 0))
        paragraph = document.add_paragraph("It costs ")
        w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
        for xml in (
            f'<w:ins xmlns:w="{w}"><w:r><w:t>five</w:t></w:r></w:ins>',
            f'<w:del xmlns:w="{w}"><w:r><w:delText>nine</w:delText></w:r></w:del>',
        ):
            paragraph._p.append(docx.oxml.parse_xml(xml))
        control = (
            f'<w:sdt xmlns:w="{w}"><w:sdtContent><w:p><w:r><w:t>In a control.</w:t></w:r></w:p></w:sdtContent></w:sdt>'
        )
        document.element.body.insert(0, docx.oxml.parse_xml(control))

    [outline] = read("a.docx", word(build))

    assert kinds(outline) == [
        ("paragraph", "In a control."),
        ("row", "Zone: EU; Calls: 1; Data: 2"),
        ("row", "Zone: EU; Calls: 3; Data: 4"),
        ("paragraph", "It costs five"),
    ]


# -- papers ----------------------------------------------------------------------------------------------------------


def test_a_mixed_pdf_gives_its_text_pages_and_says_which_are_scanned():
    [outline] = read("mixed.pdf", pdf("The fee is five euros.", SCAN, SCAN, "Call us.", SCAN, ""))

    assert outline.text == "The fee is five euros.\n\nCall us."
    assert notes(outline) == [
        "pages 2-3, 5 of 6 are scanned pictures without text; run a text recognition (OCR) over them"
    ]


def test_the_headings_of_a_pdf_are_told_by_the_size_of_their_type():
    styles = getSampleStyleSheet()
    buffer = io.BytesIO()
    body = "A card costs five euros a year and is taken from the account in the first week of January. " * 3
    SimpleDocTemplate(buffer).build(
        [Paragraph("Fees", styles["Title"]), Paragraph("Cards", styles["Heading2"]), Paragraph(body, styles["Normal"]),
         Paragraph("Accounts", styles["Heading2"]), Paragraph(body, styles["Normal"])]
    )  # fmt: skip
    [outline] = read("fees.pdf", buffer.getvalue())

    heads = [(text, block.level) for (kind, text), block in zip(kinds(outline), outline.blocks, strict=True)
             if kind == "heading"]  # fmt: skip
    assert heads == [("Fees", 1), ("Cards", 2), ("Accounts", 2)]


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_pdf_that_opens_without_a_password_is_read_though_it_is_encrypted(algorithm):
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("Free to read.")))
    writer.encrypt("", "owner", algorithm=algorithm)
    buffer = io.BytesIO()
    writer.write(buffer)

    assert read("open.pdf", buffer.getvalue())[0].text == "Free to read."
    writer.encrypt("user", "owner", algorithm=algorithm)
    buffer = io.BytesIO()
    writer.write(buffer)
    with pytest.raises(EncryptedDocument):
        read("closed.pdf", buffer.getvalue())


# -- mails -----------------------------------------------------------------------------------------------------------


def mail(**headers) -> email.message.EmailMessage:
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    for name, value in {"Subject": "Frais à régler", "From": "Zoë <zoe@example.com>", **headers}.items():
        message[name] = value
    return message


def test_a_mail_gives_headers_body_and_attachments_as_documents_of_their_own():
    message = mail(Date="Sat, 21 Nov 2026 10:00:00 +0000")
    message.set_content("See the table.")
    message.add_alternative("<h2>Prices</h2><table><tr><th>Plan</th><th>Price</th></tr><tr><td>Basic</td><td>5</td>"
                            "</tr></table>", subtype="html")  # fmt: skip
    message.add_attachment(b"Zone,Price\nEU,0\n", maintype="text", subtype="csv", filename="prix d'été.csv")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="photo.png")
    inner = mail(Subject="Older")
    inner.set_content("The older mail.")
    message.add_attachment(inner)

    first, table, older = read("a.eml", message.as_bytes())

    assert (first.title, first.meta["from"]) == ("Frais à régler", "Zoë <zoe@example.com>")
    assert kinds(first) == [
        ("heading", "Frais à régler"),
        ("row", "From: Zoë <zoe@example.com>; Date: Sat, 21 Nov 2026 10:00:00 +0000"),
        ("heading", "Prices"),
        ("row", "Plan: Basic; Price: 5"),
    ]
    assert (table.title, table.text, table.meta["attached_to"]) == ("Prix d'été", "Zone: EU; Price: 0", first.title)
    assert "The older mail." in older.text
    assert notes(first)[0].startswith("attachment photo.png: is a PNG picture; give it as one of txt,")


@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-8", "koi8-r", "no-such-charset"])
def test_a_mails_text_is_read_in_the_charset_that_it_names(charset):
    words = "Тариф стоит десять рублей в месяц" if charset == "koi8-r" else "L'été coûte déjà très cher à côté"
    encoded = words.encode("utf-8" if charset == "no-such-charset" else charset)
    raw = f"Subject: x\r\nContent-Type: text/plain; charset={charset}\r\n\r\n".encode() + encoded

    assert words in read("a.eml", raw)[0].text


# -- encodings and formats that lie ----------------------------------------------------------------------------------


def test_text_that_was_broken_by_a_wrong_encoding_is_mended_and_said():
    broken = "Les frais de résiliation s’élèvent à 50 €.".encode().decode("cp1252")
    [outline] = read("a.txt", broken)

    assert outline.text == "Les frais de résiliation s’élèvent à 50 €."
    assert notes(outline) == ["mis-encoded text was mended in one place"]


def test_bytes_that_are_no_text_within_a_text_are_counted():
    [outline] = read("a.txt", "Été à la plage, où il fait très beau déjà.".encode() + b" \xff\xfe fin.")

    assert notes(outline) == ["2 characters could not be read and stand as \ufffd"]


def test_a_page_is_read_in_the_encoding_that_it_declares():
    page = '<html><head><meta charset="windows-1251"></head><body><p>Цена сто рублей</p></body></html>'

    assert read("a.html", page.encode("cp1251"))[0].text == "Цена сто рублей"


@pytest.mark.parametrize(
    ("name", "data", "note"),
    [
        ("a.docx", pdf("Really a paper."), "is a pdf by its content, not a docx; read as that"),
        ("a.xlsx", b"<html><body><table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>",
         "is an html by its content, not an xlsx; read as that"),
        ("a.pdf", word(lambda document: document.add_paragraph("A letter.")), "is a docx by its content, not a pdf; read as that"),
        ("a.dat", sheet({"Sheet1": [["A"], ["b"]]}), "is an xlsx by its content, not what its name says; read as that"),
    ],
)  # fmt: skip
def test_a_file_of_another_format_than_its_name_says_is_read_as_what_it_is_and_that_is_said(name, data, note):
    [outline] = read(name, data)

    assert notes(outline) == [note]


def test_html_questions_terms_and_cells_over_several_rows_are_read():
    page = ("<dl><dt>What is it?</dt><dd>A card.</dd><dt>Fee</dt><dd>5 euros</dd></dl><details><summary>How long?"
            "</summary><p>Two days.</p></details><table><tr><th>Zone<th>Plan<th>Price</tr><tr><td rowspan=2>EU<td>A<td>1"
            "</tr><tr><td>B<td>2</tr></table>")  # fmt: skip
    [outline] = read("a.html", page)

    assert kinds(outline) == [
        ("record", "What is it?\nA card."),
        ("row", "Fee: 5 euros"),
        ("record", "How long?\nTwo days."),
        ("row", "Zone: EU; Plan: A; Price: 1"),
        ("row", "Zone: EU; Plan: B; Price: 2"),
    ]


# -- what a tenant demands -------------------------------------------------------------------------------------------


@pytest.mark.row("A176")
def test_a_row_that_lacks_a_required_field_is_left_out_and_named_with_file_and_row():
    rules = Rules(("model", "price"), {"price": "number"}, {"fuel": ("petrol", "diesel")})
    text = "Model,Price,Fuel\nSwift,650000,petrol\nAlto,,petrol\nDzire,soon,diesel\nBaleno,700000,coal\n"
    [outline] = extract("inventory.csv", text.encode(), rules=rules)

    assert rows(outline) == ["Model: Swift; Price: 650000; Fuel: petrol"]
    assert notes(outline) == [
        "row 3 lacks price, though metadata_schema.yaml demands it; it is left out",
        "row 4 has price 'soon', which is no number, though metadata_schema.yaml demands it; it is left out",
        "row 5 has fuel 'coal'; allowed are petrol, diesel, though metadata_schema.yaml demands it; it is left out",
    ]


@pytest.mark.row("A176")
def test_a_file_without_what_is_required_is_refused_and_json_records_are_counted():
    rules = Rules(("category",))

    with pytest.raises(
        BrokenDocument, match=r"^note\.md: lacks category, though metadata_schema\.yaml demands it; mend"
    ):
        extract("note.md", b"# Note\n\nText.", rules=rules)
    assert extract("note.md", b"---\ncategory: x\n---\nText.", rules=rules)[0].text == "Text."
    records = [{"question": "A?", "answer": "B.", "category": "x"}, {"question": "C?", "answer": "D."}]
    [outline] = extract("faqs.json", json.dumps(records).encode(), rules=rules)
    assert notes(outline) == ["record 2 lacks category, though metadata_schema.yaml demands it; it is left out"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [", "is no YAML"),
        ("- a", "must map names"),
        ("a: {need: [x]}", "unknown key 'need'; allowed are required, types, allowed"),
        ("a: {required: x}", "a.required must be a list"),
        ("a: {types: {x: money}}", "a.types must map fields to one of text, number"),
    ],
)
def test_a_metadata_schema_that_is_wrong_is_named_with_its_key(tmp_path, text, told):
    path = tmp_path / "metadata_schema.yaml"
    path.write_text(text)

    with pytest.raises(ConfigError) as raised:
        load(path)

    assert str(raised.value).startswith(f"{path}: ")
    assert told in str(raised.value)


def test_openpyxl_and_the_reader_agree_on_a_workbooks_values():
    data = sheet({"Sheet1": [["Name", "n"], *[[f"row {n}", n] for n in range(500)]]})
    book = openpyxl.load_workbook(io.BytesIO(data))

    told = [f"Name: {name}; n: {n}" for name, n in list(book.active.values)[1:]]
    assert rows(read("a.xlsx", data)[0]) == told


def test_a_text_with_a_few_bytes_of_damage_is_read_and_the_damage_counted():
    words = "Transfers within the country are free of charge for all accounts. " * 20
    data = words.encode()[:600] + b"\x81\x00\xfe\x8d" + words.encode()[600:]
    [outline] = read("a.txt", data)

    assert outline.text.count("Transfers within the country") >= 19
    assert "\0" not in outline.text


def test_a_table_that_lays_out_a_page_is_read_as_its_text():
    page = ("<table><tr><td>Menu</td><td><h2>Fees</h2>A card costs <b>five</b> euros.<table><tr><th>Zone<th>Price</tr>"
            "<tr><td>EU<td>0</tr></table>Ask us.</td></tr></table>")  # fmt: skip
    [outline] = read("a.html", page)

    assert kinds(outline) == [
        ("paragraph", "Menu"),
        ("heading", "Fees"),
        ("paragraph", "A card costs five euros."),
        ("row", "Zone: EU; Price: 0"),
        ("paragraph", "Ask us."),
    ]
