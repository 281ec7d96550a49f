"""`hookline ingest` and `hookline knowledge`: done by the server that holds the data folder, where one runs, else here."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hookline.errors import BadRequest
from hookline.place import Place, place_options, shown_time

if TYPE_CHECKING:
    from hookline.plugin import Progress, Router
    from hookline.tenant import Tenant

_CLI = "command line"


def register(router: Router) -> None:
    """Add what the command line reaches."""
    for name, handler in (
        ("ingest", ingest_paths), ("site", ingest_site), ("list", list_documents), ("show", show_document), ("change", change_document),
        ("delete", delete_document), ("restore", restore_version), ("refresh", refresh), ("stats", stats), ("ask", ask),
        ("runs", runs), ("cancel", cancel), ("follow", follow),
    ):  # fmt: skip
        router.command(name, handler)


# -- in the server -----------------------------------------------------------------------------------------------------


async def ingest_paths(tenant: Tenant, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """`rag.ingest`: `paths` of this machine (none: the tenant's own folders), into `namespace`; what became of them.

    It is a durable run: it goes on where the caller goes away, or the process is killed.
    """
    from . import bodies
    from .service import Service

    service = Service(tenant)
    paths = [str(path) for path in arguments.get("paths", ())]
    about = bodies.about_of(arguments.get("about") or {})
    namespace = str(arguments.get("namespace") or "")
    if paths:
        ident = await service.runs.take_in(paths, namespace=namespace, by=_CLI, about=about)
    else:
        ident = await service.runs.take_in_folders(namespace=namespace, by=_CLI)
    return await _counted(service, await _followed(service, ident, progress))


async def ingest_site(tenant: Tenant, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """`rag.site`: the page at `url`, and to `depth` at most `pages` that it leads to; a run like the others."""
    from .service import Service

    service = Service(tenant)
    ident = await service.runs.take_in_site(
        str(arguments["url"]), depth=int(arguments.get("depth") or 0), pages=int(arguments.get("pages") or 0),
        namespace=str(arguments.get("namespace") or ""), by=_CLI,
    )  # fmt: skip
    return await _counted(service, await _followed(service, ident, progress))


async def _counted(service: Any, told: dict[str, Any]) -> dict[str, Any]:
    """With how many chunks the run's namespaces hold now."""
    known = (await service.knowledge.stats())["namespaces"]
    return told | {"chunks": {name: known.get(name, {}).get("chunks", 0) for name in told.get("namespaces", ())}}


async def _followed(service: Any, ident: str, progress: Progress) -> dict[str, Any]:
    row = await service.runs.wait(ident, lambda one: progress({"run": ident, "done": one.done, "total": one.total}))
    if row.state != "done":
        raise BadRequest(f"the run {ident} is {row.state}: {row.error}")
    return {"run": ident, **row.told}


async def refresh(tenant: Tenant, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """`rag.refresh`: read again what is stale (`all`: whatever came from somewhere)."""
    from .service import Service

    service = Service(tenant)
    ident, _ = await service.runs.refresh(by=_CLI, everything=bool(arguments.get("all")))
    return await _followed(service, ident, progress)


async def list_documents(tenant: Tenant, arguments: Mapping[str, Any], _progress: Progress) -> list[dict[str, Any]]:
    """`rag.list`: all documents that the arguments ask for (see `Knowledge.page`)."""
    from . import bodies
    from .service import Service

    service = Service(tenant)
    asked = {key: str(value) for key, value in arguments.items() if value}
    told: list[dict[str, Any]] = []
    while True:
        rows, following = await service.knowledge.page({**asked, "limit": "500"})
        told += [bodies.document(row, tenant.clock.now(), service.config.refresh_seconds) for row in rows]
        if following is None:
            return told
        asked["after"] = following


async def show_document(tenant: Tenant, arguments: Mapping[str, Any], _progress: Progress) -> dict[str, Any]:
    """`rag.show`: a document with its versions and the text of one of them."""
    from . import bodies
    from .service import Service

    service = Service(tenant)
    row = await service.knowledge.document(await service.knowledge.identify(str(arguments["id"])))
    number = int(arguments.get("version") or row.version or row.newest)
    version = await service.store.version(row.id, number)
    if version is None:
        raise BadRequest(f"the document has no version {number} any more")
    return {
        **bodies.document(row, tenant.clock.now(), service.config.refresh_seconds),
        "shown": number, "text": version.text,
        "versions": [bodies.version(one, row.version) for one in await service.store.versions(row.id)],
    }  # fmt: skip


async def change_document(tenant: Tenant, arguments: Mapping[str, Any], _progress: Progress) -> dict[str, Any]:
    """`rag.change`: tags, validity, owner, age, namespace."""
    from . import bodies
    from .service import Service
    from .store import By

    service = Service(tenant)
    about = bodies.about_of(arguments["about"], move=True)
    if not about:
        raise BadRequest("say what to change: --tag, --valid-from, --valid-until, --owner, --refresh or --namespace")
    row = await service.knowledge.change(await service.knowledge.identify(str(arguments["id"])), about, by=By(_CLI))
    return bodies.document(row, tenant.clock.now(), service.config.refresh_seconds)


async def delete_document(tenant: Tenant, arguments: Mapping[str, Any], _progress: Progress) -> dict[str, Any]:
    """`rag.delete`: documents by their ids."""
    from .service import Service
    from .store import By

    service = Service(tenant)
    for ident in arguments["ids"]:
        await service.knowledge.delete(await service.knowledge.identify(str(ident)), by=By(_CLI))
    return {"deleted": len(arguments["ids"])}


async def restore_version(tenant: Tenant, arguments: Mapping[str, Any], _progress: Progress) -> dict[str, Any]:
    """`rag.restore`: an earlier version of a document."""
    from . import bodies
    from .service import Service
    from .store import By

    service = Service(tenant)
    ident = await service.knowledge.identify(str(arguments["id"]))
    done = await service.knowledge.restore(ident, int(arguments["version"]), by=By(_CLI))
    return bodies.ingested(done, {})


async def stats(tenant: Tenant, _arguments: Mapping[str, Any], _progress: Progress) -> dict[str, Any]:
    """`rag.stats`: documents, chunks and vectors by namespace."""
    from .service import Service

    return await Service(tenant).knowledge.stats()


async def runs(tenant: Tenant, _arguments: Mapping[str, Any], _progress: Progress) -> list[dict[str, Any]]:
    """`rag.runs`: the last runs."""
    from . import bodies
    from .service import Service

    return bodies.runs(await Service(tenant).runs.rows())


async def follow(tenant: Tenant, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """`rag.follow`: a run, until it is over."""
    from .service import Service

    return await _followed(Service(tenant), str(arguments["id"]), progress)


async def cancel(tenant: Tenant, arguments: Mapping[str, Any], _progress: Progress) -> dict[str, Any]:
    """`rag.cancel`: a run."""
    from . import bodies
    from .service import Service

    return bodies.run(await Service(tenant).runs.cancel(str(arguments["id"]), by=_CLI))


async def ask(tenant: Tenant, arguments: Mapping[str, Any], _progress: Progress) -> dict[str, Any]:
    """`rag.ask`: a question, its answer, and why."""
    from .finder import passage
    from .service import Service

    service = Service(tenant)
    question = str(arguments["text"])
    found = await service.find(question, namespace=str(arguments.get("namespace") or ""), limit=service.config.passages)
    reply = await service.respond(question, found.question.language, [passage(one, "") for one in found.candidates])
    return {
        "answer": reply.text if reply is not None else "", "answered": reply is not None and reply.answered,
        "passages": [
            {"title": one.row.title, "text": one.row.text, "score": one.hit.score, "dense": one.hit.dense,
             "lexical": one.hit.lexical, "confidence": one.confidence}
            for one in found.candidates
        ],
    }  # fmt: skip


# -- on the command line -----------------------------------------------------------------------------------------------


def _about(function: Any) -> Any:
    for option in (
        click.option("--refresh", "refresh_seconds", type=float, help="Read it again after so many seconds."),
        click.option("--owner", help="Who is responsible for it."),
        click.option("--valid-until", help="It answers until then (2026-12-31, or a time)."),
        click.option("--valid-from", help="It answers from then on."),
        click.option("--tag", "tags", multiple=True, help="A tag; may be given several times."),
    ):
        function = option(function)
    return function


def _named(options: Mapping[str, Any]) -> dict[str, Any]:
    told = {key: value for key, value in options.items() if value not in (None, ())}
    return told | ({"tags": list(told["tags"])} if "tags" in told else {})


def _run(place: Place, command: str, tenant: str, arguments: Mapping[str, Any], label: str) -> Any:
    """Run it with a progress bar."""
    with click.progressbar(length=1, label=label, show_eta=False, file=sys.stderr) as bar:

        def show(told: Mapping[str, Any]) -> None:
            if "total" in told:
                bar.length = max(1, int(told["total"]))
                bar.update(int(told["done"]) - bar.pos)

        done = place.run(command, tenant, arguments, progress=show)
        bar.update((bar.length or 1) - bar.pos)
    return done


@click.command("ingest")
@click.argument("paths", nargs=-1, metavar="[PATH|URL]...")
@click.option("--namespace", default="", help="Where to put them.  [default: by their loaders, else the tenant's]")
@click.option("--depth", type=click.IntRange(0, 20), default=0, help="Of a URL: how many links from it to go.")
@click.option("--pages", type=click.IntRange(1, 100_000), help="Of a URL: how many pages to visit at most.")
@click.option("--source-type", type=click.Choice(["local", "web"]), help="What the arguments are.  [default: by looks]")
@click.option("--path", "more", multiple=True, metavar="PATH", help="As the argument; may be given several times.")
@_about
@place_options(tenant=True)
def ingest(
    place: Place, tenant: str, paths: tuple[str, ...], namespace: str, depth: int, pages: int | None,
    source_type: str | None, more: tuple[str, ...], **about: Any,
) -> None:  # fmt: skip
    """Take in files and folders, web pages and sites; nothing named: the tenant's own folders.

    The same again replaces its document.

    It goes on if this command is interrupted while a server runs (`hookline knowledge runs`).  Exit status 1 if
    something could not be read; the others are in all the same.
    """
    wanted = (*paths, *more)
    urls = [one for one in wanted if source_type == "web" or (source_type is None and _is_url(one))]
    places = [Path(one) for one in wanted if one not in urls]
    missing = [str(one) for one in places if not one.exists()]
    if missing:
        raise click.UsageError(f"there is no file or folder {', '.join(missing)}; give paths that are there")
    options = _named(about)
    if urls and options:
        raise click.UsageError(
            "--tag, --owner, --valid-from, --valid-until and --refresh are for files; change pages later"
        )
    failed = False
    if places or not urls:
        arguments = {"paths": [str(one.absolute()) for one in places], "namespace": namespace, "about": options}
        failed |= _shown(_run(place, "rag.ingest", tenant, arguments, "taking in"))
    for url in urls:
        asked = {"url": url, "depth": depth, "pages": pages, "namespace": namespace}
        failed |= _shown(_run(place, "rag.site", tenant, asked, "taking in"), "page")
    if failed:
        raise click.exceptions.Exit(1)


def _is_url(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


def _show(done: Mapping[str, Any]) -> None:
    """What became of a run; exit status 1 if something of it failed."""
    if _shown(done):
        raise click.exceptions.Exit(1)


def _shown(done: Mapping[str, Any], what: str = "file") -> bool:
    """Print what became of a run's files, pages or documents; whether something of it failed."""
    if "documents" in done:
        stale = _count(done["documents"], "stale document")
        click.echo(f"{stale}: {done['refreshed']} read again, {done['changed']} changed")
        return _failed(done["failed"], done.get("failed_count", 0), "not read again")
    taken = _count(done["ingested"], "document")
    click.echo(f"{_count(done['files'], what)}: {taken} taken in, {done['unchanged']} unchanged")
    for name, count in sorted(done["namespaces"].items()):
        chunks = _count(done.get("chunks", {}).get(name, 0), "chunk")
        click.echo(f"  {name}: {_count(count, 'document')}; {chunks} in all")
    for line in done.get("notes", ()):
        click.echo(f"note: {line}", err=True)
    return _failed(done["failed"], done.get("failed_count", 0), "not taken in")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _failed(lines: list[str], count: int, what: str) -> bool:
    for line in lines:
        click.echo(f"{what}: {line}", err=True)
    if count > len(lines):
        click.echo(f"and {count - len(lines)} more", err=True)
    return bool(lines)


@click.group("knowledge")
def knowledge() -> None:
    """The tenant's documents: listed, shown, changed, deleted, restored, refreshed, asked."""


@knowledge.command("list")
@click.option("--namespace", default="", help="Of this namespace only.")
@click.option("--status", default="", help="queued, embedding, live, failed or stale.")
@click.option("--tag", default="", help="With this tag.")
@click.option("--text", default="", help="With this in title or source.")
@place_options(tenant=True)
def list_(place: Place, tenant: str, **asked: str) -> None:
    """List documents: id, status, version, chunks, namespace, when they changed, title."""
    for one in place.run("rag.list", tenant, asked):
        click.echo(
            f"{one['id']}  {one['status']:<9} v{one['newest']:<3} {one['chunks']:>5}  {one['namespace']:<12} "
            f"{shown_time(one['updated_at'])}  {one['title']}"
            + (f"  [{', '.join(one['tags'])}]" if one["tags"] else "")
            + (f"\n{'':34}{one['error']}" if one["error"] else "")
        )


@knowledge.command()
@click.argument("id")
@click.option("--version", type=int, help="An older version's text.")
@place_options(tenant=True)
def show(place: Place, tenant: str, **asked: Any) -> None:
    """Show a document, its versions and its text."""
    one = place.run("rag.show", tenant, asked)
    for key in ("title", "source", "namespace", "owner", "status", "error"):
        if one[key]:
            click.echo(f"{key:<12}{one[key]}")
    if one["tags"]:
        click.echo(f"{'tags':<12}{', '.join(one['tags'])}")
    for key in ("valid_from", "valid_until"):
        if one[key] is not None:
            click.echo(f"{key:<12}{shown_time(one[key])}")
    for version in one["versions"]:
        origin = f", brought back from {version['restored_from']}" if version["restored_from"] else ""
        live = "  live" if version["live"] else ""
        click.echo(
            f"version {version['version']:<4}{shown_time(version['created_at'])}  {version['chars']} characters"
            f"{origin}  {version['made_by']}{live}"
        )
    click.echo(f"\n{one['text']}")


@knowledge.command()
@click.argument("id")
@_about
@click.option("--namespace", help="Move it there.")
@place_options(tenant=True)
def change(place: Place, tenant: str, id: str, **about: Any) -> None:  # noqa: A002 - the name in the usage line
    """Set a document's tags, validity, owner, age or namespace."""
    one = place.run("rag.change", tenant, {"id": id, "about": _named(about)})
    click.echo(f"{one['title']}: changed")


@knowledge.command()
@click.argument("ids", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@place_options(tenant=True)
def delete(place: Place, tenant: str, ids: tuple[str, ...], yes: bool) -> None:
    """Delete documents with all their versions, for good."""
    if not yes:
        titles = [place.run("rag.show", tenant, {"id": one})["title"] for one in ids]
        click.confirm(f"Delete {', '.join(titles)} with all versions? This can't be undone.", abort=True)
    click.echo(f"{place.run('rag.delete', tenant, {'ids': list(ids)})['deleted']} deleted")


@knowledge.command()
@click.argument("id")
@click.argument("version", type=int)
@place_options(tenant=True)
def restore(place: Place, tenant: str, **asked: Any) -> None:
    """Bring back an earlier VERSION of a document, as its newest."""
    [one] = place.run("rag.restore", tenant, asked)["documents"]
    click.echo(f"version {one['version']} is {one['status']}")


@knowledge.command("refresh")
@click.option("--all", is_flag=True, help="Also what is not stale yet.")
@place_options(tenant=True)
def refresh_(place: Place, tenant: str, **asked: Any) -> None:
    """Read again what is past its age."""
    _show(_run(place, "rag.refresh", tenant, asked, "refreshing"))


@knowledge.command("stats")
@place_options(tenant=True)
def stats_(place: Place, tenant: str) -> None:
    """Count documents, chunks and vectors by namespace."""
    for name, one in place.run("rag.stats", tenant)["namespaces"].items():
        click.echo(f"{name:<16}{one['documents']:>7} documents {one['chunks']:>8} chunks {one['vectors']:>8} vectors")


@knowledge.command("runs")
@place_options(tenant=True)
def runs_(place: Place, tenant: str) -> None:
    """List the last ingestions and refreshes."""
    for one in place.run("rag.runs", tenant):
        click.echo(
            f"{one['id']}  {one['kind']:<8} {one['state']:<10} {one['done']}/{one['total']}  "
            f"{shown_time(one['created_at'])}  {one['error']}"
        )


@knowledge.command("follow")
@click.argument("id")
@place_options(tenant=True)
def follow_(place: Place, tenant: str, **asked: Any) -> None:
    """Follow a run until it is over."""
    _show(_run(place, "rag.follow", tenant, asked, "following"))


@knowledge.command("cancel")
@click.argument("id")
@place_options(tenant=True)
def cancel_(place: Place, tenant: str, **asked: Any) -> None:
    """Stop a run; what is live stays."""
    click.echo(f"the run is {place.run('rag.cancel', tenant, asked)['state']}")


@knowledge.command("ask")
@click.argument("text")
@click.option("--namespace", default="", help="Look there.")
@place_options(tenant=True)
def ask_(place: Place, tenant: str, **asked: Any) -> None:
    """Ask a question of the documents and see why it is answered so."""
    told = place.run("rag.ask", tenant, asked)
    click.echo(f"{told['answer']}\n")
    for one in told["passages"]:
        dense = "-" if one["dense"] is None else f"{one['dense']:.3f}"
        words = "-" if one["lexical"] is None else f"{one['lexical']:.2f}"
        click.echo(
            f"{one['score']:.3f}  vectors {dense}  words {words}  confidence {one['confidence']:.2f}  {one['title']}"
        )
