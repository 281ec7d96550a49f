"""Loopback Twilio: TaskRouter's tasks and Conversations, as their published descriptions (v1) say.

It refuses what Twilio refuses: a wrong account or token (401), a parameter that the description does not have or that
is missing (400), a sid that is not there (404), a name that is taken (409, code 50353), a status that a task can't go
to (400).  `sign` signs a callback as Twilio does.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

import attrs
from aiohttp import web

from .loopback import Loopback, Status

_STATES: Mapping[str, tuple[str, ...]] = {
    "pending": ("canceled",),
    "reserved": ("assigned", "canceled", "completed"),
    "assigned": ("wrapping", "completed", "canceled"),
    "wrapping": ("completed",),
}
_TASK = frozenset(
    "Timeout Priority TaskChannel WorkflowSid Attributes VirtualStartTime RoutingTarget IgnoreCapacity TaskQueueSid".split()
)
_TASK_CHANGE = frozenset("Attributes AssignmentStatus Reason Priority TaskChannel VirtualStartTime".split())
_CONVERSATION = frozenset(
    "FriendlyName UniqueName Attributes MessagingServiceSid DateCreated DateUpdated State Timers.Inactive Timers.Closed".split()
)
_MESSAGE = frozenset(
    "Author Body DateCreated DateUpdated Attributes MediaSid ContentSid ContentVariables Subject".split()
)
_TASKS, _ONE_TASK = "/v1/Workspaces/{workspace}/Tasks", "/v1/Workspaces/{workspace}/Tasks/{sid}"
_ROOMS, _ONE_ROOM = "/v1/Services/{service}/Conversations", "/v1/Services/{service}/Conversations/{sid}"
_ASKED = re.compile(r'^(\w+) == "([^"]*)"$')


def sid(prefix: str) -> str:
    """A new sid: two letters and 32 hex digits."""
    return prefix + secrets.token_hex(16)


@attrs.define
class Task:
    """A task of the workspace."""

    sid: str
    attributes: dict[str, Any]
    priority: int
    status: str = "pending"
    reason: str = ""


@attrs.define
class Room:
    """A conversation of the service, with its messages."""

    sid: str
    name: str
    title: str
    messages: list[dict[str, Any]] = attrs.Factory(list)


class TwilioServer(Loopback):
    """One account with a workspace, a workflow and a service; `tasks` and `rooms` are what it holds."""

    def __init__(self) -> None:
        super().__init__()
        self.account, self.token = sid("AC"), secrets.token_hex(16)
        self.workspace, self.workflow, self.service = sid("WS"), sid("WW"), sid("IS")
        self.tasks: dict[str, Task] = {}
        self.rooms: dict[str, Room] = {}

    def add_routes(self, app: web.Application) -> None:
        """The resources' own addresses."""
        app.middlewares.append(self._admit)
        for method, path, handler in (
            ("POST", _TASKS, self._create_task), ("GET", _TASKS, self._list_tasks),
            ("GET", _ONE_TASK, self._fetch_task), ("POST", _ONE_TASK, self._update_task),
            ("POST", _ROOMS, self._create_room), ("GET", _ONE_ROOM, self._fetch_room),
            ("DELETE", _ONE_ROOM, self._delete_room), ("POST", _ONE_ROOM + "/Messages", self._create_message),
            ("GET", _ONE_ROOM + "/Messages", self._list_messages),
        ):  # fmt: skip
            app.router.add_route(method, path, handler)

    def calls(self, method: str, path: str) -> list[dict[str, str]]:
        """The forms of the requests with that method to a path that ends so."""
        return [form for told, form in self.requests if told.startswith(method) and told.endswith(path)]

    def sign(self, url: str, form: Mapping[str, str]) -> str:
        """The X-Twilio-Signature of a form that is sent to the address."""
        import hashlib
        import hmac

        told = url + "".join(f"{key}{form[key]}" for key in sorted(form))
        return base64.b64encode(hmac.digest(self.token.encode(), told.encode(), hashlib.sha1)).decode()

    @web.middleware
    async def _admit(self, request: web.Request, handler: Any) -> web.StreamResponse:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.requests.append((f"{request.method} {request.path}", form))
        fault = self._faults.popleft() if self._faults else self._always
        if isinstance(fault, Status):
            return _refuse(fault.status, 20429 if fault.status == 429 else 20500, "on order")
        pair = base64.b64encode(f"{self.account}:{self.token}".encode()).decode()
        if request.headers.get("Authorization", "") != f"Basic {pair}":
            return _refuse(401, 20003, "Authenticate")
        for name, known in (("workspace", self.workspace), ("service", self.service)):
            if request.match_info.get(name, known) != known:
                return _refuse(404, 20404, f"The requested resource {request.path} was not found")
        answer: web.StreamResponse = await handler(request)
        return answer

    # -- TaskRouter ------------------------------------------------------------------------------------------------

    async def _create_task(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        wrong = _check(form, _TASK) or ("WorkflowSid is required" if form.get("WorkflowSid") != self.workflow else "")
        attributes = _json(form.get("Attributes", "{}"))
        if wrong or attributes is None or len(str(form.get("Attributes", ""))) > 4096:
            return _refuse(400, 20001, wrong or "Attributes must be valid JSON of at most 4096 characters")
        made = Task(sid("WT"), attributes, int(str(form.get("Priority", "0"))))
        self.tasks[made.sid] = made
        return web.json_response(self._task(made), status=201)

    async def _list_tasks(self, request: web.Request) -> web.Response:
        asked = _ASKED.match(request.query.get("EvaluateTaskAttributes", ""))
        found = [self._task(one) for one in self.tasks.values() if asked and one.attributes.get(asked[1]) == asked[2]]
        return web.json_response({"tasks": found, "meta": _page(request, "tasks")})

    async def _fetch_task(self, request: web.Request) -> web.Response:
        one = self.tasks.get(request.match_info["sid"])
        return web.json_response(self._task(one)) if one else _refuse(404, 20404, "Task not found")

    async def _update_task(self, request: web.Request) -> web.Response:
        form, one = dict(await request.post()), self.tasks.get(request.match_info["sid"])
        if one is None:
            return _refuse(404, 20404, "Task not found")
        wanted = str(form.get("AssignmentStatus", one.status))
        wrong = _check(form, _TASK_CHANGE)
        if wanted != one.status and wanted not in _STATES.get(one.status, ()):
            wrong = f"Cannot transition task from {one.status} to {wanted}"
        if wrong:
            return _refuse(400, 20001, wrong)
        one.status, one.reason = wanted, str(form.get("Reason", ""))
        return web.json_response(self._task(one))

    def _task(self, one: Task) -> dict[str, Any]:
        return {
            "sid": one.sid, "account_sid": self.account, "workspace_sid": self.workspace, "priority": one.priority,
            "workflow_sid": self.workflow, "assignment_status": one.status, "reason": one.reason, "age": 0,
            "attributes": json.dumps(one.attributes), "task_channel_unique_name": "default", "timeout": 86400,
            "date_created": "2026-01-01T00:00:00Z", "date_updated": "2026-01-01T00:00:00Z", "links": {},
            "url": f"{self.host}/v1/Workspaces/{self.workspace}/Tasks/{one.sid}",
        }  # fmt: skip

    # -- Conversations ---------------------------------------------------------------------------------------------

    async def _create_room(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        wrong = _check(form, _CONVERSATION)
        if wrong:
            return _refuse(400, 20001, wrong)
        name = form.get("UniqueName", "")
        if name and any(one.name == name for one in self.rooms.values()):
            return _refuse(409, 50353, "Conversation with provided unique name already exists")
        made = Room(sid("CH"), name, form.get("FriendlyName", ""))
        self.rooms[made.sid] = made
        return web.json_response(self._room(made), status=201)

    def _known(self, request: web.Request) -> Room | None:
        asked = request.match_info["sid"]
        return next((one for one in self.rooms.values() if asked in (one.sid, one.name)), None)

    async def _fetch_room(self, request: web.Request) -> web.Response:
        one = self._known(request)
        return web.json_response(self._room(one)) if one else _refuse(404, 20404, "Conversation not found")

    async def _delete_room(self, request: web.Request) -> web.Response:
        one = self._known(request)
        if one is None:
            return _refuse(404, 20404, "Conversation not found")
        del self.rooms[one.sid]
        return web.Response(status=204)

    async def _create_message(self, request: web.Request) -> web.Response:
        form, one = {key: str(value) for key, value in (await request.post()).items()}, self._known(request)
        if one is None:
            return _refuse(404, 20404, "Conversation not found")
        wrong = _check(form, _MESSAGE)
        if wrong or len(form.get("Body", "")) > 1600 or _json(form.get("Attributes", "{}")) is None:
            return _refuse(400, 20001, wrong or "Body has more than 1600 characters, or Attributes are no JSON")
        made = {
            "sid": sid("IM"), "account_sid": self.account, "chat_service_sid": self.service, "conversation_sid": one.sid,
            "index": len(one.messages), "author": form.get("Author", "system"), "body": form.get("Body", ""),
            "attributes": form.get("Attributes", "{}"), "media": None, "participant_sid": None, "delivery": None,
            "date_created": "2026-01-01T00:00:00Z", "date_updated": "2026-01-01T00:00:00Z", "content_sid": None,
            "url": f"{self.host}{request.path}", "links": {},
        }  # fmt: skip
        one.messages.append(made)
        return web.json_response(made, status=201)

    async def _list_messages(self, request: web.Request) -> web.Response:
        one = self._known(request)
        if one is None:
            return _refuse(404, 20404, "Conversation not found")
        told = one.messages[::-1] if request.query.get("Order") == "desc" else one.messages
        size = int(request.query.get("PageSize", "50"))
        return web.json_response({"messages": told[:size], "meta": _page(request, "messages")})

    def _room(self, one: Room) -> dict[str, Any]:
        return {
            "sid": one.sid, "account_sid": self.account, "chat_service_sid": self.service, "unique_name": one.name or None,
            "friendly_name": one.title, "attributes": "{}", "state": "active", "messaging_service_sid": None,
            "date_created": "2026-01-01T00:00:00Z", "date_updated": "2026-01-01T00:00:00Z", "timers": {}, "bindings": {},
            "url": f"{self.host}/v1/Services/{self.service}/Conversations/{one.sid}", "links": {},
        }  # fmt: skip


def _check(form: Mapping[str, Any], known: frozenset[str]) -> str:
    unknown = sorted(set(form) - known)
    return f"unknown parameters: {', '.join(unknown)}" if unknown else ""


def _json(text: Any) -> dict[str, Any] | None:
    try:
        found = json.loads(str(text))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _page(request: web.Request, key: str) -> dict[str, Any]:
    here = str(request.url)
    return {"key": key, "page": 0, "page_size": 50, "url": here, "first_page_url": here, "next_page_url": None,
            "previous_page_url": None}  # fmt: skip


def _refuse(status: int, code: int, message: str) -> web.Response:
    about = {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return web.json_response(about, status=status)
