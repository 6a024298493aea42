#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The addon's screens in a real browser, against a real Odoo and a real kontord.

    /usr/bin/python3 tests/addon/screens.py --odoo-bin PATH [--shots FOLDER] [--smoke]

Installs the packaged addon on a scratch database, connects it by hand, sees a synced invoice,
resolves exceptions alone and with a second person, releases a held entry, and pays two bills by
several people, each signed in with a token of their own (screens_payments.py). `--smoke` stops
after the invoice. Takes PostgreSQL from PGHOST, PGPORT and PGUSER, kontord from KONTOR_BUILD_DIR,
and Chromium (Debian's package of that name) from the PATH. Needs Playwright for Python, as in a
virtual environment of its own, whose Python then runs this; no browser of Playwright's is used:

    python3 -m venv build/browser && build/browser/bin/pip install playwright==1.65.2

Without it nothing is checked and the exit code is 77.

Ends with "N passed, N failed, 0 skipped"; exit 0 only when none failed.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import pathlib
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "live"), str(ROOT / "tests" / "addon")]

import odoo_server  # noqa: E402
import prepare  # noqa: E402
import rpc  # noqa: E402
import screens_payments  # noqa: E402
from e2e.harness import documents as doc  # noqa: E402
from e2e.harness.api import Api, request_id  # noqa: E402
from e2e.harness.world import Service, add_principal  # noqa: E402

EXIT_SKIPPED = 77
# A cold Odoo builds its assets on the first page, which takes minutes on a busy machine.
PATIENCE_MS = 300_000
SETTLE_MS = 700
WIDTH, HEIGHT = 1280, 800
PATIENCE_SECONDS = 120
GROUPS = ("preparer", "approver", "releaser", "manager")
JOBS = ("ir_cron_kontor_send", "ir_cron_kontor_sync")
WRONG_ACCOUNT, RIGHT_ACCOUNT, WRONG_TAX = "123456", doc.INCOME, "33%"


