"""rag's tables.  They are the truth; the search index is a cache of them.

Times are seconds since the epoch; JSON is text; vectors are float32, little endian, one after the other.
"""

from __future__ import annotations

import sqlalchemy as sa

from hookline.models import Json

metadata = sa.MetaData()


def _tenant() -> sa.Column[str]:
    return sa.Column("tenant", sa.Text, nullable=False)


# One row a document.  `key` is what makes it the same document when it comes again (a path, a title); `version` is
# the one that is live (0: none yet), `newest` the last one that was given.
# status: queued | embedding | live | failed.  A live one is *stale* from `checked_at` + `refresh_seconds` on.
# namespace                which index answers from it
# owner                    who is responsible for it: a person, a team, a key's name, a source
# tags                     what it is about, a sorted list of texts
# valid_from, valid_until  it answers from the first until just before the second; NULL: no such bound
# origin                   where it can be read again: "file:PATH" or a URL; "" if it was handed over
# refresh_seconds          after how long it is to be read again; NULL: as the config says
# checked_at               when it was last given or found unchanged
# done, total              parts of `newest` that are embedded, and all of them
# run                      the run that brought `newest`
document = sa.Table(
    "rag_document",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("namespace", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False, server_default=""),
    sa.Column("meta", Json, nullable=False, server_default="{}"),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("newest", sa.Integer, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("error", sa.Text, nullable=False, server_default=""),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("updated_at", sa.Double, nullable=False),
    sa.Column("owner", sa.Text, nullable=False, server_default=""),
    sa.Column("tags", Json, nullable=False, server_default="[]"),
    sa.Column("valid_from", sa.Double),
    sa.Column("valid_until", sa.Double),
    sa.Column("origin", sa.Text, nullable=False, server_default=""),
    sa.Column("refresh_seconds", sa.Double),
    sa.Column("checked_at", sa.Double, nullable=False, server_default="0"),
    sa.Column("done", sa.Integer, nullable=False, server_default="0"),
    sa.Column("total", sa.Integer, nullable=False, server_default="0"),
    sa.Column("run", sa.Text, nullable=False, server_default=""),
    sa.PrimaryKeyConstraint("tenant", "id"),
    sa.UniqueConstraint("tenant", "namespace", "key"),
    sa.Index("ix_rag_document_status", "tenant", "status"),
    sa.Index("ix_rag_document_key", "tenant", "key"),
    sa.Index("ix_rag_document_content", "tenant", "namespace", "content_hash"),
)

# `blocks` is the text's structure: [kind, start, end, level, answer] each.  `made_by` is who gave or restored it,
# `restored_from` the version whose content it brought back.
version = sa.Table(
    "rag_version",
    metadata,
    _tenant(),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False, server_default=""),
    sa.Column("meta", Json, nullable=False, server_default="{}"),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("blocks", Json, nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False, server_default=""),
    sa.Column("restored_from", sa.Integer),
    sa.PrimaryKeyConstraint("tenant", "document", "version"),
)

# `key` is "document/version/n", one column so that a handful of chunks is looked up quickly.
# `start`..`end` are code point offsets into the version's text, `text` is that span.  `answer` is where what may be
# quoted begins.  `hash` names the vector of the chunk's heading and text.
chunk = sa.Table(
    "rag_chunk",
    metadata,
    _tenant(),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("answer", sa.Integer, nullable=False),
    sa.Column("head", sa.Text, nullable=False, server_default=""),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False, server_default=""),
    sa.Column("hash", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "key"),
    sa.Index("ix_rag_chunk_document", "tenant", "document", "version"),
    sa.Index("ix_rag_chunk_hash", "tenant", "hash"),
)

# One row a text and embedder, shared by all chunks of the tenant that hold the same text.
vector = sa.Table(
    "rag_vector",
    metadata,
    _tenant(),
    sa.Column("embedder", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "embedder", "hash"),
)

# One row a namespace: `revision` rises with each document that goes live or away, so an index knows when it is old.
# `purged` is the revision at which a text was last deleted for good: files made before it may hold that text still.
namespace = sa.Table(
    "rag_namespace",
    metadata,
    _tenant(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("purged", sa.BigInteger, nullable=False, server_default="0"),
    sa.PrimaryKeyConstraint("tenant", "name"),
)

# One row for each time that something is taken in: files, a folder, a site, what is stale.
# kind: what it does (files, refresh, ...).  state: running | done | failed | cancelled.  `slot` is its id, or while it
# runs the name of what may only run once at a time.  `asked` is what was asked for, `told` what became of it,
# `step` where it is to go on.
run = sa.Table(
    "rag_run",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("slot", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("namespace", sa.Text, nullable=False, server_default=""),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False, server_default=""),
    sa.Column("asked", Json, nullable=False, server_default="{}"),
    sa.Column("told", Json, nullable=False, server_default="{}"),
    sa.Column("done", sa.Integer, nullable=False, server_default="0"),
    sa.Column("total", sa.Integer, nullable=False, server_default="0"),
    sa.Column("error", sa.Text, nullable=False, server_default=""),
    sa.Column("started_by", sa.Text, nullable=False, server_default=""),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("updated_at", sa.Double, nullable=False),
    sa.Column("finished_at", sa.Double),
    sa.PrimaryKeyConstraint("tenant", "id"),
    sa.UniqueConstraint("tenant", "slot"),
)

# The tenant's secrets, in the database because several processes sign and check with them.
secret = sa.Table(
    "rag_secret",
    metadata,
    _tenant(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "name"),
)

# One row a web page that was asked for, by the URL that it is known by.  status: live | gone | failed | walked.  `etag` and
# `modified` are what its server said, to ask whether it has changed; `links` the pages that it leads to.
page = sa.Table(
    "rag_page",
    metadata,
    _tenant(),
    sa.Column("namespace", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("etag", sa.Text, nullable=False, server_default=""),
    sa.Column("modified", sa.Text, nullable=False, server_default=""),
    sa.Column("links", Json, nullable=False, server_default="[]"),
    sa.Column("fetched_at", sa.Double, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "namespace", "url"),
)
