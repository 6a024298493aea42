# SPDX-License-Identifier: LGPL-3.0-or-later
"""The test button: asks kontord who we are and what it has, and says exactly what is wrong."""
from datetime import datetime

from odoo import _, fields, models

from . import kontor_client as wire
from .kontor_series import check_write

SKEW_SECONDS_MAX = 60
TOKEN_WARNING_DAYS = 14
TEST_READ_SECONDS = 10
READER_ROLES = {"ROLE_SUBMITTER", "ROLE_VIEWER", "ROLE_RELEASER", "ROLE_ACCOUNTANT",
                "ROLE_OPERATOR", "ROLE_ADMINISTRATOR", "ROLE_AUDITOR"}
DELIVERY_ROLES = {"ROLE_OPERATOR", "ROLE_ADMINISTRATOR"}
# A service that only shows and passes on needs none of these; persons act with their own tokens.
EXCESS_ROLES = {"ROLE_SUBMITTER", "ROLE_RELEASER", "ROLE_ACCOUNTANT", "ROLE_ADMINISTRATOR",
                "ROLE_PAYMENT_PREPARER", "ROLE_PAYMENT_APPROVER", "ROLE_PAYMENT_RELEASER"}


def parse_time(text):
    """A timestamp of kontor's as Odoo keeps it: naive, UTC, whole seconds; False when absent."""
    if not text:
        return False
    return datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")


def ask(client, entities):
    """Asks for everything that the test looks at. Answers facts; of errors the first ends it."""
    facts = {"error": None, "entities": {}, "others": [], "connections": {}}
    try:
        facts["who"] = client.call("AdminService/WhoAmI")
        before = datetime.utcnow()
        facts["info"] = client.call("AdminService/GetServerInfo")
        facts["now"] = before + (datetime.utcnow() - before) / 2
        for entity in entities:
            try:
                facts["entities"][entity] = client.call(
                    "ConnectionService/GetEntity", name=entity)["entity"]
            except wire.KontorError as error:
                facts["entities"][entity] = error
        facts["others"] = [
            row["name"] for row in client.call("ConnectionService/ListEntities").get("entities", [])
            if row["name"] not in entities]
        for row in list(facts["entities"].values()):
            if isinstance(row, dict):
                facts["connections"][row["connection"]] = client.call(
                    "ConnectionService/GetConnection", name=row["connection"])["connection"]
    except wire.KontorError as error:
        facts["error"] = error
    return facts


