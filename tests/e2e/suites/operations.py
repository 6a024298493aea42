# SPDX-License-Identifier: Apache-2.0
"""Running the service: pages, configuration, start and stop, a store that is not ours."""
from __future__ import annotations

import sqlite3
import subprocess

from ..harness import documents as doc
from ..harness.api import ApiError
from ..harness.case import Case
from ..harness.processes import Kontord, program

START_SECONDS_MAX = 1.0
COMMAND_SECONDS = 20


def kontord(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program("kontord"), *arguments], capture_output=True, text=True,
                          timeout=COMMAND_SECONDS, env={"PATH": "/usr/bin:/bin", **environment})


class Pages(Case):

    def test_health_readiness_and_metrics_answer_without_a_token(self) -> None:
        for path, text in (("/healthz", b"ok"), ("/readyz", b"ready")):
            status, _, body = self.shop.raw("GET", path)
            self.assertEqual((status, body.strip()), (200, text), path)
        self.posted(self.create_invoice(doc.invoice()))
        status, headers, body = self.shop.raw("GET", "/metrics")
        self.assertEqual(status, 200)
        self.assertTrue(headers["content-type"].startswith("text/plain"))
        for name in (b"kontor_service_ready 1", b"kontor_store_feed_sequence", b"CreateInvoice"):
            self.assertIn(name, body)
        self.assertNotIn(self.shop.token.encode(), body)

    def test_the_server_says_what_it_is(self) -> None:
        info = self.shop.call("AdminService/GetServerInfo")
        self.assertEqual(info["store"], "sqlite")
        self.assertTrue(info["version"])
        self.assertGreater(int(info["feedSequence"]), 0)
        self.assertIn("limits", info)


class Connections(Case):

    def test_a_check_reports_series_transport_rights_and_precision(self) -> None:
        report = self.service["anna"].call("ConnectionService/CheckConnection",
                                           name="main")["report"]
        self.assertTrue(report["reachable"] and report["authenticated"])
        self.assertEqual(report["series"], self.world.series)
        self.assertEqual(report["transport"], "TRANSPORT_" + self.world.transport.upper())
        self.assertFalse(report.get("missingRights"))
        self.assertTrue(report["identityMatches"])
        self.assertTrue(report["databaseIdentity"])
        digits = {row["name"]: row.get("digits", 0) for row in report["precisions"]}
        self.assertTrue(digits)
        company = self.world.fixtures["company"]["name"]
        self.assertIn(company, [row["companyName"] for row in report["lockDates"]])

    def test_a_wrong_password_and_a_closed_port_are_reports_not_errors(self) -> None:
        service = self.service
        service.connect("wrong-key", apiKey="not the key at all")
        report = service["anna"].call("ConnectionService/CheckConnection",
                                      name="wrong-key")["report"]
        self.assertTrue(report["reachable"])
        self.assertFalse(report.get("authenticated"))
        self.assertIn("ODOO_LOGIN_FAILED", [f["reason"] for f in report["findings"]])
        service.connect("nobody", url="http://127.0.0.1:1")
        report = service["anna"].call("ConnectionService/CheckConnection", name="nobody")["report"]
        self.assertFalse(report.get("reachable"))
        self.assertIn("ODOO_UNREACHABLE", [f["reason"] for f in report["findings"]])

    def test_the_key_is_never_answered(self) -> None:
        got = self.service["anna"].call("ConnectionService/GetConnection", name="main")
        self.assertTrue(got["connection"]["apiKeySet"])
        self.assertNotIn(self.world.target["api_key"], str(got))

    def test_the_catalogue_names_what_documents_may_name(self) -> None:
        catalogue = self.shop.call("ConnectionService/GetCatalogue", entity="de",
                                   refresh=True)["catalogue"]
        self.assertLessEqual({row["code"] for row in self.world.fixtures["journals"]},
                             {row["code"] for row in catalogue["journals"]})
        self.assertIn("400000", [row["code"] for row in catalogue["accounts"]])
        self.assertIn(("19%", False), [(row["name"], row.get("forPurchase", False))
                                       for row in catalogue["taxes"]])
        self.assertIn("30 Days", [row["name"] for row in catalogue["paymentTerms"]])
        self.assertIn("CC100", [row["code"] for row in catalogue["analyticAccounts"]])
        currencies = {row["code"]: row for row in catalogue["currencies"]}
        self.assertFalse(currencies["CAD"].get("active"))
        self.assertTrue(currencies["USD"]["active"])


