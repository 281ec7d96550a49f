"""A real runtime with one tenant, in a folder that is gone afterwards."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from hookline import migrate
from hookline.catalogue import Catalogue
from hookline.plugin import Plugin
from hookline.runtime import Runtime

TENANT = "bench"
# Rate limits are counted as for any tenant, and never reached.
CONFIG = """
[ratelimit]
requests = 1000000000
contact_requests = 1000000000
[plugins]
enabled = {enabled}
"""


@asynccontextmanager
async def hosting(plugins: Sequence[Plugin], config: str = "", database_url: str = "") -> AsyncIterator[Runtime]:
    """The plugins are turned on in this order; `config` is more text for the `tenant.toml`."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    with TemporaryDirectory() as temporary:
        base = Path(temporary)
        folder = base / "tenants" / TENANT
        folder.mkdir(parents=True)
        enabled = CONFIG.format(enabled=[plugin.name for plugin in plugins])
        (folder / "tenant.toml").write_text(enabled + config, encoding="utf-8")
        if database_url:
            await asyncio.to_thread(migrate.upgrade, database_url, plugins)
        async with Runtime(
            catalogue=Catalogue.of(plugins), folders={TENANT: folder}, data=base / "data", database_url=database_url
        ) as runtime:
            if runtime.tenants.get(TENANT).error:
                raise RuntimeError(runtime.tenants.get(TENANT).error)
            gc.freeze()  # as `hookline serve` does
            yield runtime
