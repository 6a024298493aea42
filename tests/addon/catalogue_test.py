# SPDX-License-Identifier: Apache-2.0
"""German and French say everything that the addons say in English; and the check itself finds what
is missing."""

from __future__ import annotations

import pathlib
import tempfile
import unittest

import addon_source as source
import catalogue

LANGUAGES = ("de", "fr")
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'


def entry(text: str, translation: str, flag: str = "") -> str:
    """One entry of a catalogue."""
    return f'\n{flag}#. module: m\nmsgid "{text}"\nmsgstr "{translation}"\n'


class Addons(unittest.TestCase):
    """The addons as they are."""

    def test_every_term_is_in_the_template_and_translated(self) -> None:
        for addon in source.package.addons():
            with self.subTest(addon.name):
                self.assertEqual(list(catalogue.problems_of(addon, LANGUAGES)), [])

    def test_the_template_is_no_empty_one(self) -> None:
        path = source.ADDONS / "kontor_connector" / "i18n" / "kontor_connector.pot"
        self.assertGreater(len(catalogue.read(path)), 500)


class Check(unittest.TestCase):
    """One addon of two sentences, a field and a view, and what may be wrong with its catalogues."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addon = pathlib.Path(folder.name) / "m"
        (self.addon / "i18n").mkdir(parents=True)
        (self.addon / "models.py").write_text(
            '_("Hello %(who)s, "\n  "well met")\n'
            'x = fields.Char(string="Rank", help="Who is who")\n',
            encoding="utf-8")
        (self.addon / "views.xml").write_text(
            '<odoo><record id="v" model="ir.ui.view"><field name="arch" type="xml">'
            '<list string="Ranks"/></field></record><menuitem id="m" name="Menu"/></odoo>',
            encoding="utf-8")
        self.terms = {"Hello %(who)s, well met": "Hallo %(who)s", "Rank": "Rang",
                      "Who is who": "Wer ist wer", "Ranks": "Ränge", "Menu": "Menü"}
        self.template(self.terms)
        self.german(self.terms)

    def template(self, terms: dict[str, str]) -> None:
        text = HEAD + "".join(entry(text, "") for text in terms)
        (self.addon / "i18n" / "m.pot").write_text(text, encoding="utf-8")

    def german(self, terms: dict[str, str], flag: str = "") -> None:
        text = HEAD + "".join(entry(text, said, flag) for text, said in terms.items())
        (self.addon / "i18n" / "de.po").write_text(text, encoding="utf-8")

    def problems(self, *languages: str) -> list[str]:
        return list(catalogue.problems_of(self.addon, languages or ("de",)))

    def test_all_said_and_translated_is_no_problem(self) -> None:
        self.assertEqual(self.problems(), [])

    def test_each_fault_is_named_once(self) -> None:
        cases = [
            ("a sentence that the template lacks", {"Rank"}, {}, "the .pot does not name “Rank”"),
            ("a term of a view that it lacks", {"Ranks"}, {}, "the .pot does not name “Ranks”"),
            ("a menu that it lacks", {"Menu"}, {}, "the .pot does not name “Menu”"),
            ("an empty translation", set(), {"Rank": ""}, "“Rank” is not translated"),
            ("a translation of blanks", set(), {"Rank": "  "}, "“Rank” is not translated"),
            ("a lost placeholder", set(), {"Hello %(who)s, well met": "Hallo"},
             "other placeholders than"),
            ("another placeholder", set(), {"Hello %(who)s, well met": "Hallo %(wer)s"},
             "other placeholders than"),
        ]
        for name, left_out, changed, words in cases:
            with self.subTest(name):
                terms = {text: said for text, said in self.terms.items() if text not in left_out}
                self.template(terms)
                self.german(terms | changed)
                (problem,) = self.problems()
                self.assertIn(words, problem)

    def test_a_term_that_only_one_side_has_is_named(self) -> None:
        self.german({text: said for text, said in self.terms.items() if text != "Rank"})
        self.assertEqual(self.problems(), ["i18n/de.po: it lacks “Rank”"])
        self.german(self.terms | {"Old": "Alt"})
        (problem,) = self.problems()
        self.assertIn("the .pot has no “Old” any more", problem)

    def test_a_fuzzy_translation_is_none(self) -> None:
        self.german(self.terms, flag="#, fuzzy\n")
        self.assertEqual(len(self.problems()), len(self.terms))

    def test_a_missing_language_is_named(self) -> None:
        self.assertEqual(self.problems("fr"), ["i18n/fr.po: it is not there"])

    def test_terms_over_several_lines_and_escapes_are_read(self) -> None:
        path = self.addon / "i18n" / "fr.po"
        path.write_text(HEAD + '\nmsgid ""\n"One \\"two\\"\\n"\n"three"\nmsgstr "un"\n',
                        encoding="utf-8")
        (term,) = catalogue.read(path)
        self.assertEqual((term.text, term.translation), ('One "two"\nthree', "un"))


if __name__ == "__main__":
    unittest.main()