class Scratch:
    """A database with the addon, an Odoo that serves it, and a kontord that works for it."""

    def __init__(self, odoo_bin: pathlib.Path, folder: pathlib.Path) -> None:
        self._folder = folder
        self.database = f"kontor_screens_{os.getpid()}"
        self._password = secrets.token_urlsafe(12)
        series = odoo_server.Installation(
            odoo_bin, "/usr/bin/python3", [], folder, dict(os.environ)).series
        subprocess.run([str(ROOT / "odoo_addon" / "package.sh"), series, "--out",
                        str(folder / "addons")], check=True, stdout=subprocess.DEVNULL)
        self._odoo = odoo_server.Installation(
            odoo_bin, "/usr/bin/python3", [folder / "addons" / series], folder, dict(os.environ))
        self.series = series
        self.running: odoo_server.Running | None = None
        self.service: Service | None = None

    @property
    def login(self) -> tuple[str, str]:
        """The administrator's login and password."""
        return "admin", self._password

    def _shell(self, logins: list[str]) -> dict[str, Any]:
        return self._odoo.shell(self.database, ROOT / "tests" / "live" / "shell_setup.py", {
            "KONTOR_LIVE_CHART": prepare.load_fixtures()["company"]["chart_template"],
            "KONTOR_LIVE_ADMIN_PASSWORD": self._password,
            "KONTOR_LIVE_SECOND_COMPANY": "{}",
            "KONTOR_LIVE_KEY_LOGINS": json.dumps(logins)})

    def start(self) -> None:
        """Installs, prepares and starts everything."""
        subprocess.run(["createdb", self.database], check=True)
        modules = ["account", *odoo_server.SERIES_MODULES.get(self.series, ()),
                   odoo_server.CONNECTOR]
        self._odoo.install(self.database, modules)
        self._shell([])
        self.running = self._odoo.start(self.database)
        self.admin = rpc.Odoo(self.running.url, self.database, *self.login)
        fixtures = prepare.prepare(self.admin, self.series, datetime.date.today())
        bot = fixtures["users"]["bot"]
        prepare.ensure_user(self.admin, bot, secrets.token_urlsafe(12))
        self.running.stop()
        keys = self._shell([bot["login"]])["keys"]
        self.running = self._odoo.start(self.database)
        self.admin = rpc.Odoo(self.running.url, self.database, *self.login)
        self._start_kontord(bot["login"], keys)

    def _start_kontord(self, login: str, keys: dict[str, str]) -> None:
        assert self.running is not None
        target = {"url": self.running.url, "db": self.database, "login": login,
                  "api_key": keys[login], "api_keys": keys, "series": self.series}
        transport = "json2" if self.series == "19.0" else "jsonrpc"
        self.service = Service(self._folder / "kontord", target, transport)
        self.service.cast("shop", "karl", "kurt", "otto", "olga", "adam", "alma", "rolf")
        self.service.connect()
        self.service.entity()
        people = self.service.people
        people["odoo"] = add_principal(people, "odoo", False, ("VIEWER", "OPERATOR"))
        people["paula"] = add_principal(people, "paula", True, ("ACCOUNTANT", "RELEASER"))
        people["petra"] = add_principal(people, "petra", True, ("PAYMENT_PREPARER",))

    def stop(self) -> None:
        """Ends what was started and drops the database."""
        if self.service is not None:
            self.service.stop()
        if self.running is not None:
            self.running.stop()
        subprocess.run(["dropdb", "--if-exists", "--force", self.database], check=False)

    def give_roles(self) -> int:
        """Gives the administrator kontor's roles; answers the user's id."""
        user = self.admin.call("res.users", "search", [["login", "=", "admin"]])[0]
        field = "group_ids" if "group_ids" in self.admin.fields("res.users") else "groups_id"
        groups = [self.admin.xmlid(f"kontor_connector.group_kontor_{name}") for name in GROUPS]
        self.admin.call("res.users", "write", [user], {field: [[4, group] for group in groups]})
        return user

    def add_person(self, name: str, *groups: str) -> tuple[str, str]:
        """A user of Odoo with their own kontor token; answers login and password."""
        assert self.running is not None and self.service is not None
        password = secrets.token_urlsafe(12)
        field = "group_ids" if "group_ids" in self.admin.fields("res.users") else "groups_id"
        wanted = [self.admin.xmlid(group) for group in ("base.group_user", *groups)]
        user = self.admin.create("res.users", {
            "name": name.capitalize(), "login": name, "password": password,
            field: [[6, 0, wanted]]}, {"no_reset_password": True})
        person = rpc.Odoo(self.running.url, self.database, name, password)
        person.call("res.users", "write", [user], {"kontor_new_token": self.service[name].token})
        return name, password

    def number_of(self, answer: dict[str, Any]) -> str:
        """The number in Odoo of what was handed over; a busy machine books it after the answer."""
        assert self.service is not None
        operation = answer["operation"]
        end = time.monotonic() + PATIENCE_SECONDS
        while not operation.get("odooName") and time.monotonic() < end:
            time.sleep(0.5)
            operation = self.service["shop"].call(
                "OperationService/GetOperation", id=operation["id"])["operation"]
        return operation["odooName"]

    def run_jobs(self) -> None:
        """What Odoo's scheduler does each minute."""
        for name in JOBS:
            job = self.admin.xmlid(f"kontor_connector.{name}")
            self.admin.call("ir.cron", "method_direct_trigger", [job])

    def until(self, what: str, model: str, domain: list[Any]) -> None:
        """Lets the jobs run until exactly one record is as expected."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            self.run_jobs()
            if self.admin.call(model, "search_count", domain) == 1:
                return
            time.sleep(0.5)
        raise AssertionError(f"not within {PATIENCE_SECONDS} s: {what}")


class Browser:
    """A person at the screen."""

    def __init__(self, page: Any, scratch: Scratch, shots: pathlib.Path | None,
                 login: tuple[str, str] | None = None) -> None:
        self._page = page
        self._login = login or scratch.login
        self._scratch = scratch
        self._shots = shots
        self.errors: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        assert scratch.running is not None
        self._url = scratch.running.url

    def sign_in(self) -> None:
        self._page.goto(self._url + "/web/login")
        for name, value in zip(("login", "password"), self._login, strict=True):
            self._page.fill(f"input[name={name}]", value)
        self._page.click("button[type=submit]")
        self._page.wait_for_selector(".o_main_navbar")

    def open(self, action: str) -> None:
        path = "/web#action=" if self._scratch.series == "17.0" else "/odoo/action-"
        self._page.goto("about:blank")
        full = action if "." in action else f"kontor_connector.{action}"
        self._page.goto(f"{self._url}{path}{full}")
        self._page.wait_for_selector(".o_view_controller")
        self._page.wait_for_timeout(SETTLE_MS)

    def open_row(self, action: str, text: str) -> None:
        self.open(action)
        self._page.locator(f"tr.o_data_row:has-text('{text}') td.o_data_cell").first.click()
        self._page.wait_for_selector(".o_form_view")
        self._page.wait_for_timeout(SETTLE_MS)

    def fill(self, field: str, value: str) -> None:
        """Types into a field of the form in front."""
        top = ".modal " if self._page.locator(".modal").count() else ""
        box = self._page.locator(f"{top}div[name={field}] input, {top}div[name={field}] textarea")
        box.first.click()
        box.first.fill(value)

    def cell(self, field: str, value: str) -> None:
        """Types into the first line of the list in front."""
        self._page.locator(f".modal .o_field_one2many td[name={field}]").first.click()
        self._page.locator(f".modal .o_field_one2many td[name={field}] input").first.fill(value)
        self._page.locator(".modal .modal-title").first.click()
        self._page.wait_for_timeout(SETTLE_MS)

    def click(self, button: str) -> None:
        self._page.click(f"button[name={button}]:visible")
        self._page.wait_for_timeout(SETTLE_MS)

    def choose(self, action: str, *rows: str) -> None:
        """Ticks rows of the list in front, and chooses an action for them."""
        for text in rows:
            self._page.locator(
                f"tr.o_data_row:has-text('{text}') td.o_list_record_selector input").first.check()
        self._page.click(".o_cp_action_menus button:has-text('Action')")
        self._page.click(f".o-dropdown--menu .dropdown-item:has-text('{action}')")
        self._page.wait_for_selector(".modal .o_form_view")
        self._page.wait_for_timeout(SETTLE_MS)

    def has_button(self, button: str) -> bool:
        return bool(self._page.locator(f"button[name={button}]:visible").count())

    def confirm(self, reason: str = "", shot: str = "") -> None:
        """Says why in the dialog in front, where it asks, and requests it."""
        self._page.wait_for_selector(".modal .o_form_view")
        if reason:
            self.fill("reason", reason)
        if shot:
            self.shot(shot)
        self._page.click(".modal footer button[name=action_confirm]")
        self._page.wait_for_selector(".modal", state="detached")
        self._page.wait_for_timeout(SETTLE_MS)

    def sees(self, text: str) -> None:
        self._page.locator(f".o_content:has-text('{text}')").first.wait_for()

    def shot(self, name: str, height: int = HEIGHT) -> None:
        """A picture of the screen, which may be a taller one for it."""
        if self._shots is None:
            return
        self._page.set_viewport_size({"width": WIDTH, "height": height})
        self._page.wait_for_timeout(SETTLE_MS)
        self._page.screenshot(path=self._shots / f"{name}.png")
        self._page.set_viewport_size({"width": WIDTH, "height": HEIGHT})


class Walk:
    """The steps that a finance team takes, one after another."""

    def __init__(self, scratch: Scratch, browser: Browser,
                 people: Callable[[str, str], Browser]) -> None:
        """`people` seats a person of a login and password at a screen of their own."""
        self._people = people
        self._scratch = scratch
        self._see = browser
        assert scratch.service is not None
        self._kontor = scratch.service
        self._user = scratch.give_roles()

    def steps(self, smoke: bool) -> list[Callable[[], None]]:
        first = [self.an_administrator_connects_kontor, self.a_synced_invoice_shows_its_history]
        return first if smoke else [
            *first, self.an_exception_is_rejected,
            self.a_correction_waits_for_a_second_person_and_never_for_the_first,
            self.a_held_entry_is_released,
            *screens_payments.Payments(self._scratch, self._people).steps()]

    def _token(self, name: str) -> None:
        self._scratch.admin.call("res.users", "write", [self._user],
                                 {"kontor_new_token": self._kontor[name].token})

    def _hand_over(self, method: str, **document: Any) -> dict[str, Any]:
        return self._kontor["shop"].call(method, requestId=request_id(), wait="50s", **document)

    def an_administrator_connects_kontor(self) -> None:
        see = self._see
        api: Api = self._kontor["odoo"]
        see.sign_in()
        see.open("action_kontor_settings")
        see.fill("kontor_url", f"http://127.0.0.1:{api.port}")
        see.fill("kontor_new_token", api.token)
        see.fill("kontor_entity", "de")
        see.click("action_kontor_test")
        see.sees("kontor answers, and it knows the token.")
        see.sees("The entity de is")
        see.shot("service")

    def a_synced_invoice_shows_its_history(self) -> None:
        see = self._see
        posted = self._hand_over("InvoiceService/CreateInvoice",
                                 invoice=doc.invoice(lines=[doc.line("500.00")]))
        name = self._scratch.number_of(posted)
        self._scratch.until("the invoice is shown", "kontor.mirror.document",
                            [["record_name", "=", name], ["move_id", "!=", False]])
        see.open("action_kontor_overview")
        see.sees("Synced today")
        see.shot("overview")
        see.open_row("action_kontor_mirror_document", name)
        see.click("action_open_record")
        see._page.click("a[name=kontor]")
        see.sees("Accepted by kontor")
        see.shot("invoice")

    def an_exception_is_rejected(self) -> None:
        see = self._see
        self._token("paula")
        self._hand_over("InvoiceService/CreateInvoice",
                        invoice=doc.invoice(lines=[doc.line("1250.00", taxes=(WRONG_TAX,))]))
        self._scratch.until("the exception is shown", "kontor.exception",
                            [["reason", "=", "TAX_UNKNOWN"]])
        see.open_row("action_kontor_exception", "The tax does not exist")
        see.shot("exception")
        see.click("action_reject")
        see.confirm("We do not charge this tax")
        see.sees("Reject was requested by")
        self._scratch.until("it is resolved", "kontor.exception",
                            [["reason", "=", "TAX_UNKNOWN"], ["state", "=", "resolved"]])
        self._scratch.until("its document is cancelled", "kontor.mirror.document",
                            [["state", "=", "cancelled"]])

    def a_correction_waits_for_a_second_person_and_never_for_the_first(self) -> None:
        see = self._see
        self._token("karl")
        title, this = "The account does not exist", ["reason", "=", "ACCOUNT_UNKNOWN"]
        self._hand_over("InvoiceService/CreateInvoice",
                        invoice=doc.invoice(lines=[doc.line("77.00", account=WRONG_ACCOUNT)]))
        self._scratch.until("the exception is shown", "kontor.exception", [this])
        see.open_row("action_kontor_exception", title)
        see.click("action_correct")
        see.cell("account_code", RIGHT_ACCOUNT)
        see.shot("correct")
        see.confirm("Wrong code in the shop")
        self._scratch.until("it waits for a second person", "kontor.exception",
                            [this, ["state", "=", "awaiting_second_person"]])
        see.open_row("action_kontor_exception", title)
        see.sees("karl proposes")
        see.click("action_approve")
        see.confirm("Myself")
        self._scratch.until("confirming oneself is refused", "kontor.request",
                            [["verb", "=", "approve"], ["state", "=", "refused"]])
        see.open_row("action_kontor_exception", title)
        see.sees("Another person must do this")
        self._token("kurt")
        see.click("action_approve")
        see.confirm("Seen and agreed")
        self._scratch.until("it is resolved", "kontor.exception",
                            [this, ["state", "=", "resolved"]])
        self._scratch.until("the invoice stands in the books", "kontor.mirror.document",
                            [["exception_ids.reason", "=", "ACCOUNT_UNKNOWN"],
                             ["state", "=", "posted"], ["move_id.state", "=", "posted"]])

    def a_held_entry_is_released(self) -> None:
        see = self._see
        self._token("paula")
        entry = doc.entry()
        self._hand_over("JournalEntryService/CreateJournalEntry", journalEntry=entry)
        this = ["reference", "=", entry["reference"]]
        self._scratch.until("the held entry is shown", "kontor.mirror.document",
                            [this, ["state", "=", "held"]])
        see.open_row("action_kontor_mirror_document", entry["reference"])
        see.click("action_release")
        see.confirm("Checked against the contract")
        self._scratch.until("it is posted", "kontor.mirror.document",
                            [this, ["state", "=", "posted"]])
        see.open("action_kontor_mirror_document")
        see.sees("Done")
        see.shot("documents")
        see.open("action_kontor_control_total")
        see.sees("Documents")
        see.shot("totals")


def walk(scratch: Scratch, shots: pathlib.Path | None, smoke: bool) -> tuple[int, int]:
    """Takes every step until one fails; answers how many passed and failed."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    passed = 0
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        seated: list[Browser] = []

        def seat(*login: str) -> Browser:
            page = launched.new_page(
                viewport={"width": WIDTH, "height": HEIGHT}, locale="en-US")
            seated.append(Browser(page, scratch, shots, (login[0], login[1])))
            return seated[-1]

        browser = seat(*scratch.login)
        try:
            for step in Walk(scratch, browser, seat).steps(smoke):
                began = time.monotonic()
                step()
                passed += 1
                print(f"ok      {time.monotonic() - began:6.1f} s  {step.__name__}", flush=True)
            if errors := [error for one in seated for error in one.errors]:
                raise AssertionError(f"errors on the pages: {errors[:5]}")
        except Exception:
            traceback.print_exc()
            seated[-1].shot("failed")
            return passed, 1
        finally:
            launched.close()
    return passed, 0


def main() -> int:
    """Runs as asked; answers the exit code."""
    parser = argparse.ArgumentParser(description="The addon's screens in a real browser.")
    parser.add_argument("--odoo-bin", type=pathlib.Path, required=True)
    parser.add_argument("--shots", type=pathlib.Path, help="a folder for screenshots")
    parser.add_argument("--smoke", action="store_true", help="connect, and see an invoice")
    asked = parser.parse_args()
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        print("SKIPPED: Playwright is not installed, so no screen was driven")
        return EXIT_SKIPPED
    if asked.shots is not None:
        asked.shots.mkdir(parents=True, exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="kontor-screens-"))
    scratch = Scratch(asked.odoo_bin, folder)
    try:
        scratch.start()
        print(f"Odoo {scratch.series} at its screens", flush=True)
        passed, failed = walk(scratch, asked.shots, asked.smoke)
    finally:
        scratch.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed, 0 skipped", flush=True)
    return 0 if failed == 0 and passed else 1


if __name__ == "__main__":
    sys.exit(main())
