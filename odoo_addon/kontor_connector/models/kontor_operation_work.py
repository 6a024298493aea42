# SPDX-License-Identifier: LGPL-3.0-or-later
"""What is done with a batch: create, name, compare, post, compare again, reconcile, attach, note.

Everything here runs as kontor's user, within the savepoint of kontor_operation_batch.py.
"""

import base64
import binascii
from decimal import Decimal

from odoo import _, models

from . import kontor_refusal as why
from .kontor_refusal import BatchRefused, Refusal
from .kontor_snapshot import amount_text

EXPECTABLE = {
    "total": why.AMOUNT_DIFFERS,
    "tax": why.TAX_DIFFERS,
    "currency": why.CURRENCY_DIFFERS,
    "date": why.DATE_MOVED,
    "due_date": why.DUE_DATE_DIFFERS,
}
CORRECTED_TYPES = ("in_invoice", "in_refund")
ATTACHMENTS_MAX = 20
ATTACHMENT_BYTES_MAX = 64 * 1024 * 1024
RECONCILE_WITH_MAX = 500


class KontorOperation(models.Model):
    _inherit = "kontor.operation"

    # ------------------------------------------------------------------ reading an item

    def _read_item(self, kind, item, reader):
        """Reads all parts of an item into what the work needs. Errors: Refusal."""
        if item.adopted is None:
            item.values = reader.values_of(item.key, item.given.get("values") or {})
            item.banks = item.values.pop("bank_ids", []) if kind == "partner" else []
        elif kind == "reconciliation":
            raise Refusal(why.VALUE_INVALID, "key", _("The key belongs to another record."))
        item.expect = self._read_expect(item.given.get("expect") or {}, reader)
        item.tax_correction = self._read_tax_correction(item, kind, reader)
        item.attachments = [
            self._read_attachment(index, given)
            for index, given in enumerate(self._list(item, "attachments", ATTACHMENTS_MAX))
        ]
        item.reconcile_with = [
            reader.note_id(
                item.key,
                "account.move",
                given.get("move_id") if isinstance(given, dict) else None,
                f"reconcile_with[{index}].move_id",
            )
            for index, given in enumerate(self._list(item, "reconcile_with", RECONCILE_WITH_MAX))
        ]

    def _list(self, item, name, length_max):
        given = item.given.get(name) or []
        if not isinstance(given, (list, tuple)) or len(given) > length_max:
            raise Refusal(why.VALUE_INVALID, name, _("A list of at most %s.", length_max))
        return given

    def _read_expect(self, given, reader):
        if not isinstance(given, dict):
            raise Refusal(why.VALUE_INVALID, "expect", _("It is no object."))
        expect = {}
        for name, value in given.items():
            path = f"expect.{name}"
            if name not in EXPECTABLE:
                raise Refusal(why.FIELD_NOT_ALLOWED, path, _("Kontor may not expect this."))
            if value in ("", False):
                continue
            if name in ("total", "tax"):
                expect[name] = reader.decimal(value, path)
            elif name == "currency":
                expect[name] = str(value)
            else:
                expect[name] = reader.date(value, path).isoformat()
        return expect

    def _read_tax_correction(self, item, kind, reader):
        """The tax that a supplier printed, and by how much it may differ; None for none."""
        given = item.given.get("tax_correction")
        if not given or item.adopted is not None:
            return None
        path = "tax_correction"
        if kind != "move" or item.values.get("move_type") not in CORRECTED_TYPES:
            raise Refusal(why.FIELD_NOT_ALLOWED, path, _("Only a supplier's tax is corrected."))
        if not isinstance(given, dict) or set(given) != {"tax", "difference_max"}:
            raise Refusal(why.VALUE_INVALID, path, _("It has tax and difference_max."))
        return tuple(
            reader.decimal(given[name], f"{path}.{name}") for name in ("tax", "difference_max")
        )

    def _read_attachment(self, index, given):
        path = f"attachments[{index}]"
        if not isinstance(given, dict):
            raise Refusal(why.VALUE_INVALID, path, _("It is no object."))
        read = {name: given.get(name) or "" for name in ("key", "name", "mimetype", "data")}
        if not all(isinstance(value, str) for value in read.values()):
            raise Refusal(why.VALUE_INVALID, path, _("It is no text, or too long."))
        if not read["key"] or not read["name"]:
            raise Refusal(why.VALUE_INVALID, path, _("An attachment has a key and a name."))
        if len(read["data"]) > ATTACHMENT_BYTES_MAX:
            raise Refusal(why.VALUE_INVALID, f"{path}.data", _("It is no text, or too long."))
        try:
            read["raw"] = base64.b64decode(read.pop("data"), validate=True)
        except (binascii.Error, ValueError) as error:
            raise Refusal(why.VALUE_INVALID, f"{path}.data", _("It is no base64.")) from error
        return read

    # ------------------------------------------------------------------ the work

    def _work(self, kind, items, post, hold):
        """Carries out one batch. Errors: BatchRefused with the guilty, or what Odoo raises."""
        if kind == "reconciliation":
            self._reconcile_moves(items)
            return
        if self._kinds()[kind].posts_always:
            hold.begin()
        self._create_records(kind, items)
        ours = [item for item in items if item.adopted is None or self._is_draft(item.record)]
        for item in ours:
            if item.tax_correction:
                self._correct_tax(item)
        self._compare(ours)
        if post and self._kinds()[kind].posts:
            hold.begin()
            self._post(kind, [item for item in ours if self._is_draft(item.record)])
            self._compare(ours)
        self._after(items, post)

    @staticmethod
    def _is_draft(record):
        return "state" in record._fields and record.state == "draft"

    def _create_records(self, kind, items):
        """Creates what is not there yet, under kontor's external ids."""
        model = self.env[self._kinds()[kind].model]
        fresh = [item for item in items if item.adopted is None]
        if fresh:
            if any(item.reconcile_with for item in fresh):
                # Where statements are matched with the invoices themselves, a payment has an
                # entry only when asked for; reconciling needs one.
                model = model.with_context(force_payment_move=True)
            created = model.create([dict(item.values) for item in fresh])
            for item, record in zip(fresh, created.with_env(self.env), strict=True):
                item.record = record
            self._give_names(model._name, {item.key: item.record.id for item in fresh})
        for item in items:
            if item.adopted is not None:
                item.record = item.adopted
        self._create_bank_accounts([item for item in fresh if item.banks])

    def _give_names(self, model, id_by_name):
        self.env["kontor.link"]._make(model, id_by_name)

    def _create_bank_accounts(self, items):
        names, values = [], []
        for item in items:
            for index, (_command, _zero, bank) in enumerate(item.banks):
                bank = dict(bank, partner_id=item.record.id)
                names.append(bank.pop("key", "") or f"{item.key}_b{index + 1}")
                values.append(bank)
        if values:
            banks = self.env["res.partner.bank"].create(values)
            self._give_names("res.partner.bank", dict(zip(names, banks.ids, strict=True)))

    @staticmethod
    def _correct_tax(item):
        """Writes a supplier's rounding cent on the only tax line; else leaves it to the compare."""
        move, (tax, difference_max) = item.record, item.tax_correction
        lines = move.line_ids.filtered(lambda line: line.display_type == "tax")
        made = Decimal(amount_text(move.amount_tax, move.currency_id))
        total = Decimal(amount_text(move.amount_total, move.currency_id))
        difference = tax - made
        if len(lines) != 1 or not 0 < abs(difference) <= difference_max:
            return
        if "total" in item.expect and item.expect["total"] - total != difference:
            return
        lines.amount_currency = float(tax if lines.amount_currency >= 0 else -tax)

    def _compare(self, items):
        """Holds what Odoo made against what was expected. Errors: BatchRefused."""
        expecting = [item for item in items if item.expect]
        if not expecting:
            return
        records = self.env[expecting[0].record._name].browse(
            [item.record.id for item in expecting]
        )
        snapshots = self.env["kontor.snapshot"]._values_of(records)
        refusals = {}
        for item in expecting:
            refusal = self._difference(item.expect, snapshots[item.record.id])
            if refusal:
                refusals[item.key] = refusal
        if refusals:
            raise BatchRefused(refusals)

    def _difference(self, expect, snapshot):
        for name, reason in EXPECTABLE.items():
            if name not in expect:
                continue
            asked, got = expect[name], snapshot.get(name, "")
            if isinstance(asked, Decimal):
                same = Decimal(got or "0") == asked
                currency = snapshot.get("currency", "")
                asked, got = f"{asked} {currency}", f"{got} {currency}"
            else:
                same = got == asked
            if not same:
                return Refusal(
                    reason,
                    f"expect.{name}",
                    _("Odoo makes it %(got)s, asked was %(asked)s.", got=got, asked=asked),
                    asked=asked,
                    got=got,
                )
        return None

    def _post(self, kind, items):
        """Posts drafts in one go. Errors: BatchRefused for what stays a draft; Odoo's own."""
        if not items:
            return
        records = items[0].record.browse([item.record.id for item in items])
        getattr(self, f"_post_{kind}")(records)
        refusal = Refusal(why.ODOO_REFUSED, message=_("Odoo asked a question, and did not post."))
        refusals = {item.key: refusal for item in items if self._is_draft(item.record)}
        if refusals:
            raise BatchRefused(refusals)

    def _post_move(self, moves):
        moves.action_post()

    def _post_payment(self, payments):
        payments.action_post()

    # ------------------------------------------------------------------ afterwards

    def _after(self, items, post):
        for item in items:
            for move_id in item.reconcile_with if post else ():
                self._reconcile(item.key, self._entry_of(item), self._move(move_id))
        self._attach([item for item in items if item.attachments])
        self._note([item for item in items if item.adopted is None])

    def _move(self, move_id):
        return self.env["account.move"].browse(move_id)

    def _entry_of(self, item):
        record = item.record
        entry = record if record._name == "account.move" else record.move_id
        if not entry:
            raise BatchRefused(
                {item.key: Refusal(why.PAYMENT_WITHOUT_ENTRY, "reconcile_with",
                                   _("The payment has no journal entry to reconcile."))}
            )
        return entry

    def _attach(self, items):
        """Attaches files that are not there yet, each under its external id."""
        wanted = {
            attachment["key"]: (item, attachment)
            for item in items
            for attachment in item.attachments
        }
        if not wanted:
            return
        present = self.env["kontor.link"]._find(list(wanted))
        missing = {key: pair for key, pair in wanted.items() if key not in present}
        created = self.env["ir.attachment"].create(
            [
                {
                    "name": attachment["name"],
                    "raw": attachment["raw"],
                    "res_model": item.record._name,
                    "res_id": item.record.id,
                    **({"mimetype": attachment["mimetype"]} if attachment["mimetype"] else {}),
                }
                for item, attachment in missing.values()
            ]
        )
        self._give_names("ir.attachment", dict(zip(missing, created.ids, strict=True)))

    def _note(self, items):
        """Leaves an internal note, so that everybody sees where a document came from."""
        if not items or not hasattr(items[0].record, "_message_log_batch"):
            return
        records = items[0].record.browse([item.record.id for item in items])
        records._message_log_batch(
            bodies={item.record.id: self._note_of(item) for item in items}
        )

    def _note_of(self, item):
        return _(
            "Created by kontor: operation %(key)s, correlation %(correlation)s.",
            key=item.key,
            correlation=item.correlation_id or "–",
        )
