"""The bank's records: loan simulations, prospects, claims.  Their fields bear the names of the replaced system's columns.

`session_id` is the conversation, `source` where it was held ("web", "whatsapp"); `created_at` and `updated_at` come with
every record, and the contact, which only the bot looks at.
"""

from __future__ import annotations

import sqlalchemy as sa

from hookline.records import Choice, Day, Email, Field, Flag, Integer, Money, Number, Phone, RecordType, Text

metadata = sa.MetaData()

LOANS = {
    "immobilier": {"fr": "Immobilier", "en": "Property"},
    "auto": {"fr": "Auto", "en": "Car"},
    "consommation": {"fr": "Consommation", "en": "Consumption"},
    "entreprise": {"fr": "Entreprise", "en": "Business"},
}
SITUATIONS = {
    "CDI": {"fr": "CDI", "en": "Permanent contract"},
    "Fonctionnaire": {"fr": "Fonctionnaire", "en": "Civil servant"},
    "CDD": {"fr": "CDD", "en": "Fixed-term contract"},
    "Indépendant": {"fr": "Indépendant", "en": "Self-employed"},
    "Retraité": {"fr": "Retraité", "en": "Retired"},
    "Autre": {"fr": "Autre", "en": "Other"},
}
ACCOUNTS = {
    "Courant": {"fr": "Courant", "en": "Current"},
    "Épargne": {"fr": "Épargne", "en": "Savings"},
    "Jeune": {"fr": "Jeune", "en": "Youth"},
    "Entreprise": {"fr": "Entreprise", "en": "Business"},
}
CATEGORIES = {
    "Carte bancaire": {"fr": "Carte bancaire", "en": "Bank card"},
    "Virement": {"fr": "Virement", "en": "Transfer"},
    "Frais": {"fr": "Frais", "en": "Fees"},
    "Service client": {"fr": "Service client", "en": "Customer service"},
}
SOURCES = {
    "web": {"fr": "Web", "en": "Web"},
    "whatsapp": {"fr": "WhatsApp", "en": "WhatsApp"},
    "autre": {"fr": "Autre", "en": "Other"},
}


def _number(name: str, label: str) -> Field:
    return Field(name, Text(40), label={"fr": label, "en": "Number"}, editable=False, search=True)


def _session() -> Field:
    label = {"fr": "Conversation", "en": "Conversation"}
    return Field("session_id", Text(64), label=label, editable=False, listed=False)


def _source() -> Field:
    return Field("source", Choice(SOURCES), label={"fr": "Origine", "en": "Source"}, default="autre", editable=False)


simulation = RecordType(
    "loan_simulations",
    metadata,
    "tenant_tokosel_simulation",
    title={"fr": "Simulations de prêt", "en": "Loan simulations"},
    key="simulation_id",
    contact=True,
    fields=(
        _number("simulation_id", "Numéro"),
        _session(),
        Field("montant", Money("XOF"), label={"fr": "Montant", "en": "Amount"}, editable=False),
        Field("duree", Integer(1, 600), label={"fr": "Durée (mois)", "en": "Months"}, editable=False),
        Field("type_pret", Choice(LOANS), label={"fr": "Prêt", "en": "Loan"}, editable=False, filter=True),
        Field(
            "revenus_mensuels", Money("XOF"), label={"fr": "Revenus mensuels", "en": "Monthly income"}, editable=False
        ),
        Field("situation_pro", Choice(SITUATIONS), label={"fr": "Situation", "en": "Situation"}, editable=False),
        Field("taux_interet", Number(3, unit="%"), label={"fr": "Taux", "en": "Rate"}, editable=False),
        Field("mensualite", Money("XOF"), label={"fr": "Mensualité", "en": "Monthly payment"}, editable=False),
        Field("cout_total", Money("XOF"), label={"fr": "Coût total", "en": "Total cost"}, editable=False, listed=False),
        Field(
            "interets_totaux", Money("XOF"), label={"fr": "Intérêts", "en": "Interest"}, editable=False, listed=False
        ),
        Field("taux_endettement", Number(2, unit="%"), label={"fr": "Endettement", "en": "Debt ratio"}, editable=False),
        Field("eligible", Flag(), label={"fr": "Éligible", "en": "Eligible"}, editable=False, filter=True),
        Field(
            "status",
            Choice(
                {
                    "simulee": {"fr": "Simulée", "en": "Simulated"},
                    "contactee": {"fr": "Client contacté", "en": "Customer contacted"},
                    "dossier": {"fr": "Dossier ouvert", "en": "File opened"},
                    "classee": {"fr": "Classée", "en": "Closed"},
                }
            ),
            label={"fr": "Statut", "en": "Status"},
            default="simulee",
            filter=True,
        ),
        _source(),
    ),
    create="",
    edit="agent",
    remove="",
    extra=(sa.Column("link", sa.Text, nullable=False, server_default=""),),
)
"""`link` is the hash of the key in the links to its amortisation table; "" where there is none."""

