"""rag: answers with citations from the tenant's own documents.

The database holds documents, versions, chunks and vectors; FAISS and tantivy are caches of it.  Without an LLM the
plugin answers itself, in the documents' own words; with one it hands the passages over.
"""

from __future__ import annotations

from pathlib import Path

from hookline.plugin import Plugin

from .config import Config
from .hooks import ProcessHooks, TenantHooks
from .models import metadata


def files(config: Config, _folder: Path) -> tuple[str, ...]:
    """What metadata documents must have."""
    return (config.metadata_schema,) if config.metadata_schema else ()


plugin = Plugin(
    "rag",
    hooks=TenantHooks,
    config=Config,
    process=ProcessHooks,
    metadata=metadata,
    migrations="hookline_rag.migrations",
    files=files,
)
