"""The demo's pictures: drawn the same from the same seed, different from another, and all of them lie printed."""

from collections import Counter

import pytest
from PIL import Image

from masthead.demo import nouns, printing
from masthead.demo.inks import PALETTES, SETS
from masthead.demo.motifs import MOTIFS, UnknownMotif, look, picture


@pytest.fixture(scope="module")
def drawings():
    return printing.drawings()


@pytest.mark.parametrize("motif", MOTIFS)
def test_the_same_seed_gives_the_same_picture(motif):
    assert picture(motif, "a-slug") == picture(motif, "a-slug")


@pytest.mark.parametrize("motif", MOTIFS)
def test_different_seeds_give_different_pictures(motif):
    assert len({picture(motif, f"slug-{k}") for k in range(5)}) == 5


@pytest.mark.parametrize("motif", MOTIFS)
def test_a_motif_has_two_views_in_at_least_four_sets_of_inks(motif):
    looks = {look(motif, f"slug-{k}") for k in range(150)}
    assert len({view for view, _ in looks}) == 2
    assert len({paper for _, paper in looks}) >= 4


def test_the_picture_of_a_seed_does_not_change_with_the_machine():
    assert look("coast", "a-slug") == ("lighthouse", "#f4ecd8")


def test_the_motifs_a_picture_may_name_are_the_ones_that_are_drawn():
    assert nouns.MOTIFS == MOTIFS.keys() == PALETTES.keys()


def test_every_palette_names_inks_that_exist():
    assert {name for names in PALETTES.values() for name in names} == SETS.keys()


def test_an_unknown_motif_is_refused_with_the_list_of_known_ones():
    with pytest.raises(UnknownMotif, match="choose one of: charging, coast"):
        picture("unicorn", "a-slug")


def test_two_titles_never_share_a_slug():
    slugs = Counter(file.stem for file in printing.CONTENT.glob("*/articles/*.md"))
    assert [slug for slug, times in slugs.items() if times > 1] == []


def test_everything_with_a_picture_has_all_six_files(drawings):
    missing = [name for slug in drawings for name in printing.names(slug) if not (printing.PICTURES / name).exists()]
    assert missing == []


def test_no_printed_picture_is_older_than_its_drawing(drawings):
    record = printing.read_record()
    assert [slug for slug, drawing in drawings.items() if printing.is_stale(slug, drawing, record)] == []


def test_no_picture_lies_printed_that_nothing_shows(drawings):
    wanted = {name for slug in drawings for name in printing.names(slug)} | {printing.RECORD.name}
    assert {file.name for file in printing.PICTURES.iterdir()} - wanted == set()


def test_every_file_is_as_wide_as_its_name_says_and_three_to_two():
    wrong = []
    for file in printing.PICTURES.glob("*.*if"), printing.PICTURES.glob("*.webp"):
        wrong += [(one.name, size) for one in file if (size := _size(one))[0] != _promised_width(one) or _odd(size)]
    assert wrong == []


def test_all_pictures_together_weigh_less_than_fourteen_megabytes():
    assert sum(file.stat().st_size for file in printing.PICTURES.iterdir()) < 14_000_000


def test_a_new_article_does_not_change_the_picture_of_an_old_one(monkeypatch):
    record = {slug: entry for slug, entry in printing.read_record().items() if not slug.startswith("a")}
    monkeypatch.setattr(printing, "read_record", lambda: record)
    seeds = printing.seeds({slug: "coast" for slug in printing.pictured()})
    assert {slug: seeds[slug] for slug in record} == {slug: entry["seed"] for slug, entry in record.items()}


def test_a_seed_is_chosen_whose_look_is_rarest():
    used = Counter(printing._traits("coast", "a-slug"))
    assert look("coast", printing._seed("coast", "a-slug", used)) != look("coast", "a-slug")


def test_the_two_views_of_a_motif_take_turns(monkeypatch):
    monkeypatch.setattr(printing, "read_record", dict)
    seeds = printing.seeds({f"piece-{k}": "coast" for k in range(10)})
    views = Counter(look("coast", seed)[0] for seed in seeds.values())
    assert views == {"wind_coast": 5, "lighthouse": 5}


def test_without_a_browser_printing_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(printing, "CHROMIUM", str(tmp_path / "no-chromium"))
    with pytest.raises(printing.NoPress, match="MASTHEAD_CHROMIUM"):
        list(printing._raster([("slug", "<svg/>")]))


def test_nothing_to_print_needs_no_browser(monkeypatch, tmp_path):
    monkeypatch.setattr(printing, "CHROMIUM", str(tmp_path / "no-chromium"))
    assert list(printing._raster([])) == []


def _size(file):
    with Image.open(file) as image:
        return image.size


def _promised_width(file):
    return int(file.stem.rpartition("-")[2])


def _odd(size):
    # 400 by 267 is as near to three to two as whole pixels come.
    return abs(size[0] * 2 / 3 - size[1]) >= 1
