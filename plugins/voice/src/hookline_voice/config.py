"""What `[plugins.voice]` in a tenant's config may say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

import attrs
import msgspec

from hookline.settings import Secret

from .callsconfig import Calls

Positive = Annotated[int, msgspec.Meta(gt=0)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]
NONE = Secret("")


class WhisperConfig(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="whisper"
):
    """Whisper on this machine, by faster-whisper: the extra `hookline-voice[whisper]`.

    `model` is a folder with a model in CTranslate2's format, or a name ("small") that is in the user's Hugging Face cache:
    nothing is downloaded while serving.  `beam` is how many guesses it follows; `prompt` holds names it shall know.
    """

    model: str = "small"
    compute_type: str = "int8"
    beam: Annotated[int, msgspec.Meta(gt=0, le=20)] = 5
    prompt: str = ""


class OpenAITranscriberConfig(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="openai"
):
    """A service with OpenAI's `/audio/transcriptions` at its `base_url`: OpenAI, Groq, vLLM, speaches, whisper.cpp."""

    model: str = "whisper-1"
    base_url: str = "https://api.openai.com/v1"
    api_key: Secret = NONE
    timeout: Seconds = 25.0
    prompt: str = ""
    retries: Annotated[int, msgspec.Meta(ge=0, le=10)] = 1

    def __post_init__(self) -> None:
        """Refuse an address that is none."""
        _address(self.base_url)


class EspeakConfig(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="espeak"
):
    """The program espeak-ng of this machine.

    `speed` is in words a minute.  `voices` are espeak-ng's names by language, where another than the language's own is
    wanted: `{en = "en-gb"}`.
    """

    command: str = "espeak-ng"
    speed: Annotated[int, msgspec.Meta(ge=80, le=450)] = 150
    voices: Mapping[str, str] = msgspec.field(default_factory=dict)
    timeout: Seconds = 20.0


class PiperConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="piper"):
    """The program piper of this machine; `voices` are the files of its models by language: `{fr = "/…/fr_FR-siwis.onnx"}`."""

    command: str = "piper"
    voices: Mapping[str, str]
    timeout: Seconds = 30.0


class OpenAISpeakerConfig(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="openai"
):
    """A service with OpenAI's `/audio/speech` at its `base_url`; `voices` are its voices by language, else `voice`."""

    model: str = "gpt-4o-mini-tts"
    base_url: str = "https://api.openai.com/v1"
    api_key: Secret = NONE
    voice: str = "alloy"
    voices: Mapping[str, str] = msgspec.field(default_factory=dict)
    timeout: Seconds = 25.0
    retries: Annotated[int, msgspec.Meta(ge=0, le=10)] = 1

    def __post_init__(self) -> None:
        """Refuse an address that is none."""
        _address(self.base_url)


TranscriberConfig: TypeAlias = WhisperConfig | OpenAITranscriberConfig
SpeakerConfig: TypeAlias = EspeakConfig | PiperConfig | OpenAISpeakerConfig
_KINDS_IN = {"whisper": WhisperConfig, "openai": OpenAITranscriberConfig}
_KINDS_OUT = {"espeak": EspeakConfig, "openai": OpenAISpeakerConfig}


def _address(url: str) -> None:
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ValueError(f"base_url {url!r} is no address; write it as https://host/v1")


@attrs.frozen
class Config:
    """Which service hears and which speaks, and what is taken.

    stt            the transcriber of voice notes, by its name in `transcribers`, or "whisper" or "openai" as they are
                   without a table; "": voice notes are not written down
    tts            the speaker of voice notes, by its name in `speakers`, or "espeak" or "openai"; "": nothing is spoken
    reply_audio    whether a voice note is answered by a voice note besides the text
    language       what transcribers are told where the conversation's language is not known; "": the tenant's language
    max_seconds    the longest voice note
    max_bytes      the largest
    max_reply      characters of a reply that are spoken; a longer one is answered by text alone
    patience       seconds that writing down or speaking may take in a turn
    keep_days      how long sound is kept
    link_seconds   how long a link to a spoken reply works
    secret         encrypts stored sound and signs links; "": the data folder keeps one
    transcribers   what writes speech down, by name
    speakers       what speaks, by name
    calls          phone calls
    """

    stt: str = ""
    tts: str = ""
    reply_audio: bool = False
    language: str = ""
    max_seconds: Seconds = 120.0
    max_bytes: Positive = 8 * 1024 * 1024
    max_reply: Positive = 800
    patience: Seconds = 30.0
    keep_days: Seconds = 30.0
    link_seconds: Positive = 86400
    secret: Secret = NONE
    transcribers: Mapping[str, TranscriberConfig] = attrs.Factory(dict)
    speakers: Mapping[str, SpeakerConfig] = attrs.Factory(dict)
    calls: Calls = attrs.Factory(Calls)

    def __attrs_post_init__(self) -> None:
        """Refuse names that mean nothing."""
        for key, name, there in (("stt", self.stt, self.hearing), ("tts", self.tts, self.speaking)):
            if name and name not in there:
                table = "transcribers" if key == "stt" else "speakers"
                raise ValueError(
                    f"{key}: given {name!r}; allowed: {', '.join(sorted(there))}, or a name with a table "
                    f"[plugins.voice.{table}.{name}]"
                )
        if self.reply_audio and not self.tts:
            raise ValueError('reply_audio: given true, and nothing speaks; set tts, as tts = "espeak"')
        if self.secret and len(self.secret.value) < 16:
            raise ValueError("secret: given is too short to be one; at least 16 characters are needed")

    @property
    def hearing(self) -> Mapping[str, TranscriberConfig]:
        """The transcribers, with those that need no table."""
        return {**{name: kind() for name, kind in _KINDS_IN.items()}, **self.transcribers}

    @property
    def speaking(self) -> Mapping[str, SpeakerConfig]:
        """The speakers, with those that need no table."""
        return {**{name: kind() for name, kind in _KINDS_OUT.items()}, **self.speakers}
