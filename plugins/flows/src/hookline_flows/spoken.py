"""What a reply tells a telephone besides its words: which step said which paragraph, and what is waited for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import doing

if TYPE_CHECKING:
    from .running import Run
    from .stack import Frame

PARAGRAPH = "\n\n"


def parts(told: Sequence[tuple[str, str]], said: Sequence[str]) -> dict[str, Any]:
    """`parts`: each step with how many paragraphs of the reply are its, in their order.

    They are counted and not quoted: who reviews a reply changes its text, and what was taken out of it is not to be heard.
    """
    if [text for _, text in told] != list(said):
        return {}
    found: list[list[Any]] = []
    for step, text in told:
        count = text.count(PARAGRAPH) + 1
        if found and found[-1][0] == step:
            found[-1][1] += count
        else:
            found.append([step, count])
    return {"parts": found}


def waiting(run: Run, frame: Frame | None) -> dict[str, Any]:
    """`waiting` for what (ask, confirm, change, offer, proof), the `kind` of the slot, and the `values` of its choices."""
    loaded = run.service.flows.by_name.get(frame.flow) if frame is not None else None
    if frame is None or loaded is None:
        return {}
    found: dict[str, Any] = {"waiting": frame.waiting}
    step = loaded.flow.step(frame.step)
    if frame.waiting == "ask" and step is not None and step.ask in loaded.flow.slots:
        slot = loaded.flow.slots[step.ask]
        found["kind"] = slot.kind
        if slot.choices:
            found["values"] = doing.order(run, loaded.flow, frame, step)
    return found
