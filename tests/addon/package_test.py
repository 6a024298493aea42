# SPDX-License-Identifier: Apache-2.0
"""What odoo_addon/package.sh makes of a source, rule by rule. Writes to a temporary folder only."""

from __future__ import annotations

import pathlib
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ET
import zipfile

import addon_source as source
from addon_source import package

HEAD = '<?xml version="1.0" encoding="utf-8" ?>\n<!-- licence -->\n'


def view(arch: str) -> str:
    """A data file with one view."""
    return (
        f'{HEAD}<odoo>\n  <record id="v" model="ir.ui.view">\n'
        f'    <field name="arch" type="xml">{arch}</field>\n  </record>\n</odoo>\n'
    )


def record(model: str, fields: str) -> str:
    """A data file with one record."""
    return f'{HEAD}<odoo><record id="r" model="{model}">{fields}</record></odoo>\n'


class Rules(unittest.TestCase):
    """XML in, XML out; a series without a rule keeps every character."""

    CASES = [
        ("a list is a tree on 17", "17.0", view("<list><field name='a'/></list>"),
         "<tree><field", "<list"),
        ("a list stays one on 19", "19.0", view("<list/>"), "<list", "<tree"),
        ("a path into a list goes into a tree", "17.0",
         view("<xpath expr=\"//list[@x='list']/field[@name='list']\" position='after'/>"),
         "//tree[@x='list']/field[@name='list']", None),
        ("a field's modes are renamed", "17.0", view("<field name='x' mode='list,kanban'/>"),
         'mode="tree,kanban"', None),
        ("a field named list keeps its name", "17.0", view("<form><field name='list'/></form>"),
         'name="list"', None),
        ("an action's modes are renamed", "17.0",
         record("ir.actions.act_window", "<field name='view_mode'>list,pivot,form</field>"),
         ">tree,pivot,form<", None),
        ("another model's view_mode is left alone", "17.0",
         record("kontor.thing", "<field name='view_mode'>list</field>"), ">list<", None),
        ("a chatter is spelt out on 17", "17.0", view("<form><chatter reload_on_post='1'/></form>"),
         '<div class="oe_chatter"><field name="message_follower_ids"', "chatter reload"),
        ("a cron goes on for ever on 17", "17.0", record("ir.cron", "<field name='name'>x</field>"),
         '<field name="numbercall">-1</field>', None),
        ("a cron's own count is kept", "17.0",
         record("ir.cron", "<field name='numbercall'>3</field>"), ">3<", ">-1<"),
        ("18 and 19 know no count", "19.0", record("ir.cron", "<field name='name'>x</field>"),
         "x", "numbercall"),
        ("groups of a menu are renamed on 19", "19.0",
         record("ir.ui.menu", "<field name='groups_id' eval='[]'/>"), 'name="group_ids"',
         "groups_id"),
        ("groups of an action are renamed on 19", "19.0",
         record("ir.actions.server", "<field name='groups_id' eval='[]'/>"), 'name="group_ids"',
         None),
        ("a model with a groups_id of its own keeps it", "19.0",
         record("kontor.thing", "<field name='groups_id'/>"), 'name="groups_id"', None),
        ("users of a group are renamed on 19", "19.0",
         record("res.groups", "<field name='users' eval='[]'/>"), 'name="user_ids"', None),
        ("search groups lose their attributes on 19", "19.0",
         view("<search><group expand='0' string='By'><filter name='x'/></group></search>"),
         "<group><filter", "expand"),
        ("form groups keep theirs", "19.0", view("<form><group string='By'/></form>"),
         'string="By"', None),
    ]

    def test_each_rule_changes_what_it_says_and_nothing_else(self) -> None:
        for name, series, text, wanted, unwanted in self.CASES:
            with self.subTest(name):
                made = package.xml_for(series, text, "test.xml")
                ET.fromstring(made)
                self.assertIn(wanted, made)
                if unwanted is not None:
                    self.assertNotIn(unwanted, made)
                self.assertTrue(made.startswith(HEAD))

    def test_the_source_series_keeps_every_character(self) -> None:
        text = view("<list  ><field name='a'/></list>")
        self.assertEqual(package.xml_for("18.0", text, "test.xml"), text)

    def test_comments_and_text_survive(self) -> None:
        text = view("<form><!-- why --><p>Größe &amp; Gewicht &lt; 5</p></form>")
        made = package.xml_for("17.0", text, "test.xml")
        self.assertIn("<!-- why --><p>Größe &amp; Gewicht &lt; 5</p>", made)

    def test_what_is_no_xml_is_refused_by_name(self) -> None:
        with self.assertRaisesRegex(package.PackageError, "broken.xml"):
            package.xml_for("17.0", "<odoo><list></odoo>", "broken.xml")


