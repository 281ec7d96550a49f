"""TwiML: what Twilio is told to do next in a call, made by Twilio's own classes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from hookline.errors import PluginError

if TYPE_CHECKING:
    from .callsconfig import Transfer

_LONGEST = 3000  # characters of one <Say>; Twilio takes 4096
_HINTS = 400
_PROLOG = '<?xml version="1.0" encoding="UTF-8"?>'
_SENTENCE = re.compile(r"(?<=[.!?।…])\s+")


@attrs.frozen
class Spoken:
    """Words with their language, as Twilio names it, and voice."""

    text: str
    language: str
    voice: str = ""


@attrs.frozen
class Listening:
    """How an answer is taken.  `keys`: how many, 0 for any number, ended by the hash key."""

    action: str
    language: str
    hints: Sequence[str] = ()
    keys: int = 0
    seconds: int = 6


def response() -> Any:
    """An empty document."""
    try:
        from twilio.twiml.voice_response import VoiceResponse
    except ImportError:
        raise PluginError("calls need Twilio's library: pip install 'hookline-voice[twilio]'") from None
    return VoiceResponse()


def say(into: Any, words: Iterable[Spoken]) -> None:
    """Have it said; long texts in pieces."""
    for one in words:
        named = {"voice": one.voice} if one.voice else {}
        for piece in _pieces(one.text):
            into.say(piece, language=one.language, **named)


def gather(into: Any, words: Iterable[Spoken], how: Listening) -> None:
    """Say it, and take an answer by voice or keys; silence is an answer too."""
    more: dict[str, Any] = {"num_digits": how.keys} if how.keys else {"finish_on_key": "#"}
    if how.hints:
        more["hints"] = _hints(how.hints)
    listening = into.gather(
        input="speech dtmf", action=how.action, method="POST", language=how.language, timeout=how.seconds,
        speech_timeout="auto", action_on_empty_result=True, **more,
    )  # fmt: skip
    say(listening, words)


def redirect(path: str) -> str:
    """Go on at the path."""
    document = response()
    document.redirect(path, method="POST")
    return str(document)


def pause(path: str, seconds: int) -> str:
    """Wait, then ask again."""
    document = response()
    document.pause(length=seconds)
    document.redirect(path, method="POST")
    return str(document)


def record(document: str, callback: str) -> str:
    """The document, with the call recorded from here on."""
    from twilio.twiml.voice_response import Start

    start = Start()
    start.recording(recording_status_callback=callback, recording_status_callback_event="completed")
    return document.replace("<Response>", f"<Response>{start}".replace(_PROLOG, ""), 1)


def relay(url: str, action: str, language: str, tongues: Sequence[tuple[str, str]], plan: str) -> str:
    """Connect the call to ConversationRelay on the socket at `url`; `tongues` are languages, each with its voice."""
    from twilio.twiml.voice_response import Connect

    document = response()
    connect = Connect(action=action, method="POST")
    live = connect.conversation_relay(url=url, language=language, dtmf_detection=True, interruptible="any")
    for name, spoken_by in tongues:
        live.language(code=name, **({"voice": spoken_by} if spoken_by else {}))
    if plan:
        live.parameter(name="order", value=plan)
    document.append(connect)
    return str(document)


def transfer(into: Any, how: Transfer, room: str, about: Mapping[str, Any], action: str) -> None:
    """Connect to a person; where there is no line to one, the call ends."""
    if how.kind == "enqueue" and how.workflow_sid:
        into.enqueue(workflow_sid=how.workflow_sid, action=action, method="POST").task(
            json.dumps(about, ensure_ascii=False)
        )
    elif how.kind == "enqueue":
        into.enqueue(room, action=action, method="POST")
    elif how.kind == "dial":
        into.dial(how.number, action=action, method="POST", answer_on_bridge=True)
    elif how.kind == "conference":
        into.dial(action=action, method="POST").conference(
            room, start_conference_on_enter=True, end_conference_on_exit=True
        )
    else:
        into.hangup()


def _hints(given: Sequence[str]) -> str:
    found: list[str] = []
    for hint in dict.fromkeys(one.replace(",", " ").strip()[:100] for one in given):
        if hint and sum(map(len, found)) + len(hint) < _HINTS:
            found.append(hint)
    return ",".join(found)


def _pieces(text: str) -> list[str]:
    found: list[str] = []
    for sentence in _SENTENCE.split(text.strip()):
        for at in range(0, len(sentence), _LONGEST):
            piece = sentence[at : at + _LONGEST]
            if found and len(found[-1]) + len(piece) < _LONGEST:
                found[-1] += f" {piece}"
            else:
                found.append(piece)
    return [piece for piece in found if piece]
