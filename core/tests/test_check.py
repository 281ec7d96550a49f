"""`hookline check`: each thing that it verifies is broken once in a copy of a sound plugin."""

from __future__ import annotations

import shutil

import pytest
from click.testing import CliRunner

from hookline.check import Folder, check_command, check_files, check_folders
from hookline.hookdocs import docs_group
from hookline.plugincheck import NO_ROLLBACK, NOT_DEFERRED
from hookline.scaffold import write_plugin

MODELS = '''\
"""The tables."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()
order = sa.Table(
    "orders_order",
    metadata,
    sa.Column("tenant", sa.Text, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("contact", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "id"),
    sa.UniqueConstraint("tenant", "number"),
)
'''
FIRST = '''\
"""The first tables."""

revision = "0001"
down_revision = None
'''
SECOND = '''\
"""Another column."""

revision = "0002"
down_revision = "0001"
'''
DATA_HOOKS = '''
    @hookimpl
    async def export_contact(self, contact: str) -> ContactData:
        """All orders."""
        return ContactData("orders")

    @hookimpl
    async def erase_contact(self, contact: str) -> ContactData:
        """All orders."""
        return ContactData("orders")
'''
PACKAGE = "src/hookline_orders"


@pytest.fixture(scope="session")
def sound(tmp_path_factory):
    """A plugin with tables, migrations and data hooks in which nothing is wrong."""
    folder = write_plugin("orders", tmp_path_factory.mktemp("workspace") / "plugins")
    source = folder / PACKAGE
    (source / "models.py").write_text(MODELS)
    (source / "migrations/versions").mkdir(parents=True)
    (source / "migrations/__init__.py").write_text('"""The history of the tables."""\n')
    (source / "migrations/versions/0001_order.py").write_text(FIRST)
    (source / "migrations/versions/0002_column.py").write_text(SECOND)
    hooks = (source / "hooks.py").read_text()
    (source / "hooks.py").write_text(hooks.replace("import Reply\n", "import ContactData, Reply\n") + DATA_HOOKS)
    package = (
        (source / "__init__.py")
        .read_text()
        .replace("import TenantHooks\n", "import TenantHooks\nfrom .models import metadata\n")
    )
    declaration = 'config=Config, metadata=metadata, migrations="hookline_orders.migrations")'
    (source / "__init__.py").write_text(package.replace("config=Config)", declaration))
    return folder


@pytest.fixture
def plugin(sound, tmp_path):
    return shutil.copytree(sound, tmp_path / "plugins" / "orders")


def problems(folder):
    return [str(problem).replace(f"{folder}/", "") for problem in check_folders([Folder(folder)])]


def problems_of_files(folder):
    return [str(problem).replace(f"{folder}/", "") for problem in check_files(Folder(folder))]


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_sound_plugin_has_no_problem(sound):
    assert problems(sound) == []


