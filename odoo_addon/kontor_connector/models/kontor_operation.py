# SPDX-License-Identifier: LGPL-3.0-or-later
"""Exactly once inside Odoo: a key a company, its content's digest, and what came of it.

`apply` is the one way in, `find` the way to ask. How a batch is carried out stands in
kontor_operation_batch.py and kontor_operation_work.py.
"""

import json
import re

from odoo import _, api, fields, models
from odoo.exceptions import UserError

from . import kontor_refusal as why
from .kontor_operation_kinds import KINDS
from .kontor_refusal import Refusal

ITEMS_MAX = 200
KEY = re.compile(r"[A-Za-z0-9_.-]{1,128}")
DIGEST = re.compile(r"[0-9a-f]{64}")
FIND_MAX = 2000


class Item:
    """One item of a call and what becomes of it. Lives as long as the call."""

    def __init__(self, given):
        self.key = given["key"]
        self.digest = given["digest"]
        self.revision = given["revision"]
        self.correlation_id = str(given.get("correlation_id") or "")[:128]
        self.given = given
        self.row = {}
        self.values = {}
        self.banks = []
        self.expect = {}
        self.tax_correction = None
        self.reconcile_with = []
        self.attachments = []
        self.repeat = False
        self.adopted = None  # the record when it was there before this call
        self.record = None
        self.result = None

    def refuse(self, refusal):
        """The item's result is a refusal."""
        self.result = self._answer("refused", error=refusal.as_error())

    def answer(self, status, record=None, repeat=False, revision=0):
        """The item's result."""
        self.result = self._answer(status, record=record, repeat=repeat, revision=revision)

    def _answer(self, status, record=None, error=None, repeat=False, revision=0):
        return {
            "key": self.key,
            "status": status,
            "repeat": repeat,
            "revision": revision or self.revision,
            "record": record or {},
            "error": error or {},
        }


