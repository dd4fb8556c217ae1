"""Reading a page as a reader does: its elements, and its words in reading order."""

from lxml import html


def read(client, address: str, status: int = 200):
    response = client.get(address)
    assert response.status_code == status, f"{address}: {response.status_code}"
    return html.fromstring(response.content.decode())


def words(node) -> str:
    return " ".join(node.text_content().split())


def headlines(page, inside: str = "main") -> list[str]:
    """The headlines of the cards below an element of this class, or below main."""
    within = page.find(".//main") if inside == "main" else page.find_class(inside)[0]
    return [words(link) for link in within.xpath(".//h2/a | .//h3/a")]