BROKEN = {
    # what lies where
    "a file is missing": (
        lambda p: (p / "README.md").unlink(),
        "README.md:1: is missing; every plugin has it; `hookline new plugin` shows what goes into it",
    ),
    "types are not shipped": (
        lambda p: (p / PACKAGE / "py.typed").unlink(),
        f"{PACKAGE}/py.typed:1: is missing; every plugin has it; `hookline new plugin` shows what goes into it",
    ),
    "a test module is missing": (
        lambda p: (p / "tests/test_service.py").unlink(),
        "tests/test_service.py:1: is missing; every plugin has it; `hookline new plugin` shows what goes into it",
    ),
    "a stray file in the folder": (
        lambda p: (p / "setup.cfg").write_text(""),
        "setup.cfg:1: does not belong here; a plugin's folder holds pyproject.toml, README.md, src, tests, frontend",
    ),
    "a second package in src": (
        lambda p: (p / "src/other").mkdir(),
        "src/other:1: does not belong here; src holds the package hookline_orders alone",
    ),
    "a folder with a name of its own": (
        lambda p: (p / PACKAGE / "webui").mkdir(),
        f"{PACKAGE}/webui:1: does not belong here; a package is flat; its folders are "
        "migrations, static, locales, prompts",
    ),
    "data among the modules": (
        lambda p: (p / PACKAGE / "words.csv").write_text("a,b"),
        f"{PACKAGE}/words.csv:1: belongs to no module; data lies beside the module that bears its name, or in static, locales, prompts",
    ),
    "a module with an empty name": (
        lambda p: (p / PACKAGE / "utils.py").write_text('"""Things."""\n'),
        f"{PACKAGE}/utils.py:1: 'utils' says nothing; name the module after the one thing it holds",
    ),
    # pyproject.toml
    "pyproject.toml is broken": (
        lambda p: edit(p / "pyproject.toml", "[project]", "[project"),
        "pyproject.toml:1: is no TOML: Expected ']' at the end of a table declaration (at line 5, column 9); mend it",
    ),
    "the distribution has another name": (
        lambda p: edit(p / "pyproject.toml", 'name = "hookline-orders"', 'name = "orders"'),
        "pyproject.toml:6: the distribution is named 'orders'; write name = \"hookline-orders\"",
    ),
    "the entry point has another name": (
        lambda p: edit(p / "pyproject.toml", 'orders = "hookline_orders:plugin"', 'order = "hookline_orders:plugin"'),
        "pyproject.toml:14: the entry point is {'order': 'hookline_orders:plugin'}; write "
        '[project.entry-points."hookline.plugins"] with orders = "hookline_orders:plugin"',
    ),
    "no Python is named": (
        lambda p: edit(p / "pyproject.toml", 'requires-python = ">=3.11"\n', ""),
        'pyproject.toml:5: requires-python is missing; write requires-python = ">=3.11"',
    ),
    "the wheel holds something else": (
        lambda p: edit(p / "pyproject.toml", '["src/hookline_orders"]', '["src"]'),
        "pyproject.toml:18: the wheel holds ['src']; write [tool.hatch.build.targets.wheel] with "
        'packages = ["src/hookline_orders"]',
    ),
    "the pages are not in the wheel": (
        lambda p: (p / "frontend").mkdir(),
        "pyproject.toml:18: the wheel leaves out the built pages, which git ignores; "
        'write artifacts = ["src/hookline_orders/static/**"] below packages',
    ),
    "the core is not required": (
        lambda p: edit(p / "pyproject.toml", '["hookline"]', "[]"),
        'pyproject.toml:12: does not depend on hookline; add "hookline" to dependencies',
    ),
    "a dependency has no range": (
        lambda p: edit(p / "pyproject.toml", '["hookline"]', '["hookline", "regex"]'),
        "pyproject.toml:12: 'regex' has no range; say which versions fit, such as \"regex>=1.2,<2\"",
    ),
    "a dependency has an upper end only": (
        lambda p: edit(p / "pyproject.toml", '["hookline"]', '["hookline", "regex<3"]'),
        "pyproject.toml:12: 'regex<3' has no range; say which versions fit, such as \"regex>=1.2,<2\"",
    ),
    "another plugin is required": (
        lambda p: edit(p / "pyproject.toml", '["hookline"]', '["hookline", "hookline-rag>=0.1"]'),
        "pyproject.toml:12: depends on the plugin hookline-rag; plugins meet at hooks only",
    ),
    # imports
    "a module is no Python": (
        lambda p: (p / PACKAGE / "shelf.py").write_text("def x(:\n"),
        f"{PACKAGE}/shelf.py:1: is no Python: invalid syntax; mend it",
    ),
    "another plugin is imported": (
        lambda p: (p / PACKAGE / "shelf.py").write_text("def x():\n    from hookline_rag.index import Index\n"),
        f"{PACKAGE}/shelf.py:2: imports the plugin hookline_rag; plugins meet at hooks only; call tenant.hooks",
    ),
    "another plugin is imported by a test": (
        lambda p: (p / "tests/test_shelf.py").write_text("import hookline_llm\n"),
        "tests/test_shelf.py:1: imports the plugin hookline_llm; plugins meet at hooks only; call tenant.hooks",
    ),
    "pluggy beside hooks.py": (
        lambda p: (p / PACKAGE / "shelf.py").write_text("import pluggy\n"),
        f"{PACKAGE}/shelf.py:1: imports pluggy; only hooks.py registers; behaviour lives beside it",
    ),
    "a marker beside hooks.py": (
        lambda p: (p / PACKAGE / "shelf.py").write_text("from hookline.hookspecs import hookimpl\n"),
        f"{PACKAGE}/shelf.py:1: imports hookline.hookspecs.hookimpl; only hooks.py registers; "
        "behaviour lives beside it",
    ),
    "a migration uses the models": (
        lambda p: (p / PACKAGE / "migrations/versions/0002_column.py").write_text(
            f"from hookline_orders.models import order\n{SECOND}"
        ),
        f"{PACKAGE}/migrations/versions/0002_column.py:1: a migration imports the live models; write the tables out: "
        "the models will change, the migration must not",
    ),
    "a migration uses the models by a relative import": (
        lambda p: (p / PACKAGE / "migrations/versions/0002_column.py").write_text(
            f"from ...models import order\n{SECOND}"
        ),
        f"{PACKAGE}/migrations/versions/0002_column.py:1: a migration imports the live models; write the tables out: "
        "the models will change, the migration must not",
    ),
    # hooks
    "a hook's name is misspelt": (
        lambda p: edit(p / PACKAGE / "hooks.py", "async def respond", "async def respnd"),
        f"{PACKAGE}/hooks.py:24: TenantHooks.respnd: there is no hook of that name; did you mean respond?",
    ),
    "a hook's argument is unknown": (
        lambda p: edit(
            p / PACKAGE / "hooks.py", "respond(self, turn: Turn)", "respond(self, turn: Turn, reply: Reply)"
        ),
        f"{PACKAGE}/hooks.py:24: TenantHooks.respond takes (reply); the hook has (turn); leave out what you do not use",
    ),
    "a hook takes whatever comes": (
        lambda p: edit(
            p / PACKAGE / "hooks.py", "respond(self, turn: Turn)", "respond(self, turn: Turn, **more: object)"
        ),
        f"{PACKAGE}/hooks.py:24: TenantHooks.respond takes (*); the hook has (turn); leave out what you do not use",
    ),
    "a hook's argument has a default": (
        lambda p: edit(
            p / PACKAGE / "hooks.py",
            'contact: str) -> ContactData:\n        """All orders."""\n'
            '        return ContactData("orders")\n\n    @hookimpl\n    async def erase',
            'contact: str = "") -> ContactData:\n        """All orders."""\n'
            '        return ContactData("orders")\n\n    @hookimpl\n    async def erase',
        ),
        f"{PACKAGE}/hooks.py:29: TenantHooks.export_contact has a default value; the real value would never arrive; "
        "remove it",
    ),
    "a hook is not async": (
        lambda p: edit(p / PACKAGE / "hooks.py", "async def respond", "def respond"),
        f"{PACKAGE}/hooks.py:24: TenantHooks.respond is not async; write async def, as in the specification",
    ),
    "a hook is a generator": (
        lambda p: edit(p / PACKAGE / "hooks.py", "return self.service", "yield self.service"),
        f"{PACKAGE}/hooks.py:24: TenantHooks.respond is a generator; return an iterator that lives in another module",
    ),
    "a hook is marked with options": (
        lambda p: edit(
            p / PACKAGE / "hooks.py",
            "@hookimpl\n    async def respond",
            "@hookimpl(tryfirst=True)\n    async def respond",
        ),
        f"{PACKAGE}/hooks.py:24: TenantHooks.respond is marked with options; write plain @hookimpl; the order is that "
        "of the tenant's config",
    ),
    "a hook is not marked": (
        lambda p: edit(p / PACKAGE / "hooks.py", "    @hookimpl\n    async def respond", "    async def respond"),
        f"{PACKAGE}/hooks.py:23: TenantHooks.respond is named as a hook and not marked; put @hookimpl above it, "
        "or rename it",
    ),
    "a hook of the process among those of the tenant": (
        lambda p: edit(
            p / PACKAGE / "hooks.py",
            "    @hookimpl\n    async def respond",
            "    @hookimpl\n    def add_routes(self, router: object) -> None:\n"
            '        """None."""\n\n    @hookimpl\n    async def respond',
        ),
        f"{PACKAGE}/hooks.py:24: add_routes is no hook of TenantHooks; move it to ProcessHooks",
    ),
    "a hook in a class with a name of its own": (
        lambda p: (
            edit(p / PACKAGE / "hooks.py", "class TenantHooks", "class Orders"),
            edit(p / PACKAGE / "hooks.py", DATA_HOOKS, f"\n\nclass TenantHooks(Orders):{DATA_HOOKS}"),
        ),
        f"{PACKAGE}/hooks.py:24: the hook respond is in a class named Orders; name it TenantHooks or ProcessHooks",
    ),
    "a hook in no class": (
        lambda p: edit(
            p / PACKAGE / "hooks.py",
            "class TenantHooks",
            '@hookimpl\nasync def score(turn: Turn) -> None:\n    """Nothing."""\n\n\nclass TenantHooks',
        ),
        f"{PACKAGE}/hooks.py:18: the hook score is in no class; move it into TenantHooks or ProcessHooks",
    ),
    "a hook does the work itself": (
        lambda p: edit(
            p / PACKAGE / "hooks.py",
            "return self.service",
            "a = 1\n        if a:\n            a = 2\n        b = 3\n        c = a + b\n        return self.service",
        ),
        f"{PACKAGE}/hooks.py:24: TenantHooks.respond has 6 statements, the limit is 5; delegate: behaviour lives "
        "beside hooks.py",
    ),
    # the declaration
    "no plugin is declared": (
        lambda p: edit(p / PACKAGE / "__init__.py", "\nplugin = ", "\norders = "),
        f'{PACKAGE}/__init__.py:1: declares no plugin; write plugin = Plugin("orders", hooks=TenantHooks)',
    ),
    # migrations
    "no revision": (
        lambda p: shutil.rmtree(p / PACKAGE / "migrations/versions"),
        f"{PACKAGE}/migrations:1: holds no revision; put the first into versions/0001_<what>.py, or remove the folder",
    ),
    "migrations are no package": (
        lambda p: (p / PACKAGE / "migrations/__init__.py").unlink(),
        f"{PACKAGE}/migrations/__init__.py:1: is missing; migrations is a package: add it with one line of docstring",
    ),
    "a revision that follows nothing": (
        lambda p: edit(p / PACKAGE / "migrations/versions/0002_column.py", '"0001"', '"0000"'),
        f"{PACKAGE}/migrations/versions/0002_column.py:4: follows '0000', which is not there; "
        "name the revision before it",
    ),
    "a revision twice": (
        lambda p: (p / PACKAGE / "migrations/versions/0003_again.py").write_text(
            SECOND.replace('down_revision = "0001"', 'down_revision = "0002"')
        ),
        f"{PACKAGE}/migrations/versions/0003_again.py:3: revision '0002' is there twice; renumber one",
    ),
    "a merge": (
        lambda p: (p / PACKAGE / "migrations/versions/0003_merge.py").write_text(
            'revision = "0003"\ndown_revision = ("0002",)\n'
        ),
        f"{PACKAGE}/migrations/versions/0003_merge.py:2: merges branches; a plugin's history is one line: "
        "renumber the later branch",
    ),
}

