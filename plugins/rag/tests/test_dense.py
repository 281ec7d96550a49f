"""Vectors of a snapshot: flat while few, trained lists beyond, and the same answers from both."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from hookline_rag import dense
from hookline_rag.dense import Limits, empty, files, flat, joined, read_base

SMALL = Limits(flat=1000, tail=200, share=0.05)
WIDTH = 32


def vectors(count, seed=1):
    """Vectors around centres, as texts of some subjects have them."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(0).standard_normal((40, WIDTH), np.float32)
    made = centres[random.integers(0, 40, count)] + 0.7 * random.standard_normal((count, WIDTH), np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def numbers(first, count):
    return np.arange(first, first + count, dtype=np.int64)


def filled(count, folder=None, limits=SMALL):
    return empty(WIDTH).changed(np.zeros(0, bool), vectors(count), numbers(1, count), folder, limits)


def grown(old, fresh, folder=None, gone=()):
    keep = np.ones(old.ntotal, bool)
    keep[list(gone)] = False
    uids = np.concatenate([old.uids[keep], numbers(int(old.uids[-1]) + 1, len(fresh))])
    return old.changed(keep, fresh, uids, folder, SMALL)


def nearest(found, everything, query, limit=10):
    """The share of the truly nearest that was found."""
    _, truth = flat(everything, WIDTH).search(query[None], limit)
    _, places = found.search(query[None], limit)
    return len(np.intersect1d(truth[0], places[0])) / limit


def test_few_vectors_are_searched_one_by_one():
    made = filled(1000)

    assert made.base is None
    assert nearest(made, vectors(1000), vectors(1, 9)[0]) == 1.0


@pytest.mark.row("X11")
def test_many_vectors_are_searched_by_lists_that_find_nearly_all():
    made = filled(6000)
    questions = vectors(50, 9)

    assert made.base is not None
    assert made.base.index.nprobe < made.base.index.nlist
    assert made.ntotal == 6000
    assert np.mean([nearest(made, vectors(6000), question) for question in questions]) >= 0.95


def test_cosines_are_exact_to_three_digits_and_best_first():
    made = filled(6000)
    question = vectors(1, 9)

    scores, places = made.search(question, 20)

    assert (np.diff(scores[0]) <= 0).all()
    np.testing.assert_allclose(scores[0], vectors(6000)[places[0]] @ question[0], atol=2e-3)
    np.testing.assert_allclose(made.reconstruct_batch(places[0]), vectors(6000)[places[0]], atol=2e-3)


def test_what_came_after_the_base_is_found_beside_it():
    fresh = vectors(100, 5)
    made = grown(filled(6000), fresh)

    assert made.tail.ntotal == 100
    scores, places = made.search(fresh[:1], 5)
    assert (places[0][0], made.uids[places[0][0]]) == (6000, 6001)
    assert scores[0][0] == pytest.approx(1.0, abs=1e-3)


def test_what_was_removed_is_never_found_and_does_not_hide_what_is_left():
    everything = vectors(6000)
    question = everything[0]
    _, best = flat(everything, WIDTH).search(question[None], 300)
    made = grown(filled(6000), vectors(0), gone=best[0][:250].tolist())

    assert made.base is not None
    assert len(made.base.uids) == 6000
    _, places = made.search(question[None], 50)
    found = set(made.uids[places[0]].tolist())
    assert len(places[0]) == 50
    assert not found & {int(at) + 1 for at in best[0][:250]}
    assert len(found & {int(at) + 1 for at in best[0][250:300]}) >= 45


def test_a_tail_that_has_grown_goes_into_the_base_and_the_old_one_stays_as_it_was():
    old = filled(6000)
    before = old.search(vectors(1, 9), 10)
    made = grown(old, vectors(400, 5), gone=range(10))

    assert made.tail.ntotal == 0
    assert made.base is not old.base
    assert len(made.base.uids) == made.ntotal == 6390
    everything = np.concatenate([vectors(6000)[10:], vectors(400, 5)])
    assert np.mean([nearest(made, everything, question) for question in vectors(30, 9)]) >= 0.95
    after = old.search(vectors(1, 9), 10)
    np.testing.assert_array_equal(before[1], after[1])


def test_lists_are_learned_anew_when_there_are_twice_as_many():
    made = filled(1100)
    first, lists = made.base.trained, made.base.index.nlist

    for part in range(6):
        made = grown(made, vectors(300, 20 + part))

    assert first == 1100
    assert made.base.trained >= 2200
    assert made.base.index.nlist > 1.5 * lists


def test_a_chunk_without_a_vector_takes_no_place_among_the_nearest():
    fresh = vectors(3000)
    fresh[::3] = 0.0
    made = empty(WIDTH).changed(np.zeros(0, bool), fresh, numbers(1, 3000), None, SMALL)

    assert made.base is not None
    assert int((~made.present).sum()) == 1000
    _, places = made.search(vectors(1, 9), 50)
    assert made.present[places[0]].all()
    nothing = empty(WIDTH).changed(
        np.zeros(0, bool), np.zeros((3000, WIDTH), np.float32), numbers(1, 3000), None, SMALL
    )
    assert nothing.base is None


def test_a_base_comes_back_from_its_files(tmp_path):
    old = filled(3000, tmp_path)
    made = grown(old, vectors(50, 5), tmp_path, gone=[3, 4])
    name = made.base.name

    assert {path.name for path in tmp_path.iterdir()} == set(files(name))
    base = read_base(tmp_path, name, WIDTH, made.base.trained)
    back = joined(WIDTH, made.uids, made.tail, base)

    assert isinstance(base.half, np.memmap)
    np.testing.assert_array_equal(back.present, made.present)
    for question in vectors(20, 9):
        np.testing.assert_array_equal(back.search(question[None], 10)[1], made.search(question[None], 10)[1])


def test_parts_that_do_not_belong_together_are_refused(tmp_path):
    made = filled(3000, tmp_path)
    other = filled(2000, tmp_path)

    with pytest.raises(ValueError, match=r"the base does not hold what it should|do not fit the rows"):
        joined(WIDTH, other.uids + 5000, other.tail, made.base)
    with pytest.raises(ValueError, match="do not fit"):
        joined(WIDTH, made.uids[:-1], flat(vectors(7), WIDTH), made.base)
    with pytest.raises(ValueError, match="do not fit each other"):
        read_base(tmp_path, made.base.name, WIDTH * 2, 3000)


def test_a_chunk_of_the_default_model_takes_less_than_four_hundred_bytes_of_memory(tmp_path):
    random = np.random.default_rng(1).standard_normal((3000, 384), np.float32)
    random /= np.linalg.norm(random, axis=1, keepdims=True)
    made = empty(384).changed(np.zeros(0, bool), random, numbers(1, 3000), tmp_path, SMALL)

    lists, half, _ = (tmp_path / name for name in files(made.base.name))
    centres = made.base.index.nlist * 384 * 4
    assert (lists.stat().st_size - centres) / 3000 < 400
    assert half.stat().st_size / 3000 == 768


@pytest.mark.slow
def test_searching_while_the_next_snapshot_is_made_disturbs_nobody(tmp_path):
    """FAISS crashes the process when an index is written while it is read: this would not come back."""
    current = [filled(1100, tmp_path)]
    done = threading.Event()
    failures = []
    searched = 0

    def search(seed):
        nonlocal searched
        questions = vectors(200, seed)
        while not done.is_set():
            for question in questions:
                now = current[0]
                scores, places = now.search(question[None], 20)
                if not (np.isfinite(scores).all() and (places < now.ntotal).all() and (np.diff(scores[0]) <= 0).all()):
                    failures.append((scores, places))
                searched += 1

    threads = [threading.Thread(target=search, args=(seed,)) for seed in (31, 32, 33)]
    for thread in threads:
        thread.start()
    for step in range(60):
        old = current[0]
        current[0] = grown(old, vectors(130, 100 + step), tmp_path, gone=range(step % 7))
        kept = set(files(current[0].base.name))
        for path in tmp_path.iterdir():
            if path.name not in kept:
                path.unlink()  # as the index's folder is tidied after each save
    done.set()
    for thread in threads:
        thread.join()

    assert not failures
    assert searched > 500
    assert current[0].ntotal > 8000


def test_the_threads_of_faiss_are_one():
    assert dense.faiss.omp_get_max_threads() == 1
