# SPDX-License-Identifier: Apache-2.0
"""Messages, activities and attachments on records.

A comment notifies followers (it is counted as a mail that would have gone out), a note does not.
"""
from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

from .env import Env, Ids, Recordset, on_model, on_records
from .errors import UserError, value_error
from .fields import (
    binary,
    boolean,
    char,
    choice,
    day,
    html,
    integer,
    lines,
    many,
    one,
    reference_id,
    text,
)
from .orm import Model
from .store import Row

COMMENT = "mail.mt_comment"
NOTE = "mail.mt_note"


class Chatter(Model):
    """A model with messages, followers and, mostly, activities."""

    activities = True

    def __init__(self, series: int) -> None:
        super().__init__(series)
        extra = {
            "message_ids": lines("Messages", "mail.message", "key"),
            "message_partner_ids": many("Followers (Partners)", "res.partner"),
            "activity_ids": lines("Activities", "mail.activity", "key"),
        }
        if not self.activities:
            del extra["activity_ids"]
        for name, field in extra.items():
            field.name = name
            self.fields[name] = field

    def value(self, env: Env, row: Row, name: str) -> Any:
        if name in ("message_ids", "activity_ids"):
            return env.store.find(self.fields[name].relation, "key", f"{self.name},{row['id']}")
        return super().value(env, row, name)

    @on_records
    def message_post(self, env: Env, ids: Ids, body: str = "", subject: Any = None,
                     message_type: str = "notification", subtype_xmlid: Any = None,
                     subtype_id: Any = False, partner_ids: Any = None, parent_id: Any = False,
                     attachments: Any = None, attachment_ids: Any = None,
                     **kwargs: Any) -> Any:
        ids = self.ids(ids)
        if len(ids) != 1:
            raise value_error(f"Expected singleton: {self.name}{tuple(ids)!r}")
        self.check(env, "read")
        row = env.row(self.name, ids[0])
        comment = (subtype_xmlid or NOTE) == COMMENT
        mailed = list(partner_ids or [])
        if comment:
            mailed += [p for p in row.get("message_partner_ids") or [] if p not in mailed]
        message = env.model("mail.message").insert(env, {
            "model": self.name, "res_id": ids[0], "key": f"{self.name},{ids[0]}", "body": body,
            "subject": subject or False, "message_type": message_type, "is_internal": not comment,
            "subtype": subtype_xmlid or NOTE, "mailed_partner_ids": mailed,
            "attachment_ids": list(attachment_ids or [])})
        return message if env.series < 19 else Recordset("mail.message", [message])

    @on_records
    def message_subscribe(self, env: Env, ids: Ids, partner_ids: Any = None,
                          subtype_ids: Any = None) -> bool:
        for row_id in self.ids(ids):
            row = env.row(self.name, row_id)
            current = list(row.get("message_partner_ids") or [])
            current += [p for p in partner_ids or [] if p not in current]
            env.store.update(self.name, row_id, {"message_partner_ids": current})
        return True

    @on_records
    def activity_schedule(self, env: Env, ids: Ids, act_type_xmlid: str = "",
                          date_deadline: Any = None, summary: str = "", note: str = "",
                          **act_values: Any) -> Recordset:
        made = []
        for row_id in self.ids(ids):
            env.row(self.name, row_id)
            kind = env.sim.external(act_type_xmlid) if act_type_xmlid else None
            values = {"activity_type_id": kind[1] if kind else 1, "summary": summary,
                      "note": note, "date_deadline": date_deadline or env.today,
                      "res_model": self.name, "res_id": row_id, "automated": True,
                      "user_id": env.uid, **act_values}
            made += env.model("mail.activity").create(env, [values])
        return Recordset("mail.activity", made)

    def delete(self, env: Env, row_id: int) -> None:
        key = f"{self.name},{row_id}"
        for model in ("mail.message", "mail.activity", "ir.attachment"):
            for item in env.store.find(model, "key", key):
                env.model(model).delete(env, item)
        super().delete(env, row_id)


class Message(Model):
    name, label, order = "mail.message", "Message", "id desc"
    own = {
        "model": char("Related Document Model"), "res_id": integer("Related Document ID"),
        "body": html("Contents"), "subject": char("Subject"),
        "message_type": char("Type"), "subtype": char("Subtype"),
        "is_internal": boolean("Employee Only"),
        "mailed_partner_ids": many("Mailed to", "res.partner"),
        "attachment_ids": many("Attachments", "ir.attachment"),
    }

    def indexed(self) -> list[str]:
        return ["key"]


