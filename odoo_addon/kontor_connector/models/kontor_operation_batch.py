# SPDX-License-Identifier: LGPL-3.0-or-later
"""A batch in one transaction: one savepoint for all, halves when one of them is guilty.

A savepoint a document would halve the speed, and one without flushing would lose numbers.
"""

import logging
import time

import psycopg2

from odoo import _, exceptions, models

from . import kontor_refusal as why
from .kontor_hold import Hold
from .kontor_operation_values import ValueReader
from .kontor_refusal import MISHAPS, BatchRefused, Refusal, is_expected, words_of

_logger = logging.getLogger(__name__)


class KontorOperation(models.Model):
    _inherit = "kontor.operation"

    def _carry_out(self, company_id, kind, items, post):
        """Gives every item a result. Mishaps are passed on; nothing of the batch stays then."""
        ready = self._read_values(kind, self._adopt(kind, items))
        hold = Hold((self.env.cr.dbname, company_id, kind))
        kind_of_document = self._kinds()[kind]
        if not (kind_of_document.posts_always or post and kind_of_document.posts):
            self._attempt(kind, ready, post, hold)
            return
        while ready:
            room = hold.room()
            if room <= 0:
                self._defer(ready)
                break
            self._attempt(kind, ready[:room], post, hold)
            ready = ready[room:]
        _logger.debug("held the journal for %.3f s", hold.end())

    @staticmethod
    def _defer(items):
        for item in items:
            item.answer("deferred")

    def _adopt(self, kind, items):
        """Finds records that are there already; refuses items whose record is gone or hidden."""
        links = self.env["kontor.link"]._find(
            [item.key for item in items if item.adopted is None]
        )
        for item in items:
            if item.key not in links:
                continue
            model, res_id = links[item.key]
            if model != self._kinds()[kind].model:
                item.refuse(
                    Refusal(why.VALUE_INVALID, "key", _("The key belongs to another record."),
                            asked=self._kinds()[kind].model, got=model)
                )
                continue
            record = self.env[model].browse(res_id)
            if not record.exists():
                if 0 < item.row["revision"] < item.revision:
                    self.env["kontor.link"]._drop(item.key)
                else:
                    item.refuse(self._deleted(model, res_id))
            elif not record.with_context(active_test=False).search_count([("id", "=", res_id)]):
                item.refuse(
                    Refusal(why.NOT_VISIBLE, "key", _("Kontor's user may not see the record."),
                            asked=f"{model},{res_id}")
                )
            else:
                item.adopted = record
        return [item for item in items if item.result is None]

    def _read_values(self, kind, items):
        """Reads the values of all items; refuses those with a bad one."""
        reader = ValueReader(self.env, self._kinds()[kind])
        for item in items:
            try:
                self._read_item(kind, item, reader)
            except Refusal as refusal:
                item.refuse(refusal)
        for key, refusal in reader.missing().items():
            for item in items:
                if item.key == key and item.result is None:
                    item.refuse(refusal)
        return [item for item in items if item.result is None]

    def _attempt(self, kind, items, post, hold):
        """Carries items out in one savepoint; on failure without the guilty, or by halves."""
        if not items:
            return
        was_held = hold.held
        began = time.monotonic()
        try:
            with self.env.cr.savepoint():
                self._work(kind, items, post, hold)
        except MISHAPS:
            raise
        except BatchRefused as error:
            hold.release(was_held)
            self._reset(items)
            for item in items:
                if item.key in error.refusals:
                    item.refuse(error.refusals[item.key])
            rest = [item for item in items if item.result is None]
            self._attempt(kind, rest, post, hold)
            return
        except Exception as error:  # pylint: disable=broad-except
            hold.release(was_held)
            self._reset(items)
            if not is_expected(error):
                _logger.exception("%s of kontor failed in Odoo", kind)
            if len(items) == 1:
                items[0].refuse(self._refusal_of(error))
                return
            middle = len(items) // 2
            for half in (items[:middle], items[middle:]):
                if hold.fits(len(half)):
                    self._attempt(kind, half, post, hold)
                else:
                    self._defer(half)
            return
        self._answer(kind, items)
        if hold.held and not was_held:
            hold.learn(len(items), hold.elapsed())
        elif hold.held:
            # Created and posted while the journal was held: about half of it is posting.
            hold.learn(len(items), (time.monotonic() - began) / 2)

    def _refusal_of(self, error):
        """The refusal that says what an exception of Odoo's said, in Odoo's own words."""
        if isinstance(error, Refusal):
            return error
        if isinstance(error, exceptions.AccessError):
            return Refusal(why.ACCESS_DENIED, message=words_of(error))
        if isinstance(error, exceptions.MissingError):
            return Refusal(why.RECORD_NOT_FOUND, message=words_of(error))
        if isinstance(error, (exceptions.UserError, exceptions.RedirectWarning)):
            return Refusal(why.ODOO_REFUSED, message=words_of(error))
        if isinstance(error, psycopg2.IntegrityError):
            constraint = error.diag.constraint_name or error.diag.column_name or ""
            return Refusal(why.ODOO_REFUSED, message=_("The database refused it: %s", constraint))
        if isinstance(error, psycopg2.DataError):
            return Refusal(why.VALUE_INVALID, message=_("A value does not fit its column."))
        return Refusal(
            why.ODOO_REFUSED,
            message=_("Odoo failed at it (%s); its log says more.", type(error).__name__),
        )

    @staticmethod
    def _reset(items):
        for item in items:
            item.record = None

    def _answer(self, kind, items):
        """The results of what was carried out, read once for all."""
        model = self.env[self._kinds()[kind].model]
        names = {} if kind == "reconciliation" else {item.record.id: item.key for item in items}
        records = model.browse([item.record.id for item in items])
        snapshots = self.env["kontor.snapshot"]._of(records, names)
        for item in items:
            item.answer("applied", record=snapshots[item.record.id], repeat=item.repeat)
