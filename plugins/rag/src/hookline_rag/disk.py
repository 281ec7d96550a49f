"""An index on disk: vectors, the lexicon's folder and a manifest with the checksum of each file and its own.

The manifest is replaced last and atomically, so what it names is whole or is noticed.  What does not fit it is
thrown away: the index is then made anew from the database.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import attrs
import faiss
import msgspec
import numpy as np

from .dense import files, joined, read_base
from .index import MOST_LANGUAGES, Ref, Snapshot
from .lexicon import Lexicon

FORMAT = 5
_MANIFEST = "manifest.json"
_WORDS = "words"


@attrs.frozen
class _Manifest:
    format: int
    namespace: str
    embedder: str
    dimension: int
    revision: int
    missing: int
    languages: dict[str, int]
    generation: int
    words: str
    files: dict[str, str]
    since: int = 0
    base: str = ""
    trained: int = 0


@attrs.frozen
class _Sealed:
    """The manifest as it is written: its text, and the checksum of that."""

    sha256: str
    manifest: str


@attrs.frozen
class _Rows:
    refs: list[tuple[str, int, int]]
    uids: list[int]


class Unusable(Exception):
    """What is on disk can't be used; the text says why."""


class Disk:
    """The folder of one namespace's index."""

    def __init__(self, folder: Path, namespace: str) -> None:
        self.folder = folder
        self.namespace = namespace
        self._generation = 0
        self._lexicons = 0
        self._digests: dict[str, str] = {}  # of a base's files, which are large and never written again

    def fresh_words(self) -> Path:
        """A folder for a new lexicon; never one that was used before, which may still be open."""
        self.folder.mkdir(parents=True, exist_ok=True)
        taken = {path.name for path in self.folder.iterdir()}
        while True:
            self._lexicons += 1
            name = f"{_WORDS}-{self._lexicons}"
            if name not in taken:
                return self.folder / name

    def clear(self) -> None:
        """Remove all that is saved; what is open stays readable to whoever has it open."""
        (self.folder / _MANIFEST).unlink(missing_ok=True)
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            _remove(path)

    def save(self, snapshot: Snapshot, lexicon: Lexicon) -> None:
        """Write the snapshot; a crash at any point leaves the old one or one that is noticed as damaged."""
        if lexicon.folder is None:
            return
        self._generation += 1
        number = self._generation
        vectors = f"vectors-{number}.faiss"
        temporary = self.folder / f"{vectors}.new"
        faiss.write_index(snapshot.vectors.tail, str(temporary))
        temporary.replace(self.folder / vectors)
        rows = _Rows([(ref.document, ref.version, ref.n) for ref in snapshot.refs], snapshot.uids.tolist())
        _replace(self.folder / f"rows-{number}.msgpack", msgspec.msgpack.encode(rows))
        kept = [vectors, f"rows-{number}.msgpack", *self._words_files(lexicon.folder)]
        digests = {name: _digest(self.folder / name) for name in kept}
        base = snapshot.vectors.base
        if base is not None:
            large = files(base.name)
            self._digests = {name: self._digests.get(name) or _digest(self.folder / name) for name in large}
            digests |= self._digests
        manifest = _Manifest(
            FORMAT, self.namespace, snapshot.embedder, snapshot.dimension, snapshot.revision, snapshot.missing,
            dict(snapshot.languages), number, lexicon.folder.name, digests, lexicon.since,
            base.name if base is not None else "", base.trained if base is not None else 0,
        )  # fmt: skip
        text = msgspec.json.encode(manifest).decode()
        _replace(self.folder / _MANIFEST, msgspec.json.encode(_Sealed(_sealed(text), text)))
        self._tidy(manifest)

    def _words_files(self, folder: Path) -> list[str]:
        return [f"{folder.name}/{path.name}" for path in sorted(folder.iterdir()) if not path.name.endswith(".lock")]

    def _tidy(self, manifest: _Manifest) -> None:
        for path in self.folder.iterdir():
            if path.name in (manifest.words, _MANIFEST) or path.name in manifest.files:
                continue
            _remove(path)

    def load(self, embedder: str) -> tuple[Snapshot, Lexicon]:
        """What was saved.  Raises `Unusable` where nothing is there, or it is damaged or of another embedder."""
        try:
            sealed = msgspec.json.decode((self.folder / _MANIFEST).read_bytes(), type=_Sealed)
            if _sealed(sealed.manifest) != sealed.sha256:
                raise Unusable("its manifest is damaged")
            manifest = msgspec.json.decode(sealed.manifest, type=_Manifest)
        except FileNotFoundError:
            raise Unusable("there is none yet") from None
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            raise Unusable(f"its manifest can't be read: {error}") from None
        if manifest.format != FORMAT or manifest.namespace != self.namespace:
            raise Unusable("it was written by another version")
        if manifest.embedder != embedder:
            raise Unusable(f"it was made with the embedder {manifest.embedder!r}, now it is {embedder!r}")
        self._generation = manifest.generation
        try:
            for name, digest in manifest.files.items():
                if _digest(self.folder / name) != digest:
                    raise Unusable(f"{name} is damaged")
            if set(self._words_files(self.folder / manifest.words)) - set(manifest.files):
                raise Unusable("the lexicon has files that the manifest does not know")
            return self._open(manifest)
        except (OSError, RuntimeError, ValueError, msgspec.MsgspecError) as error:
            raise Unusable(f"it can't be read: {error}") from None

    def _open(self, manifest: _Manifest) -> tuple[Snapshot, Lexicon]:
        number = manifest.generation
        tail = faiss.read_index(str(self.folder / f"vectors-{number}.faiss"))
        rows = msgspec.msgpack.decode((self.folder / f"rows-{number}.msgpack").read_bytes(), type=_Rows)
        if len(rows.refs) != len(rows.uids):
            raise Unusable("its files do not fit each other")
        base = None
        if manifest.base:
            base = read_base(self.folder, manifest.base, manifest.dimension, manifest.trained)
            self._digests = {name: manifest.files[name] for name in files(manifest.base)}
        uids = np.array(rows.uids, np.int64)
        vectors = joined(manifest.dimension, uids, tail, base)
        lexicon = Lexicon(self.folder / manifest.words)
        lexicon.since = manifest.since
        refs = tuple(Ref(*ref) for ref in rows.refs)
        common = sorted(manifest.languages, key=lambda code: -manifest.languages[code])[:MOST_LANGUAGES]
        snapshot = Snapshot(
            manifest.embedder, manifest.dimension, manifest.revision, refs, uids,
            manifest.languages, vectors, lexicon.words(common),
            frozenset((ref.document, ref.version) for ref in refs), manifest.missing,
        )  # fmt: skip
        return snapshot, lexicon


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(path.name + ".new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _sealed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