class ActivityType(Model):
    name, label = "mail.activity.type", "Activity Type"
    own = {"name": char("Name", required=True)}


class Activity(Model):
    name, label, rec_name = "mail.activity", "Activity", "summary"
    own = {
        "res_model_id": one("Document Model", "ir.model"), "res_model": char("Model", index=True),
        "res_id": integer("Related Document ID", index=True), "summary": char("Summary"),
        "note": html("Note"), "date_deadline": day("Due Date"),
        "user_id": one("Assigned to", "res.users", index=True),
        "activity_type_id": one("Activity Type", "mail.activity.type"),
        "automated": boolean("Automated activity"), "active": boolean("Active", default=True),
    }

    def indexed(self) -> list[str]:
        return [*super().indexed(), "key"]

    def prepare(self, env: Env, values: Row) -> Row:
        out = dict(values)
        if out.get("res_model_id") and not out.get("res_model"):
            out["res_model"] = env.row("ir.model", out["res_model_id"])["model"]
        elif out.get("res_model"):
            found = env.store.find("ir.model", "model", out["res_model"])
            out["res_model_id"] = found[0] if found else False
        out.setdefault("user_id", env.uid)
        out.setdefault("date_deadline", env.today)
        if out.get("res_model"):
            env.row(out["res_model"], out.get("res_id"))
        return out

    def stored(self, env: Env, values: Row, row_id: int = 0) -> Row:
        out = super().stored(env, values, row_id)
        base = {**(env.row(self.name, row_id) if row_id else {}), **out}
        out["key"] = f"{base.get('res_model')},{base.get('res_id')}"
        return out

    @on_records
    def action_feedback(self, env: Env, ids: Ids, feedback: Any = False,
                        attachment_ids: Any = None) -> Any:
        message: Any = False
        for row_id in self.ids(ids):
            row = env.row(self.name, row_id)
            if row.get("res_model"):
                found = env.model(row["res_model"]).message_post(  # type: ignore[attr-defined]
                    env, [row["res_id"]], body=feedback or "", subtype_xmlid=NOTE)
                message = found.ids[0] if isinstance(found, Recordset) else found
            self.delete(env, row_id)
        return message

    @on_records
    def action_done(self, env: Env, ids: Ids) -> Any:
        return self.action_feedback(env, ids)


class Attachment(Model):
    name, label, order = "ir.attachment", "Attachment", "id desc"
    own = {
        "name": char("Name", required=True), "description": text("Description"),
        "res_model": char("Resource Model", index=True),
        "res_id": reference_id("Resource ID", index=True),
        "res_field": char("Resource Field"), "mimetype": char("Mime Type"),
        "type": choice("Type", ("url", "URL"), ("binary", "File"), default="binary"),
        "url": char("Url"), "datas": binary("File Content (base64)"),
        "file_size": integer("File Size"), "checksum": char("Checksum/SHA1"),
        "public": boolean("Is public document"), "company_id": one("Company", "res.company"),
    }

    def indexed(self) -> list[str]:
        return [*super().indexed(), "key"]

    def stored(self, env: Env, values: Row, row_id: int = 0) -> Row:
        out = super().stored(env, values, row_id)
        base = {**(env.row(self.name, row_id) if row_id else {}), **out}
        out["key"] = f"{base.get('res_model')},{base.get('res_id')}"
        if out.get("datas"):
            try:
                raw = base64.b64decode(out["datas"], validate=False)
            except (binascii.Error, ValueError):
                raise UserError("The file is not valid base64.") from None
            out["file_size"] = len(raw)
            out["checksum"] = hashlib.sha1(raw).hexdigest()
        if not row_id and not out.get("mimetype"):
            out["mimetype"] = "application/octet-stream"
        return out

    @on_model
    def create(self, env: Env, vals_list: Any) -> Ids:
        for values in vals_list:
            if values.get("res_model") and values.get("res_id"):
                env.model(values["res_model"]).check(env, "write")
                env.row(values["res_model"], int(values["res_id"]))
        return super().create(env, vals_list)


def models(series: int) -> list[Model]:
    return [kind(series) for kind in (Message, ActivityType, Activity, Attachment)]