BROKEN_WHEN_IMPORTED = {
    "the plugin is something else": (
        lambda p: (p / PACKAGE / "__init__.py").write_text("plugin = 'orders'\n"),
        f'{PACKAGE}/__init__.py:1: plugin is a str; write plugin = Plugin("orders", hooks=...)',
    ),
    "the plugin calls itself otherwise": (
        lambda p: edit(p / PACKAGE / "__init__.py", 'Plugin("orders"', 'Plugin("order"'),
        f"{PACKAGE}/__init__.py:11: the plugin calls itself 'order'; its folder says 'orders'; use one name",
    ),
    "the package can't be imported": (
        lambda p: edit(p / PACKAGE / "config.py", "import attrs", "import attrs\nimport no_such_library"),
        f"{PACKAGE}/__init__.py:1: can't be imported: ModuleNotFoundError: No module named 'no_such_library'; "
        "mend it, or install what it needs",
    ),
    "importing ends the process": (
        lambda p: edit(p / PACKAGE / "config.py", "import attrs", "import attrs\nimport os\nos._exit(7)"),
        "{folder}:1: importing ends the process: exit status 7; import plugins one by one to see which",
    ),
    "the config is no attrs class": (
        lambda p: edit(p / PACKAGE / "config.py", "@attrs.frozen\n", ""),
        f"{PACKAGE}/config.py:8: Config is no attrs class; put @attrs.frozen above it",
    ),
    "migrations without tables": (
        lambda p: edit(p / PACKAGE / "__init__.py", "metadata=metadata, ", ""),
        f"{PACKAGE}/__init__.py:11: names migrations and has no tables; pass metadata=metadata, or drop migrations",
    ),
    "tables without migrations": (
        lambda p: edit(p / PACKAGE / "__init__.py", ', migrations="hookline_orders.migrations"', ""),
        f'{PACKAGE}/__init__.py:11: has tables and names no migrations; write migrations="hookline_orders.migrations"',
    ),
    # tables
    "a table without the prefix": (
        lambda p: edit(p / PACKAGE / "models.py", '"orders_order"', '"shop_order"'),
        f"{PACKAGE}/models.py:9: table shop_order lacks the plugin's prefix; name it orders_shop_order",
    ),
    "a primary key without tenant": (
        lambda p: edit(p / PACKAGE / "models.py", 'KeyConstraint("tenant", "id")', 'KeyConstraint("id")'),
        f"{PACKAGE}/models.py:9: table orders_order has a primary key without tenant; "
        'write PrimaryKeyConstraint("tenant", ...)',
    ),
    "a UNIQUE without tenant": (
        lambda p: edit(p / PACKAGE / "models.py", 'UniqueConstraint("tenant", "number")', 'UniqueConstraint("number")'),
        f"{PACKAGE}/models.py:9: table orders_order has a UNIQUE without tenant (number); put tenant first in it",
    ),
    "a unique index without tenant": (
        lambda p: edit(
            p / PACKAGE / "models.py",
            'sa.UniqueConstraint("tenant", "number")',
            'sa.Index("ix", "number", unique=True)',
        ),
        f"{PACKAGE}/models.py:9: table orders_order has a UNIQUE without tenant (number); put tenant first in it",
    ),
    "a foreign key without tenant": (
        lambda p: edit(
            p / PACKAGE / "models.py",
            'sa.Column("number", sa.Text, nullable=False)',
            'sa.Column("number", sa.Text, sa.ForeignKey("orders_order.id"), nullable=False)',
        ),
        f"{PACKAGE}/models.py:9: table orders_order has a foreign key to orders_order without tenant; "
        "make it (tenant, id)",
    ),
    "a foreign key that is checked at the commit": (
        lambda p: edit(
            p / PACKAGE / "models.py",
            '    sa.UniqueConstraint("tenant", "number"),\n',
            '    sa.UniqueConstraint("tenant", "number"),\n    sa.ForeignKeyConstraint(["tenant", "number"],\n'
            '        ["orders_order.tenant", "orders_order.number"], initially="DEFERRED", deferrable=True),\n',
        ),
        f"{PACKAGE}/models.py:9: table orders_order has a DEFERRABLE foreign key to orders_order; {NOT_DEFERRED}",
    ),
    "a constraint that rolls back what others have written": (
        lambda p: edit(
            p / PACKAGE / "models.py",
            'sa.UniqueConstraint("tenant", "number")',
            'sa.UniqueConstraint("tenant", "number", sqlite_on_conflict="ROLLBACK")',
        ),
        f"{PACKAGE}/models.py:9: table orders_order has a constraint with ON CONFLICT ROLLBACK; {NO_ROLLBACK}",
    ),
    "contacts' data that can't be exported or erased": (
        lambda p: edit(p / PACKAGE / "hooks.py", DATA_HOOKS, ""),
        f"{PACKAGE}/hooks.py:17: table orders_order holds contacts' data, and export_contact and erase_contact is not "
        "implemented; implement both: a contact's data must be found and removed everywhere",
    ),
}


