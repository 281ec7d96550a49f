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
# the one that is live (0: none yet), `newest` the last one that was given.  status: queued | embedding | live | failed.
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
    sa.PrimaryKeyConstraint("tenant", "id"),
    sa.UniqueConstraint("tenant", "namespace", "key"),
)

# `blocks` is the text's structure: [kind, start, end, level, answer] each.
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
namespace = sa.Table(
    "rag_namespace",
    metadata,
    _tenant(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "name"),
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
