"""The question after a handoff is resolved, and its answer: asked once a handoff, on the customer's own channel.

The answer is looked for in the customer's next message only, so that a "2" said later to the bot is no rating; what
can be nothing else ("4/5", stars) counts until the question expires.  The bot does not answer a rating.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
import msgspec
import regex
import sqlalchemy as sa

from hookline.message import HandoffRequest, Hold, Reply

from . import rating as words
from .deskmodels import rating
from .floorbodies import RatingView
from .models import handoff
from .notices import STAFF, notify
from .promises import supervisors

if TYPE_CHECKING:
    from hookline.message import Job, Timer
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .deskconfig import Csat

ASK, END = "desk_rate", "desk_rate_end"
_STATE = "handoff"
_NO = regex.compile(
    r"(?:no(?: thanks?| thank you)?|nope|nothing|skip|non(?: merci)?|rien|नहीं|नही|कुछ नहीं|nahi+|nahin|kuch nahi)[\s.!]*",
    regex.IGNORECASE,
)
_LONGEST = 2000
TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "ask": "How was our help? Please rate it from 1 (very poor) to {best} (excellent).",
        "thanks": "Thank you for your rating.",
        "comment": "Thank you. What could we have done better?",
        "noted": "Thank you, we have noted that.",
        "scale": "Please give a number from 1 to {best}.",
        "escalated": "Thank you for telling us. We are sorry; one of our people will get back to you.",
        "no": "Nothing to add",
        "labels": "Very poor|Poor|Fair|Good|Excellent",
    },
    "fr": {
        "ask": "Comment était notre aide ? Notez-la de 1 (très mauvais) à {best} (excellent).",
        "thanks": "Merci pour votre note.",
        "comment": "Merci. Qu'aurions-nous pu mieux faire ?",
        "noted": "Merci, c'est noté.",
        "scale": "Donnez un nombre de 1 à {best}, s'il vous plaît.",
        "escalated": "Merci de nous l'avoir dit. Nous sommes désolés ; un de nos conseillers va revenir vers vous.",
        "no": "Rien à ajouter",
        "labels": "Très mauvais|Mauvais|Moyen|Bien|Excellent",
    },
    "hi": {
        "ask": "हमारी सहायता कैसी रही? कृपया 1 (बहुत खराब) से {best} (उत्कृष्ट) तक अंक दें।",
        "thanks": "आपकी रेटिंग के लिए धन्यवाद।",
        "comment": "धन्यवाद। हम और बेहतर क्या कर सकते थे?",
        "noted": "धन्यवाद, हमने इसे लिख लिया है।",
        "scale": "कृपया 1 से {best} तक का एक अंक दें।",
        "escalated": "बताने के लिए धन्यवाद। हमें खेद है; हमारा एक साथी आपसे संपर्क करेगा।",
        "no": "कुछ नहीं",
        "labels": "बहुत खराब|खराब|ठीक|अच्छा|उत्कृष्ट",
    },
}
_SAYS_NO = {texts["no"].casefold() for texts in TEXTS.values()}


class Ratings:
    """Ratings in one snapshot of a tenant's config."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.config: Csat = tenant.config.csat

    def text(self, key: str, language: str) -> str:
        """The tenant's words, else ours; in the language, else in the tenant's, else in English."""
        for tag in (language, language.partition("-")[0], self.tenant.settings.language, "en"):
            found = self.config.texts.get(tag, {}).get(key) or TEXTS.get(tag, {}).get(key)
            if found:
                return found.replace("{best}", str(self.config.scale))
        raise KeyError(key)

    # -- asking --------------------------------------------------------------------------------------------------

    async def plan(self, ident: str, conversation: str, channel: str) -> None:
        """Have the customer asked, once a handoff, in the order of the conversation."""
        if self.config.enabled and (not self.config.channels or channel in self.config.channels):
            await self.tenant.submit(ASK, {"handoff": ident}, key=ident, lane=conversation)

    async def ask(self, turn: Turn, job: Job) -> None:
        """Ask, unless the handoff was opened again, somebody holds the conversation, or it is closed."""
        rows = await self.tenant.db.fetch(sa.select(handoff).where(handoff.c.id == job.payload["handoff"]))
        about = turn.conversation
        if not rows or rows[0].state != "resolved" or about.held_by or about.status != "open":
            return
        if await self.tenant.db.fetch(sa.select(rating.c.handoff).where(rating.c.handoff == rows[0].id)):
            return  # it was opened again and resolved so late that nobody remembers the first job
        row, now, config = rows[0], self.tenant.clock.now(), self.config
        asked = {
            "handoff": row.id,
            "conversation": row.conversation,
            "contact": row.contact,
            "channel": row.channel,
            "agent": row.agent or row.resolved_by,
            "team": row.team,
            "state": "asked",
            "scale": config.scale,
            "score": None,
            "asked_at": now,
            "rated_at": None,
        }
        turn.write(sa.insert(rating), asked, rows=1)
        turn.state(_STATE)["rating"] = {"handoff": row.id, "mode": "asked", "until": now + config.expires}
        turn.timer(END, config.expires, key=row.id, payload={"handoff": row.id})
        language = row.language or turn.language
        turn.send(Reply(self.text("ask", language), quick_replies=self._choices(language)), author="system")

    def _choices(self, language: str) -> tuple[str, ...]:
        labels = self.text("labels", language).split("|")
        best = self.config.scale
        if len(labels) != best:
            return tuple(str(n) for n in range(best, 0, -1))
        return tuple(f"{n} – {labels[n - 1]}" for n in range(best, 0, -1))

    async def end(self, turn: Turn, timer: Timer) -> None:
        """The time for an answer is over."""
        ident = timer.payload["handoff"]
        state = turn.state(_STATE)
        if state.get("rating", {}).get("handoff") == ident:
            del state["rating"]
        open_ = rating.c.state.in_(["asked", "overlooked"])
        turn.write(sa.update(rating).where(rating.c.handoff == ident, open_).values(state="expired"))

    # -- the answer ------------------------------------------------------------------------------------------------

    async def hold(self, turn: Turn) -> Hold | None:
        """Take the message as a rating or as a comment on one; the bot is silent then."""
        asked = None if turn.dry or turn.conversation.held_by else turn.state(_STATE).get("rating")
        if not asked:
            return None
        if asked["until"] <= self.tenant.clock.now():
            del turn.state(_STATE)["rating"]
            return None
        if asked["mode"] == "comment":
            return self._comment(turn, asked)
        said = words.read(turn.message.text, self.config.scale)
        if said is None or (asked["mode"] == "overlooked" and not (said.plain and said.score)):
            if asked["mode"] == "asked":
                turn.state(_STATE)["rating"] = {**asked, "mode": "overlooked"}
            return None
        if not said.score:
            mode = "asked" if asked["mode"] == "asked" and not asked.get("told") else "overlooked"
            turn.state(_STATE)["rating"] = {**asked, "mode": mode, "told": True}
            if asked.get("told"):
                return None
            turn.send(Reply(self.text("scale", turn.language)), author="system")
            return Hold("a rating", "handoff")
        return await self._rate(turn, asked, said)

    async def _rate(self, turn: Turn, asked: Mapping[str, Any], said: words.Rated) -> Hold | None:
        config, now, ident = self.config, self.tenant.clock.now(), asked["handoff"]
        rows = await self.tenant.db.fetch(sa.select(rating).where(rating.c.handoff == ident))
        if not rows or rows[0].score is not None:
            del turn.state(_STATE)["rating"]
            return None
        row = rows[0]
        comment = said.comment[:_LONGEST]
        values = {"state": "rated", "score": said.score, "comment": comment, "rated_at": now}
        turn.write(
            sa.update(rating).where(rating.c.handoff == ident, rating.c.score.is_(None)).values(**values), rows=1
        )
        turn.cancel_timer(END, key=ident)
        told = {"handoff": ident, "score": said.score, "scale": row.scale, "agent": row.agent, "team": row.team}
        turn.event("handoff.rated", told)
        self._show(turn, row, values)
        poor = said.score <= config.poor
        if poor:
            await self._warn(turn, row, said.score)
        state = turn.state(_STATE)
        del state["rating"]
        if poor and config.escalate_poor:
            state["poor_rating"] = said.score
            return None
        if "?" in comment:
            return None  # they asked something besides: that is for the bot
        wanted = config.comment == "always" or (config.comment == "poor" and poor)
        if wanted and not comment:
            until = now + config.comment_expires
            state["rating"] = {"handoff": ident, "mode": "comment", "until": until}
            no = (self.text("no", turn.language),)
            turn.send(Reply(self.text("comment", turn.language), quick_replies=no), author="system")
        else:
            turn.send(Reply(self.text("thanks", turn.language)), author="system")
        return Hold("a rating", "handoff")

    def _comment(self, turn: Turn, asked: Mapping[str, Any]) -> Hold | None:
        """A question is none: then the customer has gone on."""
        text = turn.message.text.strip()
        del turn.state(_STATE)["rating"]
        if not text or "?" in text or "？" in text or "؟" in text:
            return None
        if text.casefold() in _SAYS_NO or _NO.fullmatch(text):
            turn.send(Reply(self.text("thanks", turn.language)), author="system")
            return Hold("a comment on a rating", "handoff")
        ident = asked["handoff"]
        turn.write(sa.update(rating).where(rating.c.handoff == ident).values(comment=text[:_LONGEST]))
        turn.event("handoff.commented", {"handoff": ident})
        turn.publish(STAFF, "handoff.commented", {"conversation": turn.conversation.id, "handoff": ident})
        turn.send(Reply(self.text("noted", turn.language)), author="system")
        return Hold("a comment on a rating", "handoff")

    def request(self, turn: Turn) -> HandoffRequest | None:
        """A poor rating that shall open a handoff (`csat.escalate_poor`)."""
        if turn.dry:
            return None
        score = turn.state(_STATE).pop("poor_rating", None)
        if score is None:
            return None
        return HandoffRequest(
            f"poor_rating: {score}", text=self.text("escalated", turn.language), priority=1, data={"source": "trigger"}
        )

    def _show(self, turn: Turn, row: Any, values: Mapping[str, Any]) -> None:
        shown = rating_view({**row._asdict(), **values})
        data = {"conversation": row.conversation, "rating": msgspec.to_builtins(shown)}
        turn.publish(STAFF, "handoff.rated", data)

    async def _warn(self, turn: Turn, row: Any, score: int) -> None:
        staff = [*([row.agent] if row.agent else []), *await supervisors(self.tenant)]
        text = f"{turn.contact.name or row.contact} rated {score} of {row.scale}"
        notify(
            turn, self.tenant.clock.now(), staff, "rating", text,
            conversation=row.conversation, contact=row.contact, handoff=row.handoff,
        )  # fmt: skip


def rating_view(row: Mapping[str, Any]) -> RatingView:
    """A rating as pages show it."""
    return RatingView(**{field.name: row[field.name] for field in attrs.fields(RatingView)})