DEFERRED = [
    'op.create_foreign_key("fk", "orders_order", "contact", ["tenant"], ["tenant"], deferrable=True)',
    'sa.ForeignKeyConstraint(["tenant"], ["contact.tenant"], initially="DEFERRED")',
    'op.execute("ALTER TABLE x ADD FOREIGN KEY (a) REFERENCES b DEFERRABLE INITIALLY DEFERRED")',
]
ROLLING_BACK = [
    "op.execute(\"CREATE TRIGGER t BEFORE INSERT ON x BEGIN SELECT RAISE(ROLLBACK, 'no'); END\")",
    'sa.UniqueConstraint("tenant", "a", sqlite_on_conflict="ROLLBACK")',
    'sa.Column("a", sa.Text, sqlite_on_conflict_not_null="ROLLBACK")',
]


@pytest.mark.parametrize("statement", [*DEFERRED, *ROLLING_BACK])
def test_a_migration_that_could_fail_the_commits_of_others_is_told(plugin, statement):
    migration = plugin / PACKAGE / "migrations/versions/0002_column.py"
    migration.write_text(f"{SECOND}\n\ndef upgrade() -> None:\n    {statement}\n")
    what = "a DEFERRABLE foreign key" if statement in DEFERRED else "a constraint with ON CONFLICT ROLLBACK"
    remedy = NOT_DEFERRED if statement in DEFERRED else NO_ROLLBACK
    found = [problem for problem in problems_of_files(plugin) if "undefined" not in problem]
    assert found == [f"{PACKAGE}/migrations/versions/0002_column.py:8: makes {what}; {remedy}"]


