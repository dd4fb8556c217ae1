"""The twelve motifs of the demo's pictures: poster-like, three inks on paper, drawn from a seed.

A motif has two views, far and close; the seed picks the view, the inks, the sky, the mirror image and all the numbers.
"""

from masthead.demo import indoors, outdoors, premises
from masthead.demo.drawing import Sheet

MOTIFS = {
    "charging": (premises.forecourt, premises.charger_close),
    "coast": (outdoors.wind_coast, outdoors.lighthouse),
    "datahall": (indoors.server_aisle, premises.cooled_hall),
    "field": (outdoors.furrows, outdoors.bales),
    "forest": (outdoors.spruces, outdoors.birches),
    "port": (premises.quay, premises.stacks),
    "pylons": (outdoors.power_line, premises.substation),
    "roofs": (premises.solar_roofs, premises.building_site),
    "ship": (outdoors.ship_abeam, outdoors.ship_ahead),
    "train": (outdoors.viaduct, outdoors.tracks),
    "workshop": (indoors.bench, indoors.robot_hall),
    "works": (premises.chimneys, premises.silos),
}


class UnknownMotif(LookupError):
    """Nobody has drawn that motif."""


def picture(motif: str, seed: str) -> str:
    """Return the picture of a motif as an SVG document of 1200 by 800; the same seed gives the same characters.

    Raises UnknownMotif, naming the twelve there are.
    """
    sheet, view = _begin(motif, seed)
    view(sheet)
    return sheet.svg()


def look(motif: str, seed: str) -> tuple[str, str]:
    """Return the view and the paper colour a seed gives: two pictures that share neither are not confused.

    Raises UnknownMotif, as `picture` does.
    """
    sheet, view = _begin(motif, seed)
    return view.__name__, sheet.inks.paper


def _begin(motif: str, seed: str):
    if motif not in MOTIFS:
        raise UnknownMotif(f'There is no motif "{motif}"; choose one of: {", ".join(MOTIFS)}.')
    sheet = Sheet(motif, seed)
    return sheet, sheet.pick(*MOTIFS[motif])
