# SPDX-License-Identifier: LGPL-3.0-or-later
"""The buttons of a payment order. Each opens a dialog; kontor decides whether the person may."""
from odoo import _, models
from odoo.exceptions import UserError

from ..compat import LIST_VIEW


class KontorPaymentOrder(models.Model):
    _inherit = "kontor.payment.order"

    def action_approve(self):
        """Approves exactly the content that was on the screen."""
        return self._ask("approve_order")

    def action_revoke(self):
        """Takes one's own approval back."""
        return self._ask("revoke_order")

    def action_release(self):
        """Releases exactly the content that was on the screen."""
        return self._ask("release_order")

    def action_hold(self):
        """Keeps the order back."""
        return self._ask("hold_order")

    def action_unhold(self):
        """Ends a hold that persons laid."""
        return self._ask("unhold_order")

    def action_cancel(self):
        """Gives the order up before its file leaves."""
        return self._ask("cancel_order")

    def action_refresh(self):
        """Has bills and accounts read again."""
        return self._ask("refresh_order")

    def action_submission_sent(self):
        """Says that the bank has the file."""
        return self._ask("submission_sent")

    def action_submission_not_sent(self):
        """Says that the bank never got the file."""
        return self._ask("submission_not_sent")

    def action_open_exception(self):
        """Opens the case that kontor's checks made of the order."""
        self.ensure_one()
        if not self.exception_id:
            raise UserError(_("This order has no open exception."))
        return {"type": "ir.actions.act_window", "res_model": "kontor.exception",
                "res_id": self.exception_id.id, "view_mode": "form"}

    def action_open_bills(self):
        """The bills that the order pays."""
        self.ensure_one()
        return {"type": "ir.actions.act_window", "name": _("Bills"), "res_model": "account.move",
                "view_mode": f"{LIST_VIEW},form",
                "domain": [("id", "in", self.sudo().line_ids.move_ids.ids)]}
