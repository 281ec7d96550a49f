"""What a customer wants: rules first, then the classifier, then a language model where that one is unsure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import BrokenExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from hookline.errors import HooklineError, ServiceError, ServiceNotFound
from hookline.message import Intent

from .asking import OFFERED, ask
from .classifier import Classifier, Told
from .examples import Lines, readable
from .intentfile import OUT_OF_SCOPE, Declared, IntentFile, load
from .memory import recall, remember
from .respelling import respelled
from .rules import Match, Rules
from .training import train
from .words import words

if TYPE_CHECKING:
    from hookline.tenant import Tenant

    from .config import Config

DEFAULT = "intents.yaml"
QUICK = 400  # examples, up to which training is done on a thread; more would hold the others up
AT_ONCE = 512  # texts in one call of the embedder
HASHED = "hashing-"
SURE = 0.95  # the score of what a rule says


def path_of(config: Config, folder: Path | None) -> Path | None:
    """Where the tenant's intents are declared; None where nowhere."""
    if folder is None:
        return None
    path = folder / (config.intents or DEFAULT)
    return path if config.intents or path.exists() else None


def check(config: Config, folder: Path) -> list[str]:
    """What is wrong with a tenant's intents; see `Plugin.check`."""
    path = path_of(config, folder)
    if path is None:
        return []
    try:
        file = load(path)
    except HooklineError as error:
        return str(error).split("\n")
    if config.fallback and config.fallback not in {intent.name for intent in file.intents}:
        known = ", ".join(intent.name for intent in file.intents)
        return [f"plugins.nlu.fallback: given {config.fallback!r}; allowed: an intent of {path.name}: {known}"]
    return []


@attrs.frozen(eq=False)
class Learned:
    """A classifier with the embedder that it was trained with ("" for none) and the languages that this one reads."""

    classifier: Classifier
    embedder: str
    languages: tuple[str, ...]
    cached: bool = False


