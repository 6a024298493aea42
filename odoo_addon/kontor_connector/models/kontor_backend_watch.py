# SPDX-License-Identifier: LGPL-3.0-or-later
"""The daily job that looks at the age of what lets people and programs in, and warns in time."""
import logging
from datetime import timedelta

from odoo import _, api, fields, models

from . import kontor_secret
from .kontor_backend_check import TOKEN_WARNING_DAYS, parse_time
from .kontor_client import API, KontorError

_logger = logging.getLogger(__name__)

# API keys of 17 have no expiry; a key that is older than this is due to be replaced.
KEY_AGE_DAYS_MAX = 365
TOKEN_ACTIVITY = "kontor_connector.mail_activity_type_token"
KEY_ACTIVITY = "kontor_connector.mail_activity_type_api_key"


class KontorBackend(models.Model):
    _inherit = "kontor.backend"

    @api.model
    def _cron_watch(self):
        """Checks persons' tokens with kontor, and the age of tokens and API keys here."""
        for backend in self.search([("active", "=", True)]):
            if backend._may_sync():
                backend._check_persons()
            backend._warn_of_tokens()
            backend._warn_of_api_keys()
            backend._release_locks()

    def _persons(self):
        """The users of this service's companies that entered a token."""
        self.ensure_one()
        users = self.env["res.users"].sudo().search(
            [("company_ids", "in", self.sudo().company_ids.ids),
             ("kontor_token_suffix", "!=", False)])
        return users.filtered("kontor_token_set")

    def _check_persons(self):
        """Asks kontor whom each person's token belongs to and how long it works."""
        for user in self._persons():
            client = self._client(kontor_secret.read_token(user))
            self._release_locks()
            try:
                with client:
                    answer = client.call("AdminService/WhoAmI")
            except KontorError as error:
                if error.kind == API and error.code == "unauthenticated":
                    user.write({"kontor_token_state": "refused"})
                    continue
                _logger.info("kontor %s: persons' tokens not checked: %s", self.name, error.kind)
                return
            principal = answer.get("principal", {})
            is_person = principal.get("kind") == "KIND_PERSON"
            user.write({
                "kontor_token_state": "good" if is_person else "service",
                "kontor_principal": principal.get("name"),
                "kontor_token_expire_time": parse_time(
                    answer.get("tokenInfo", {}).get("expireTime"))})

    def _warn_of_tokens(self):
        """Activities for tokens that run out within 14 days, or that kontor refuses."""
        limit = fields.Datetime.now() + timedelta(days=TOKEN_WARNING_DAYS)
        if self.token_expire_time and self.token_expire_time < limit:
            self._remind(TOKEN_ACTIVITY, self.user_id, self.token_expire_time, _(
                "The token of the addon at kontor runs out on %(day)s: issue a new one and enter "
                "it here.", day=self.token_expire_time.date()))
        else:
            self._forget(TOKEN_ACTIVITY, self.user_id)
        for user in self._persons() - self.user_id:
            expires = user.kontor_token_expire_time
            if user.kontor_token_state == "refused":
                self._remind(TOKEN_ACTIVITY, user, fields.Datetime.now(), _(
                    "kontor does not know your token (any more): enter a new one in your "
                    "preferences."))
            elif expires and expires < limit:
                self._remind(TOKEN_ACTIVITY, user, expires, _(
                    "Your token at kontor runs out on %(day)s: have a new one issued and enter it "
                    "in your preferences.", day=expires.date()))
            else:
                self._forget(TOKEN_ACTIVITY, user)

    @api.model
    def _api_keys_that_run_out(self):
        """The API keys of kontor's users that end within 14 days, as (key, day of the end)."""
        bots = self.env["res.users"].sudo().search([("share", "=", False)]).filtered(
            lambda user: user.has_group("kontor_connector.group_kontor_bot"))
        keys = self.env["res.users.apikeys"].sudo().search([("user_id", "in", bots.ids)])
        limit = fields.Datetime.now() + timedelta(days=TOKEN_WARNING_DAYS)
        ends = []
        for key in keys:
            age_end = key.create_date + timedelta(days=KEY_AGE_DAYS_MAX)
            end = ("expiration_date" in key._fields and key.expiration_date) or age_end
            if end < limit:
                ends.append((key, end))
        return ends

    def _warn_of_api_keys(self):
        """An activity for the responsible when the key runs out with which kontor signs in."""
        ends = self._api_keys_that_run_out()
        if not ends:
            self._forget(KEY_ACTIVITY, self.user_id)
            return
        key, end = min(ends, key=lambda pair: pair[1])
        self._remind(KEY_ACTIVITY, self.user_id, end, _(
            "The API key “%(name)s” of %(user)s, with which kontor signs in, is due on %(day)s: "
            "make a new one, enter it in kontor, then delete the old one.",
            name=key.name, user=key.user_id.name, day=end.date()))

    # -- activities ---------------------------------------------------------------------------

    def _reminders(self, xml_id, user):
        activity_type = self.env.ref(xml_id)
        return self.activity_ids.filtered(
            lambda row: row.activity_type_id == activity_type and row.user_id == user)

    def _remind(self, xml_id, user, end, note):
        """One activity a person and cause, however often the job runs."""
        self.ensure_one()
        if user and not self._reminders(xml_id, user):
            self.activity_schedule(xml_id, date_deadline=end.date(), note=note, user_id=user.id)

    def _forget(self, xml_id, user):
        """What was warned of is mended."""
        self._reminders(xml_id, user).unlink()
