"""Why a lead has the score that it has: turn by turn, rule by rule, and day by day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .lead import Lead, shown_time
from .rules import Reason, Rules, TurnScore, idle_days
from .scoring import account
from .session import Step


def why(rules: Rules, lead: Lead, steps: Sequence[tuple[Any, Step]], now: float) -> dict[str, Any]:
    """The whole account, for a page or a person at a terminal; its numbers add up to the score."""
    turns = []
    for row, step in steps:
        turns.append({
            "at": shown_time(row.at), "conversation": row.conversation, "turn": step.session.n,
            "session": step.session.number, "intent": row.intent, "by": row.kind,
            "reasons": [{"points": one["points"], "reason": one["text"]} for one in row.reasons],
            "score": step.value, "average": round(step.session.average, 2), "peak": step.session.peak,
            "carried": round(step.session.carried, 2), "idle_days": step.idle, "lead": round(step.lead, 2),
        })  # fmt: skip
    return {
        "id": lead.id, "score": round(lead.score, 1), "unrounded": lead.score, "priority": lead.priority,
        "thresholds": {"hot": rules.thresholds.hot, "warm": rules.thresholds.warm},
        "lines": [one["text"] for one in brief(rules, lead, steps, now)], "turns": turns,
        "decay": {
            "per_day": rules.decay.per_day, "idle_days": idle_days(lead.scored_at, now),
            "before": round(lead.base, 2), "after": round(lead.score, 2),
        },
        "missing": list(lead.missing), "interest": lead.interest,
    }  # fmt: skip


def brief(rules: Rules, lead: Lead, steps: Sequence[tuple[Any, Step]], now: float) -> list[dict[str, Any]]:
    """The account of the newest turn, line by line: each as `text` in English, and as what a page needs to say it in its
    reader's language (`kind`, and the values in it)."""
    lines = [{**one, "text": Reason(one["points"], one["text"]).line()} for one in lead.reasons]
    if steps:
        row, step = steps[-1]
        if row.reasons:
            lines.append({"kind": "turn", "text": f"= {step.value:g} for the turn", "score": step.value})
        else:
            lines.append({"kind": "nothing", "text": "no rule gave points"})
        lines += account(rules, step.session)
    days, score = idle_days(lead.scored_at, now), round(lead.score, 1)
    if days and rules.decay.per_day:
        text = f"{days} idle days at {rules.decay.per_day:g} % each: {lead.base:.1f} is {lead.score:.1f} now"
        decay = {"days": days, "per_day": rules.decay.per_day, "before": round(lead.base, 1), "score": score}
        lines.append({"kind": "decay", "text": text, **decay})
    hot, warm = rules.thresholds.hot, rules.thresholds.warm
    text = f"{lead.score:.1f} is {lead.priority} (hot from {hot:g}, warm from {warm:g})"
    ends = {"score": score, "priority": lead.priority, "hot": hot, "warm": warm}
    lines.append({"kind": "priority", "text": text, **ends})
    return lines


def what_if(rules: Rules, found: TurnScore) -> dict[str, Any]:
    """A turn that nobody said."""
    return {
        "score": found.value, "matched": found.matched, "priority": rules.thresholds.priority(found.value),
        "reasons": [{"points": one.points, "reason": one.text} for one in found.reasons],
    }  # fmt: skip
