"""Tool calls in a prompt: text in `hookline.message.Prompt`, structured at the providers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import attrs

from hookline.message import Prompt

Call: TypeAlias = tuple[str, str, Mapping[str, Any]]
"""A call's key in this conversation, the tool's name, its arguments."""


@attrs.frozen
class Said:
    """One message: of an assistant with `calls`, or the result of the call `key` of the tool `tool`."""

    role: str
    text: str
    calls: Sequence[Call] = ()
    tool: str = ""
    key: str = ""


def called(calls: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """The answer that says which tools the model calls."""
    listed = [{"name": name, "arguments": dict(arguments)} for name, arguments in calls]
    return json.dumps({"tool_calls": listed}, ensure_ascii=False)


def tool_calls(answer: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The calls in an answer; none if it is an ordinary text."""
    if not answer.startswith('{"tool_calls"'):
        return []
    try:
        return [(str(one["name"]), dict(one["arguments"])) for one in json.loads(answer)["tool_calls"]]
    except (ValueError, KeyError, TypeError):
        return []


def conversation(prompt: Prompt) -> list[Said]:
    """The prompt's messages, with calls and results taken apart; a result without a call is a user's message."""
    found: list[Said] = []
    waiting: list[tuple[str, str]] = []
    counted = 0
    for role, text in prompt.messages:
        calls = tool_calls(text) if role == "assistant" else []
        if calls:
            keyed = [(f"call_{counted + n}", name, arguments) for n, (name, arguments) in enumerate(calls)]
            counted += len(keyed)
            waiting = [(key, name) for key, name, _ in keyed]
            found.append(Said("assistant", "", keyed))
        elif role == "tool" and waiting:
            key, name = waiting.pop(0)
            found.append(Said("tool", text, (), name, key))
        else:
            found.append(Said("user" if role == "tool" else role, text))
    return found