class Configuration(Case):

    def test_a_typo_is_refused_with_file_and_line(self) -> None:
        path = self.world.folder / "typo.toml"
        path.write_text("[grpc]\nport = 0\n\n[http]\nprot = 0\n", encoding="utf-8")
        done = kontord("--config", str(path), "--check-config")
        self.assertEqual(done.returncode, 2)
        self.assertIn("http.prot", done.stderr)
        self.assertRegex(done.stderr, r"typo\.toml:5\b")

    def test_a_value_out_of_range_and_a_broken_file_are_refused(self) -> None:
        path = self.world.folder / "bad.toml"
        for text in ("[grpc]\nport = 70000\n", "[grpc]\nport = \"many\"\n", "[grpc\n",
                     "[engine]\ncall_timeout = \"5s\"\n"):
            with self.subTest(text=text):
                path.write_text(text, encoding="utf-8")
                done = kontord("--config", str(path), "--check-config")
                self.assertEqual(done.returncode, 2)
                self.assertIn("bad.toml", done.stderr)

    def test_a_good_file_is_fine_and_precedence_is_flag_environment_file(self) -> None:
        path = self.world.folder / "good.toml"
        path.write_text("[http]\nport = 7001\n[grpc]\nport = 7002\n[log]\nlevel = \"debug\"\n",
                        encoding="utf-8")
        done = kontord("--config", str(path), "--check-config")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = kontord("--print-config", "--set", "http.port=7003", KONTOR_CONFIG=str(path),
                       KONTOR_HTTP_PORT="7004", KONTOR_GRPC_PORT="7005")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("7003", done.stdout)
        self.assertIn("7005", done.stdout)
        for hidden in ("7001", "7002", "7004"):
            self.assertNotIn(hidden, done.stdout)

    def test_a_password_in_the_configuration_is_printed_masked(self) -> None:
        done = kontord("--print-config", "--set",
                       "store.url=postgresql:host=127.0.0.1 user=k password=geheim7")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("127.0.0.1", done.stdout)
        self.assertNotIn("geheim7", done.stdout)


class StartAndStop(Case):

    def setUp(self) -> None:
        self.folder = self.world.folder / doc.unique("start")
        self.folder.mkdir()

    def test_it_starts_in_under_a_second_and_stops_with_zero(self) -> None:
        # Its own work until it is ready: what else the machine does is no matter of kontord's.
        service = Kontord(self.folder).start()
        worked = service.process.cpu_seconds() if service.process else 0.0
        self.assertEqual(service.stop(), 0)
        self.assertGreater(worked, 0)
        self.assertLess(worked, START_SECONDS_MAX)

    def test_a_second_process_on_the_same_store_is_refused(self) -> None:
        first = Kontord(self.folder).start()
        self.addCleanup(first.stop)
        with self.assertRaises(RuntimeError) as caught:
            Kontord(self.folder).start()
        self.assertIn("another kontord", str(caught.exception))
        self.assertEqual(first.api().raw("GET", "/readyz")[0], 200)

    def test_a_store_of_a_newer_version_is_not_touched(self) -> None:
        service = Kontord(self.folder).start()
        service.stop()
        path = service.data / "kontor.db"
        with sqlite3.connect(path) as store:
            store.execute("insert into schema_version (number, applied_us) values (9999, 0)")
        with self.assertRaises(RuntimeError) as caught:
            service.start()
        self.assertIn("newer", str(caught.exception))

    def test_a_store_without_its_sealing_key_is_not_opened_with_a_new_one(self) -> None:
        service = Kontord(self.folder).start()
        service.stop()
        (service.data / "seal.key").rename(service.data / "seal.key.away")
        with self.assertRaises(RuntimeError) as caught:
            service.start()
        self.assertIn("seal.key", str(caught.exception))
        self.assertFalse((service.data / "seal.key").exists())

    def test_a_port_that_is_taken_is_named(self) -> None:
        first = Kontord(self.folder).start()
        self.addCleanup(first.stop)
        other = self.folder / "other"
        other.mkdir()
        second = Kontord(other, {"http.port": str(first.ports["http_port"])})
        with self.assertRaises(RuntimeError) as caught:
            second.start()
        self.assertIn(str(first.ports["http_port"]), str(caught.exception))

    def test_offline_the_audit_trail_shows_an_edited_row(self) -> None:
        service = Kontord(self.folder).start()
        service.api().call("AdminService/RedeemBootstrapToken", principalName="anna",
                           bootstrapToken=service.bootstrap_token())
        service.stop()
        where = ("--set", f"data.directory={service.data}")
        done = kontord("--verify-audit", *where)
        self.assertEqual(done.returncode, 0, done.stderr)
        with sqlite3.connect(service.data / "kontor.db") as store:
            store.execute("update audit set action = 'nothing.happened' where sequence = 1")
        done = kontord("--verify-audit", *where)
        self.assertEqual(done.returncode, 1)
        self.assertIn("1", done.stderr)

    def test_what_waits_when_it_stops_goes_on_after_the_next_start(self) -> None:
        service = self.service
        answers = [self.create_invoice(doc.invoice(), wait="0s") for _ in range(10)]
        self.assertEqual(service.kontord.stop(), 0)
        with self.assertRaises((OSError, ApiError)):
            self.shop.call("AdminService/WhoAmI")
        service.kontord.start()
        for answer in answers:
            self.settled(answer["operation"]["id"], "POSTED")
