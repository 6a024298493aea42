# SPDX-License-Identifier: Apache-2.0
"""The live runner's own logic: arguments, series, counting, the table, the record, the rate rule.

Starts no Odoo and no PostgreSQL, opens no port but one to ask for a free one, never sleeps.
"""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
from decimal import Decimal
from typing import Any

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import addon_suite  # noqa: E402
import addon_upgrade  # noqa: E402
import odoo_server  # noqa: E402
import options  # noqa: E402
import postgres  # noqa: E402
import prepare  # noqa: E402
import report  # noqa: E402
import runner  # noqa: E402

REMOTE = ["--url", "http://odoo.test", "--db", "d", "--login", "bot", "--api-key", "k"]


class Arguments(unittest.TestCase):
    """What the command line takes and refuses."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.odoo_bin = self.folder / "odoo-bin"
        self.odoo_bin.write_text("", encoding="utf-8")
        self.own = ["--odoo-bin", str(self.odoo_bin)]

    def refused(self, argv: list[str], words: str, **environment: str) -> None:
        with self.assertRaises(options.UsageError) as caught:
            options.parse(argv, environment)
        self.assertIn(words, str(caught.exception))

    def test_an_odoo_bin_alone_is_enough(self) -> None:
        asked = options.parse(self.own, {})
        self.assertEqual(asked.odoo_bin, self.odoo_bin.resolve())
        self.assertEqual((asked.transport, asked.suite, asked.addon), ("all", "", False))

    def test_several_addons_folders_may_be_given_at_once_or_one_by_one(self) -> None:
        for name in ("a", "b", "c"):
            (self.folder / name).mkdir()
        paths = [str(self.folder / name) for name in ("a", "b", "c")]
        asked = options.parse([*self.own, "--addons", *paths[:2], "--addons", paths[2]], {})
        self.assertEqual([path.name for path in asked.addons], ["a", "b", "c"])

    def test_a_running_odoo_needs_all_four(self) -> None:
        self.assertEqual(options.parse(REMOTE, {}).database, "d")
        for missing in ("--db", "--login", "--api-key"):
            at = REMOTE.index(missing)
            self.refused(REMOTE[:at] + REMOTE[at + 2:], f"--url needs {missing}")

    def test_secrets_may_come_from_the_environment(self) -> None:
        environment = {"KONTOR_LIVE_API_KEY": "key", "KONTOR_LIVE_ADMIN_PASSWORD": "word"}
        asked = options.parse(REMOTE[:6], environment)
        self.assertEqual((asked.api_key, asked.admin_password), ("key", "word"))

    def test_secrets_do_not_show_when_the_options_are_printed(self) -> None:
        asked = options.parse([*REMOTE[:7], "s3cret", "--admin-password", "h1dden"], {})
        self.assertNotIn("s3cret", repr(asked))
        self.assertNotIn("h1dden", repr(asked))

    def test_neither_and_both_kinds_of_odoo_are_refused(self) -> None:
        self.refused([], "either --odoo-bin PATH or --url URL")
        self.refused([*self.own, *REMOTE], "either --odoo-bin PATH or --url URL")

    def test_paths_that_are_not_there_are_refused(self) -> None:
        self.refused(["--odoo-bin", str(self.folder / "no")], "there is no odoo-bin at")
        self.refused([*self.own, "--addons", str(self.folder / "no")], "no addons folder at")

    def test_options_of_the_other_kind_are_refused(self) -> None:
        self.refused([*self.own, "--db", "x"], "--db goes with --url")
        self.refused([*self.own, "--api-key", "x"], "--api-key goes with --url")
        self.refused([*self.own, "--prepare"], "--prepare goes with --url")
        self.refused([*REMOTE, "--addon"], "go with --odoo-bin")
        self.refused([*REMOTE, "--addons", str(self.folder)], "go with --odoo-bin")

    def test_preparing_a_running_odoo_needs_an_administrator(self) -> None:
        self.refused([*REMOTE, "--prepare"], "--prepare needs --admin-password")

    def test_a_url_of_another_scheme_is_refused(self) -> None:
        self.refused(["--url", "odoo.test", *REMOTE[2:]], "http:// or https://")

    def test_a_partial_run_is_never_recorded(self) -> None:
        self.refused([*self.own, "--record", "--suite", "inv"], "--record is for whole runs")
        self.refused([*self.own, "--record", "--fixtures-only"], "--record is for whole runs")

    def test_an_unknown_transport_ends_with_exit_2(self) -> None:
        with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit) as caught:
            options.parse([*self.own, "--transport", "soap"], {})
        self.assertEqual(caught.exception.code, 2)

    def test_the_program_answers_2_and_says_why(self) -> None:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            self.assertEqual(runner.main(["--odoo-bin", str(self.folder / "no")]), 2)
        self.assertIn("there is no odoo-bin at", out.getvalue())

    def test_arguments_after_two_dashes_reach_the_suite(self) -> None:
        asked = options.parse([*self.own, "--suite", "inv", "--", "-v", "--seed=3"], {})
        commands = dict(runner.suites(asked))
        self.assertEqual(commands["e2e"][2:], ["--suite", "inv", "-v", "--seed=3"])
        only = options.parse([*self.own, "--fixtures-only"], {})
        self.assertEqual([name for name, _ in runner.suites(only)], ["fixtures"])


class Series(unittest.TestCase):
    """Which Odoo it is, and what follows from that."""

    def test_the_version_line_names_the_series(self) -> None:
        for text, series in (
            ("Odoo Server 17.0\n", "17.0"),
            ("Odoo Server 18.0-20250301\n", "18.0"),
            ("Running as user 'root'\nOdoo Server 19.0\n", "19.0"),
            ("Odoo Server saas~18.2\n", ""),
            ("Python 3.11.2\n", ""),
            ("", ""),
        ):
            with self.subTest(text=text):
                self.assertEqual(odoo_server.series_of(text), series)

    def test_each_series_runs_the_transports_it_has(self) -> None:
        self.assertEqual(options.transports_for("17.0", "all"), ("jsonrpc", "xmlrpc"))
        self.assertEqual(options.transports_for("19.0", "all"), ("json2", "jsonrpc", "xmlrpc"))
        self.assertEqual(options.transports_for("18.0", "xmlrpc"), ("xmlrpc",))

    def test_a_transport_that_the_series_lacks_is_refused(self) -> None:
        for series in ("17.0", "18.0"):
            with self.assertRaises(options.UsageError):
                options.transports_for(series, "json2")

    def test_other_series_are_refused(self) -> None:
        for series in ("16.0", "20.0", "", "saas~18.2"):
            with self.subTest(series=series), self.assertRaises(options.UsageError):
                options.transports_for(series, "all")

    def test_19_gets_its_rpc_module_and_the_addon_comes_later(self) -> None:
        self.assertIn("rpc", odoo_server.modules_for("19.0"))
        self.assertNotIn("rpc", odoo_server.modules_for("18.0"))
        for series in options.SERIES_TRANSPORTS:
            self.assertNotIn(odoo_server.CONNECTOR, odoo_server.modules_for(series))

    def test_the_addons_beside_odoo_bin_come_first_and_once(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            self.assertEqual(odoo_server.addons_path(folder / "odoo-bin", []), "")
            beside, other = folder / "addons", folder / "mine"
            beside.mkdir()
            path = odoo_server.addons_path(folder / "odoo-bin", [other, beside])
            self.assertEqual(path, f"{beside},{other}")

    def test_an_odoo_bin_that_fails_names_the_python_option(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            broken = folder / "odoo-bin"
            broken.write_text("raise SystemExit('no module psycopg2')\n", encoding="utf-8")
            with self.assertRaisesRegex(odoo_server.OdooStartError, "--python"):
                odoo_server.Installation(broken, sys.executable, [], folder, {})


class Postgres(unittest.TestCase):
    """Whose PostgreSQL, and which databases may be dropped."""

    def test_the_environment_names_a_postgresql_or_not(self) -> None:
        self.assertTrue(postgres.wants_existing({"PGHOST": "/run/postgresql"}))
        self.assertTrue(postgres.wants_existing({"PGUSER": "odoo"}))
        self.assertFalse(postgres.wants_existing({"PGHOST": "", "PATH": "/bin"}))
        self.assertFalse(postgres.wants_existing({"PGPASSWORD": "alone is not enough"}))

    def test_a_database_that_is_not_ours_is_never_dropped(self) -> None:
        server = postgres.Server({})
        for name in ("production", "postgres", "", "my_kontor_live_1"):
            with self.subTest(name=name), self.assertRaises(postgres.PostgresError):
                server.drop(name)


class Counting(unittest.TestCase):
    """A suite without a count, or that ends badly, is a failure."""

    def test_counts_are_read_and_doubts_are_failures(self) -> None:
        unit = "Ran 5 tests in 0.1s\n\n"
        for output, code, counts, note in (
            ("x\n7 passed, 0 failed\n", 0, (7, 0, 0), ""),
            ("1 passed, 0 failed\n7 passed, 2 failed, 3 skipped\n", 1, (7, 2, 3), ""),
            ("e2e: 4 passed, 0 failed, 1 skipped\n", 0, (4, 0, 1), ""),
            (unit + "OK\n", 0, (5, 0, 0), ""),
            (unit + "OK (skipped=2)\n", 0, (3, 0, 2), ""),
            (unit + "FAILED (failures=1, errors=2, skipped=1)\n", 1, (1, 3, 1), ""),
            (unit + "FAILED (unexpected successes=1)\n", 1, (4, 1, 0), ""),
            ("7 passed, 0 failed\n", 1, (7, 1, 0), "exit 1 though none failed"),
            ("7 passed, 0 failed\n", 77, (7, 1, 0), "exit 77 though none failed"),
            ("7 passed, 0 failed\n", -9, (7, 1, 0), "exit -9 though none failed"),
            ("0 passed, 0 failed\n", 0, (0, 1, 0), "it ran no test"),
            ("Ran 0 tests in 0.0s\n\nOK\n", 0, (0, 1, 0), "it ran no test"),
            ("Traceback …\n", 1, (0, 1, 0), "no count in its output (exit 1)"),
            ("", 0, (0, 1, 0), "no count in its output (exit 0)"),
            (unit, 1, (0, 1, 0), "no count in its output (exit 1)"),
        ):
            with self.subTest(output=output, code=code):
                self.assertEqual(report.counts_of(output, code), (report.Counts(*counts), note))


class Reporting(unittest.TestCase):
    """The table at the end, and RESULTS.md."""

    rows = (
        report.Row("19.0", "json2", "e2e", report.Counts(40, 0, 2), 61.2),
        report.Row("19.0", "xmlrpc", "e2e", report.Counts(39, 1, 2), 70.0, "exit 1"),
    )

    def test_the_table_lines_up_and_ends_with_the_sums(self) -> None:
        lines = report.table(self.rows).splitlines()
        self.assertEqual(lines[1].split(), ["19.0", "json2", "e2e", "40", "0", "2", "61"])
        self.assertEqual(lines[0].index("passed"), lines[1].index("40"))
        self.assertTrue(lines[2].endswith("exit 1"))
        self.assertEqual(lines[-1], "79 passed, 1 failed, 4 skipped")

    def test_a_run_without_a_passed_test_does_not_succeed(self) -> None:
        asked = options.Options()
        for rows, code in (
            ([], 1),
            ([report.Row("17.0", "xmlrpc", "e2e", report.Counts(0, 0, 9), 1)], 1),
            (list(self.rows), 1),
            (list(self.rows[:1]), 0),
        ):
            with contextlib.redirect_stdout(io.StringIO()):
                self.assertEqual(runner.finish(asked, rows, "abc"), code)

    def test_the_record_replaces_its_own_lines_and_keeps_the_others(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            path = pathlib.Path(name) / "RESULTS.md"
            old = [report.Row("17.0", "xmlrpc", "e2e", report.Counts(1, 0), 1)]
            report.record(path, old, False, "aaaa", "2026-01-01")
            report.record(path, self.rows, False, "bbbb", "2026-01-02")
            report.record(path, self.rows[:1], True, "cccc", "2026-01-03")
            report.record(path, old, False, "dddd", "2026-01-04")
            lines = path.read_text(encoding="utf-8").splitlines()
        body = lines[lines.index(report._RECORD_RULE) + 1:]
        self.assertEqual(body, [
            "| 17.0 | no | xmlrpc | 1 | 0 | 0 | dddd | 2026-01-04 |",
            "| 19.0 | no | json2 | 40 | 0 | 2 | bbbb | 2026-01-02 |",
            "| 19.0 | no | xmlrpc | 39 | 1 | 2 | bbbb | 2026-01-02 |",
            "| 19.0 | yes | json2 | 40 | 0 | 2 | cccc | 2026-01-03 |",
        ])


class Suite(unittest.TestCase):
    """How a suite's program is run."""

    def test_the_suite_gets_target_and_transport_and_its_output_is_counted(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            script = folder / "suite.py"
            script.write_text(
                "import sys\nprint(*sys.argv[1:])\nprint('3 passed, 1 failed')\nsys.exit(1)\n",
                encoding="utf-8",
            )
            with contextlib.redirect_stdout(io.StringIO()):
                output, code = runner.run_suite(
                    [sys.executable, str(script)], folder / "t.json", "xmlrpc"
                )
        self.assertIn(f"--target-json {folder / 't.json'} --transport xmlrpc", output)
        self.assertEqual(report.counts_of(output, code), (report.Counts(3, 1), ""))

    def test_the_target_file_is_readable_by_its_owner_only(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            original, runner.suites = runner.suites, lambda asked: []
            self.addCleanup(setattr, runner, "suites", original)
            runner.run_suites(options.Options(), "17.0", "xmlrpc", {"api_key": "k"}, folder)
            self.assertEqual((folder / "target-xmlrpc.json").stat().st_mode & 0o777, 0o600)


class Fixtures(unittest.TestCase):
    """fixtures.json agrees with itself, and the rate rule is what it says."""

    fixtures: dict[str, Any] = prepare.load_fixtures()

    def test_rates_stand_on_the_1st_and_15th_up_to_today_and_on_today(self) -> None:
        days = prepare.rate_dates(datetime.date(2026, 2, 20))
        self.assertEqual(days[0], datetime.date(2025, 1, 1))
        self.assertEqual(
            [day.isoformat() for day in days[-4:]],
            ["2026-01-15", "2026-02-01", "2026-02-15", "2026-02-20"],
        )
        self.assertEqual(len(days), 24 + 4 + 1)

    def test_a_first_of_the_month_today_is_not_listed_twice(self) -> None:
        days = prepare.rate_dates(datetime.date(2026, 3, 1))
        self.assertEqual(len(days), len(set(days)))
        self.assertEqual(days[-1], datetime.date(2026, 3, 1))

    def test_the_rate_grows_by_its_step_each_month(self) -> None:
        rule = {"currency": "USD", "base": "1.0800", "monthly_step": "0.0010"}
        self.assertEqual(prepare.rate_on(rule, datetime.date(2026, 1, 15)), Decimal("1.0800"))
        self.assertEqual(prepare.rate_on(rule, datetime.date(2026, 11, 1)), Decimal("1.0900"))

    def test_a_value_by_series_is_picked_and_any_other_is_common(self) -> None:
        self.assertEqual(prepare.for_series({"17.0": "a", "19.0": "b"}, "19.0"), "b")
        self.assertEqual(prepare.for_series("c", "19.0"), "c")
        self.assertIs(prepare.for_series(False, "17.0"), False)

    def test_every_name_that_is_referred_to_is_listed(self) -> None:
        data = self.fixtures
        codes = {row["code"] for row in data["chart"] + data["accounts"]}
        taxes = {(row["name"], row["use"]) for row in data["taxes"]}
        terms = {row["name"] for row in data["payment_terms"]}
        self.assertLessEqual(set(data["default_accounts"].values()), codes)
        for row in data["taxes"]:
            self.assertIn(row["account"], codes)
        for row in data["journals"]:
            self.assertIn(row.get("default_account", "400000"), codes)
            self.assertIn(row.get("currency", "EUR"), data["currencies"]["active"])
            self.assertLessEqual(len(row["code"]), 5)
        for row in data["products"]:
            for key, use in (("sale_tax", "sale"), ("purchase_tax", "purchase")):
                self.assertTrue(key not in row or (row[key], use) in taxes)
            for key in ("income_account", "expense_account"):
                self.assertIn(row.get(key, "400000"), codes)
        for row in data["partners"]:
            self.assertIn(row.get("customer_term", "30 Days"), terms)
            self.assertIn(row.get("supplier_term", "30 Days"), terms)
        for row in data["rates"]["monthly"] + data["rates"]["fixed"]:
            self.assertIn(row["currency"], data["currencies"]["active"])

    def test_keys_are_listed_once(self) -> None:
        data = self.fixtures
        for name, key in (
            ("journals", "code"), ("partners", "ref"), ("products", "code"),
            ("payment_terms", "name"),
        ):
            keys = [row[key] for row in data[name]]
            self.assertEqual(len(keys), len(set(keys)), name)
        codes = [row["code"] for row in data["chart"] + data["accounts"]]
        self.assertEqual(len(codes), len(set(codes)))

    def test_ibans_have_right_check_digits(self) -> None:
        numbers = [bank["number"] for row in self.fixtures["partners"]
                   for bank in row.get("banks", [])]
        numbers += [row["iban"] for row in self.fixtures["journals"] if "iban" in row]
        for number in numbers:
            turned = number[4:] + number[:4]
            self.assertEqual(int("".join(str(int(sign, 36)) for sign in turned)) % 97, 1, number)

    def test_the_bot_holds_no_administrators_group(self) -> None:
        forbidden = ("base.group_system", "base.group_erp_manager", "account.group_account_manager",
                     "account.group_validate_bank_account")
        for user in ("bot", "limited"):
            self.assertFalse(set(self.fixtures["users"][user]["groups"]) & set(forbidden))


class Addon(unittest.TestCase):
    """What Odoo's own test runner says."""

    LINE = ("2026-01-31 10:00:00,000 7 {} d odoo.tests.result: {} failed, {} error(s) of {} tests "
            "when loading database 'd'")

    def test_odoos_closing_line_is_counted(self) -> None:
        for said, code, counts in (
            (("INFO", 0, 0, 83), 0, (83, 0)),
            (("ERROR", 2, 1, 83), 1, (80, 3)),
        ):
            with self.subTest(said):
                got, note = addon_suite.counts_of(self.LINE.format(*said), code)
                self.assertEqual((got.passed, got.failed, note), (*counts, ""))

    def test_no_line_no_test_or_an_odd_exit_is_a_failure(self) -> None:
        for output, code in (
            ("", 0),
            ("Traceback", 1),
            (self.LINE.format("INFO", 0, 0, 0), 0),
            (self.LINE.format("INFO", 0, 0, 5), 255),
        ):
            with self.subTest(output=output, code=code):
                got, note = addon_suite.counts_of(output, code)
                self.assertEqual(got.failed, 1)
                self.assertTrue(note)

    def test_each_promise_of_speed_is_kept_or_failed_by_itself(self) -> None:
        good = {"speed_ratio": 0.9, "by_hand_slower": 0.029, "held_seconds_max": 1.99, "calls": 4}
        for change, failed in (
            ({}, 0), ({"speed_ratio": 0.89}, 1), ({"by_hand_slower": 0.03}, 1),
            ({"held_seconds_max": 2.0}, 1), ({"speed_ratio": 0.1, "held_seconds_max": 9.0}, 2),
        ):
            with self.subTest(change):
                counts, note = addon_suite.speed(good | change)
                self.assertEqual((counts.passed, counts.failed), (3 - failed, failed))
                self.assertIn("journal held", note)

    def test_what_is_about_the_addon_is_refused_without_it(self) -> None:
        for more in (["--bench"], ["--only", "addon"], ["--chaos", "100"]):
            with self.subTest(more), self.assertRaises(options.UsageError):
                options.parse(["--odoo-bin", __file__, *more], {})

    def test_the_addons_own_parts_may_be_run_alone(self) -> None:
        own = ["--odoo-bin", __file__, "--addon", "--only", "addon"]
        asked = options.parse([*own, "--chaos", "20"], {})
        names = [name for name, _command in runner.suites(asked)]
        self.assertEqual(names, ["fixtures", "addon"])
        self.assertTrue(asked.wants_part("upgrade"))
        some = options.parse([*own[:-1], "addon:upgrade,rpc"], {})
        self.assertEqual([some.wants_part(name) for name in ("upgrade", "rpc", "midway")],
                         [True, True, False])
        for more in (["--suite", "flow"], ["--fixtures-only"], ["--record"], ["--chaos", "19"],
                     ["--chaos", "10001"], ["--only", "addon:nothing"], ["--only", "books"]):
            with self.subTest(more), self.assertRaises(options.UsageError):
                options.parse([*own, *more], {})

    def test_findings_that_do_not_hold_are_named(self) -> None:
        counts, note = addon_suite.verdict({"a": True, "c": False, "b": False})
        self.assertEqual((counts, note), (report.Counts(1, 2), "b, c"))

    def test_the_version_of_a_manifest_is_read_without_its_series(self) -> None:
        self.assertEqual(addon_upgrade.version_of('{"version": "18.0.1.2.3"}'), "1.2.3")

    def test_without_the_history_the_update_is_skipped_and_said(self) -> None:
        original, addon_upgrade.PREVIOUS = addon_upgrade.PREVIOUS, "no-such-commit"
        self.addCleanup(setattr, addon_upgrade, "PREVIOUS", original)
        with tempfile.TemporaryDirectory() as name:
            nothing: Any = None
            counts, note = addon_upgrade.run(nothing, nothing, "d", pathlib.Path(name))
        self.assertEqual(counts, report.Counts(0, 0, 1))
        self.assertIn("SKIPPED", note)

    def test_the_addon_suite_runs_with_the_addon_and_in_whole_runs_only(self) -> None:
        for asked, there in (
            (options.Options(addon=True), True),
            (options.Options(addon=False), False),
            (options.Options(addon=True, suite="flow"), False),
        ):
            names = [name for name, _command in runner.suites(asked)]
            self.assertEqual("addon" in names, there)


class Program(unittest.TestCase):
    """The shell front."""

    def test_help_is_printed_and_nothing_is_started(self) -> None:
        done = subprocess.run(
            [str(HERE / "run.sh"), "--help"],
            capture_output=True, text=True, timeout=60, check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        for option in ("--odoo-bin", "--url", "--transport", "--suite", "--addon", "--keep"):
            self.assertIn(option, done.stdout)

    def test_the_fixtures_file_is_plain_json(self) -> None:
        self.assertIn("company", json.loads(prepare.FIXTURES.read_text(encoding="utf-8")))


if __name__ == "__main__":
    unittest.main()