prospect = RecordType(
    "prospects",
    metadata,
    "tenant_tokosel_prospect",
    title={"fr": "Prospects", "en": "Prospects"},
    key="prospect_id",
    contact=True,
    fields=(
        _number("prospect_id", "Numéro"),
        _session(),
        Field("nom", Text(80), label={"fr": "Nom", "en": "Last name"}, search=True),
        Field("prenom", Text(80), label={"fr": "Prénom", "en": "First name"}, search=True),
        Field("telephone", Phone(), label={"fr": "Téléphone", "en": "Phone"}, search=True),
        Field("email", Email(), label={"fr": "E-mail", "en": "E-mail"}, search=True),
        Field("type_compte", Choice(ACCOUNTS), label={"fr": "Compte", "en": "Account"}, filter=True),
        Field(
            "status",
            Choice(
                {
                    "nouveau": {"fr": "Nouveau", "en": "New"},
                    "contacte": {"fr": "Contacté", "en": "Contacted"},
                    "ouvert": {"fr": "Compte ouvert", "en": "Account opened"},
                    "abandonne": {"fr": "Abandonné", "en": "Given up"},
                }
            ),
            label={"fr": "Statut", "en": "Status"},
            default="nouveau",
            filter=True,
        ),
        _source(),
    ),
    create="",
    edit="agent",
    remove="",
)

claim = RecordType(
    "claims",
    metadata,
    "tenant_tokosel_claim",
    title={"fr": "Réclamations", "en": "Claims"},
    key="claim_id",
    contact=True,
    fields=(
        _number("claim_id", "Numéro"),
        _session(),
        Field("categorie", Choice(CATEGORIES), label={"fr": "Catégorie", "en": "Category"}, filter=True),
        Field(
            "description", Text(2000, lines=True), label={"fr": "Description", "en": "Description"}, editable=False,
            listed=False, search=True,
        ),
        Field("montant", Money("XOF"), label={"fr": "Montant", "en": "Amount"}),
        Field("date_incident", Day(), label={"fr": "Date de l'incident", "en": "Day of the incident"}),
        Field("nom_complet", Text(120), label={"fr": "Nom complet", "en": "Full name"}, search=True),
        Field("telephone", Phone(), label={"fr": "Téléphone", "en": "Phone"}, search=True),
        Field("email", Email(), label={"fr": "E-mail", "en": "E-mail"}, listed=False),
        Field(
            "status",
            Choice(
                {
                    "nouvelle": {"fr": "Enregistrée", "en": "Registered"},
                    "en_cours": {"fr": "En cours de traitement", "en": "In progress"},
                    "resolue": {"fr": "Résolue", "en": "Settled"},
                    "rejetee": {"fr": "Rejetée", "en": "Rejected"},
                }
            ),
            label={"fr": "Statut", "en": "Status"},
            default="nouvelle",
            filter=True,
        ),
        _source(),
    ),
    create="",
    edit="agent",
    remove="",
)  # fmt: skip

RECORDS = (simulation, prospect, claim)
