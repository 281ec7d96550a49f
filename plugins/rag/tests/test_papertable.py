"""Tables in PDF files: rows stay rows, with and without rules, over pages; text in columns stays text."""

from __future__ import annotations

import io

import pytest
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import BalancedColumns, Paragraph, SimpleDocTemplate, Spacer, Table

from hookline_rag.extract import extract

STYLES = getSampleStyleSheet()
PLANS = [
    ["Plan", "Data", "Price"],
    ["Breeze", "5 GB", "$9.90"],
    ["Gust", "25 GB", "$16.90"],
    ["Storm", "unlimited", "$34.90"],
]
RULES = [("GRID", (0, 0), (-1, -1), 0.5, colors.black)]


def paper(*things):
    buffer = io.BytesIO()
    SimpleDocTemplate(buffer, pagesize=A4).build(list(things))
    return buffer.getvalue()


def text(words, style="BodyText"):
    return Paragraph(words, STYLES[style])


def read(data, name="plans.pdf"):
    return extract(name, data)[0]


def blocks(outline, kind):
    return [outline.text[one.start : one.end] for one in outline.blocks if one.kind == kind]


@pytest.mark.parametrize(
    "style",
    [
        pytest.param(RULES, id="rules"),
        pytest.param([("LINEBELOW", (0, 0), (-1, 0), 1, colors.black)], id="a rule below the header"),
        pytest.param([], id="aligned left"),
        pytest.param([("ALIGN", (1, 0), (-1, -1), "RIGHT")], id="aligned right"),
        pytest.param([("ALIGN", (1, 0), (-1, -1), "CENTER")], id="centred"),
    ],
)
def test_each_row_of_a_table_is_a_passage_with_its_headers(style):
    outline = read(
        paper(
            text("Our plans", "Heading1"),
            text("All plans have 5G at no extra charge. They end with 30 days' notice."),
            Table(PLANS, style=style),
            text("The prices hold until the end of the year."),
        )
    )

    assert blocks(outline, "row") == [
        "Plan: Breeze; Data: 5 GB; Price: $9.90",
        "Plan: Gust; Data: 25 GB; Price: $16.90",
        "Plan: Storm; Data: unlimited; Price: $34.90",
    ]
    assert blocks(outline, "paragraph") == [
        "All plans have 5G at no extra charge. They end with 30 days' notice.",
        "The prices hold until the end of the year.",
    ]
    assert outline.text.index("notice.") < outline.text.index("Breeze") < outline.text.index("The prices hold")


def test_a_table_that_goes_on_on_the_next_page_keeps_its_headers():
    rows = [["Country", "Landline", "Mobile"], *([f"Country {n}", f"$0.{n:02}", f"$1.{n:02}"] for n in range(1, 81))]

    outline = read(paper(Table(rows, style=RULES, repeatRows=1)))

    told = blocks(outline, "row")
    assert len(told) == 80
    assert told[0] == "Country: Country 1; Landline: $0.01; Mobile: $1.01"
    assert told[-1] == "Country: Country 80; Landline: $0.80; Mobile: $1.80"


def test_a_cell_of_several_lines_stays_one_cell():
    long = text("Applies to all customers who have had a contract with us for at least two years.")

    outline = read(
        paper(
            Table([["Offer", "Who", "Price"], ["Loyalty", long, "$4"], ["Start", "New customers", "$1"]], style=RULES)
        )
    )

    assert blocks(outline, "row") == [
        "Offer: Loyalty; Who: Applies to all customers who have had a contract with us for at least two years.; Price: $4",
        "Offer: Start; Who: New customers; Price: $1",
    ]


def test_a_page_set_in_columns_is_no_table():
    words = "The customer may return any item that was bought on line within thirty days without giving a reason. "

    outline = read(paper(BalancedColumns([text(words * 12)], nCols=3), Spacer(1, 12), text("End of terms.")))

    assert blocks(outline, "row") == []
    assert "thirty days" in outline.text


def test_a_frame_around_text_is_no_table():
    outline = read(
        paper(Table([[text("Please read this carefully. " * 30)], [text("Call us at 1900. " * 5)]], style=RULES))
    )

    assert blocks(outline, "row") == []
    assert outline.text.count("Please read this carefully.") == 30


async def test_a_question_is_answered_from_the_row_of_a_pdf_that_it_is_about(library, service):
    bot = await library()
    given = await service(bot).files(
        "plans.pdf", paper(text("Our plans", "Heading1"), Table(PLANS)), key="plans.pdf", meta={}
    )
    assert (await service(bot).ingest(given)).live

    reply = (await bot.ask("What is the price of the Gust plan?")).reply

    assert reply.text == "Plan: Gust; Data: 25 GB; Price: $16.90 [1]"
