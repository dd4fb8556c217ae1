"""In which language a text is written.

py3langid (BSD-3-Clause) is a dependency because an offline model tells Danish from Norwegian, which no short
word table does. It costs a second and about 100 MB the first time, so it is loaded only when something is imported.
"""

from functools import lru_cache

_KNOWN = ("da", "en", "de", "sv", "no", "fr", "nl", "fi")
_ENOUGH = 20
_SURE = 0.5


def language_of(text: str, otherwise: str | None = None) -> str | None:
    """ISO 639-1 code ("no" for both kinds of Norwegian), or `otherwise` when the text is too short or unclear."""
    letters = "".join(c for c in text[:6000] if not "\ud800" <= c <= "\udfff")
    if sum(c.isalpha() for c in letters) < _ENOUGH:
        return otherwise
    code, confidence = _identifier().classify(letters)
    return code if confidence >= _SURE else otherwise


@lru_cache(maxsize=1)
def _identifier():
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # late: see the module's docstring

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(_KNOWN))
    return identifier