class KontorOperation(models.Model):
    """The intent to put one document into Odoo, and its outcome. Written by `apply` alone."""

    _name = "kontor.operation"
    _description = "Kontor operation"
    _order = "id desc"
    _rec_name = "key"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    key = fields.Char(required=True, readonly=True, help="The external id under module kontor.")
    digest = fields.Char(required=True, readonly=True, help="SHA-256 of the content at kontor.")
    revision = fields.Integer(required=True, readonly=True, help="Corrections count up.")
    correlation_id = fields.Char(readonly=True)
    kind = fields.Char(required=True, readonly=True)
    state = fields.Selection(
        [("claimed", "Claimed"), ("applied", "Applied"), ("refused", "Refused")],
        required=True,
        readonly=True,
    )
    posted = fields.Boolean(readonly=True, help="Whether kontor asked for it to be posted.")
    model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(string="Record", model_field="model", readonly=True)
    result = fields.Json(readonly=True, help="What apply answered.")
    reason = fields.Char(readonly=True, help="Why it was refused.")
    applied_at = fields.Datetime(readonly=True)

    def init(self):
        """Makes the index that exactly-once stands on: 19 ignores _sql_constraints."""
        self.env.cr.execute(
            """
            CREATE UNIQUE INDEX IF NOT EXISTS kontor_operation_company_key
                ON kontor_operation (company_id, key);
            CREATE INDEX IF NOT EXISTS kontor_operation_record
                ON kontor_operation (model, res_id);
            """
        )

    # ------------------------------------------------------------------ apply

    @api.model
    def apply(self, company_id, kind, items, post):
        """Creates documents, each exactly once; answers one result an item, in their order.

        Inputs: company_id; kind, see _kinds(); items, 1..ITEMS_MAX dicts with key, digest,
        revision, correlation_id, values, expect, attachments, reconcile_with; post, whether they
        are posted in this transaction. Results have status applied, refused, conflict, stale or
        deferred (nothing done for want of time: send it again).
        Errors: AccessError without Kontor Bot or the company; UserError for a malformed call.
        Serialization failures, deadlocks and lock time-outs are passed on, so that Odoo retries.
        Idempotency: a repeat with the same digest answers what was stored.
        """
        self.env["kontor.connector"]._check_bot_of(company_id)
        parsed = self._parse_items(kind, items)
        work = self._in_company(company_id)
        rows = work._claim(company_id, kind, parsed, bool(post))
        for item in parsed:
            item.row = rows[item.key]
        open_items = [item for item in parsed if not work._settle(item, kind, bool(post))]
        if open_items:
            work._carry_out(company_id, kind, open_items, bool(post))
            work._store(open_items, bool(post))
        return [item.result for item in parsed]

    @api.model
    def _kinds(self):
        """The kinds of documents that apply takes; addons add theirs."""
        return KINDS

    def _parse_items(self, kind, items):
        if kind not in self._kinds():
            raise UserError(_("kind is one of: %s", ", ".join(sorted(self._kinds()))))
        if not isinstance(items, (list, tuple)) or not 1 <= len(items) <= ITEMS_MAX:
            raise UserError(_("items is a list of 1 to %s", ITEMS_MAX))
        parsed = [self._parse_item(index, item) for index, item in enumerate(items)]
        if len({item.key for item in parsed}) != len(parsed):
            raise UserError(_("items: each key once"))
        if self._kinds()[kind].one_journal:
            journals = {str((item.given.get("values") or {}).get("journal_id")) for item in parsed}
            if len(journals) > 1:
                raise UserError(_("items: all of one journal"))
        return parsed

    def _parse_item(self, index, given):
        if not isinstance(given, dict):
            raise UserError(_("items[%s] is no object", index))
        key, digest, revision = given.get("key"), given.get("digest"), given.get("revision")
        if not isinstance(key, str) or not KEY.fullmatch(key):
            raise UserError(_("items[%s].key is 1 to 128 letters, digits, _ . -", index))
        if not isinstance(digest, str) or not DIGEST.fullmatch(digest):
            raise UserError(_("items[%s].digest is a SHA-256 in hexadecimal digits", index))
        whole = isinstance(revision, int) and not isinstance(revision, bool)
        if not whole or not 1 <= revision < 2**31:
            raise UserError(_("items[%s].revision is a whole number from 1", index))
        if not isinstance(given.get("values") or {}, dict):
            raise UserError(_("items[%s].values is no object", index))
        return Item(given)

    def _in_company(self, company_id):
        """This model with a context of our own: nothing that the caller's context could smuggle."""
        user = self.env.user
        return self.with_env(
            self.env(
                context={
                    "allowed_company_ids": [company_id],
                    "lang": self.env.context.get("lang") or user.lang or "en_US",
                    "tz": user.tz or "UTC",
                    "kontor_apply": True,
                    "validate_analytic": True,
                    "tracking_disable": True,
                    "mail_create_nolog": True,
                    "mail_create_nosubscribe": True,
                    "mail_notrack": True,
                    "mail_auto_subscribe_no_notify": True,
                }
            )
        )

    # ------------------------------------------------------------------ rows

    def _claim(self, company_id, kind, items, post):
        """Makes the missing rows in sorted order, then locks all of them in that order.

        Answers {key: row}. A racing call waits at the index for ours to end; when we commit, it
        fails to serialize, and Odoo runs it again to find our results.
        """
        ordered = sorted(items, key=lambda item: item.key)
        user_id = self.env.uid
        self.env.cr.execute(
            """
            INSERT INTO kontor_operation (company_id, key, digest, revision, correlation_id, kind,
                                          state, posted, create_uid, write_uid, create_date,
                                          write_date)
            SELECT %s, v.key, v.digest, v.revision, v.correlation_id, %s, 'claimed', %s, %s, %s,
                   now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM unnest(%s::varchar[], %s::varchar[], %s::int[], %s::varchar[])
                   AS v(key, digest, revision, correlation_id)
             ORDER BY v.key COLLATE "C"
            ON CONFLICT (company_id, key) DO NOTHING
            """,
            [
                company_id,
                kind,
                post,
                user_id,
                user_id,
                [item.key for item in ordered],
                [item.digest for item in ordered],
                [item.revision for item in ordered],
                [item.correlation_id for item in ordered],
            ],
        )
        self.env.cr.execute(
            """
            SELECT id, key, digest, revision, kind, state, posted, model, res_id, result
              FROM kontor_operation
             WHERE company_id = %s AND key = ANY(%s)
             ORDER BY key COLLATE "C" FOR UPDATE
            """,
            [company_id, [item.key for item in ordered]],
        )
        names = ("id", "key", "digest", "revision", "kind", "state", "posted", "model", "res_id",
                 "result")
        rows = (dict(zip(names, row, strict=True)) for row in self.env.cr.fetchall())
        return {row["key"]: row for row in rows}

    def _settle(self, item, kind, post):
        """Answers from the row when there is nothing to do; False when there is."""
        row = item.row
        if row["state"] == "claimed":
            return False
        if row["revision"] > item.revision:
            item.answer("stale", revision=row["revision"])
            return True
        if row["state"] == "refused":
            return False
        if row["model"] not in self.env:
            # Its addon is not installed any more, so whether the record stands cannot be asked.
            item.answer("conflict", revision=row["revision"])
            return True
        record = self.env[row["model"]].browse(row["res_id"])
        if not record.exists():
            return self._settle_gone(item, row)
        if row["kind"] != kind or row["digest"] != item.digest:
            item.answer("conflict", revision=row["revision"])
            return True
        if post and not row["posted"]:
            item.adopted = record
            item.repeat = True
            return False
        item.answer("applied", record=row["result"]["record"], repeat=True,
                    revision=row["revision"])
        return True

    def _settle_gone(self, item, row):
        """What was applied and is gone: made again only under a higher revision.

        Kontor removed its own draft before it corrects it, or two people decided.
        """
        if item.revision > row["revision"]:
            return False
        item.refuse(self._deleted(row["model"], row["res_id"]))
        item.result["repeat"] = True
        return True

    def _deleted(self, model, res_id):
        return Refusal(
            why.DELETED_IN_ODOO,
            message=_("Somebody deleted the document in Odoo. It is not made again."),
            asked=f"{model},{res_id}",
        )

    def _store(self, items, post):
        """Keeps the results; a row of an item that was put off is taken back."""
        deferred = [item for item in items if item.result["status"] == "deferred"]
        done = [item for item in items if item not in deferred and not self._keeps_row(item)]
        fresh = [item.row["id"] for item in deferred if item.row["state"] == "claimed"]
        if fresh:
            self.env.cr.execute("DELETE FROM kontor_operation WHERE id = ANY(%s)", [fresh])
        self.env.cr.execute(
            """
            UPDATE kontor_operation o
               SET state = v.state, digest = v.digest, revision = v.revision, reason = v.reason,
                   correlation_id = v.correlation_id, model = v.model, res_id = v.res_id,
                   result = v.result::jsonb, posted = %s, write_uid = %s,
                   write_date = now() AT TIME ZONE 'UTC',
                   applied_at = CASE v.state WHEN 'applied' THEN now() AT TIME ZONE 'UTC' END
              FROM unnest(%s::int[], %s::varchar[], %s::varchar[], %s::int[], %s::varchar[],
                          %s::varchar[], %s::varchar[], %s::int[], %s::text[])
                   AS v(id, state, digest, revision, reason, correlation_id, model, res_id, result)
             WHERE o.id = v.id
            """,
            [
                post,
                self.env.uid,
                [item.row["id"] for item in done],
                [item.result["status"] for item in done],
                [item.digest for item in done],
                [item.revision for item in done],
                [item.result["error"].get("reason") for item in done],
                [item.correlation_id for item in done],
                [item.result["record"].get("model") for item in done],
                [item.result["record"].get("id") for item in done],
                [json.dumps(item.result) for item in done],
            ],
        )
        self.invalidate_model(flush=False)

    @staticmethod
    def _keeps_row(item):
        """A draft that was applied stays applied when its posting is refused."""
        return item.repeat and item.result["status"] == "refused"

    # ------------------------------------------------------------------ find

    @api.model
    def find(self, keys):
        """Answers, for each key, what there is of it: the probe. Changes nothing.

        Inputs: at most FIND_MAX keys. Answers dicts with key, state (applied, refused, claimed,
        absent) and record. An external id without an operation counts as applied: the path
        without the addon made it. Errors: AccessError without Kontor Bot; UserError.
        """
        self.env["kontor.connector"]._check_bot()
        if not isinstance(keys, (list, tuple)) or len(keys) > FIND_MAX:
            raise UserError(_("keys is a list of at most %s", FIND_MAX))
        self.env.cr.execute(
            """
            SELECT key, state, model, res_id FROM kontor_operation
             WHERE key = ANY(%s) AND company_id = ANY(%s)
            """,
            [[str(key) for key in keys], self.env.user.company_ids.ids],
        )
        rows = {key: (state, model, res_id) for key, state, model, res_id in self.env.cr.fetchall()}
        links = self.env["kontor.link"]._find([str(key) for key in keys])
        places = {}
        for key in keys:
            row = rows.get(key)
            place = (row[1], row[2]) if row and row[0] == "applied" else links.get(key)
            if place and place[0] in self.env:
                places[key] = place
        snapshots = self.env["kontor.snapshot"]._of_records(0, list(places.values()))
        answers = []
        for key in keys:
            state = "applied" if key in places else rows.get(key, ("absent",))[0]
            record = dict(snapshots[places[key]], external_id=key) if key in places else {}
            if record.get("exists") and not record["visible"]:
                record = {}
            answers.append({"key": key, "state": state, "record": record})
        return answers
