# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo.tests import HttpCase, tagged

from ..compat import MAJOR
from .kontor_orders import DIGEST, OrderCase
from .kontor_stub import KontorCase

# Odoo's own browser tests fail on every console error, so a screen that breaks is found here.
SCRIPT = """
(async () => {
    const find = async (selector, text) => {
        for (let tries = 0; tries < 2000; tries++) {
            const found = [...document.querySelectorAll(selector)].find(
                (el) => !text || el.textContent.includes(text));
            if (found) { return found; }
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        throw new Error(`not found: ${selector} ${text || ""}`);
    };
    const type = (input, value) => {
        input.focus();
        input.value = value;
        input.dispatchEvent(new Event("input", { bubbles: true }));
        input.dispatchEvent(new Event("change", { bubbles: true }));
    };
    try {
        %s
        console.log("test successful");
    } catch (error) {
        console.error(error.message);
    }
})();
"""
# The steps wait by themselves for what they need; Odoo itself waits one minute at most.
READY = "!!document.body"
SECONDS_MAX = 300


class ScreenCase(HttpCase):
    """A person at a screen."""

    def open(self, action, steps, login):
        url = (f"/web#action=kontor_connector.{action}" if MAJOR < 18
               else f"/odoo/action-kontor_connector.{action}")
        self.browser_js(url, SCRIPT % steps, READY, login=login, timeout=SECONDS_MAX)

    def person(self, name):
        user = self.people[name]
        user.password = user.login
        return user.login


@tagged("post_install", "-at_install")
class TestKontorScreens(KontorCase, ScreenCase):
    """The screens in a browser: they open, and a click asks and says so."""

    def test_every_screen_opens(self):
        self.an_exception()
        login = self.person("manager")
        for action, selector in (
                ("action_kontor_overview", ".o_kanban_record"),
                ("action_kontor_exception", ".o_data_row"),
                ("action_kontor_mirror_document", ".o_data_row"),
                ("action_kontor_control_total", ".o_data_row"),
                ("action_kontor_mirror_delivery", ".o_list_view, .o_view_nocontent"),
                ("action_kontor_request", ".o_list_view, .o_view_nocontent"),
                ("action_kontor_payment_order", ".o_list_view, .o_view_nocontent"),
                ("action_kontor_beneficiary", ".o_list_view, .o_view_nocontent"),
                ("action_kontor_bank_account", ".o_list_view, .o_view_nocontent"),
                ("action_kontor_backend", ".o_data_row")):
            with self.subTest(action=action):
                self.open(action, f"await find({selector!r});", login)

    def test_a_click_asks_and_says_so(self):
        self.an_exception()
        self.with_token("preparer")
        self.open("action_kontor_exception", """
            (await find(".o_data_row .o_data_cell", "The account does not exist")).click();
            (await find("button[name=action_reject]")).click();
            type(await find(".modal div[name=reason] input"), "not ours");
            (await find(".modal footer button[name=action_confirm]")).click();
            await find("div[name=waiting_request]", "Reject was requested by Preparer");
        """, self.person("preparer"))
        request = self.env["kontor.request"].search([])
        self.assertEqual((request.verb, request.reason, request.state),
                         ("reject", "not ours", "waiting"))

    def test_an_auditor_sees_the_case_and_no_button(self):
        self.an_exception()
        self.open("action_kontor_exception", """
            (await find(".o_data_row .o_data_cell", "The account does not exist")).click();
            await find(".o_form_view div[name=title]", "The account does not exist");
            if (document.querySelector("button[name=action_reject]")) {
                throw new Error("an auditor may not reject");
            }
        """, self.person("auditor"))


@tagged("post_install", "-at_install")
class TestKontorOrderScreens(OrderCase, ScreenCase):
    """Payment orders in a browser: the buttons are those of the role."""

    def test_an_approver_approves_what_is_on_the_screen(self):
        self.account()
        self.order(self.bill())
        self.sync()
        self.with_token("approver")
        self.open("action_kontor_payment_order", """
            (await find(".o_data_row .o_data_cell", "giro")).click();
            (await find("button[name=action_approve]")).click();
            await find(".modal .o_field_one2many .o_data_row", "…6199");
            if (document.querySelector("button[name=action_release]")) {
                throw new Error("an approver may not release");
            }
            (await find(".modal footer button[name=action_confirm]")).click();
            await find("div[name=waiting_request]", "Approve was requested by Approver");
        """, self.person("approver"))
        request = self.env["kontor.request"].search([])
        self.assertEqual((request.verb, request.state), ("approve_order", "waiting"))
        self.assertIn(DIGEST, request.body)

    def test_a_preparer_sees_the_order_and_decides_nothing(self):
        self.order(self.bill())
        self.sync()
        self.open("action_kontor_payment_order", """
            (await find(".o_data_row .o_data_cell", "giro")).click();
            await find("button[name=action_cancel]");
            for (const name of ["action_approve", "action_release"]) {
                if (document.querySelector(`button[name=${name}]`)) {
                    throw new Error(`a preparer has ${name}`);
                }
            }
        """, self.person("preparer"))
