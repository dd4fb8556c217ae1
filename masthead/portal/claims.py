"""Words in partner copy that claim something for the environment and so must be proved.

Dir. (EU) 2024/825 (applies from 27 September 2026) forbids generic environmental claims without proof, and claims of
neutrality that rest on offsetting. A word list decides nothing: it asks.
"""

import re

CLAIMS = {
    "da": (
        "grøn",
        "klimavenlig",
        "miljøvenlig",
        "bæredygtig",
        "co2-neutral",
        "klimaneutral",
        "naturlig",
        "nedbrydelig",
    ),
    "en": ("green", "climate-friendly", "eco-friendly", "sustainable", "carbon neutral", "climate neutral", "natural"),
}


def claims_in(text: str) -> list[str]:
    """Return the claims found in `text`, in any of the languages, each once and as it was written."""
    stems = "|".join(re.escape(word) for words in CLAIMS.values() for word in words)
    found = re.findall(rf"(?<!\w)(?:{stems})\w*", text.replace("₂", "2"), re.IGNORECASE)
    return list(dict.fromkeys(found))
