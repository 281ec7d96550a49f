"""The data folder of a server and its lock."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from hookline.errors import DataFolderLocked, StorageError
from hookline.folder import DataFolder

HOLDER = """
import sys
from pathlib import Path
from hookline.folder import DataFolder
DataFolder(Path(sys.argv[1])).open()
print("held", flush=True)
sys.stdin.read()
"""


def hold(path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    return process


def end(process):
    process.stdin.close()
    process.stdout.close()
    process.wait()


def test_the_folder_is_made_for_its_owner_only(tmp_path):
    with DataFolder(tmp_path / "var" / "data") as folder:
        assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
        assert folder.database == tmp_path / "var" / "data" / "hookline.db"
        assert folder.control_socket == tmp_path / "var" / "data" / "control.sock"


def test_a_plugin_has_a_folder_of_its_own_for_each_tenant(tmp_path):
    with DataFolder(tmp_path) as folder:
        made = folder.plugin_folder("acme", "rag")
        assert made == tmp_path / "tenants" / "acme" / "rag"
        assert made.is_dir()
        assert folder.plugin_folder("acme", "rag") == made


@pytest.mark.parametrize("name", ["..", "", ".hidden", "a/b", "../other", "a\x00b"])
def test_a_name_that_leads_outside_is_refused(tmp_path, name):
    with DataFolder(tmp_path) as folder:
        with pytest.raises(StorageError, match="can't name a folder"):
            folder.plugin_folder(name, "rag")
        with pytest.raises(StorageError, match="can't name a folder"):
            folder.plugin_folder("acme", name)


def test_a_second_server_is_told_which_process_holds_the_folder_and_what_to_do(tmp_path):
    process = hold(tmp_path)
    with pytest.raises(DataFolderLocked) as caught:
        DataFolder(tmp_path).open()
    assert str(caught.value) == (
        f"the data folder {tmp_path} is held by the server with process id {process.pid}; "
        f"stop that server, or start this one with another --data folder"
    )
    end(process)
    with DataFolder(tmp_path):
        assert (tmp_path / "hookline.lock").read_text() == f"{os.getpid()}\n"


def test_a_killed_server_leaves_no_lock_behind(tmp_path):
    process = hold(tmp_path)
    process.kill()
    process.wait()
    with DataFolder(tmp_path):
        assert (tmp_path / "hookline.lock").read_text() == f"{os.getpid()}\n"
    end(process)


def test_the_lock_is_let_go_on_close_and_closing_twice_is_harmless(tmp_path):
    folder = DataFolder(tmp_path).open()
    folder.close()
    folder.close()
    with DataFolder(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_says_so_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError) as caught:
        DataFolder(tmp_path / "file" / "data").open()
    assert str(caught.value) == (
        f"the data folder {tmp_path / 'file' / 'data'} can't be used: Not a directory; "
        f"make it writable, or name another with --data"
    )


def test_a_folder_of_a_plugin_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "tenants").write_text("")
    with (
        DataFolder(tmp_path) as folder,
        pytest.raises(StorageError, match=r"tenants/acme/rag can't be made: Not a dir"),
    ):
        folder.plugin_folder("acme", "rag")
