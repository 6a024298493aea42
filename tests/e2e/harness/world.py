# SPDX-License-Identifier: Apache-2.0
"""The world that all suites of one run share: a target Odoo, kontord, people and programs.

Made once; a suite that needs a service of its own starts one with `Service`.
"""
from __future__ import annotations

import json
import pathlib
import shutil
import tempfile
import urllib.parse
from typing import Any

from .api import Api, request_id
from .odoo import Eyes
from .processes import ExpensePlatform, Kontord, Proxy, Receiver, Simulator

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "live" / "fixtures.json"
Json = dict[str, Any]
# How long a test looks for what must come; a real Odoo answers in seconds, not milliseconds.
SIMULATOR_PATIENCE_SECONDS, LIVE_PATIENCE_SECONDS = 45.0, 180.0
# Name, whether a person, roles.
CAST: list[tuple[str, bool, tuple[str, ...]]] = [
    ("shop", False, ("SUBMITTER", "VIEWER")),
    ("erp2", False, ("SUBMITTER", "VIEWER")),
    ("rosa", True, ("SUBMITTER", "RELEASER", "VIEWER")),
    ("rita", True, ("RELEASER",)),
    ("karl", True, ("ACCOUNTANT",)),
    ("kurt", True, ("ACCOUNTANT",)),
    ("otto", True, ("OPERATOR",)),
    ("olga", True, ("OPERATOR",)),
    ("axel", True, ("AUDITOR",)),
    ("paula", True, ("PAYMENT_PREPARER",)),
    ("adam", True, ("PAYMENT_APPROVER",)),
    ("alma", True, ("PAYMENT_APPROVER",)),
    ("rolf", True, ("PAYMENT_RELEASER",)),
]


def bootstrap(kontord: Kontord) -> dict[str, Api]:
    """The first two administrators of an empty store."""
    answer = kontord.api().call(
        "AdminService/RedeemBootstrapToken", bootstrapToken=kontord.bootstrap_token(),
        principalName="anna", displayName="Anna Admin")
    anna = kontord.api(answer["token"])
    anna.call("AdminService/CreatePrincipal", requestId=request_id(),
              principal={"name": "anton", "kind": "KIND_PERSON"})
    anna.call("AdminService/ProposeRoleGrant", requestId=request_id(), principal="anton",
              role="ROLE_ADMINISTRATOR", reason="second administrator")
    token = anna.call("AdminService/IssueToken", requestId=request_id(), principal="anton")
    return {"anna": anna, "anton": kontord.api(token["token"])}


def add_principal(people: dict[str, Api], name: str, person: bool, roles: tuple[str, ...],
                  **more: Any) -> Api:
    """Makes a principal with roles, which two administrators grant, and answers its client."""
    anna, anton = people["anna"], people["anton"]
    kind = "KIND_PERSON" if person else "KIND_SERVICE"
    anna.call("AdminService/CreatePrincipal", requestId=request_id(),
              principal={"name": name, "kind": kind, **more})
    for role in roles:
        grant = anna.call("AdminService/ProposeRoleGrant", requestId=request_id(), principal=name,
                          role="ROLE_" + role, reason="test")["grant"]
        anton.call("AdminService/ApproveRoleGrant", requestId=request_id(), id=grant["id"],
                   reason="test")
    token = anna.call("AdminService/IssueToken", requestId=request_id(), principal=name)
    return anna.as_token(token["token"])


