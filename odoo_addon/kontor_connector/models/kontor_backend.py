# SPDX-License-Identifier: LGPL-3.0-or-later
from datetime import timedelta
from urllib.parse import urlsplit

from odoo import _, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import str2bool

from . import kontor_secret
from .kontor_client import KontorClient, is_loopback

# Set to 1 to allow http to other hosts than this machine, for a network that nobody else is on.
PLAIN_HTTP_PARAMETER = "kontor_connector.allow_plain_http"
URL_CHARACTERS_MAX = 2000
# Cron runs each minute: after so many minutes without an answer a person should look.
FAILING_MINUTES = 10


class KontorBackend(models.Model):
    """One kontord: where it is, with which token it is read, and how far it was read."""

    _name = "kontor.backend"
    _description = "Kontor service"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "name, id"

    name = fields.Char(required=True, default="kontor")
    active = fields.Boolean(default=True)
    user_id = fields.Many2one(
        "res.users", string="Responsible", default=lambda self: self.env.user,
        help="Is told when a token or the API key of kontor's user runs out.")
    url = fields.Char(
        string="URL", tracking=True,
        help="Address of kontord's HTTP port, for example https://kontor.example.com:7601.")
    new_token = fields.Char(
        string="Token", compute="_compute_new_token", inverse="_inverse_new_token",
        help="Token of the addon's own service principal. It can be replaced here and never be "
             "read again.")
    token_set = fields.Boolean(compute="_compute_token_set")
    token_suffix = fields.Char(readonly=True, copy=False)
    token_expire_time = fields.Datetime(readonly=True, copy=False)
    principal = fields.Char(
        readonly=True, copy=False, help="Name of the principal that the token belongs to.")
    roles = fields.Char(readonly=True, copy=False)
    server_version = fields.Char(readonly=True, copy=False)
    database_uuid = fields.Char(
        readonly=True, copy=False,
        help="Database in which the token was entered. A copy of it neither reads nor sends.")
    entity_ids = fields.One2many("kontor.backend.entity", "backend_id", string="Entities")
    company_ids = fields.Many2many(
        "res.company", string="Companies", compute="_compute_company_ids", store=True,
        relation="kontor_backend_company_rel")
    # Beyond 2^31 events an Integer would overflow; a numeric of 20 digits does not.
    cursor = fields.Float(
        string="Read up to", digits=(20, 0), readonly=True, copy=False,
        help="Number of the last event that was read from kontor.")
    feed_sequence = fields.Float(string="Last event", digits=(20, 0), readonly=True, copy=False)
    contact_time = fields.Datetime(string="Last answer", readonly=True, copy=False)
    failing_since = fields.Datetime(readonly=True, copy=False)
    error_kind = fields.Char(readonly=True, copy=False)
    error_detail = fields.Char(readonly=True, copy=False)
    can_read_deliveries = fields.Boolean(readonly=True, copy=False, default=True)
    health = fields.Selection(
        [("new", "Not set up"), ("suspended", "Suspended"), ("ok", "In touch"),
         ("waiting", "No answer"), ("failing", "Failing")],
        compute="_compute_health")
    health_text = fields.Char(compute="_compute_health")
    waiting_count = fields.Integer(string="Requests that wait", compute="_compute_counts")
    exception_count = fields.Integer(string="Open exceptions", compute="_compute_counts")

    def init(self):
        kontor_secret.ensure_column(self.env.cr, self._table)

    # -- the token ----------------------------------------------------------------------------

    def _compute_new_token(self):
        self.new_token = False

    def _inverse_new_token(self):
        for backend in self:
            token = kontor_secret.checked(backend, backend.new_token)
            if token:
                kontor_secret.write_token(backend, token)
                backend.write({
                    "token_suffix": token[-kontor_secret.SUFFIX_CHARACTERS:],
                    "token_expire_time": False, "principal": False, "roles": False,
                    "database_uuid": backend._database_uuid(), "error_kind": False,
                    "error_detail": False, "failing_since": False,
                })
        self.invalidate_recordset(["new_token", "token_set"])

    @api.depends("token_suffix")
    def _compute_token_set(self):
        known = kontor_secret.ids_with_token(self._origin)
        for backend in self:
            backend.token_set = backend._origin.id in known

    def action_forget_token(self):
        """Takes the token away: nothing is read or sent any more."""
        for backend in self:
            backend.write({"token_suffix": False, "token_expire_time": False,
                           "principal": False, "roles": False})
            kontor_secret.write_token(backend, "")
        self.invalidate_recordset(["token_set"])
        return True

    # -- where it is --------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("url"):
                vals["url"] = vals["url"].strip().rstrip("/")
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("url"):
            vals = dict(vals, url=vals["url"].strip().rstrip("/"))
        return super().write(vals)

    @api.constrains("url")
    def _check_url(self):
        for backend in self.filtered("url"):
            backend._check_one_url(backend.url)

    def _check_one_url(self, url):
        if len(url) > URL_CHARACTERS_MAX:
            raise ValidationError(_("The URL is too long."))
        try:
            parts = urlsplit(url)
            port = parts.port or 0
        except ValueError:
            raise ValidationError(_("The URL is not readable: check its port.")) from None
        if parts.scheme not in ("http", "https") or not parts.hostname or port < 0:
            raise ValidationError(_(
                "The URL must begin with https:// and name a host, for example "
                "https://kontor.example.com:7601."))
        if parts.username or parts.query or parts.fragment:
            raise ValidationError(_(
                "The URL holds the address alone: no user, password, question mark or #."))
        allowed = str2bool(self.env["ir.config_parameter"].sudo().get_param(
            PLAIN_HTTP_PARAMETER, "0"), default=False)
        if parts.scheme == "http" and not is_loopback(parts.hostname) and not allowed:
            raise ValidationError(_(
                "Over http:// the token could be read on the way. Use https://; plain http is "
                "taken for this machine alone, or when the system parameter %s is 1.",
                PLAIN_HTTP_PARAMETER))

    @api.depends("entity_ids.company_id")
    def _compute_company_ids(self):
        for backend in self:
            backend.company_ids = backend.sudo().entity_ids.company_id

    def _database_uuid(self):
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid")

    def _is_neutralised(self):
        return str2bool(self.env["ir.config_parameter"].sudo().get_param(
            "database.is_neutralized", "0"), default=False)

    # -- health -------------------------------------------------------------------------------

    def _suspend_reason(self):
        """Why nothing may be sent or read from here; "" when it may."""
        self.ensure_one()
        if self._is_neutralised():
            return _("This database is a neutralised copy: it neither reads nor sends.")
        if self.database_uuid and self.database_uuid != self._database_uuid():
            return _("This database is a copy of the one in which the token was entered. Enter a "
                     "token of its own to connect it.")
        return ""

    @api.depends("url", "token_suffix", "contact_time", "failing_since", "error_kind",
                 "error_detail", "database_uuid")
    def _compute_health(self):
        now = fields.Datetime.now()
        for backend in self:
            suspended = backend._suspend_reason()
            if not backend.url or not backend.token_set:
                backend.health = "new"
                backend.health_text = _("Enter URL and token, then test the connection.")
            elif suspended:
                backend.health, backend.health_text = "suspended", suspended
            elif backend.failing_since:
                late = now - backend.failing_since > timedelta(minutes=FAILING_MINUTES)
                backend.health = "failing" if late else "waiting"
                backend.health_text = backend._sentence(
                    backend.error_kind, backend.error_detail)
            elif backend.contact_time:
                backend.health = "ok"
                backend.health_text = _("kontor answers.")
            else:
                backend.health = "waiting"
                backend.health_text = _("Not asked yet.")

    def _compute_counts(self):
        waiting = dict(self.env["kontor.request"].sudo()._read_group(
            [("backend_id", "in", self.ids), ("state", "=", "waiting")],
            ["backend_id"], ["__count"]))
        exceptions = dict(self.env["kontor.exception"].sudo()._read_group(
            [("backend_id", "in", self.ids), ("state", "!=", "resolved"),
             ("company_id", "in", self.env.companies.ids)],
            ["backend_id"], ["__count"]))
        for backend in self:
            backend.waiting_count = waiting.get(backend._origin, 0)
            backend.exception_count = exceptions.get(backend._origin, 0)

    # -- calls --------------------------------------------------------------------------------

    def _client(self, token=None):
        """A client for this kontord, with the addon's own token unless another is given."""
        self.ensure_one()
        if not self.url:
            raise UserError(_("The URL of kontor is not set: Kontor ▸ Configuration ▸ Services."))
        return KontorClient(self.url, token or kontor_secret.read_token(self))

    def _release_locks(self):
        """Ends the transaction, so that nothing is locked while the network is waited for.

        Jobs and the test button call this before each exchange and after each piece of work.
        Tests, whose transaction must not end, set `kontor_no_commit` in the context.
        """
        if not self.env.context.get("kontor_no_commit"):
            self.env.cr.commit()  # pylint: disable=invalid-commit

    def _note_contact(self, **values):
        """kontor answered."""
        self.write(dict(values, contact_time=fields.Datetime.now(), failing_since=False,
                        error_kind=False, error_detail=False))

    def _note_failure(self, error):
        """kontor did not answer, or not as it should."""
        self.write({"error_kind": error.reason or error.kind, "error_detail": error.sentence(),
                    "failing_since": self.failing_since or fields.Datetime.now()})

    @api.model
    def _for_company(self, company):
        """The kontord that works for a company; an empty record when there is none."""
        return self.env["kontor.backend.entity"].sudo().search(
            [("company_id", "=", company.id), ("backend_id.active", "=", True)],
            limit=1).backend_id

    def action_open_requests(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kontor_connector.action_kontor_request")
        action["domain"] = [("backend_id", "=", self.id)]
        action["context"] = {"search_default_waiting": 1}
        return action

    def action_open_exceptions(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kontor_connector.action_kontor_exception")
        action["domain"] = [("backend_id", "=", self.id)]
        return action
