"""Index files: what was saved comes back; what is damaged, cut off or foreign is noticed before it is used."""

from __future__ import annotations

import numpy as np
import pytest

from hookline.catalogue import Catalogue
from hookline_rag import dense
from hookline_rag.dense import Limits
from hookline_rag.disk import Disk, Unusable
from hookline_rag.index import Ref, Row, changed, empty
from hookline_rag.lexicon import Lexicon

WIDTH = 16
ROWS = 400


@pytest.fixture
def saved(tmp_path, monkeypatch):
    """A folder with an index that has every kind of file: lists, mapped vectors, a tail, words."""
    monkeypatch.setattr(dense, "LIMITS", Limits(flat=200, tail=50))
    return save(tmp_path / "index", "default")


def save(folder, namespace, seed=1):
    disk = Disk(folder, namespace)
    lexicon = Lexicon(disk.fresh_words())
    snapshot = empty(lexicon, "made-by", WIDTH)
    vectors = np.random.default_rng(seed).standard_normal((ROWS + 30, WIDTH)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for revision, part in enumerate((range(ROWS), range(ROWS, ROWS + 30)), 1):
        rows = [Row(Ref(f"doc{n}", 1, 0), "Fees", f"The fee number {n} is due.", "en", vectors[n]) for n in part]
        snapshot = changed(snapshot, lexicon, removed=(), added=rows, revision=revision)
        disk.save(snapshot, lexicon)
    assert snapshot.vectors.base is not None
    assert snapshot.vectors.tail.ntotal == 30
    return folder, snapshot


def paths(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".lock"))


@pytest.mark.row("T35")
def test_what_was_saved_comes_back(saved):
    folder, snapshot = saved

    back, lexicon = Disk(folder, "default").load("made-by")

    assert (back.refs, back.versions, back.revision, back.missing) == (snapshot.refs, snapshot.versions, 2, 0)
    query = snapshot.vectors.reconstruct_batch(np.array([7]))
    np.testing.assert_array_equal(back.vectors.search(query, 9)[1], snapshot.vectors.search(query, 9)[1])
    assert isinstance(back.vectors.base.half, np.memmap)
    assert lexicon.folder.parent == folder


def test_an_index_that_came_back_goes_on_and_is_saved_again(saved):
    folder, _ = saved
    disk = Disk(folder, "default")
    back, lexicon = disk.load("made-by")
    more = [
        Row(Ref("late", 1, n), "", f"A late fee {n}.", "en", np.eye(WIDTH, dtype=np.float32)[n % 5]) for n in range(60)
    ]

    after = changed(back, lexicon, removed=[("doc3", 1)], added=more, revision=3)
    disk.save(after, lexicon)
    again, _ = Disk(folder, "default").load("made-by")

    assert again.vectors.base.name != back.vectors.base.name
    assert len(again) == ROWS + 30 - 1 + 60
    assert {path.name.split(".")[0] for path in folder.glob("base-*")} == {again.vectors.base.name}


def test_every_file_that_is_damaged_anywhere_is_noticed(saved):
    folder, _ = saved
    tried = 0
    for path in paths(folder):
        whole = path.read_bytes()
        places = {
            0,
            1,
            len(whole) // 3,
            len(whole) // 2,
            len(whole) - 1,
            *range(0, len(whole), max(1, len(whole) // 25)),
        }
        for at in sorted(places & set(range(len(whole)))):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x01]) + whole[at + 1 :])
            with pytest.raises(Unusable):
                Disk(folder, "default").load("made-by")
            tried += 1
        path.write_bytes(whole)
    assert tried > 200
    Disk(folder, "default").load("made-by")


@pytest.mark.parametrize("left", [0.0, 0.5, 0.99, None], ids=["emptied", "cut in half", "cut at the end", "gone"])
def test_every_file_that_is_cut_off_is_noticed(saved, left):
    folder, _ = saved
    for path in paths(folder):
        whole = path.read_bytes()
        if left is None:
            path.unlink()
        else:
            path.write_bytes(whole[: int(left * len(whole))])
        with pytest.raises(Unusable):
            Disk(folder, "default").load("made-by")
        path.write_bytes(whole)
    Disk(folder, "default").load("made-by")


def test_every_file_of_another_index_is_noticed(saved, tmp_path):
    folder, _ = saved
    other, _ = save(tmp_path / "other", "other", seed=9)
    foreign = {path.name: path.read_bytes() for path in paths(other)}
    exchanged = 0
    for path in paths(folder):
        whole = path.read_bytes()
        same_kind = next((data for name, data in foreign.items() if name.split(".")[-1] == path.suffix[1:]), None)
        if same_kind is None or same_kind == whole:
            continue
        path.write_bytes(same_kind)
        with pytest.raises(Unusable):
            Disk(folder, "default").load("made-by")
        path.write_bytes(whole)
        exchanged += 1
    assert exchanged > 5
    with pytest.raises(Unusable, match="another version"):
        Disk(other, "default").load("made-by")


def test_an_index_of_another_embedder_is_not_used(saved):
    with pytest.raises(Unusable, match="made with the embedder 'made-by', now it is 'new'"):
        Disk(saved[0], "default").load("new")


def test_a_file_that_nobody_knows_of_among_the_words_is_noticed(saved):
    folder, _ = saved
    words = next(path for path in folder.iterdir() if path.is_dir())
    (words / "planted.term").write_bytes(b"x")

    with pytest.raises(Unusable, match="files that the manifest does not know"):
        Disk(folder, "default").load("made-by")


async def test_an_index_is_made_from_the_database_in_parts_and_with_lists(make_bot, monkeypatch):
    """Damage of an index with a base: it is made anew from the database, some documents at a time."""
    import hookline_rag
    from hookline_rag import shelf
    from hookline_rag.service import Service

    monkeypatch.setattr(dense, "LIMITS", Limits(flat=100, tail=40))
    monkeypatch.setattr(shelf, "_BATCH", 50)
    monkeypatch.setattr(shelf, "_VERSIONS", 20)
    words = '[plugins.embeddings.models.default]\nkind = "hashing"\ndimension = 64\n'
    bot = await make_bot(plugins=[Catalogue.load().get("embeddings"), hookline_rag.plugin], config=words)
    service = Service(bot.tenant("rag"))
    given = [await service.text(f"Tariff x{n} costs {n + 100} rupees.", title=f"x{n}", meta={}) for n in range(150)]
    done = await service.ingest(given, wait=60.0)
    assert len(done.live) == 150

    (half,) = bot.folder.rglob("base-*.half")
    half.write_bytes(half.read_bytes()[:-1])
    await bot.restart()
    reply = (await bot.ask("What does tariff x77 cost?")).reply
    index = (await Service(bot.tenant("rag")).shelves()).shelf("default").snapshot

    assert "177 rupees" in reply.text
    assert len(index) == 150
    assert index.vectors.base is not None
    assert len({(ref.document, ref.n) for ref in index.refs}) == 150
