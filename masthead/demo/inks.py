"""The inks of the demo's pictures: twenty-four sets of three inks, a paper and a light, and who may use which."""

from typing import NamedTuple


class Inks(NamedTuple):
    """One set of colours as hex strings: the sheet, three inks from far to near, and one light that catches the eye."""

    paper: str
    far: str
    mid: str
    near: str
    light: str


SETS = {
    "brick": Inks("#f8ece0", "#eab99a", "#c4573a", "#40201f", "#2f7f8f"),
    "cherry": Inks("#f6ebe6", "#e3b0a8", "#b8384a", "#33142a", "#3aa6a0"),
    "clay": Inks("#f5ece4", "#dcc1ae", "#9a7461", "#352824", "#4d9aa0"),
    "dawn": Inks("#fbeee0", "#f4c6b0", "#d9776a", "#4a2740", "#ffd166"),
    "ember": Inks("#f7e9d2", "#f0b48a", "#c65f48", "#3a1f33", "#f6d04d"),
    "fern": Inks("#f1f0dc", "#bcd09a", "#6a9442", "#24402a", "#e76f3c"),
    "fjord": Inks("#e9f1f2", "#a7cdd6", "#3c8299", "#0f3346", "#f08a4b"),
    "graphite": Inks("#ebebe6", "#bdbdb5", "#77776f", "#22231f", "#f2c230"),
    "harbour": Inks("#eef0e6", "#9cc0d6", "#2e6fa3", "#10253f", "#e2533c"),
    "heather": Inks("#efe6d6", "#c4b6d6", "#6c5aa6", "#231f45", "#f2a33a"),
    "ice": Inks("#eef5f4", "#b6dcd8", "#57a3a8", "#183f52", "#f25f5c"),
    "indigo": Inks("#ecebf3", "#b3b5dc", "#5b5fb0", "#1e1d4a", "#ff9f5a"),
    "lagoon": Inks("#f4ecd8", "#8fb8b0", "#2f7f79", "#123c44", "#e8663d"),
    "marine": Inks("#f1efe4", "#8fc1c4", "#1f7a8c", "#0b2a3a", "#ffb84d"),
    "mint": Inks("#eef4ea", "#b2dcc4", "#4aa683", "#17433f", "#ef6f6c"),
    "moss": Inks("#eaf0ea", "#a9cdb0", "#3d8a66", "#153b35", "#f1b73b"),
    "night": Inks("#dfe6ee", "#7f97b8", "#34507f", "#111b36", "#ffd35c"),
    "olive": Inks("#f2eedd", "#c9c79a", "#848a45", "#2d3324", "#e0613a"),
    "plum": Inks("#f3e8ea", "#d7a9bf", "#94416f", "#351a36", "#f0b429"),
    "rust": Inks("#f3ebe1", "#d9b8a0", "#a9583b", "#2d2327", "#3f8f8a"),
    "rye": Inks("#f6efd6", "#e2cf8e", "#b08a3a", "#3b3420", "#c8472f"),
    "sand": Inks("#f8f1e2", "#e6d2ac", "#c79f5d", "#4a3a2a", "#2e7d8c"),
    "slate": Inks("#f0eae4", "#b9bfc6", "#66717f", "#20262f", "#e4572e"),
    "steel": Inks("#edf0f1", "#b4c4cd", "#5a7d92", "#1d2f3c", "#f26b4e"),
}

PALETTES = {
    "coast": ("lagoon", "fjord", "dawn", "night", "ice"),
    "charging": ("heather", "marine", "cherry", "graphite", "mint"),
    "port": ("harbour", "rust", "marine", "slate", "plum"),
    "pylons": ("ember", "indigo", "fjord", "rye", "steel"),
    "roofs": ("moss", "brick", "dawn", "harbour", "clay"),
    "works": ("slate", "rust", "plum", "lagoon", "graphite"),
    "train": ("fern", "brick", "steel", "heather", "ember"),
    "forest": ("moss", "olive", "night", "dawn", "mint"),
    "field": ("rye", "fern", "sand", "lagoon", "ember"),
    "datahall": ("indigo", "night", "ice", "slate", "cherry"),
    "ship": ("fjord", "indigo", "harbour", "lagoon", "steel"),
    "workshop": ("clay", "marine", "olive", "brick", "indigo"),
}