@pytest.mark.parametrize("text", ["deferrable=False", 'initially="IMMEDIATE"', 'comment="NOT DEFERRABLE"'])
def test_a_foreign_key_that_is_checked_at_once_is_fine(plugin, text):
    migration = plugin / PACKAGE / "migrations/versions/0002_column.py"
    migration.write_text(f'{SECOND}\n\ndef upgrade() -> None:\n    sa.ForeignKeyConstraint(["a"], ["b.a"], {text})\n')
    assert problems_of_files(plugin) == []


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_told_once_with_its_place_and_remedy(plugin, name):
    break_it, expected = BROKEN[name]

    break_it(plugin)

    assert problems_of_files(plugin) == [expected]


@pytest.mark.parametrize("name", BROKEN_WHEN_IMPORTED)
def test_what_only_the_imported_plugin_shows_is_told_once_with_its_place_and_remedy(plugin, name):
    break_it, expected = BROKEN_WHEN_IMPORTED[name]

    break_it(plugin)

    assert problems(plugin) == [expected.replace("{folder}", str(plugin))]


def test_constants_in_a_migration_that_are_not_written_out_are_no_problem(plugin):
    path = plugin / PACKAGE / "migrations/versions/0002_column.py"
    path.write_text(path.read_text() + "\nADDED = (dict(name='note'), str('later'))\n")

    assert problems(plugin) == []