class Manifests(unittest.TestCase):
    """Only the version changes."""

    def test_the_version_gets_the_series(self) -> None:
        text = '# licence\n{\n    "name": "x",  # 18.0.1.0.0\n    "version": "18.0.1.2.3",\n}\n'
        self.assertEqual(
            package.manifest_for("17.0", text, "m"), text.replace('"18.0.1.2.3"', '"17.0.1.2.3"')
        )

    def test_what_cannot_be_is_refused(self) -> None:
        for name, text in (
            ("no version", '{"name": "x"}'),
            ("another series", '{"version": "16.0.1.0.0"}'),
            ("a version that is no text", '{"version": 18.0}'),
            ("no dictionary", "[1]"),
        ):
            with self.subTest(name), self.assertRaises(package.PackageError):
                package.manifest_for("17.0", text, "m")


class Trees(unittest.TestCase):
    """Files chosen, trees and zips written."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out = pathlib.Path(folder.name)
        self.addon = self.out / "source" / "thing"
        self.put("__manifest__.py", '{"name": "t", "version": "18.0.1.0.0", "data": ["a.xml"]}\n')
        self.put("a.xml", view("<list/>"))
        self.put("a.19.0.xml", "<odoo><!-- for 19 --></odoo>")
        self.put("only.17.0.csv", "for 17")
        self.put("static/x.xml", "<list/>")
        self.put("__pycache__/x.pyc", "")

    def put(self, name: str, text: str) -> None:
        path = self.addon / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def test_each_series_gets_its_own_files(self) -> None:
        cases = [
            ("17.0", {"__manifest__.py", "a.xml", "only.csv", "static/x.xml"}, "<tree"),
            ("18.0", {"__manifest__.py", "a.xml", "static/x.xml"}, "<list"),
            ("19.0", {"__manifest__.py", "a.xml", "static/x.xml"}, "for 19"),
        ]
        for series, names, words in cases:
            with self.subTest(series):
                tree = package.package(series, self.addon, self.out)
                files = {path.relative_to(tree).as_posix() for path in tree.rglob("*")
                         if path.is_file()}
                self.assertEqual(files, names)
                self.assertIn(words, (tree / "a.xml").read_text(encoding="utf-8"))
                self.assertIn("<list", (tree / "static/x.xml").read_text(encoding="utf-8"))
                archive = self.out / series / f"thing-{series}.1.0.0.zip"
                with zipfile.ZipFile(archive) as made:
                    self.assertEqual(set(made.namelist()), {f"thing/{name}" for name in names})

    def test_the_same_source_makes_the_same_zip(self) -> None:
        archive = self.out / "17.0" / "thing-17.0.1.0.0.zip"
        package.package("17.0", self.addon, self.out)
        first = archive.read_bytes()
        package.package("17.0", self.addon, self.out)
        self.assertEqual(archive.read_bytes(), first)

    def test_what_was_there_before_is_gone(self) -> None:
        tree = package.package("18.0", self.addon, self.out)
        (tree / "old.py").write_text("", encoding="utf-8")
        package.package("18.0", self.addon, self.out)
        self.assertFalse((tree / "old.py").exists())

    def test_a_data_file_that_is_missing_is_told(self) -> None:
        (self.addon / "a.xml").unlink()
        with self.assertRaisesRegex(package.PackageError, "a.xml"):
            package.package("17.0", self.addon, self.out)

    def test_the_script_packages_every_addon_of_this_tree(self) -> None:
        done = subprocess.run(
            [str(source.ADDONS / "package.sh"), "19.0", "--out", str(self.out / "made")],
            capture_output=True, text=True, timeout=120, check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        for addon in package.addons():
            self.assertTrue((self.out / "made" / "19.0" / addon.name / "__manifest__.py").is_file())

    def test_an_unknown_series_is_refused(self) -> None:
        done = subprocess.run(
            [str(source.ADDONS / "package.sh"), "16.0"],
            capture_output=True, text=True, timeout=120, check=False,
        )
        self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main()
