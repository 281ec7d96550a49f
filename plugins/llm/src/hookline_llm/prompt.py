"""What the model is told: the tenant's instructions, the documents as data, and the question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Literal

from hookline.message import Message, Prompt
from hookline.settings import Settings

from .sources import Source, disarm, render

Role = Literal["system", "user", "assistant"]
NO_ANSWER = "NO_ANSWER"
_TURN_CHARS = 500


def read_instructions(folder: Path | None, kind: str = "answer") -> dict[str, str]:
    """The instructions by language: those of the plugin, replaced by the tenant's `prompts/<kind>.<language>.md`.

    `kind` is answer (from documents) or general (while the documents can't be reached).
    """
    found: dict[str, str] = {}
    for file in sorted(resources.files(__package__).joinpath("prompts").iterdir(), key=lambda file: file.name):
        if file.name.startswith(f"{kind}."):
            found[file.name.split(".")[1]] = file.read_text(encoding="utf-8")
    for path in sorted((folder / "prompts").glob(f"{kind}.*.md")) if folder else ():
        found[path.name.split(".")[1]] = path.read_text(encoding="utf-8")
    return found


def compose(
    instructions: Mapping[str, str],
    settings: Settings,
    language: str,
    question: str,
    sources: Sequence[Source],
    history: Sequence[Message],
    *,
    max_tokens: int,
    temperature: float,
) -> Prompt:
    """The prompt for an answer to the question from the sources alone; without sources, for a general one."""
    system = _instructions(instructions, settings, language)
    system = system.replace("{title}", settings.title).replace("{no_answer}", NO_ANSWER)
    asked = f"<question>\n{disarm(question)}\n</question>"
    if sources:
        asked = f"<documents>\n{render(sources)}\n</documents>\n\n{asked}"
    earlier: list[tuple[Role, str]] = []
    for message in history:
        role: Role = "assistant" if message.direction == "outbound" else "user"
        earlier.append((role, disarm(message.text)[:_TURN_CHARS]))
    return Prompt(
        (("system", system), *(e for e in earlier if e[1].strip()), ("user", asked)),
        temperature=temperature,
        max_tokens=max_tokens,
    )


def _instructions(instructions: Mapping[str, str], settings: Settings, language: str) -> str:
    tags = (language, language.split("-", maxsplit=1)[0], settings.language, "en")
    return next(instructions[tag] for tag in tags if tag in instructions)