def test_two_heads_are_told_at_both_revisions(plugin):
    versions = plugin / PACKAGE / "migrations/versions"
    (versions / "0003_other.py").write_text('revision = "0003"\ndown_revision = "0001"\n')

    assert problems(plugin) == [
        f"{PACKAGE}/migrations/versions/0002_column.py:4: it and 0003_other.py both follow '0001'; "
        "a plugin's history is one line: let the later follow the earlier",
        f"{PACKAGE}/migrations/versions/0003_other.py:2: it and 0002_column.py both follow '0001'; "
        "a plugin's history is one line: let the later follow the earlier",
    ]


def test_a_folder_whose_name_is_no_plugin_name_is_told(tmp_path):
    (tmp_path / "plugins" / "Order-Status").mkdir(parents=True)

    assert "'Order-Status' is no plugin name; use small letters, digits and single underscores" in "\n".join(
        problems(tmp_path / "plugins" / "Order-Status")
    )


def test_a_tenants_own_code_is_a_plugin_beside_the_tenants_files(sound, tmp_path):
    folder = tmp_path / "tenants" / "orders"
    shutil.copytree(sound, folder)
    (folder / "src/hookline_orders").rename(folder / "src/tenant_orders")
    for path in [folder / "pyproject.toml", *folder.rglob("*.py")]:
        text = path.read_text().replace("hookline_orders", "tenant_orders").replace("hookline-orders", "tenant-orders")
        path.write_text(text.replace('orders = "tenant', 'tenant_orders = "tenant'))
    edit(folder / "src/tenant_orders/__init__.py", 'Plugin("orders"', 'Plugin("tenant_orders"')
    edit(folder / "src/tenant_orders/models.py", '"orders_order"', '"tenant_orders_order"')
    (folder / "tenant.toml").write_text("plugins = []\n")
    (folder / "knowledge").mkdir()

    assert problems(folder) == []


