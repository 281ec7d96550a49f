"""Questions that wait together go together, and are remembered."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from hookline_embeddings.questions import Questions


class Embedder:
    """Counts its runs; holds each one up until it is let go."""

    def __init__(self) -> None:
        self.runs: list[list[str]] = []
        self.free = asyncio.Event()
        self.started = asyncio.Event()
        self.error: Exception | None = None

    async def embed(self, texts):
        self.runs.append(list(texts))
        self.started.set()
        await self.free.wait()
        if self.error is not None:
            raise self.error
        return np.array([[len(t), 1.0] for t in texts], np.float32)


@pytest.fixture
def embedder():
    return Embedder()


async def test_questions_that_come_during_a_run_go_together_in_the_next(embedder):
    questions = Questions(embedder.embed, remember=10)
    first = asyncio.create_task(questions.vectors(["a"]))
    await embedder.started.wait()
    others = [asyncio.create_task(questions.vectors(["b" * n])) for n in range(1, 6)]
    await asyncio.sleep(0)

    embedder.free.set()
    vectors = await asyncio.gather(first, *others)

    assert embedder.runs == [["a"], ["b", "bb", "bbb", "bbbb", "bbbbb"]]
    assert [v[0, 0] for v in vectors] == [1, 1, 2, 3, 4, 5]


async def test_the_same_question_is_embedded_once(embedder):
    embedder.free.set()
    questions = Questions(embedder.embed, remember=10)

    together = await asyncio.gather(questions.vectors(["hello"]), questions.vectors(["hello"]))
    again = await questions.vectors(["hello"])

    assert embedder.runs == [["hello"]]
    np.testing.assert_array_equal(together[0], again)
    np.testing.assert_array_equal(together[1], again)


async def test_the_question_unused_for_longest_is_forgotten_first(embedder):
    embedder.free.set()
    questions = Questions(embedder.embed, remember=2)

    for text in ("a", "b", "a", "c", "a", "b"):
        await questions.vectors([text])

    assert embedder.runs == [["a"], ["b"], ["c"], ["b"]]


async def test_who_changes_a_result_does_not_change_what_is_remembered(embedder):
    embedder.free.set()
    questions = Questions(embedder.embed, remember=2)
    (await questions.vectors(["abc"]))[0, 0] = 99

    assert (await questions.vectors(["abc"]))[0, 0] == 3


async def test_a_failure_reaches_all_who_asked_and_is_not_remembered(embedder):
    embedder.free.set()
    embedder.error = RuntimeError("no")
    questions = Questions(embedder.embed, remember=2)

    failed = await asyncio.gather(*(questions.vectors(["a"]) for _ in range(3)), return_exceptions=True)
    embedder.error = None

    assert [str(e) for e in failed] == ["no"] * 3
    assert (await questions.vectors(["a"]))[0, 0] == 1


async def test_a_cancelled_turn_takes_nothing_from_the_others(embedder):
    questions = Questions(embedder.embed, remember=2)
    cancelled = asyncio.create_task(questions.vectors(["a"]))
    staying = asyncio.create_task(questions.vectors(["a"]))
    await embedder.started.wait()

    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    embedder.free.set()

    assert (await staying)[0, 0] == 1


async def test_two_runs_go_side_by_side_where_there_are_the_cores(embedder):
    questions = Questions(embedder.embed, remember=10, runs=2)
    first = asyncio.create_task(questions.vectors(["a"]))
    await embedder.started.wait()
    embedder.started.clear()
    second = asyncio.create_task(questions.vectors(["b"]))
    await embedder.started.wait()

    assert embedder.runs == [["a"], ["b"]]
    embedder.free.set()
    await asyncio.gather(first, second)


async def test_closing_cancels_who_still_waits(embedder):
    questions = Questions(embedder.embed, remember=10)
    running = asyncio.create_task(questions.vectors(["a"]))
    await embedder.started.wait()
    waiting = asyncio.create_task(questions.vectors(["b"]))
    await asyncio.sleep(0)

    await questions.close()
    ended = await asyncio.gather(running, waiting, return_exceptions=True)

    assert [type(e) for e in ended] == [asyncio.CancelledError] * 2
