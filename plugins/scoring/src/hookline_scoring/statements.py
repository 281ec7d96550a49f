"""The statements of scoring, each made once: what is used in every turn is compiled once."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hookline.models import Json

from .models import event, identity, lead, score

b = sa.bindparam


def alive(name: str) -> sa.ColumnElement[str]:
    """The lead of that id, or the one that it was merged into."""
    merged = sa.select(identity.c.lead).where(identity.c.kind == "merged", identity.c.value == b(name, type_=sa.Text))
    return sa.func.coalesce(merged.scalar_subquery(), b(name, type_=sa.Text))


_new = insert(lead)


def _kept(name: str) -> sa.ColumnElement[str]:
    """The new value, unless it is empty."""
    given = b(f"p_{name}", type_=sa.Text)
    return sa.case((given == "", lead.c[name]), else_=given)


# A lead is made once; that a second conversation of the contact makes it at the same time changes nothing.
MAKE = _new.on_conflict_do_nothing(index_elements=["tenant", "id"])
_STANDING = {
    "status": sa.case(
        (
            sa.and_(
                b("p_qualified", type_=sa.Integer) == 1, sa.or_(lead.c.status == "new", lead.c.status == "contacted")
            ),
            "qualified",
        ),
        else_=lead.c.status,
    ),
    "rev": lead.c.rev + 1,
}
SCORE = (
    sa.update(lead)
    .where(lead.c.id == alive("p_lead"))
    .values(
        conversation=b("p_conversation"),
        contact=_kept("contact"),
        name=_kept("name"),
        email=_kept("email"),
        phone=_kept("phone"),
        priority=b("p_priority"),
        score=b("p_score"),
        base=b("p_score"),
        scored_at=b("p_now"),
        decays_at=b("p_decays_at"),
        interest=b("p_interest"),
        missing=b("p_missing", type_=Json),
        intent=_kept("intent"),
        fields=b("p_fields", type_=Json),
        reasons=b("p_reasons", type_=Json),
        review=b("p_review"),
        updated_at=b("p_now"),
        crm_state=sa.case((b("p_push", type_=sa.Integer) == 1, "queued"), else_=lead.c.crm_state),
        **_STANDING,
    )
)
_row = insert(score)
NOTE = _row.values(
    conversation=b("p_conversation"),
    n=b("p_n"),
    lead=alive("p_lead"),
    at=b("p_now"),
    session=b("p_session"),
    kind=b("p_kind"),
    intent=b("p_intent"),
    mood=b("p_mood"),
    messages=b("p_messages"),
    facts=b("p_facts", type_=Json),
    value=b("p_value"),
    total=b("p_total"),
    reasons=b("p_reasons", type_=Json),
).on_conflict_do_nothing(index_elements=["tenant", "conversation", "n"])
KNOW = insert(identity).on_conflict_do_nothing(index_elements=["tenant", "kind", "value"])
HAPPENED = sa.insert(event)

FIND = (
    sa.select(lead, identity.c.kind, identity.c.value)
    .join(identity, sa.and_(identity.c.tenant == lead.c.tenant, identity.c.lead == lead.c.id))
    .where(
        sa.or_(
            sa.and_(identity.c.kind == "contact", identity.c.value == b("p_contact")),
            sa.and_(identity.c.kind == "email", identity.c.value == b("p_email")),
            sa.and_(identity.c.kind == "phone", identity.c.value == b("p_phone")),
        )
    )
    .order_by(lead.c.created_at, lead.c.id)
)
ONE = sa.select(lead).where(lead.c.id == alive("p_lead"))

DUE = sa.select(lead).where(lead.c.decays_at <= b("p_now")).order_by(lead.c.decays_at).limit(500)
COOL = (
    sa.update(lead)
    .where(lead.c.id == b("p_id"), lead.c.scored_at == b("p_scored_at"))
    .values(score=b("p_score"), priority=b("p_priority"), decays_at=b("p_decays_at"), review=b("p_review"))
)

SCORES = sa.select(score).where(score.c.lead == b("p_lead")).order_by(score.c.at, score.c.conversation, score.c.n)
EVENTS = sa.select(event).where(event.c.lead == b("p_lead")).order_by(event.c.at, event.c.id)

# -- two leads are one person -------------------------------------------------------------------------------------------

MOVE = (
    sa.update(score).where(score.c.lead == b("p_from")).values(lead=b("p_into")),
    sa.update(event).where(event.c.lead == b("p_from")).values(lead=b("p_into")),
    sa.update(identity).where(identity.c.lead == b("p_from")).values(lead=b("p_into")),
    sa.delete(lead).where(lead.c.id == b("p_from")),
)
ABSORB = (
    sa.update(lead)
    .where(lead.c.id == b("p_into"))
    .values(
        {
            **{name: sa.case((lead.c[name] == "", b(f"p_{name}")), else_=lead.c[name])
               for name in ("contact", "name", "email", "phone", "owner", "intent", "interest")},
            "source": b("p_source"), "channel": b("p_channel"), "origin": b("p_origin", type_=Json), "fields": b("p_fields", type_=Json),
            "created_at": b("p_created_at"), "updated_at": b("p_now"), "rev": lead.c.rev + 1,
        }
    )
)  # fmt: skip

# -- the CRM ------------------------------------------------------------------------------------------------------------

SENT = (
    sa.update(lead)
    .where(lead.c.id == b("p_id"))
    .values(
        crm_state=sa.case((lead.c.rev == b("p_rev"), "sent"), else_="queued"), crm_rev=b("p_rev"),
        crm_id=sa.case((b("p_crm", type_=sa.Text) == "", lead.c.crm_id), else_=b("p_crm", type_=sa.Text)),
        crm_error="", crm_tries=0, crm_since=0.0, crm_at=0.0,
    )
)  # fmt: skip
FAILED = (
    sa.update(lead)
    .where(lead.c.id == b("p_id"))
    .values(
        crm_state=b("p_state"), crm_error=b("p_error"), crm_tries=b("p_tries"), crm_since=b("p_since"),
        crm_at=b("p_at"),
    )
)  # fmt: skip
QUEUE = sa.update(lead).where(lead.c.id == b("p_id")).values(crm_state="queued", crm_since=0.0, crm_at=0.0, crm_tries=0)
