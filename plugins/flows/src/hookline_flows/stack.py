"""Where a conversation is: the flows that it is in, the innermost last; kept in the state of the turn as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs

PLUGIN = "flows"
Waiting = Literal["", "ask", "confirm", "change", "offer", "proof", "sub"]


@attrs.define(eq=False)
class Frame:
    """A flow under way.

    step     where it is; `waiting` for what: an answer, a yes to a summary, which slot to change, whether a person shall
             come, a proof of who it is, or the end of a sub-flow
    slots    what was found out; None where it was skipped
    values   what was computed or came from functions
    asked    the slots in the order in which the customer answered them
    done     what was said, called and done, by step, so that a correction repeats only what changed
    refused  why facts could not fill their slots ([key, values, said]), told where these are asked for
    used     the facts that were used or passed over, by name
    began    the time, in seconds
    """

    id: int
    flow: str
    digest: str
    version: int
    step: str = ""
    waiting: Waiting = ""
    slots: dict[str, Any] = attrs.Factory(dict)
    values: dict[str, Any] = attrs.Factory(dict)
    asked: list[str] = attrs.Factory(list)
    done: dict[str, str] = attrs.Factory(dict)
    used: dict[str, Any] = attrs.Factory(dict)
    refused: dict[str, Any] = attrs.Factory(dict)
    tries: int = 0
    changing: str = ""
    began: float = 0.0

    def filled(self, name: str) -> bool:
        """Whether nobody has to ask for the slot any more."""
        return name in self.slots


class Stack:
    """The flows of a conversation; what is changed here is committed with the turn."""

    def __init__(self, state: dict[str, Any]) -> None:
        self.state = state
        self.frames = [Frame(**frame) for frame in state.get("stack", ())]

    @property
    def top(self) -> Frame | None:
        """The innermost flow."""
        return self.frames[-1] if self.frames else None

    @property
    def at(self) -> float:
        """When the customer was last heard in a flow."""
        return float(self.state.get("at", 0.0))

    def push(self, flow: str, digest: str, version: int, step: str, now: float) -> Frame:
        """Begin a flow within those that are there."""
        number = int(self.state.get("n", 0)) + 1
        self.state["n"] = number
        frame = Frame(number, flow, digest, version, step, began=now)
        self.frames.append(frame)
        return frame

    def pop(self, outcome: str) -> Frame:
        """End the innermost flow."""
        frame = self.frames.pop()
        self.state["last"] = {
            "flow": frame.flow,
            "outcome": outcome,
            "slots": dict(frame.slots),
            "values": dict(frame.values),
        }
        return frame

    def keep(self, now: float | None = None) -> None:
        """Put everything into the state."""
        if self.frames:
            self.state["stack"] = [attrs.asdict(frame) for frame in self.frames]
            if now is not None:
                self.state["at"] = now
        else:
            self.state.pop("stack", None)
            self.state.pop("at", None)


def place_of(state: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The innermost flow in a conversation's state, as JSON; None where it is in none."""
    stack = state.get("stack") or ()
    return stack[-1] if stack else None
