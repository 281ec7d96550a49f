from __future__ import annotations

import io
import json
import logging
import warnings

import pytest
import structlog

from hookline.errors import ConfigError
from hookline.logs import Logs, log_file, private, secrets_in
from hookline.settings import Logging, Secret, Settings


@pytest.fixture
def logs():
    made = []

    def open_(**options):
        stream = io.StringIO()
        made.append(Logs(stream=stream, **({"style": "json"} | options)))
        made[-1].configure()
        return made[-1], stream

    yield open_
    for one in made:
        one.close()


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_time_level_and_tenant(logs):
    _, stream = logs()
    structlog.get_logger("hookline.test").bind(tenant="acme").info("turn done", ms=3)
    (line,) = lines(stream)
    assert (line["event"], line["level"], line["tenant"], line["ms"]) == ("turn done", "info", "acme", 3)
    assert line["timestamp"].endswith("Z")


def test_the_level_is_each_tenants_own_and_debug_means_all(logs, tmp_path):
    log, stream = logs(level="warning")
    log.add_tenant("chatty", Settings(plugins=(), debug=True), tmp_path)
    log.add_tenant("terse", Settings(plugins=(), logging=Logging(level="error")), tmp_path)
    log.configure()
    for tenant in ("chatty", "terse", ""):
        for level in ("debug", "info", "warning", "error"):
            getattr(structlog.get_logger(), level)("x", tenant=tenant)
    assert [(line["tenant"], line["level"]) for line in lines(stream)] == [
        ("chatty", "debug"),
        ("chatty", "info"),
        ("chatty", "warning"),
        ("chatty", "error"),
        ("terse", "error"),
        ("", "warning"),
        ("", "error"),
    ]


def test_a_quiet_stream_leaves_a_tenants_file_as_it_is(logs, tmp_path):
    log, stream = logs(level="warning")
    log.add_tenant("acme", Settings(plugins=(), logging=Logging(file="acme.log")), tmp_path)
    log.configure()
    structlog.get_logger().info("answered", tenant="acme")
    assert lines(stream) == []
    assert "answered" in (tmp_path / "acme.log").read_text()


@pytest.mark.row("T55")
def test_a_tenants_lines_also_go_to_its_own_file_below_the_data_folder(logs, tmp_path):
    log, stream = logs()
    log.add_tenant("telecom", Settings(plugins=(), logging=Logging(file="./static/logs/chatbot.log")), tmp_path)
    structlog.get_logger().info("answered", tenant="telecom")
    structlog.get_logger().info("answered", tenant="other")
    (line,) = (tmp_path / "static" / "logs" / "chatbot.log").read_text().splitlines()
    assert json.loads(line)["tenant"] == "telecom"
    assert len(lines(stream)) == 2


@pytest.mark.parametrize("name", ["../out.log", "/etc/out.log", "a/../../out.log", "."])
def test_a_log_file_outside_the_data_folder_is_refused(name, tmp_path):
    with pytest.raises(ConfigError) as caught:
        log_file(tmp_path, name, "acme")
    assert str(caught.value) == (
        f"tenant 'acme': logging.file: given {name!r}; allowed: a path below the data folder, e.g. \"logs/acme.log\""
    )


@pytest.mark.row("T54")
def test_secrets_are_masked_wherever_they_stand(logs):
    log, stream = logs()
    log.protect(secrets_in({"llm": Settings(plugins=()), "keys": [Secret("gsk-very-secret", "GROQ_API_KEY")]}))
    structlog.get_logger().error(
        "refused", api_key="abc", detail="with gsk-very-secret in it", nested={"url": "https://x/?k=gsk-very-secret"}
    )
    try:
        raise ValueError("key gsk-very-secret is wrong")
    except ValueError:
        structlog.get_logger().exception("failed")
    assert "gsk-very-secret" not in stream.getvalue()
    assert "[secret]" in stream.getvalue()
    assert lines(stream)[0]["api_key"] == "[secret]"


@pytest.mark.row("T47")
def test_an_exception_is_one_line_with_its_traceback_and_without_what_was_said(logs):
    _, stream = logs()
    said = "my card is lost, I am Priya"
    token = private.set((said,))
    try:
        raise RuntimeError(f"model choked on {said!r} of priya@example.com, +91 98765 43210")
    except RuntimeError:
        structlog.get_logger().error("turn failed", tenant="telecom", session_id="s1", exc_info=True, text=said)
    finally:
        private.reset(token)
    (line,) = lines(stream)
    assert (line["level"], line["tenant"], line["session_id"]) == ("error", "telecom", "s1")
    assert "Traceback (most recent call last)" in line["exception"]
    assert "test_logs.py" in line["exception"]
    for personal in ("card is lost", "priya@example.com", "98765"):
        assert personal not in stream.getvalue()


def test_personal_fields_are_masked_by_their_names(logs):
    _, stream = logs()
    structlog.get_logger().info("seen", text="hello", email="a@b.example", phone="123", tenant="x", ms=12345678901)
    (line,) = lines(stream)
    assert (line["text"], line["email"], line["phone"], line["ms"]) == ("[personal]",) * 3 + (12345678901,)


def test_lines_of_libraries_come_along_from_warning_on(logs):
    _, stream = logs()
    logging.getLogger("aiohttp.server").warning("a bad request from %s", "somewhere")
    logging.getLogger("aiohttp.server").info("not this")
    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == (
        "a bad request from somewhere",
        "warning",
        "aiohttp.server",
    )


def test_a_terminal_gets_lines_for_people(logs):
    _, stream = logs(style="console")
    structlog.get_logger().info("turn done", tenant="acme")
    assert "turn done" in stream.getvalue()
    assert "tenant=acme" in stream.getvalue()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            raise ValueError("x")
        except ValueError:
            structlog.get_logger().exception("failed")
    assert "Traceback" in stream.getvalue()
