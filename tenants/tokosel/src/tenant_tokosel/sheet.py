"""An amortisation table as a file that a customer opens: a spreadsheet's CSV, or a PDF to read and print.

Both block, the PDF for some tenths of a second: call them by `tenant.compute.run`.
"""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import attrs

from .loan import Loan, totals

_HEAD = ("N°", "Mensualité", "Intérêts", "Capital remboursé", "Capital restant dû")
_SPACE = "\u00a0"
_NOTE = "Simulation indicative, sans valeur contractuelle. Montants en francs CFA, hors assurance et frais de dossier."


@attrs.frozen
class Sheet:
    """What stands on it: the simulation's number, "Prêt Immobilier", the loan, and the day it was made, as text."""

    number: str
    title: str
    loan: Loan
    day: str

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return f"tableau-amortissement-{self.number}"

    def facts(self) -> list[tuple[str, str]]:
        """What comes above the table."""
        loan = self.loan
        return [
            ("Simulation", self.number),
            ("Date", self.day),
            ("Type", self.title),
            ("Montant emprunté", amount(loan.amount)),
            ("Durée", f"{loan.months}{_SPACE}mois"),
            ("Taux annuel", percent(loan.rate)),
            ("Mensualité", amount(loan.payment)),
            ("Coût total", amount(loan.total)),
            ("Dont intérêts", amount(loan.interest)),
        ]

    def csv(self) -> bytes:
        """UTF-8 with its mark, parted by semicolons: what spreadsheets expect in French.  Figures are bare, so that they
        can be summed."""
        out = io.StringIO()
        table = csv.writer(out, delimiter=";", lineterminator="\r\n")
        lines = self.loan.schedule()
        table.writerow(_HEAD)
        table.writerows((x.number, x.payment, x.interest, x.capital, x.balance) for x in lines)
        payments, interest, capital = totals(lines)
        table.writerow(("Total", payments, interest, capital, ""))
        return b"\xef\xbb\xbf" + out.getvalue().encode()

    def pdf(self) -> bytes:
        """A4, with the table's head on each page, and the number of the page."""
        from reportlab.lib import colors
        from reportlab.lib.pagesizes import A4
        from reportlab.lib.styles import getSampleStyleSheet
        from reportlab.lib.units import mm
        from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

        styles = getSampleStyleSheet()
        lines = self.loan.schedule()
        figures = [(str(x.number), *(figure(n) for n in (x.payment, x.interest, x.capital, x.balance))) for x in lines]
        payments, interest, capital = totals(lines)
        figures.append(("Total", figure(payments), figure(interest), figure(capital), ""))
        grid = Table([_HEAD, *figures], repeatRows=1, colWidths=[18 * mm, 38 * mm, 38 * mm, 40 * mm, 40 * mm])
        grid.setStyle(
            TableStyle(
                [
                    ("FONTSIZE", (0, 0), (-1, -1), 9),
                    ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
                    ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold"),
                    ("FONTNAME", (0, -1), (-1, -1), "Helvetica-Bold"),
                    ("LINEBELOW", (0, 0), (-1, 0), 0.75, colors.black),
                    ("LINEABOVE", (0, -1), (-1, -1), 0.75, colors.black),
                    ("ROWBACKGROUNDS", (0, 1), (-1, -2), (colors.white, colors.HexColor("#f3f3f3"))),
                    ("TOPPADDING", (0, 0), (-1, -1), 2),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
                ]
            )
        )
        about = Table([[Paragraph(a, styles["Normal"]), Paragraph(f"<b>{b}</b>", styles["Normal"])] for a, b in self.facts()],
                      colWidths=[45 * mm, 90 * mm], hAlign="LEFT")  # fmt: skip
        about.setStyle(TableStyle([("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 1)]))

        def foot(canvas: object, document: object) -> None:
            canvas.setFont("Helvetica", 8)  # type: ignore[attr-defined]  # reportlab ships no types
            canvas.drawString(18 * mm, 10 * mm, _NOTE)  # type: ignore[attr-defined]
            canvas.drawRightString(A4[0] - 18 * mm, 10 * mm, f"Page {document.page}")  # type: ignore[attr-defined]

        out = io.BytesIO()
        page = SimpleDocTemplate(
            out, pagesize=A4, title=f"Tableau d'amortissement {self.number}", author="Tokosel", lang="fr",
            leftMargin=18 * mm, rightMargin=18 * mm, topMargin=16 * mm, bottomMargin=18 * mm,
        )  # fmt: skip
        title = Paragraph("Tableau d'amortissement", styles["Title"])
        page.build([title, about, Spacer(1, 6 * mm), grid], onFirstPage=foot, onLaterPages=foot)
        return out.getvalue()


def figure(number: int) -> str:
    """In groups of three, by a space that does not break: "10 000 000"."""
    return f"{number:,}".replace(",", _SPACE)


def amount(number: int) -> str:
    """With the currency."""
    return f"{figure(number)}{_SPACE}FCFA"


def percent(rate: Decimal) -> str:
    """As French is written: "6,0 %"."""
    text = f"{rate.normalize():f}"
    return f"{text if '.' in text else text + '.0'}".replace(".", ",") + f"{_SPACE}%"
