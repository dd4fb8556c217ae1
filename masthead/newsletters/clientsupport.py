"""What mail programs cannot show: a small table of HTML and CSS features, and whether a letter leans on one.

The facts are caniemail.com's, read feature by feature in November 2026; `tested` is the date of its last test. Only
features stand here whose lack a reader would notice; what a letter merely gains from, such as dark mode, does not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

SOURCE = "https://www.caniemail.com/features/"
GMAIL, OUTLOOK, OUTLOOK_WEB, YAHOO = "Gmail", "Outlook (Windows)", "Outlook.com", "Yahoo Mail"

FOR_OUTLOOK_ONLY = re.compile(r"<!--\[if [^\]]*mso[^\]]*\]>(?!<!-->).*?<!\[endif\]-->", re.DOTALL | re.IGNORECASE)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
STYLES = re.compile(r"<style\b[^>]*>(.*?)</style>|\sstyle=\"([^\"]*)\"", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class Feature:
    """One feature: its page at the source, how it is found in a letter, the big programs that lack it, and as of when.

    It is looked for in styles, or in the tags where `found_by` begins with “<”.
    """

    name: str
    page: str
    found_by: str
    lacking: tuple[str, ...]
    tested: str

    def is_used(self, tags: str, styles: str) -> bool:
        return bool(re.search(self.found_by, tags if self.found_by.startswith("<") else styles, re.IGNORECASE))


FEATURES = (
    Feature("display: flex", "css-display-flex", r"display\s*:\s*(?:inline-)?flex", (OUTLOOK,), "2021-11"),
    Feature("display: grid", "css-display-grid", r"display\s*:\s*grid", (GMAIL, OUTLOOK, YAHOO), "2019-02"),
    Feature("position", "css-position", r"(?<![-\w])position\s*:\s*(?:a|f|r|sticky)", (GMAIL, OUTLOOK), "2021-05"),
    Feature("background-image", "css-background-image", r"background[-\w]*\s*:[^;}]*url\(", (OUTLOOK,), "2019-02"),
    Feature("custom properties", "css-variables", r"var\(\s*--", (GMAIL, OUTLOOK, OUTLOOK_WEB, YAHOO), "2020-02"),
    Feature("calc()", "css-unit-calc", r"(?<![-\w])calc\(", (OUTLOOK, OUTLOOK_WEB, YAHOO), "2020-02"),
    Feature("@font-face", "css-at-font-face", r"@font-face", (GMAIL, OUTLOOK, OUTLOOK_WEB, YAHOO), "2019-07"),
    Feature("float", "css-float", r"(?<![-\w])float\s*:\s*(?:left|right)", (OUTLOOK,), "2019-02"),
    Feature("transform", "css-transform", r"(?<![-\w])transform\s*:", (GMAIL, OUTLOOK, OUTLOOK_WEB, YAHOO), "2019-02"),
    Feature("<form>", "html-form", r"<form\b", (OUTLOOK,), "2019-09"),
    Feature("<picture>", "html-picture", r"<picture\b", (GMAIL, OUTLOOK, OUTLOOK_WEB, YAHOO), "2019-05"),
    Feature("SVG as a picture", "image-svg", r"<img\b[^>]*\ssrc=\"[^\"]+\.svg", (GMAIL, OUTLOOK), "2023-01"),
    Feature("WebP as a picture", "image-webp", r"<img\b[^>]*\ssrc=\"[^\"]+\.webp", (OUTLOOK,), "2021-02"),
    Feature("a picture within the mail", "image-base64", r"<img\b[^>]*\ssrc=\"data:", (GMAIL, OUTLOOK), "2020-02"),
)


def leans_on(html: str) -> Iterator[Feature]:
    """Yield each feature of the table a letter uses; what is written for Outlook alone is passed over."""
    body = COMMENT.sub("", FOR_OUTLOOK_ONLY.sub("", html))
    styles = "\n".join(block or inline for block, inline in STYLES.findall(body))
    yield from (feature for feature in FEATURES if feature.is_used(body, styles))