class KontorBackendTest(models.Model):
    """One line of the last test of a connection."""

    _name = "kontor.backend.check"
    _description = "Result of a kontor connection test"
    _order = "sequence, id"

    backend_id = fields.Many2one("kontor.backend", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer()
    level = fields.Selection(
        [("ok", "Good"), ("warning", "Look at it"), ("error", "Wrong")], required=True)
    name = fields.Char(string="Found", required=True)


class KontorBackend(models.Model):
    _inherit = "kontor.backend"

    check_ids = fields.One2many("kontor.backend.check", "backend_id", readonly=True)
    check_time = fields.Datetime(string="Tested", readonly=True, copy=False)

    def action_test(self):
        """Tests the connection; the lines of the result stand on the form."""
        for backend in self:
            backend._test()
        return True

    def _test(self):
        self.ensure_one()
        check_write(self)
        lines = []
        if not self.url:
            lines.append(("error", _("The URL of kontor is not entered.")))
        if not self.token_set:
            lines.append(("error", _("The token of the addon's service principal is not entered.")))
        if suspended := self._suspend_reason():
            lines.append(("error", suspended))
        if not lines:
            entities = self.sudo().entity_ids.mapped("entity")
            client = self._client()
            client._read_seconds = TEST_READ_SECONDS
            self._release_locks()
            with client:
                facts = ask(client, entities)
            lines = self._judge(facts)
            self._keep_facts(facts)
        self.check_ids.unlink()
        self.write({
            "check_time": fields.Datetime.now(),
            "check_ids": [(0, 0, {"sequence": number, "level": level, "name": text})
                          for number, (level, text) in enumerate(lines)]})

    def _keep_facts(self, facts):
        """What the principal and the server are, as the form shows it."""
        if "who" not in facts:
            if facts["error"] is not None:
                self._note_failure(facts["error"])
            return
        principal = facts["who"].get("principal", {})
        token = facts["who"].get("tokenInfo", {})
        self._note_contact(
            principal=principal.get("name"),
            roles=", ".join(sorted(role.removeprefix("ROLE_").capitalize()
                                   for role in principal.get("roles", []))),
            token_expire_time=parse_time(token.get("expireTime")),
            server_version=facts.get("info", {}).get("version"))

    # -- words --------------------------------------------------------------------------------

    def _sentence(self, kind, detail):
        """A failure in words that say what to do."""
        host = wire.KontorClient(self.url, "").host
        detail = detail or ""
        sentences = {
            wire.UNKNOWN_HOST: _(
                "The name %(host)s is not known (DNS): check the spelling of the URL, or the name "
                "server of this machine.", host=host),
            wire.REFUSED: _(
                "%(host)s refuses the connection: kontord does not run there, or its HTTP port is "
                "another one than in the URL.", host=host),
            wire.UNREACHABLE: _(
                "%(host)s cannot be reached from here: check network and firewall. (%(detail)s)",
                host=host, detail=detail),
            wire.TIMEOUT: _(
                "%(host)s does not answer in time: a firewall may swallow the connection, "
                "or kontor "
                "is overloaded.", host=host),
            wire.TLS: _(
                "The certificate of %(host)s is not accepted (TLS): %(detail)s. Check its "
                "date, its "
                "names, and that this machine trusts its issuer.", host=host, detail=detail),
            wire.PLAIN_HTTP: _(
                "%(host)s does not speak TLS on this port: the URL begins with https://, "
                "the server "
                "answers plain http.", host=host),
            wire.LOST: _(
                "%(host)s cut the connection without an answer: is it the HTTP port (7601 by "
                "default, not the gRPC port), and does the URL begin with https:// if the server "
                "wants TLS?", host=host),
            wire.NOT_KONTOR: _(
                "Something answers at this URL, but it is not kontor (%(detail)s): check "
                "host, port "
                "and path, or the proxy in between.", detail=detail),
            "UNAUTHENTICATED": _(
                "kontor does not know this token (anymore): it is mistyped, revoked or of another "
                "server. Issue a new one and enter it."),
            wire.INTERNAL: _(
                "The addon itself failed at what kontor answered; the log of Odoo says where."),
            "TOKEN_EXPIRED": _("The token has expired: issue a new one and enter it."),
        }
        return sentences.get(kind) or _("kontor answers: %(detail)s", detail=detail or kind)

    def _explain(self, error):
        """A KontorError in words that say what to do."""
        return self._sentence(
            error.kind if error.kind != wire.API else error.reason, error.sentence())

    # -- judging ------------------------------------------------------------------------------

    def _judge(self, facts):
        """The lines of the result: pairs of level and sentence."""
        error = facts["error"]
        if "who" not in facts:
            return [("error", self._explain(error))]
        lines = [("ok", _("kontor answers, and it knows the token."))]
        lines += self._judge_principal(facts["who"])
        if "info" in facts:
            lines += self._judge_server(facts["info"], facts["now"])
        for row in self.entity_ids:
            if row.entity in facts["entities"]:
                lines += self._judge_entity(row, facts["entities"][row.entity])
        lines += self._judge_connections(facts["connections"])
        if not self.entity_ids:
            lines.append(("error", _("No company is bound to an entity of kontor's yet: add one "
                                     "under Entities.")))
        if facts["others"]:
            lines.append(("warning", _(
                "kontor also has the entities %(names)s, to which no company is bound here.",
                names=", ".join(facts["others"]))))
        if error is not None and error.reason != "PERMISSION_DENIED":
            lines.append(("error", self._explain(error)))
        return lines

    def _judge_principal(self, answer):
        principal = answer.get("principal", {})
        roles = set(principal.get("roles", []))
        lines = []
        if principal.get("kind") != "KIND_SERVICE":
            lines.append(("warning", _(
                "The token belongs to the person %(name)s. Enter the token of a service principal: "
                "a person's token belongs into that person's preferences.",
                name=principal.get("name"))))
        if not roles & READER_ROLES:
            lines.append(("error", _(
                "The principal %(name)s has no role that may read: two administrators of kontor "
                "must grant it the role Viewer.", name=principal.get("name"))))
        if not roles & DELIVERY_ROLES:
            lines.append(("warning", _(
                "Without the role Operator, deliveries to webhooks cannot be shown; everything "
                "else works.")))
        excess = sorted(role.removeprefix("ROLE_").capitalize() for role in roles & EXCESS_ROLES)
        if excess:
            lines.append(("warning", _(
                "The principal has more rights than the addon needs: %(roles)s. Viewer and "
                "Operator "
                "are enough; what persons decide goes out with their own tokens.",
                roles=", ".join(excess))))
        expires = parse_time(answer.get("tokenInfo", {}).get("expireTime"))
        if expires:
            days = (expires - fields.Datetime.now()).days
            level = "warning" if days < TOKEN_WARNING_DAYS else "ok"
            lines.append((level, _("The token works for %(days)s more days.", days=days)))
        return lines

    def _judge_server(self, info, now):
        lines = []
        server_time = parse_time(info.get("serverTime"))
        skew = round((server_time - now).total_seconds()) if server_time else 0
        if abs(skew) > SKEW_SECONDS_MAX:
            lines.append(("error", _(
                "The clocks differ by %(seconds)s seconds: let both machines take their time from "
                "a time server, or deadlines and expiry dates are wrong.", seconds=abs(skew))))
        if info.get("restorePending"):
            lines.append(("warning", _(
                "kontor's store was restored from a backup and keeps everything back until two "
                "people have released it.")))
        return lines

    def _judge_entity(self, row, found):
        if isinstance(found, wire.KontorError):
            if found.reason in ("ENTITY_UNKNOWN", "NOT_FOUND", "ENTITY_DENIED"):
                return [("error", _(
                    "kontor has no entity %(entity)s that this token may see: check its spelling, "
                    "and the entities of the principal.", entity=row.entity))]
            return [("error", f"{row.entity}: {self._explain(found)}")]
        company, lines = row.company_id, []
        bound = int(found.get("companyId", 0))
        if bound and bound != company.id:
            lines.append(("error", _(
                "In kontor the entity %(entity)s is company no. %(bound)s of its database, here it "
                "is %(company)s, no. %(number)s.", entity=row.entity, bound=bound,
                company=company.name, number=company.id)))
        if found.get("currencyCode") and found["currencyCode"] != company.currency_id.name:
            lines.append(("error", _(
                "The entity %(entity)s keeps its books in %(asked)s, %(company)s in %(got)s.",
                entity=row.entity, asked=found["currencyCode"], company=company.name,
                got=company.currency_id.name)))
        if found.get("mode") != "MODE_LIVE":
            mode = found.get("mode", "MODE_SHADOW").removeprefix("MODE_").lower()
            lines.append(("warning", _(
                "The entity %(entity)s is not live in kontor (%(mode)s): nothing of it is sent to "
                "Odoo.", entity=row.entity, mode=mode)))
        return lines or [("ok", _(
            "The entity %(entity)s is %(company)s.", entity=row.entity, company=company.name))]

    def _judge_connections(self, connections):
        lines = []
        for name, found in connections.items():
            if found.get("suspendReason"):
                lines.append(("error", _(
                    "kontor has suspended its connection %(name)s to Odoo: %(reason)s.",
                    name=name, reason=found["suspendReason"])))
            elif found.get("mode") != "MODE_LIVE":
                lines.append(("warning", _(
                    "kontor's connection %(name)s to Odoo is not live: nothing is sent.",
                    name=name)))
        return lines
