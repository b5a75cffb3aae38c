"""A team whose systems repeat every secret that they are told, and a drill that meets them."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from aiosmtpd.smtp import AuthResult

from tests.support.drills import write_project
from tests.support.http import Asked, Reply, serving
from tests.support.mail import Box, mail_server
from tests.support.secrets import Planted

DRILL = """\
schema: drillmaster/v1
kind: drill
name: throttled
title: Every request is refused
environment: sandbox
service: checkout
steady_state:
  - {name: the wiki answers, http: {url: "@WIKI@/health", token: env:WIKI_TOKEN}}
  - name: the tool answers
    command: {run: [sh, -c, 'echo "$KEY" | tee /dev/stderr'], environment: {KEY: env:TOOL_KEY}}
faults:
  - throttle: {namespace: shop, selector: app=checkout, share: 100%}
escalation: {summary: checkout refuses every request}
access: on-call
targets: {secondary_response: 8s, access_failures: 0}
limits: {duration: 40s}
"""

ENVIRONMENT = """\
schema: drillmaster/v1
kind: environment
name: sandbox
target: {kind: sandbox, replicas: 1}
oncall:
  provider: embedded
  policy: [{page: secondary, timeout: 60s}]
people:
  ana:
    roles: [secondary]
    contacts: [{channel: mail, address: ana@example.org}, {channel: robot}, {channel: chat}]
    credentials: {token: env:ANA_TOKEN, sql_user: ana, sql_password: "file:@SECRETS@/ana-sql"}
controls:
  allowed: {token: env:ROOT_TOKEN, sql_user: root, sql_password: env:ROOT_SQL}
  denied: {token: env:NOBODY_TOKEN, sql_user: nobody, sql_password: env:NOBODY_SQL}
channels:
  mail:
    email: {host: 127.0.0.1, port: @MAIL@, sender: drills@example.org, tls: none, user: drills,
            password: env:MAIL_PASSWORD}
  robot: {webhook: {url: env:ROBOT_URL, token: env:ROBOT_TOKEN}}
  chat: {webhook: {url: env:CHAT_URL, token: "file:@SECRETS@/chat"}}
timing: {undo: 500ms}
"""

ACCESS = """\
schema: drillmaster/v1
kind: access
name: on-call
checks:
  - {name: the wiki opens, http: {url: "@WIKI@/page", token: env:WIKI_TOKEN}}
  - name: the tool knows the person
    command: {run: [sh, -c, 'printf %s "$DRILLMASTER_TOKEN$KEY" | base64 -w0; exit 1'],
              environment: {KEY: env:TOOL_KEY}}
  - {name: the orders can be read, sql: {url: "@DATABASE@", user: x, password: env:ORDERS_PASSWORD}}
"""


@dataclass
class Team:
    """Systems that are real servers, and the variables in which their secrets are."""

    planted: Planted
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    taken: list[dict[str, Any]] = field(default_factory=list)
    """Pages that came over the chat."""

    def secret(self, name: str) -> str:
        """Plant a secret in a variable."""
        self.variables[name] = self.planted[name]
        return self.planted[name]

    def wiki(self, asked: Asked) -> Reply:
        """Says back who asked; only root may read."""
        said = asked.headers.get("authorization", "")
        allowed = self.planted["ROOT_TOKEN"] in said or asked.path == "/health"
        return Reply(200 if allowed else 403, f"who are you, {said}?".encode(), {"X-You": said})

    def robot(self, asked: Asked) -> Reply:
        """Takes nothing, and says back what it was told."""
        return Reply(500, repr(asked).encode())

    def chat(self, asked: Asked) -> Reply:
        """Takes a page, and lets ana act on it."""
        page = json.loads(asked.body)
        self.taken.append(page)
        link = page["links"]["page"]
        self.planted.add("link", link.rpartition("/")[2])
        threading.Thread(target=self._act, args=(link,)).start()
        return Reply(200)

    def _act(self, link: str) -> None:
        with httpx.Client(trust_env=False, timeout=10) as ana:
            ana.get(link)
            ana.post(f"{link}/ack", json={})
            ana.post(f"{link}/note", json={"text": "I look at it"})
            ana.post(f"{link}x/ack", json={})


@contextmanager
def team(folder: Path, planted: Planted, database: str) -> Iterator[Team]:
    """The team's systems, and a project in a folder that knows them."""
    made = Team(planted, folder)
    for name in (
        *("WIKI_TOKEN", "TOOL_KEY", "ANA_TOKEN", "ROOT_TOKEN", "ROOT_SQL", "NOBODY_TOKEN"),
        *("NOBODY_SQL", "MAIL_PASSWORD", "ROBOT_TOKEN", "ORDERS_PASSWORD"),
    ):
        made.secret(name)
    secrets = folder / "secrets"
    secrets.mkdir()
    (secrets / "chat").write_text(planted["chat"])
    (secrets / "ana-sql").write_text(planted["ana-sql"])

    def refuse(_server: Any, _session: Any, _envelope: Any, _how: Any, data: Any) -> AuthResult:
        return AuthResult(success=False, handled=False, message=f"535 not {data!r}")

    mailing = {"authenticator": refuse, "auth_require_tls": False}
    with ExitStack() as stack:
        wiki = stack.enter_context(serving(made.wiki))
        robot = stack.enter_context(serving(made.robot))
        chat = stack.enter_context(serving(made.chat))
        mail = stack.enter_context(mail_server(Box(), **mailing))
        made.variables["ROBOT_URL"] = f"{robot}/{quote(planted['robot-url'], safe='')}"
        made.variables["CHAT_URL"] = f"{chat}/{quote(planted['chat-url'], safe='')}"

        places = {"WIKI": wiki, "MAIL": mail["port"], "SECRETS": secrets, "DATABASE": database}

        def filled(text: str) -> str:
            for name, value in places.items():
                text = text.replace(f"@{name}@", str(value))
            return text

        write_project(folder / "work", filled(DRILL), filled(ENVIRONMENT))
        access = folder / "work" / "drills" / "access"
        access.mkdir()
        (access / "on-call.yaml").write_text(filled(ACCESS))
        yield made
