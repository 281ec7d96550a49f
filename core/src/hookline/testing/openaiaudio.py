"""A loopback server of OpenAI's audio: it really recognises speech, by pocketsphinx and a grammar, and speaks by espeak-ng.

It refuses what OpenAI refuses: a missing key, an unknown model, fields that it does not know, sound that is none (400) or too
large (413), a language that is no ISO 639-1 code, a text of more than 4096 characters.
"""

from __future__ import annotations

import asyncio
import io
import re
import wave
from collections.abc import Callable, Mapping
from typing import Any

import attrs
from aiohttp import web

from .loopback import Loopback, Silence, Status, WrongType
from .openai import Refused, _error

_LANGUAGE = re.compile(r"[a-z]{2}")
_HEARD = frozenset("file model language prompt response_format temperature chunking_strategy include[] stream".split())
_FORMATS = frozenset("mp3 opus aac flac wav pcm".split())
_LARGEST = 25 * 1024 * 1024
_RATE = 16_000


@attrs.frozen
class Heard:
    """A request to `/audio/transcriptions`: its fields, the sound, and what was made of it."""

    fields: dict[str, str]
    sound: bytes
    text: str


class SpeechServer(Loopback):
    """`async with SpeechServer("my name is asha | i need a loan") as speech:` then `speech.base_url` is for the real client.

    The grammar is what may be said (JSGF, the right side of one rule); what is said otherwise is written down as "".
    `words` are words that the recogniser's dictionary lacks, with their sounds ("K R AO R"); `written` is how words are
    written down, as Whisper writes numbers ("one point five": "1.5").  `hear` takes the recogniser's place.
    """

    def __init__(
        self,
        grammar: str,
        *,
        api_key: str = "test-key",
        words: Mapping[str, str] | None = None,
        written: Mapping[str, str] | None = None,
        hear: Callable[[bytes], str] | None = None,
    ) -> None:
        super().__init__()
        self.grammar = grammar
        self.words = words or {}
        self.written = written or {}
        self.api_key = api_key
        self.heard: list[Heard] = []
        self.hear = hear or self._recognise
        self._decoder: Any = None

    @property
    def base_url(self) -> str:
        """What the client's `base_url` must be."""
        return f"{self.host}/v1"

    def add_routes(self, app: web.Application) -> None:
        """Transcriptions, speech, and the list of models."""
        app._client_max_size = _LARGEST * 2  # noqa: SLF001  it is refused below, as OpenAI does
        app.router.add_post("/v1/audio/transcriptions", self._guarded(self._transcribe))
        app.router.add_post("/v1/audio/speech", self._guarded(self._speak))
        app.router.add_get("/v1/models", self._guarded(self._models))

    def _guarded(self, handler: Callable[[web.Request], Any]) -> Callable[[web.Request], Any]:
        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                if self.api_key and request.headers.get("Authorization") != f"Bearer {self.api_key}":
                    raise Refused(401, "Incorrect API key provided.", "invalid_api_key")
                fault = None if request.path == "/v1/models" else self.next_fault()
                if isinstance(fault, Silence):
                    await self._hold(request)
                if isinstance(fault, WrongType):
                    return web.Response(text=fault.text, content_type=fault.content_type)
                if isinstance(fault, Status):
                    headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
                    return web.json_response(_error("as ordered", None), status=fault.status, headers=headers)
                response: web.StreamResponse = await handler(request)
            except Refused as refused:
                return web.json_response(_error(str(refused), refused.code), status=refused.status)
            return response

        return guarded

    async def _models(self, request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "whisper-1", "object": "model"}]})

    async def _transcribe(self, request: web.Request) -> web.Response:
        form = await request.post()
        self.requests.append((request.path, sorted(form)))
        if unknown := sorted(set(form) - _HEARD):
            raise Refused(400, f"Unrecognized request argument supplied: {unknown[0]}", "unknown_parameter")
        file, fields = form.get("file"), {name: value for name, value in form.items() if isinstance(value, str)}
        if not isinstance(file, web.FileField):
            raise Refused(400, "Missing required parameter: 'file'.")
        if fields.get("model") != "whisper-1":
            raise Refused(404, f"The model `{fields.get('model')}` does not exist", "model_not_found")
        if fields.get("response_format", "json") != "json":
            raise Refused(400, "Invalid value: 'response_format'.", "invalid_value")
        if "language" in fields and not _LANGUAGE.fullmatch(fields["language"]):
            raise Refused(
                400, f"Invalid language '{fields['language']}'. Language parameter must be in ISO-639-1 format."
            )
        sound = file.file.read()
        if len(sound) > _LARGEST:
            raise Refused(413, "Maximum content size limit (26214400) exceeded")
        try:
            text = await asyncio.to_thread(self.hear, sound)
        except (wave.Error, EOFError):
            raise Refused(400, "Invalid file format.") from None
        self.heard.append(Heard(fields, sound, text))
        return web.json_response({"text": text})

    def _recognise(self, sound: bytes) -> str:
        """What pocketsphinx makes of the sound, of all that the grammar allows."""
        from pocketsphinx import Decoder

        with wave.open(io.BytesIO(sound)) as file:
            if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, _RATE):
                raise wave.Error("not what this recogniser was made for")
            samples = file.readframes(file.getnframes())
        if self._decoder is None:
            decoder = Decoder(samprate=float(_RATE), lm=None, loglevel="FATAL")
            for word, sounds in self.words.items():
                if decoder.lookup_word(word) is None:
                    decoder.add_word(word, sounds, update=True)
            decoder.add_jsgf_string("said", f"#JSGF V1.0;\ngrammar said;\npublic <said> = {self.grammar};\n")
            decoder.activate_search("said")
            self._decoder = decoder
        self._decoder.start_utt()
        self._decoder.process_raw(samples, full_utt=True)
        self._decoder.end_utt()
        found = self._decoder.hyp()
        text = str(found.hypstr) if found is not None else ""
        for words, how in self.written.items():
            text = text.replace(words, how)
        return text

    async def _speak(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.requests.append((request.path, body))
        if body.get("model") not in ("tts-1", "gpt-4o-mini-tts"):
            raise Refused(404, f"The model `{body.get('model')}` does not exist", "model_not_found")
        if not body.get("voice") or body.get("response_format", "mp3") not in _FORMATS:
            raise Refused(400, "Invalid value: 'voice' or 'response_format'.", "invalid_value")
        text = body.get("input")
        if not isinstance(text, str) or not text or len(text) > 4096:
            raise Refused(400, "Invalid 'input': it has 1 to 4096 characters.", "string_too_long")
        return web.Response(body=await spoken(text), content_type="audio/wav")


async def spoken(text: str, language: str = "en-us", speed: int = 130) -> bytes:
    """The text as a WAV file, by espeak-ng."""
    command = ["espeak-ng", "-v", language, "-s", str(speed), "--stdin", "--stdout"]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate(text.encode())
    assert process.returncode == 0, "espeak-ng failed"
    return said
