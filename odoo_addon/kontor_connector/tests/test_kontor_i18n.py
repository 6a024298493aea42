# SPDX-License-Identifier: LGPL-3.0-or-later
import re
from pathlib import Path

import polib

from odoo.tests import tagged

from .kontor_stub import KontorCase

I18N = Path(__file__).parents[1] / "i18n"
PLACEHOLDER = re.compile(r"%\(\w+\)s|%s")


@tagged("post_install", "-at_install")
class TestKontorI18n(KontorCase):
    """German and French say everything that English says."""

    def test_every_term_is_translated_with_its_placeholders(self):
        template = {entry.msgid for entry in polib.pofile(str(I18N / "kontor_connector.pot"))}
        self.assertGreater(len(template), 500)
        for lang in ("de", "fr"):
            entries = {entry.msgid: entry.msgstr
                       for entry in polib.pofile(str(I18N / f"{lang}.po"))}
            self.assertEqual(set(entries), template, lang)
            for msgid, msgstr in entries.items():
                with self.subTest(lang=lang, msgid=msgid[:60]):
                    self.assertTrue(msgstr)
                    self.assertEqual(sorted(PLACEHOLDER.findall(msgstr)),
                                     sorted(PLACEHOLDER.findall(msgid)))

    def test_a_german_user_reads_german(self):
        self.env["res.lang"]._activate_lang("de_DE")
        case = self.an_exception().with_context(lang="de_DE")
        case.invalidate_recordset()
        self.assertEqual(case.title, "Das Konto gibt es nicht")