class Service:
    """A kontord with its people, and connections to a target."""

    def __init__(self, folder: pathlib.Path, target: Json, transport: str,
                 settings: dict[str, str] | None = None,
                 environment: dict[str, str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.target = target
        self.transport = transport
        self.kontord = Kontord(folder, settings, environment).start()
        self.people = bootstrap(self.kontord)

    def cast(self, *names: str) -> None:
        """Lets the named principals of CAST in; all of them without a name."""
        for name, person, roles in CAST:
            if not names or name in names:
                self.people[name] = add_principal(self.people, name, person, roles)

    def __getitem__(self, name: str) -> Api:
        return self.people[name]

    def connect(self, name: str = "main", url: str = "", login: str = "", **more: Any) -> Json:
        """A live connection to the target."""
        login = login or self.target["login"]
        key = self.target["api_keys"].get(login) or self.target["api_key"]
        body = {"name": name, "url": url or self.target["url"], "database": self.target["db"],
                "login": login, "apiKey": key, "mode": "MODE_LIVE",
                "transport": "TRANSPORT_" + self.transport.upper(), **more}
        return self["anna"].call("ConnectionService/CreateConnection", requestId=request_id(),
                                 connection=body)["connection"]

    def entity(self, name: str = "de", connection: str = "main", mode: str = "MODE_LIVE",
               **more: Any) -> Json:
        """An entity bound to the company of the fixtures."""
        company = json.loads(FIXTURES.read_text("utf-8"))["company"]
        bound = {} if "companyId" in more else {"companyName": company["name"]}
        body = {"name": name, "connection": connection, "currencyCode": company["currency"],
                "mode": mode, **bound, **more}
        return self["anna"].call("ConnectionService/CreateEntity", requestId=request_id(),
                                 entity=body)["entity"]

    def stop(self) -> int | None:
        return self.kontord.stop()


class World:
    """Everything that the suites share; see `suites/` for what they do with it."""

    def __init__(self, target: Json | None, series: str, transport: str, keep: bool,
                 addon: bool = False) -> None:
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kontor-e2e-"))
        self.keep = keep
        self._children: list[Any] = []
        self.simulator: Simulator | None = None
        if target is None:
            self.simulator = Simulator(self.folder, series, *(["--addon"] if addon else []))
            target = {**self.simulator.target, "addon": addon}
            self._children.append(self.simulator)
        self.target = target
        self.transport = transport
        self.series: str = target["series"]
        self.patience_seconds = (SIMULATOR_PATIENCE_SECONDS if self.simulated
                                 else LIVE_PATIENCE_SECONDS)
        # Whether kontor_connector is installed on the target.
        self.addon = bool(target.get("addon"))
        self.has_admin = bool(target.get("admin_password"))
        self.fixtures: Json = json.loads(FIXTURES.read_text("utf-8"))
        self._service: Service | None = None
        self._eyes: Eyes | None = None

    @property
    def simulated(self) -> bool:
        return self.simulator is not None

    @property
    def eyes(self) -> Eyes:
        """Odoo's administrator."""
        if self._eyes is None:
            self._eyes = Eyes(self.target)
        return self._eyes

    @property
    def service(self) -> Service:
        """The shared service, made at its first use."""
        if self._service is None:
            self._service = self.new_service("shared", {"engine.poll_interval": "2s"})
            self._service.cast()
            self._service.connect()
            self._service.entity()
        return self._service

    def new_service(self, name: str, settings: dict[str, str] | None = None,
                    environment: dict[str, str] | None = None,
                    target: Json | None = None) -> Service:
        """A service of a suite's own, on the shared target or on another; ended with the world at
        the latest.

        On the shared target it does not poll unless told to: an addon tells each change once, and
        what another service has taken the shared one never hears of.
        """
        if target is None:
            settings = {"engine.poll_interval": "0s", **(settings or {})}
        made = Service(self.folder / name, target or self.target, self.transport, settings,
                       environment)
        self._children.append(made)
        return made

    def new_receiver(self, *secrets: str) -> Receiver:
        made = Receiver(self.folder, *secrets)
        self._children.append(made)
        return made

    def new_proxy(self) -> Proxy:
        """A bad network in front of the target."""
        made = Proxy(self.folder, urllib.parse.urlsplit(self.target["url"]).port or 80)
        self._children.append(made)
        return made

    def new_platform(self, name: str) -> ExpensePlatform:
        """An expense platform of a suite's own."""
        made = ExpensePlatform(self.folder, name)
        self._children.append(made)
        return made

    def new_simulator(self, series: str) -> Simulator:
        """A second Odoo, beside the target."""
        folder = self.folder / f"second-{len(self._children)}"
        folder.mkdir()
        made = Simulator(folder, series)
        self._children.append(made)
        return made

    def close(self) -> None:
        """Ends every child; removes the folder unless it is to be kept."""
        for child in reversed(self._children):
            child.stop()
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)
