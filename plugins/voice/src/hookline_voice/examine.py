"""The plugin's part of `hookline doctor`: whether what hears and what speaks is there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from hookline.compute import Compute

from . import callexamine, hearable, program
from .config import OpenAISpeakerConfig, OpenAITranscriberConfig
from .speech import speaker_of, transcriber_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hookline.examination import Examination, Finding

    from .config import Config


async def examine(about: Examination) -> AsyncIterator[Finding]:
    """What is missing of programs, models, keys and services; services are asked only where they may be."""
    config: Config = about.config
    hears = {config.stt, *config.transcribers} - {""}
    speaks = {config.tts, *config.speakers} - {""}
    compute = Compute(threads=1, processes=1)
    try:
        for name in sorted(hears):
            found = await asyncio.to_thread(transcriber_of, f"transcriber {name!r}", config.hearing[name], compute)
            yield await _told(about, found, config.hearing[name])
        for name in sorted(speaks):
            spoken = await asyncio.to_thread(speaker_of, f"speaker {name!r}", config.speaking[name])
            yield await _told(about, spoken, config.speaking[name])
    finally:
        compute.close()
    if hears and not program.found(hearable.FFMPEG):
        yield about.warning(
            "the program ffmpeg is missing, so voice notes in AAC or AMR (some phones) can't be read; install it "
            "(Debian, Ubuntu: apt install ffmpeg)"
        )
    if not hears:
        yield about.note("stt is not set: customers who send voice notes are asked to write")
    async for finding in callexamine.examine(about):
        yield finding


async def _told(about: Examination, backend: Any, made: Any) -> Finding:
    remote = isinstance(made, OpenAITranscriberConfig | OpenAISpeakerConfig)
    try:
        if remote and not about.online:
            lacks = await backend.lacks()
            return about.error(f"{backend.name}: {lacks}") if lacks else about.ok(f"{backend.name}: not asked")
        state = await backend.state()
    finally:
        await backend.close()
    if state["status"] == "ok":
        return about.ok(f"{backend.name}: it is there")
    return about.error(f"{backend.name}: {str(state.get('detail', 'down')).removeprefix(f'{backend.name}: ')}")
