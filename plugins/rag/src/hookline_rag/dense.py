"""The vectors of one snapshot: exact while they are few; trained lists with an exact second look where they are many.

Up to `FLAT` vectors a flat index is searched, float32.  Beyond, most of them are the *base*: inverted lists with eight
bits a component (FAISS IVF, SQ8), searched for candidates, which are then compared exactly with their half-precision
vectors; those lie in a file that is mapped into memory, so that the machine keeps in memory what it can.  What came
after the base was made is the *tail*, flat.  Nothing is changed once it is made: FAISS crashes when it is written
while it is read.  When the tail has grown, a new base is made of both; the old one serves until then.

Memory a chunk of 384 dimensions: 1,536 bytes flat; 392 in the base, besides 768 in the file.
"""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import attrs
import faiss
import numpy as np
import numpy.typing as npt

faiss.omp_set_num_threads(1)  # more threads fight with onnxruntime for the cores

Floats = npt.NDArray[np.float32]
Uids = npt.NDArray[np.int64]

RECALL = 0.98  # of the ten nearest, that the lists which are looked into have to hold
_BLOCK = 50_000  # vectors in float32 at a time while a base is made
_PER_LIST = 40  # vectors that train a list: FAISS asks for 39
_ROUNDS = 8  # of k-means
_LEAST_LISTS = 8  # looked into at least: questions lie farther from their passages than those that are tried
_PROBES = 100  # questions that tell how many lists have to be looked into
_NOISE = 0.5  # by how much these differ from the passages that they are made of
_WIDER = 2  # candidates for each vector wanted, for the exact look


@attrs.frozen
class Limits:
    """When a base is made: beyond `flat` vectors, and again when the tail has more than `tail` and `share` of it."""

    flat: int = 100_000
    tail: int = 10_000
    share: float = 0.05
    removed: float = 0.2


LIMITS = Limits()


@attrs.frozen(eq=False)
class Base:
    """The trained part.  `half` is (n, dimension), `uids` rise; `trained` is n when the lists were last learned.

    `name` is that of its files, without what tells them apart; "" where it is in memory alone.
    """

    index: Any
    half: npt.NDArray[np.float16]
    uids: Uids
    trained: int
    name: str


@attrs.frozen(eq=False)
class Dense:
    """Vectors by position: those of the base first, at its `rows`, then the tail's.  Any number of threads may search.

    `present` says which positions have a vector at all; the others have zeros.
    """

    d: int
    uids: Uids
    present: npt.NDArray[np.bool_]
    tail: Any  # faiss.IndexFlatIP; read from disk it is typed as any index
    base: Base | None = None
    rows: Uids = attrs.field(factory=lambda: np.zeros(0, np.int64))

    @property
    def ntotal(self) -> int:
        """How many vectors there are."""
        return len(self.rows) + int(self.tail.ntotal)

    def search(self, query: Floats, limit: int) -> tuple[Floats, Uids]:
        """The cosines and positions of the nearest, best first, as FAISS gives them; `query` is (1, dimension)."""
        # It counts for the calling thread alone; else OpenMP's threads spin on every core, ten times the work itself.
        faiss.omp_set_num_threads(1)
        if self.base is None:
            exact: tuple[Floats, Uids] = self.tail.search(query, limit)
            return exact
        found = self._in_base(query, limit)
        if self.tail.ntotal:
            _, near = self.tail.search(query, min(limit, self.tail.ntotal))
            found = np.concatenate([found, near[0][near[0] >= 0] + len(self.rows)])
        cosines = self.reconstruct_batch(found) @ query[0]
        order = np.argsort(-cosines, kind="stable")[:limit]
        return cosines[order][None], found[order][None]

    def _in_base(self, query: Floats, limit: int) -> Uids:
        assert self.base is not None
        index = self.base.index
        ours = self.uids[: len(self.rows)]
        if not len(ours):
            return np.zeros(0, np.int64)
        ask, lists = limit * _WIDER, int(index.nprobe)
        wider: Any = faiss.SearchParametersIVF  # its stubs know no arguments
        while True:
            wide = wider(nprobe=lists)
            uids: Uids = index.search(query, min(ask, index.ntotal), params=wide)[1][0]
            uids = uids[uids >= 0]
            places: Uids = np.minimum(np.searchsorted(ours, uids), len(ours) - 1).astype(np.int64)
            places = places[ours[places] == uids]
            gone = len(uids) - len(places)
            all_seen = lists >= index.nlist and len(uids) < ask
            if all_seen or (gone <= len(places) and len(places) >= min(limit, len(ours))):
                return places
            # What was removed stands before what is left, or the lists that are nearest hold too few.
            ask, lists = min(4 * ask, int(index.ntotal) + 1), min(4 * lists, int(index.nlist))

    def reconstruct_batch(self, places: Uids) -> Floats:
        """The vectors at the positions."""
        if self.base is None:
            flat: Floats = self.tail.reconstruct_batch(places)
            return flat
        vectors = np.empty((len(places), self.d), np.float32)
        old = places < len(self.rows)
        vectors[old] = self.base.half[self.rows[places[old]]]
        if not old.all():
            vectors[~old] = self.tail.reconstruct_batch(places[~old] - len(self.rows))
        return vectors

    def changed(
        self, keep: npt.NDArray[np.bool_], fresh: Floats, uids: Uids, folder: Path | None, limits: Limits | None = None
    ) -> Dense:
        """The vectors with some positions left out and `fresh` ones after them; `uids` are those of all then.

        CPU work; where a new base is due, of a minute for a million vectors.  A base's files go into `folder`.
        """
        limits = limits or LIMITS
        split = len(self.rows)
        rows = self.rows[keep[:split]]
        old = matrix(self.tail)
        tail = np.concatenate([old if keep[split:].all() else old[keep[split:]], fresh])
        present = np.concatenate([self.present[keep], fresh.any(axis=1)])
        if self.base is None:
            enough = len(tail) <= limits.flat or not present.any()
        else:
            enough = len(tail) <= max(limits.tail, limits.share * len(rows))
            enough = enough and len(rows) >= (1 - limits.removed) * len(self.base.uids)
        if enough:
            return Dense(self.d, uids, present, flat(tail, self.d), self.base, rows)
        base = _merged(self.base, rows, tail, uids, self.d, folder)
        none = flat(np.zeros((0, self.d), np.float32), self.d)
        return Dense(self.d, uids, present, none, base, np.arange(len(uids)))


