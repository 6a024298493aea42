# SPDX-License-Identifier: LGPL-3.0-or-later
"""Makes an addon's README.md and static/description/index.html from the fragments in readme/.

    python3 odoo_addon/make_readme.py            writes them
    python3 odoo_addon/make_readme.py --check    fails when they are not what the fragments say

Knows the little Markdown that the fragments use: headings, lists, emphasis, code.
"""

from __future__ import annotations

import ast
import html
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
SECTIONS = (("DESCRIPTION", ""), ("INSTALL", "Installation"), ("CONFIGURE", "Configuration"),
            ("USAGE", "Usage"), ("ROADMAP", "Known limits"), ("HISTORY", "Changes"),
            ("CONTRIBUTORS", "Contributors"))
# Screenshots in static/description, with what they show, after the description.
SHOTS = (
    ("overview.png", "Overview: each journal with what was synced today, waits and stopped"),
    ("exception.png", "An exception: asked and got side by side, and what each decision does"),
    ("correct.png", "Correct and retry: the document as kontor has it"),
    ("documents.png", "Synced documents, by type, journal and state"),
    ("totals.png", "Control totals: asked, booked, difference"),
    ("payment_order.png", "A payment order: what it pays, who approved it, what the bank says"),
    ("approve.png", "An approval, bound to the payments that the dialog shows"),
    ("invoice.png", "An invoice with its badge, history and bank status"),
    ("service.png", "The service's settings with the result of the connection test"),
)
BULLET = re.compile(r"^(?:- |\d+\. )")


def inline(text: str) -> str:
    """Emphasis and code of one paragraph as HTML."""
    text = html.escape(text, quote=False)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    text = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", text)
    return re.sub(r"\*([^*]+)\*", r"<em>\1</em>", text)


def blocks(text: str) -> list[str]:
    """The paragraphs, headings and list items of a fragment, each on one line."""
    found: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        for line in paragraph.splitlines():
            starts = BULLET.match(line) or line.startswith("#") or not found or found[-1] == ""
            if starts:
                found.append(line.strip())
            else:
                found[-1] += " " + line.strip()
        found.append("")
    return found


def to_html(text: str) -> str:
    """A fragment as HTML."""
    out: list[str] = []
    open_list = ""
    for block in blocks(text):
        kind = "ul" if block.startswith("- ") else "ol" if BULLET.match(block) else ""
        if block == "":
            continue
        if kind != open_list:
            out += [f"</{open_list}>"] if open_list else []
            out += [f"<{kind}>"] if kind else []
            open_list = kind
        if kind:
            out.append(f"<li>{inline(BULLET.sub('', block))}</li>")
        elif block.startswith("#"):
            out.append(f"<h3>{inline(block.lstrip('# '))}</h3>")
        else:
            out.append(f"<p>{inline(block)}</p>")
    return "\n".join(out + ([f"</{open_list}>"] if open_list else []))


def sections(addon: pathlib.Path) -> list[tuple[str, str]]:
    """(title, text) of the fragments that there are."""
    found = []
    for name, title in SECTIONS:
        path = addon / "readme" / f"{name}.md"
        if path.is_file():
            found.append((title, path.read_text(encoding="utf-8").strip()))
    return found


def shots(addon: pathlib.Path) -> list[tuple[str, str]]:
    """The screenshots that there are."""
    return [shot for shot in SHOTS if (addon / "static/description" / shot[0]).is_file()]


def pages(addon: pathlib.Path) -> dict[pathlib.Path, str]:
    """What the two files of an addon must hold."""
    manifest = ast.literal_eval((addon / "__manifest__.py").read_text(encoding="utf-8"))
    name, licence = manifest["name"], manifest["license"]
    readme = [f"# {name}", f"Licence: {licence}. {manifest['summary']}."]
    page = ['<section class="oe_container">', f"<h1>{html.escape(name)}</h1>",
            f'<p class="lead">{html.escape(manifest["summary"])}.</p>']
    for number, (title, text) in enumerate(sections(addon)):
        readme += ([f"## {title}"] if title else []) + [re.sub(r"(?m)^## ", "### ", text)]
        page += ([f"<h2>{title}</h2>"] if title else []) + [to_html(text)]
        if number == 0:
            for file, caption in shots(addon):
                readme.append(f"![{caption}](static/description/{file})")
                page.append(f'<figure><img class="img-fluid border" src="{file}" '
                            f'alt="{html.escape(caption)}"/>'
                            f"<figcaption>{html.escape(caption)}</figcaption></figure>")
    page.append("</section>")
    return {addon / "README.md": "\n\n".join(readme) + "\n",
            addon / "static/description/index.html": "\n".join(page) + "\n"}


def main(argv: list[str]) -> int:
    """Writes or checks the pages of every addon that has fragments; answers the exit code."""
    stale = []
    for addon in sorted(path.parent for path in HERE.glob("*/readme")):
        for path, text in pages(addon).items():
            if path.is_file() and path.read_text(encoding="utf-8") == text:
                continue
            stale.append(path)
            if "--check" not in argv:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    for path in stale:
        print(path.relative_to(HERE))
    return 1 if stale and "--check" in argv else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
