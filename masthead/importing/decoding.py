"""Bytes of an unknown file become text, or one clear refusal.

The files come from strangers' archives: sizes, encodings and contents are not to be trusted.
"""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

PAGE_LIMIT = 20 * 1024 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NOT_TEXT = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP or Word file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})")
_TWICE_ENCODED = re.compile("Ã[\u0080-¿†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€")
# Codecs that Python counts as text but no page was ever written in; some of them refuse an error handler.
_NO_PAGE_CODECS = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "utf-7", "mbcs", "oem"}
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


class ImportRefused(Exception):
    """The file cannot be imported; the sentence says why and what to do."""


@dataclass(frozen=True)
class Decoded:
    """Text of a file, the encoding it was read in, and sentences about what was odd."""

    text: str
    encoding: str
    warnings: tuple[str, ...] = ()


def read_capped(path: str | Path, limit: int = PAGE_LIMIT) -> bytes:
    """Read a file only if it is an ordinary one and not over `limit` bytes.

    Raises ImportRefused.
    """
    path = Path(path)
    try:
        if not path.is_file():
            raise ImportRefused(f"{path.name} is not a file; give the path of one captured or saved page.")
        size = path.stat().st_size
        if size > limit:
            raise ImportRefused(_too_big(path.name, size, limit))
        with path.open("rb") as handle:
            data = handle.read(limit + 1)
    except OSError as error:
        raise ImportRefused(f"{path.name} cannot be read ({error.strerror}); check the path and its rights.") from error
    if len(data) > limit:
        raise ImportRefused(_too_big(path.name, len(data), limit))
    return data


def decode(data: bytes) -> Decoded:
    """Text of the bytes: BOM first, then the declaration, then UTF-8, then Windows-1252.

    Never loses a byte silently: what is not valid in the chosen encoding is read as Windows-1252 and said.
    Raises ImportRefused when the bytes are no text at all.
    """
    _refuse_other_formats(data)
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decoded(data[len(bom) :], encoding)
    guessed = _utf16_without_bom(data)
    if guessed:
        return _decoded(data, guessed)
    try:
        return _mended(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _decoded(data, _declared(data) or _eight_bit(data))


def without_controls(text: str) -> str:
    """The text without characters that no page means: controls, lone surrogates, non-characters."""
    return _CONTROLS.sub("", text)


def _too_big(name: str, size: int, limit: int) -> str:
    megabytes = limit // (1024 * 1024)
    return f"{name} is {size / 1024 / 1024:.0f} MB; a page may be {megabytes} MB at most, so split or trim it."


def _refuse_other_formats(data: bytes) -> None:
    for start, what in _NOT_TEXT:
        if data.startswith(start):
            raise ImportRefused(f"This is {what}, not a page; save the page as text or HTML and import that.")


def _utf16_without_bom(data: bytes) -> str | None:
    head = data[:4096]
    if len(head) < 4:
        return None
    even, odd = head[0::2].count(0) / len(head[0::2]), head[1::2].count(0) / len(head[1::2])
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    if even > 0.4 and odd < 0.1:
        return "utf-16-be"
    return None


def _declared(data: bytes) -> str | None:
    head = data[:4096]
    match = _XML_ENCODING.search(head) or _META_CHARSET.search(head)
    if not match:
        return None
    try:
        name = codecs.lookup(match.group(1).decode("ascii")).name
        b"".decode(name)
    except (LookupError, UnicodeError):
        return None
    if name.replace("-", "_") in {codec.replace("-", "_") for codec in _NO_PAGE_CODECS}:
        return None
    # Browsers read Latin-1 as Windows-1252 (WHATWG Encoding Standard), and so do the people who wrote the page.
    return "cp1252" if name in ("iso8859-1", "ascii") else name


def _eight_bit(data: bytes) -> str:
    """UTF-8 with a few broken bytes, or an eight-bit page: whichever the bytes over 127 speak for."""
    whole = sum(1 for _ in re.finditer(rb"[\xc3-\xf4][\x80-\xbf]+", data))
    high = sum(1 for _ in re.finditer(rb"[\x80-\xff]+", data))
    return "utf-8" if whole * 2 > high else "cp1252"


def _decoded(data: bytes, encoding: str) -> Decoded:
    warnings = [f"The file was read as {encoding}."] if encoding not in ("utf-8",) else []
    try:
        return Decoded(data.decode(encoding), encoding, tuple(warnings))
    except UnicodeDecodeError:
        pass
    text = data.decode(encoding, errors="masthead-cp1252")
    warnings.append(f"Some letters were not valid {encoding} and were read as Windows-1252; check names with æ, ø, å.")
    return Decoded(text, encoding, tuple(warnings))


def _mended(text: str) -> Decoded:
    if len(_TWICE_ENCODED.findall(text)) < 3:
        return Decoded(text, "utf-8")
    try:
        mended = text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return Decoded(text, "utf-8")
    return Decoded(mended, "utf-8", ("The text had been encoded twice (Ã¦ for æ) and was mended.",))


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    # latin-1 for the five bytes Windows-1252 leaves undefined: every byte becomes some letter.
    letters = "".join(chr(b) if b in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([b]).decode("cp1252") for b in bad)
    return letters, error.end


codecs.register_error("masthead-cp1252", _as_cp1252)