def empty(dimension: int) -> Dense:
    """No vectors."""
    width = max(1, dimension)
    return Dense(width, np.zeros(0, np.int64), np.zeros(0, bool), flat(np.zeros((0, width), np.float32), width))


def joined(dimension: int, uids: Uids, tail: Any, base: Base | None) -> Dense:
    """Vectors read from disk; raises `ValueError` where the parts do not fit each other."""
    split = 0 if base is None or not len(base.uids) else int(np.searchsorted(uids, base.uids[-1], side="right"))
    rows = np.zeros(0, np.int64)
    if base is not None:
        rows = np.minimum(np.searchsorted(base.uids, uids[:split]), len(base.uids) - 1)
        if not np.array_equal(base.uids[rows], uids[:split]):
            raise ValueError("the base does not hold what it should")
    if tail.d != max(1, dimension) or split + tail.ntotal != len(uids):
        raise ValueError("the vectors do not fit the rows")
    parts = [] if base is None else [base.half[rows[at : at + _BLOCK]].any(axis=1) for at in range(0, split, _BLOCK)]
    return Dense(int(tail.d), uids, np.concatenate([*parts, matrix(tail).any(axis=1)]), tail, base, rows)


def matrix(index: Any) -> Floats:
    """The vectors of a flat index, without a copy; they live as long as it does."""
    if index.ntotal == 0:
        return np.zeros((0, index.d), np.float32)
    found: Floats = faiss.rev_swig_ptr(index.get_xb(), index.ntotal * index.d)
    return found.reshape(index.ntotal, index.d)


def flat(vectors: Floats, dimension: int) -> faiss.IndexFlatIP:
    """A flat index of the vectors."""
    index = faiss.IndexFlatIP(max(1, dimension))
    if len(vectors):
        index.add(np.ascontiguousarray(vectors, np.float32))
    return index


# -- a base, its files ------------------------------------------------------------------------------------------------


def files(name: str) -> tuple[str, str, str]:
    """The names of a base's files: lists, half-precision vectors, uids."""
    return f"{name}.faiss", f"{name}.half", f"{name}.uids"


def read_base(folder: Path, name: str, dimension: int, trained: int) -> Base:
    """A base from its files, which were checked; raises what FAISS and numpy raise for what is none."""
    lists, half, uids = (folder / file for file in files(name))
    index = faiss.read_index(str(lists))
    numbers = np.fromfile(uids, "<i8").astype(np.int64)
    if index.d != dimension or half.stat().st_size != len(numbers) * dimension * 2:
        raise ValueError("the files of the base do not fit each other")
    return Base(index, np.memmap(half, "<f2", "r", shape=(len(numbers), dimension)), numbers, trained, name)