def test_a_plugin_made_for_tests_needs_none_of_its_own(sound, tmp_path):
    folder = shutil.copytree(sound, tmp_path / "tests" / "plugins" / "orders")
    shutil.rmtree(folder / "tests")

    assert problems_of_files(folder) == []


def test_the_command_checks_the_whole_workspace_and_ends_with_its_verdict(sound, tmp_path, monkeypatch):
    shutil.copytree(sound, tmp_path / "plugins" / "orders")
    (tmp_path / "plugins/orders/core").mkdir()
    monkeypatch.chdir(tmp_path / "plugins")

    sick = CliRunner().invoke(check_command, [])
    (tmp_path / "plugins/orders/core").rmdir()
    well = CliRunner().invoke(check_command, [])

    assert sick.exit_code == 1
    assert sick.stderr.startswith("orders/core:1: does not belong here; a plugin's folder holds pyproject.toml")
    assert (well.exit_code, well.output) == (0, "1 plugin folder checked: orders\n")


def test_a_path_that_is_no_folder_is_refused(tmp_path):
    result = CliRunner().invoke(check_command, [str(tmp_path / "none")])

    assert result.exit_code == 1
    assert f"{tmp_path / 'none'} is no folder; name a plugin's folder, such as plugins/rag" in result.output


def test_outside_a_workspace_the_folder_must_be_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(check_command, [])

    assert "no folder plugins/ here or above; name the plugin's folder: hookline check FOLDER" in result.output


def test_a_hook_reference_that_is_out_of_date_is_told(tmp_path, monkeypatch):
    (tmp_path / "plugins").mkdir()
    (tmp_path / "core/src/hookline").mkdir(parents=True)
    (tmp_path / "core/src/hookline/hookspecs.py").touch()
    monkeypatch.chdir(tmp_path)

    before = CliRunner().invoke(check_command, [])
    written = CliRunner().invoke(docs_group, ["hooks"])
    after = CliRunner().invoke(check_command, [])

    assert before.output == "docs/hooks.md:1: is not what hookspecs.py says; run `hookline docs hooks`\n"
    assert written.exit_code == 0
    assert after.exit_code == 0


def test_the_hook_reference_has_each_hook_with_its_signature(tmp_path):
    CliRunner().invoke(docs_group, ["hooks", "--file", str(tmp_path / "hooks.md")])

    text = (tmp_path / "hooks.md").read_text()
    assert "### deliver\n\n```python\n@hookimpl\nasync def deliver(self, message: Message) -> Receipt: ..." in text
    assert "*TenantHooks; fold: each gets what the one before it returned, in reverse of the tenant's order. " in text
