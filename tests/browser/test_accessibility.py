"""Every kind of page passes axe's rules for WCAG 2.2 AA, on phone and desktop, light and dark, and fits 320 px."""

from pathlib import Path

import axe_playwright_python
import pytest

from tests.browser.pages import PAGES

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
VIEWS = [(width, scheme) for width in (390, 1280) for scheme in ("light", "dark")]
# What the dark scheme can change; everything else was looked at in the light one.
OF_COLOUR = ["color-contrast", "link-in-text-block"]
RUN = """async asked => {
  const only = asked.rules ? {runOnly: {type: 'rule', values: asked.rules}}
    : {runOnly: {type: 'tag', values: asked.tags}, rules: {'target-size': {enabled: true}}};
  const found = await axe.run(document, {...only, resultTypes: ['violations']});
  return found.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.target.join(' ')} (${v.help})`));
}"""
WIDER_THAN = """width => document.documentElement.scrollWidth <= width ? [] :
  [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width + 1).slice(0, 5)
  .map(e => `${e.tagName.toLowerCase()}.${e.className}`).concat([`page is ${document.documentElement.scrollWidth}`])"""


@pytest.mark.parametrize("kind", PAGES, ids=lambda kind: kind.name)
def test_a_page_breaks_no_rule_of_wcag_and_fits_a_small_phone(kind, visit):
    page, response = visit(kind.name, width=320, bypass_csp=True)
    assert response.status == kind.status
    assert not page.evaluate(WIDER_THAN, 320), "it scrolls sideways at 320 px"
    page.evaluate(AXE)
    found = {}
    for width, scheme in VIEWS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        asked = {"rules": OF_COLOUR} if scheme == "dark" else {"tags": TAGS}
        for line in page.evaluate(RUN, asked):
            found.setdefault(line, []).append(f"{width} {scheme}")
    assert not found, "\n".join(f"{line} at {', '.join(views)}" for line, views in found.items())


def test_axe_sees_a_mistake(visit):
    """The check itself can fail: a field without a label and pale words are found."""
    page, _response = visit("imprint", bypass_csp=True)
    page.evaluate(AXE)
    page.evaluate("document.querySelector('main').innerHTML = '<input><p style=\"color:#ccc\">Blegt</p>'")
    found = " ".join(page.evaluate(RUN, {"tags": TAGS}))
    assert "label: input" in found
    assert "color-contrast" in found