def _merged(old: Base | None, rows: Uids, tail: Floats, uids: Uids, dimension: int, folder: Path | None) -> Base:
    name = "" if folder is None else _fresh_name(folder)
    half = _half(old, rows, tail, dimension, None if folder is None else folder / files(name)[1])
    if old is not None and len(uids) < 2 * old.trained:
        index, trained = faiss.clone_index(old.index), old.trained
        gone = np.setdiff1d(old.uids, uids[: len(rows)], assume_unique=True)
        if len(gone):
            index.remove_ids(faiss.IDSelectorBatch(gone))
        _add(index, half, uids, len(rows))
    else:
        index, trained = _trained(half, dimension), len(uids)
        _add(index, half, uids, 0)
        index.nprobe = _nprobe(index, half, uids)
    if folder is not None:
        lists, _, numbers = files(name)
        temporary = folder / f"{lists}.new"
        faiss.write_index(index, str(temporary))
        temporary.replace(folder / lists)
        uids.astype("<i8").tofile(folder / numbers)
    return Base(index, half, uids.copy(), trained, name)


def _fresh_name(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    taken = [path.name.split(".")[0].removeprefix("base-") for path in folder.glob("base-*")]
    return f"base-{1 + max((int(number) for number in taken if number.isdigit()), default=0)}"


def _half(old: Base | None, rows: Uids, tail: Floats, dimension: int, path: Path | None) -> npt.NDArray[np.float16]:
    count = len(rows) + len(tail)
    target: npt.NDArray[np.float16]
    if path is None:
        target = np.empty((count, dimension), np.float16)
    else:
        target = np.memmap(path, "<f2", "w+", shape=(count, dimension))
    for start in range(0, len(rows), _BLOCK):
        assert old is not None
        part = rows[start : start + _BLOCK]
        target[start : start + len(part)] = old.half[part]
    target[len(rows) :] = tail
    if path is None:
        return target
    assert isinstance(target, np.memmap)
    target.flush()
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return np.memmap(path, "<f2", "r", shape=(count, dimension))


def _trained(half: npt.NDArray[np.float16], dimension: int) -> Any:
    lists = max(1, int(2 * math.sqrt(len(half))))
    chosen = np.sort(np.random.default_rng(1).permutation(len(half))[: lists * _PER_LIST])
    sample = half[chosen].astype(np.float32)
    sample = sample[sample.any(axis=1)]
    lists = max(1, min(lists, len(sample) // _PER_LIST))
    quantizer: Any = faiss.IndexFlatIP(dimension)
    index = faiss.IndexIVFScalarQuantizer(
        quantizer, dimension, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.own_fields = True
    quantizer.this.disown()
    index.cp.niter = _ROUNDS
    index.cp.spherical = True
    index.cp.min_points_per_centroid = 1  # an index of few vectors is no cause for a warning
    # What a component may be is known: vectors that come later lie as far as those that are there.
    index.by_residual = False
    if len(sample):
        index.train(sample)
    return index


def _add(index: Any, half: npt.NDArray[np.float16], uids: Uids, start: int) -> None:
    for at in range(start, len(half), _BLOCK):
        block = half[at : at + _BLOCK].astype(np.float32)
        there = block.any(axis=1)  # without a vector a chunk is found by its words alone
        if there.any() and index.is_trained:
            index.add_with_ids(block[there], uids[at : at + len(block)][there])


def _nprobe(index: Any, half: npt.NDArray[np.float16], uids: Uids) -> int:
    """How many lists have to be looked into: the least power of two with which `RECALL` of the nearest are found."""
    random = np.random.default_rng(2)
    chosen = random.choice(len(half), min(_PROBES, len(half)), replace=False)
    noise = random.standard_normal((len(chosen), half.shape[1]), np.float32)
    probes = half[chosen].astype(np.float32) + _NOISE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    best = np.full((len(probes), 10), -np.inf, np.float32)
    nearest = np.full((len(probes), 10), -1, np.int64)
    for at in range(0, len(half), _BLOCK):
        scores = probes @ half[at : at + _BLOCK].astype(np.float32).T
        both = np.concatenate([best, scores], axis=1)
        where = np.concatenate([nearest, np.broadcast_to(uids[at : at + scores.shape[1]], scores.shape)], axis=1)
        top = np.argpartition(-both, 9, axis=1)[:, :10]
        best, nearest = np.take_along_axis(both, top, 1), np.take_along_axis(where, top, 1)
    lists = int(index.nlist)
    probe = _LEAST_LISTS // 2
    while True:
        index.nprobe = probe = min(probe * 2, lists)
        _, found = index.search(probes, 10 * _WIDER)
        hits = sum(len(np.intersect1d(a, b)) for a, b in zip(nearest, found, strict=True))
        if probe == lists or hits >= RECALL * nearest.size:
            return probe