class Intents:
    """The intents of one snapshot of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.config: Config = tenant.config
        self.file = IntentFile()
        self.rules = Rules(())
        self.examples: Mapping[tuple[str, ...], str] = {}
        self.learned: Learned | None = None
        self.trouble = ""

    @property
    def by_name(self) -> Mapping[str, Declared]:
        """The declared intents."""
        return {intent.name: intent for intent in self.file.intents}

    def names(self) -> list[str]:
        """The names of the declared intents, also before `start`."""
        path = path_of(self.config, self.tenant.folder)
        return [intent.name for intent in load(path).intents] if path is not None else []

    async def start(self) -> None:
        """Read the file, make the rules, and have the classifier trained or take it from the cache."""
        path = path_of(self.config, self.tenant.folder)
        if path is None:
            return
        self.file = await self.tenant.compute.batch(load, path)
        self.rules = await self.tenant.compute.batch(Rules, self.file.intents)
        await self.learn(await self.tenant.compute.batch(Lines.declared, self.file))

    async def learn(self, lines: Lines) -> None:
        """Learn from these lines."""
        self.examples = await self.tenant.compute.batch(lines.unambiguous)
        self.learned = await self._trained(lines) if lines.names else None

    async def _trained(self, lines: Lines) -> Learned:
        """The classifier of these lines; an embedder that can't be reached is left out, and that is said."""
        name, made_by, languages = await self._embedder()
        vectors: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = np.zeros((len(lines.texts), 0), np.float32)
        compute = self.tenant.compute
        found, problem = await compute.batch(self._recall, lines, made_by)
        if found is None and name:
            try:
                vectors = await self._vectors(name, lines.texts)
            except ServiceError as error:
                self._unreached(error)
                name, made_by, languages = "", "", ()
                found, problem = await compute.batch(self._recall, lines, made_by)
        if found is not None:
            return Learned(found, name, languages, cached=True)
        if problem:
            self.tenant.log.warning("a trained classifier can't be used, training it anew", reason=problem)
        examples = await compute.batch(lines.examples, vectors, languages)
        if len(lines.texts) <= QUICK:
            trained = await compute.batch(train, examples)
        else:
            try:
                trained = await compute.process(train, examples)
            except BrokenExecutor as error:
                self.tenant.log.warning(
                    "training in a process of its own failed, going on in this one", reason=str(error)
                )
                trained = await compute.batch(train, examples)
        await compute.batch(lambda: remember(self._folder, lines.key(made_by), trained))
        return Learned(trained, name, languages)

    @property
    def _folder(self) -> Path:
        return self.tenant.data / "intents"

    def _recall(self, lines: Lines, made_by: str) -> tuple[Classifier | None, str]:
        return recall(self._folder, lines.key(made_by))

    async def _vectors(self, name: str, texts: Sequence[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        """The embedder's vectors, some at a time: each call has its own time limit."""
        embed = self.tenant.hooks.embed
        parts = [await embed(name, texts[at : at + AT_ONCE], query=False) for at in range(0, len(texts), AT_ONCE)]
        return np.asarray(np.concatenate(parts), np.float32)

    def _unreached(self, error: ServiceError) -> None:
        self.trouble = f"intents are told by words alone, because the embedder can't be reached: {error}"
        self.tenant.log.warning(self.trouble)

    async def _embedder(self) -> tuple[str, str, tuple[str, ...]]:
        """The embedder's name, what made its vectors, and its languages; all empty where there is none, or one that
        hashes words, which the classifier does itself."""
        name = self.config.embedder
        if not name:
            return "", "", ()
        try:
            described = await self.tenant.hooks.describe_embedder(name)
        except ServiceNotFound:
            return "", "", ()
        except ServiceError as error:
            self._unreached(error)
            return "", "", ()
        if str(described["id"]).startswith(HASHED):
            return "", "", ()
        return name, str(described["id"]), tuple(described.get("languages") or ())

    # -- a message ---------------------------------------------------------------------------------------------------

    async def classify(self, text: str) -> list[Intent]:
        """What the text is about, best first; nothing where nothing is said or nothing is declared."""
        if "fr" in self.tenant.settings.languages:
            text = respelled(text)
        if not self.file.intents or not words(text):
            return []
        if (example := self.examples.get(words(text))) is not None:
            return [self._intent(example or OUT_OF_SCOPE, SURE, "rules", by="example")]
        matches = self.rules.find(text)
        if len(matches) == 1:
            return [self._ruled(matches[0], SURE)]
        if not matches and not any(map(str.isalnum, text)):
            return []
        told = await self.tell(text)
        if matches:
            return self._between(matches, told)
        found = self._classified(told) if told else []
        asked = self.config.model and (self.config.ask == "no_rule" or not self._is_sure(found))
        if asked and (chosen := await self._ask(text, told)) is not None:
            return [chosen, *(one for one in found if one.name != chosen.name)][: self.config.most]
        if self.config.fallback and not self._is_sure(found):
            return [self._intent(self.config.fallback, found[0].score if found else 0.0, "fallback")]
        return found

    async def tell(self, text: str) -> Told | None:
        """What the classifier says; None where there is none, or its embedder can't be reached now."""
        learned = self.learned
        if learned is None:
            return None
        vector = np.zeros(0, np.float32)
        if learned.embedder:
            try:
                vector = (await self.tenant.hooks.embed(learned.embedder, [text], query=True))[0]
            except ServiceError as error:
                self.trouble = f"rules alone tell intents, because the embedder can't be reached: {error}"
                self.tenant.log.warning("no vector of the message", reason=str(error))
                return None
            self.trouble = ""
        return await self.tenant.compute.run(
            learned.classifier.tell, text, vector, readable(text, learned.languages) if learned.embedder else 1.0
        )

    def _classified(self, told: Told) -> list[Intent]:
        """As intents; a message is refused where the likeliest is too unlikely, and then out of scope comes first."""
        threshold = self.config.threshold
        refused = (1.0 - told.outside) * told.intents[0][1] < 1.0 - threshold
        inside = _scaled(1.0 - told.outside, threshold)
        likely = [(name, share * inside) for name, share in told.intents[: self.config.most]]
        outside = round(1.0 - (likely[0][1] if refused else inside), 4)
        if not refused:
            return [self._intent(name, score, "classifier", out_of_scope=outside) for name, score in likely]
        found = [Intent(OUT_OF_SCOPE, outside, {"layer": "classifier"})]
        return [*found, *(self._intent(name, score, "classifier") for name, score in likely)][: self.config.most + 1]

    def _is_sure(self, found: Sequence[Intent]) -> bool:
        return bool(found) and found[0].score >= self.config.sure

    def _between(self, matches: Sequence[Match], told: Told | None) -> list[Intent]:
        """Rules that match equally well, in the classifier's order."""
        shares = dict(told.intents) if told else {}
        ordered = sorted(matches, key=lambda match: -shares.get(match.intent, 0.0))
        return [self._ruled(match, SURE / 2 ** (place + 1)) for place, match in enumerate(ordered)][: self.config.most]

    def _ruled(self, match: Match, score: float) -> Intent:
        return self._intent(match.intent, score, "rules", by=match.by)

    def _intent(self, name: str, score: float, layer: str, **more: Any) -> Intent:
        declared = self.by_name.get(name)
        data: dict[str, Any] = {"layer": layer, **more}
        if declared is not None and declared.route:
            data["route"] = list(declared.route)
        if declared is not None and declared.flags:
            data["flags"] = list(declared.flags)
        return Intent(name, round(score, 4), data)

    async def _ask(self, text: str, told: Told | None) -> Intent | None:
        """What the model says."""
        offered = list(self.file.intents)
        if told is not None and len(offered) > OFFERED:
            first = [name for name, _ in told.intents[:OFFERED]]
            offered = [self.by_name[name] for name in first if name in self.by_name]
        chosen = await ask(self.tenant, self.config.model, self.config.patience, text, offered[: 4 * OFFERED])
        return None if chosen is None else self._intent(chosen, max(self.config.sure, 0.8), "llm")

    def health(self) -> Mapping[str, Any]:
        """The part "intents"."""
        if not self.file.intents:
            return {}
        if self.trouble:
            return {"intents": {"status": "degraded", "detail": self.trouble}}
        by = f"classifier on {self.learned.embedder or 'words'}" if self.learned else "rules alone"
        return {"intents": {"status": "ok", "detail": f"{len(self.file.intents)} intents, {by}"}}


def _scaled(probability: float, threshold: float) -> float:
    """The probability of being in scope where as many messages are out of it as the threshold stands for."""
    odds = probability / max(1.0 - probability, 1e-9) * threshold / max(1.0 - threshold, 1e-9)
    return odds / (1.0 + odds)
