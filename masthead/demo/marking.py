"""From marked-up text to blocks and safe HTML. The markup is small on purpose: *em*, **strong**, [text](https://…)."""

import re
from html import escape

from masthead.demo.nouns import Block, Facts, Html, Paragraph, Quote, ReadAlso, Subhead

LINK = re.compile(r"\[([^\]\n]+)\]\(([^)\s]+)\)")
SAFE_TARGET = re.compile(r"(https://|mailto:)[^\s\"'<>]+$")


class MarkupError(ValueError):
    """The text cannot be marked up as written; the message is one sentence saying what to do."""


def to_blocks(text: str) -> tuple[Block, ...]:
    """Every part of an article's body, in order, nothing dropped. Raises MarkupError at what it does not know."""
    return tuple(_block(part) for part in re.split(r"\n\s*\n", text.strip()) if part.strip())


def to_html(text: str) -> Html:
    """Paragraphs and `- ` lists of a plain text as safe HTML, for event, job and legal texts."""
    parts = re.split(r"\n\s*\n", text.strip())
    return Html("\n".join(_html_part(part.strip()) for part in parts if part.strip()))


def inline(text: str) -> str:
    """One line of text as safe HTML: ours is marked up, all else is escaped."""
    html, end = [], 0
    for link in LINK.finditer(text):
        label, target = link.groups()
        if not SAFE_TARGET.match(target):
            raise MarkupError(f"The link »{target}« must begin with https:// or mailto:.")
        html += [_emphasis(text[end : link.start()]), f'<a href="{escape(target)}">{_emphasis(label)}</a>']
        end = link.end()
    return "".join(html) + _emphasis(text[end:])


def _emphasis(text: str) -> str:
    html = escape(text, quote=False)
    html = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", html)
    html = re.sub(r"\*([^*]+)\*", r"<em>\1</em>", html)
    if "*" in html:
        raise MarkupError(f"A star is not closed in »{text.strip()[:50]}«.")
    return html


def _block(part: str) -> Block:
    lines = [line.rstrip() for line in part.strip().splitlines()]
    for mark, build in _BLOCKS.items():
        if lines[0].startswith(mark):
            return build(lines)
    return Paragraph(Html(f"<p>{inline(' '.join(lines))}</p>"))


def _subhead(lines: list[str]) -> Subhead:
    if len(lines) > 1:
        raise MarkupError(f"Leave an empty line after the subhead »{lines[0][3:]}«.")
    return Subhead(_plain(lines[0][3:]))


def _read_also(lines: list[str]) -> ReadAlso:
    if len(lines) > 1:
        raise MarkupError(f"Leave an empty line after »{lines[0]}«.")
    return ReadAlso(lines[0][2:].strip())


def _quote(lines: list[str]) -> Quote:
    said = [line.lstrip(">").strip() for line in lines]
    if not all(line.startswith(">") for line in lines) or not said[-1].startswith("— ") or len(said) < 2:
        raise MarkupError(f"The quotation »{said[0][:50]}« needs a last line »> — Speaker, title«.")
    return Quote(_plain(" ".join(said[:-1])), _plain(said[-1][2:]))


def _facts(lines: list[str]) -> Facts:
    items = [line[2:].strip() for line in lines[1:] if line.startswith("- ")]
    if not items or len(items) != len(lines) - 1:
        raise MarkupError(f"The fact box »{lines[0][4:]}« takes lines that begin with »- « and nothing else.")
    return Facts(_plain(lines[0][4:]), tuple(_plain(item) for item in items))


def _stray_list(lines: list[str]) -> Block:
    raise MarkupError(f"The list beginning »{lines[0][:50]}« belongs in a fact box: put »!!! Heading« above it.")


def _stray_heading(lines: list[str]) -> Block:
    raise MarkupError(f"Write the subhead »{lines[0].lstrip('# ')}« with exactly »## «.")


def _plain(text: str) -> str:
    if "*" in text or LINK.search(text):
        raise MarkupError(f"Markup belongs in paragraphs only, not in »{text.strip()[:50]}«.")
    return text.strip()


def _html_part(part: str) -> str:
    lines = part.splitlines()
    if lines[0].startswith("## "):
        return f"<h2>{escape(_subhead(lines).text, quote=False)}</h2>"
    if not lines[0].startswith("- "):
        return f"<p>{inline(' '.join(line.strip() for line in lines))}</p>"
    if not all(line.startswith("- ") for line in lines):
        raise MarkupError(f"Leave an empty line before and after the list beginning »{lines[0][:50]}«.")
    return "<ul>" + "".join(f"<li>{inline(line[2:].strip())}</li>" for line in lines) + "</ul>"


# Longer marks first: »>> « is a read-also, »> « a quotation.
_BLOCKS = {"## ": _subhead, "#": _stray_heading, ">>": _read_also, ">": _quote, "!!! ": _facts, "- ": _stray_list}
