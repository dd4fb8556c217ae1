"""Scenes under an open sky: coast, field, forest, power line, ship and railway."""

import math

from masthead.demo.drawing import HEIGHT, WIDTH, Sheet
from masthead.demo.stencils import container, house, pylon, spruce, turbine


def wind_coast(sheet: Sheet) -> None:
    ink, horizon = sheet.inks, sheet.between(500, 600)
    sheet.sky(horizon)
    if sheet.toss():
        sheet.hill(horizon - 50, 26, ink.far)
    count = sheet.between(3, 7)
    for k in range(count):
        x = 90 + k * 1060 / count + sheet.between(-30, 30)
        turbine(sheet, x, horizon + 10, 150 + k * 260 / count, ink.near if k > count / 2 else ink.mid)
    sheet.water(horizon, ink.mid)
    sheet.hill(sheet.between(735, 775), 22, ink.near)


def lighthouse(sheet: Sheet) -> None:
    ink, horizon, x = sheet.inks, sheet.between(470, 560), sheet.between(180, 420)
    sheet.sky(horizon, sun=sheet.toss())
    sheet.water(horizon, ink.mid)
    for k in range(sheet.between(2, 6)):
        turbine(sheet, x + 330 + k * 105, horizon + 2, 74 + 12 * k, ink.near)
    top, foot, half = sheet.between(120, 190), horizon + 90, 52
    lamp = (x, top + 30)
    sheet.shape([lamp, (WIDTH + 20, top - 150), (WIDTH + 20, top + 60)], ink.light, fill_opacity=0.55)
    cliff = [
        (-20, foot - 40),
        (x - 130, foot - 64),
        (x + 60, foot - 50),
        (x + 170, foot + 20),
        (x + 230, foot + 130),
        (x + 380, HEIGHT + 20),
        (-20, HEIGHT + 20),
    ]
    sheet.shape(cliff, ink.near)
    rings = 6
    for k in range(rings):
        high, low = top + 60 + k * (foot - top - 110) / rings, top + 60 + (k + 1) * (foot - top - 110) / rings
        a, b = half - 22 + k * 4, half - 22 + (k + 1) * 4
        sheet.shape(
            [(x - a, high), (x + a, high), (x + b, low + 1), (x - b, low + 1)], ink.paper if k % 2 else ink.light
        )
    sheet.box(x - 46, top + 52, 92, 12, ink.near)
    sheet.box(x - 24, top + 8, 48, 46, ink.paper, stroke=ink.near, stroke_width=6)
    sheet.shape([(x - 36, top + 10), (x, top - 32), (x + 36, top + 10)], ink.near)
    house(sheet, x - 150, foot - 54, 110, ink.mid, ink.paper)


def furrows(sheet: Sheet) -> None:
    ink, horizon, vanish = sheet.inks, sheet.between(300, 420), sheet.between(350, 850)
    sheet.sky(horizon)
    sheet.hill(horizon - 10, 24, ink.mid, fill_opacity=0.7)
    _farmstead(sheet, sheet.between(60, 240), horizon + 6)
    sheet.box(0, horizon, WIDTH, HEIGHT - horizon, ink.near)
    rows = sheet.between(9, 15)
    for k in range(-rows, rows + 1):
        left, right = vanish + k * 300, vanish + k * 300 + 150
        sheet.shape(
            [(vanish + k * 16, horizon), (vanish + k * 16 + 7, horizon), (right, HEIGHT), (left, HEIGHT)],
            ink.light if k == 2 else (ink.mid, ink.far)[k % 2],
        )


def _farmstead(sheet: Sheet, x: int, y: int) -> None:
    ink = sheet.inks
    for k in range(sheet.between(1, 3)):
        sheet.box(x + 250 + k * 56, y - 150 + k * 14, 46, 160 - k * 14, ink.near)
        sheet.disc(x + 273 + k * 56, y - 150 + k * 14, 23, ink.near)
    house(sheet, x, y, 220, ink.near, ink.paper)
    if sheet.toss(0.6):
        turbine(sheet, x + 640, y, 250, ink.near)


def bales(sheet: Sheet) -> None:
    ink, horizon = sheet.inks, sheet.between(330, 430)
    sheet.sky(horizon)
    for k, fill in enumerate((ink.far, ink.mid, ink.light if sheet.toss() else ink.far, ink.mid)):
        sheet.hill(horizon + k * 74, 34 + k * 5, fill)
        for _ in range(5 if k == 1 else 0):
            # The next hill hides the feet, so no tree stands in the air.
            spruce(sheet, sheet.between(0, WIDTH), horizon + 170, sheet.between(140, 200), ink.near)
    sheet.hill(horizon + 300, 30, ink.far)
    for k in range(sheet.between(4, 7)):
        _bale(sheet, (k * 397 + sheet.between(0, 160)) % 1150, horizon + 235 + k * 34, 30 + k * 11)


def _bale(sheet: Sheet, x: int, y: int, radius: int) -> None:
    ink, narrow, depth = sheet.inks, radius * 0.62, radius * 1.2
    sheet.mark(
        "ellipse", cx=x + depth * 0.6, cy=y + radius, rx=radius * 1.7, ry=radius * 0.2, fill=ink.near, opacity=0.3
    )
    sheet.mark("ellipse", cx=x + depth, cy=y, rx=narrow, ry=radius, fill=ink.near)
    sheet.box(x, y - radius, depth, radius * 2, ink.near)
    for share in (-0.55, 0.05, 0.6):
        sheet.line(f"M{x + narrow},{y + radius * share:.0f}h{depth:.0f}", ink.paper, 3, stroke_opacity=0.35)
    for share in (1, 0.72, 0.44, 0.2):
        fill = ink.light if share == 1 else "none"
        rings = {"rx": narrow * share, "ry": radius * share, "fill": fill}
        sheet.mark("ellipse", cx=x, cy=y, **rings, stroke=ink.near, stroke_width=3)


def spruces(sheet: Sheet) -> None:
    ink, horizon = sheet.inks, sheet.between(300, 420)
    sheet.sky(horizon + 120)
    sheet.hill(horizon, 60, ink.far)
    layers = ((ink.far, 150, 26), (ink.mid, 230, 20), (ink.near, 360, 12))
    for k, (fill, size, count) in enumerate(layers):
        base = horizon + 90 + k * 150
        for n in range(count + sheet.between(-2, 2)):
            x = (n + sheet.rng.random()) * WIDTH / count
            spruce(sheet, x, base + sheet.between(0, 40), size * sheet.rng.uniform(0.7, 1.15), fill)
        sheet.hill(base + 34, 14, fill)
    for _ in range(sheet.between(1, 3)):
        spruce(sheet, sheet.between(80, 1120), HEIGHT - 10, sheet.between(300, 430), ink.light)


def birches(sheet: Sheet) -> None:
    ink, floor = sheet.inks, sheet.between(600, 670)
    sheet.sky(floor)
    for k in range(26):
        sheet.box(k * 48 + sheet.between(-14, 14), 0, sheet.between(5, 13), floor, ink.mid, fill_opacity=0.55)
    sheet.hill(floor, 18, ink.mid)
    x = sheet.between(-10, 50)
    while x < WIDTH:
        width, foot, lean = sheet.between(36, 78), floor + sheet.between(30, 130), sheet.between(-24, 24)
        sheet.shape(
            [(x + lean, -10), (x + lean + width * 0.72, -10), (x + width, foot), (x, foot)],
            ink.paper,
            stroke=ink.near,
            stroke_width=4,
        )
        for y in range(30, foot - 30, 62):
            at = x + lean * (1 - y / foot) + sheet.between(0, 1) * width * 0.42 + 4
            sheet.shape(
                [(at, y + sheet.between(-20, 20)), (at + width * 0.42, y - 4), (at + width * 0.3, y + 9)], ink.near
            )
        x += width + sheet.between(60, 150)
    sheet.hill(HEIGHT - 50, 20, ink.near)
    for _ in range(14):
        sheet.disc(sheet.between(0, WIDTH), sheet.between(HEIGHT - 110, HEIGHT), sheet.between(7, 15), ink.light)


def power_line(sheet: Sheet) -> None:
    ink, horizon = sheet.inks, sheet.between(540, 620)
    sheet.sky(horizon - 20)
    sheet.hill(horizon, 36, ink.mid)
    sheet.hill(horizon + 115, 30, ink.near)
    towers = [(1080, 640), (730, 430), (500, 300), (355, 215), (262, 150)][: sheet.between(3, 5)]
    feet = [(x, HEIGHT - 40 - k * 46, size) for k, (x, size) in enumerate(towers)]
    for x, foot, size in feet:
        pylon(sheet, x, foot, size, ink.near)
    for arm, drop in ((-0.26, 0.26), (-0.2, 0.12), (0.2, 0.12), (0.26, 0.26)):
        x, foot, size = feet[0]
        wire = f"M1300,{foot - size + size * drop - 40:.0f}"
        for x, foot, size in feet:
            y = foot - size + size * drop
            wire += f"Q{x + size * (0.25 + arm):.0f},{y + size * 0.16:.0f} {x + size * arm:.0f},{y:.0f}"
        sheet.line(wire, ink.near, 2.5)


def ship_abeam(sheet: Sheet) -> None:
    ink, water = sheet.inks, sheet.between(560, 620)
    sheet.sky(water - 30)
    if sheet.toss():
        sheet.hill(water - 20, 30, ink.far)
    sheet.water(water, ink.mid)
    left, right, deck = sheet.between(70, 140), sheet.between(1040, 1130), water - 90
    _deck_cargo(sheet, left + 190, right - 90, deck)
    sheet.box(left + 40, deck - 200, 110, 210, ink.paper)
    for k in range(4):
        sheet.box(left + 40, deck - 180 + k * 44, 110, 14, ink.near)
    sheet.box(left + 8, deck - 110, 34, 120, ink.light)
    sheet.clouds(left + 26, deck - 140, 16, puffs=3)
    sheet.shape(
        [(left - 20, deck), (right, deck), (right + 40, deck - 34), (right + 6, water + 46), (left + 24, water + 46)],
        ink.near,
    )
    sheet.shape(
        [(left + 16, water + 22), (right + 16, water + 22), (right + 6, water + 46), (left + 24, water + 46)], ink.light
    )
    for k in range(7):
        sheet.box(
            left - 60 + k * 170 + sheet.between(-30, 30), water + 50 + 6 * (k % 3), sheet.between(80, 200), 6, ink.paper
        )


def _deck_cargo(sheet: Sheet, start: int, stop: int, deck: int) -> None:
    """Load the deck: containers, or upright rotor sails that help the engine."""
    ink = sheet.inks
    if sheet.toss(0.35):
        sheet.box(start, deck - 34, stop - start, 36, ink.mid)
        for x in range(start + 60, stop - 60, 210):
            sheet.box(x, deck - 300, 56, 268, ink.paper, stroke=ink.near, stroke_width=5)
            sheet.box(x - 16, deck - 316, 88, 18, ink.near)
        return
    for x in range(start, stop - 80, 74):
        for row in range(sheet.between(2, 5)):
            container(sheet, x, deck - row * 38, 71, sheet.pick(ink.light, ink.mid, ink.far, ink.near))


def ship_ahead(sheet: Sheet) -> None:
    ink, water, x = sheet.inks, sheet.between(560, 610), sheet.between(430, 760)
    sheet.sky(water)
    sheet.water(water - 30, ink.mid)
    levels, half, rail = sheet.between(3, 6), sheet.between(230, 300), water - 260
    for level in range(levels):
        for k in range(-half // 50, half // 50):
            sheet.box(x + k * 50 + 14, rail - 40 - level * 42, 47, 39, sheet.pick(ink.light, ink.mid, ink.far, ink.mid))
    bridge = rail - levels * 42 - 26
    sheet.box(x - half - 20, bridge - 36, half * 2 + 40, 34, ink.paper, stroke=ink.near, stroke_width=6)
    sheet.line(f"M{x},{bridge - 36}v-70m-40,22h80", ink.near, 6)
    side = f"C{x - half},{rail + 150} {x - half + 24},{water - 40} {x - half + 40},{water + 40}"
    sheet.path(
        f"M{x - half - 14},{rail - 20}{side}H{x + half - 40}C{x + half - 24},{water - 40} {x + half},{rail + 150} "
        f"{x + half + 14},{rail - 20}Q{x},{rail + 40} {x - half - 14},{rail - 20}z",
        ink.near,
    )
    sheet.path(
        f"M{x},{rail + 10}Q{x + half * 0.6:.0f},{rail + 8} {x + half + 14},{rail - 20}C{x + half},{rail + 150} "
        f"{x + half - 24},{water - 40} {x + half - 40},{water + 40}H{x}z",
        ink.mid,
        fill_opacity=0.4,
    )
    sheet.box(x - half + 36, water + 4, half * 2 - 72, 40, ink.light)
    sheet.line(f"M{x},{rail + 10}V{water + 44}", ink.near, 10)
    for turn in (-1, 1):
        sheet.line(f"M{x + turn * half * 0.55:.0f},{rail + 70}v44m-16,-14q16,26 32,0", ink.paper, 7)
    _bow_wave(sheet, x, half, water + 42)


def _bow_wave(sheet: Sheet, x: int, half: int, y: int) -> None:
    ink = sheet.inks
    sheet.box(0, y, WIDTH, HEIGHT - y, ink.mid)
    for turn in (-1, 1):
        sheet.path(
            f"M{x},{y - 34}Q{x + turn * half * 0.6:.0f},{y - 16} {x + turn * half},{y + 4}"
            f"T{x + turn * half * 2.6:.0f},{y + 40}"
            f"Q{x + turn * half:.0f},{y + 46} {x},{y + 16}z",
            ink.paper,
        )
        for k in range(4):
            sheet.line(
                f"M{x + turn * (60 + k * 70)},{y + 50 + k * 30}h{turn * (150 + k * 90)}",
                ink.paper,
                4 + k,
                stroke_opacity=0.7,
            )


def viaduct(sheet: Sheet) -> None:
    ink, deck = sheet.inks, sheet.between(330, 420)
    sheet.sky(deck + 160)
    sheet.hill(deck + 90, 80, ink.far)
    sheet.hill(deck + 200, 60, ink.mid, fill_opacity=0.8)
    _wagons(sheet, deck)
    pitch = sheet.pick(170, 220, 280)
    arches = "".join(
        f"M{x},{HEIGHT}V{deck + 30 + pitch * 0.42:.0f}a{pitch * 0.42:.0f},{pitch * 0.42:.0f} 0 0 1 {pitch * 0.84:.0f},0"
        f"V{HEIGHT}z"
        for x in range(-60, WIDTH, pitch)
    )
    sheet.path(f"M-20,{deck}H{WIDTH + 20}V{HEIGHT + 20}H-20z{arches}", ink.near, fill_rule="evenodd")
    sheet.box(-20, deck + 18, WIDTH + 40, 6, ink.paper, fill_opacity=0.5)
    if sheet.toss():
        sheet.water(690, ink.mid)
    else:
        sheet.hill(700, 40, ink.mid)


def _wagons(sheet: Sheet, deck: int) -> None:
    """A train on the deck, passenger or freight, with its overhead line."""
    ink, passenger = sheet.inks, sheet.toss()
    for x in range(40, WIDTH, 230):
        sheet.line(f"M{x},{deck}V{deck - 150}h46", ink.near, 6)
    sheet.line(f"M-20,{deck - 132}H{WIDTH + 20}", ink.near, 3)
    x, end = sheet.between(-60, 180), sheet.between(900, 1130)
    while x < end:
        if passenger:
            sheet.box(x, deck - 92, 208, 80, ink.light, rx=8)
            sheet.box(x + 10, deck - 76, 188, 26, ink.near)
            sheet.box(x + 10, deck - 36, 188, 8, ink.paper)
        else:
            sheet.box(x, deck - 26, 208, 12, ink.near)
            container(sheet, x + 6, deck - 26, 128 if sheet.toss() else 190, sheet.pick(ink.light, ink.mid, ink.far))
        for wheel in (30, 62, 146, 178):
            sheet.disc(x + wheel, deck - 8, 10, ink.near)
        x += 216
    nose = ink.light if passenger else ink.near
    sheet.path(f"M{x},{deck - 12}V{deck - 92}H{x + 110}Q{x + 170},{deck - 84} {x + 196},{deck - 12}z", nose)
    sheet.shape([(x + 104, deck - 80), (x + 128, deck - 78), (x + 156, deck - 48), (x + 104, deck - 48)], ink.paper)


def tracks(sheet: Sheet) -> None:
    ink, horizon, vanish = sheet.inks, sheet.between(330, 430), sheet.between(460, 740)
    sheet.sky(horizon)
    sheet.hill(horizon - 10, 46, ink.mid)
    sheet.box(0, horizon, WIDTH, HEIGHT - horizon, ink.far)
    lanes = sheet.pick((-1, 1), (-2, 0, 2), (0,))
    for lane in lanes:
        centre = vanish + lane * 260
        for k in range(16):
            share = (k / 15) ** 2.2
            x, y = vanish + (centre - vanish) * share, horizon + (HEIGHT - horizon) * share
            sheet.box(x - 6 - 180 * share, y, 12 + 360 * share, 3 + 24 * share, ink.near, fill_opacity=0.8)
        for side in (-1, 1):
            foot = centre + side * 120
            sheet.shape([(vanish + side * 2, horizon), (foot + 14, HEIGHT), (foot - 14, HEIGHT)], ink.mid)
    _masts(sheet, vanish, horizon)
    scale = sheet.rng.uniform(0.8, 2.2)
    y, half = horizon + 70 * scale, 62 * scale
    x = vanish + lanes[0] * 260 * (y - horizon) / (HEIGHT - horizon)
    sheet.path(
        f"M{x - half:.0f},{y:.0f}V{y - half * 1.7:.0f}Q{x:.0f},{y - half * 2.7:.0f} {x + half:.0f},{y - half * 1.7:.0f}"
        f"V{y:.0f}z",
        ink.light,
    )
    sheet.shape(
        [
            (x - half * 0.8, y - half * 1.2),
            (x - half * 0.7, y - half * 1.8),
            (x + half * 0.7, y - half * 1.8),
            (x + half * 0.8, y - half * 1.2),
        ],
        ink.near,
    )
    for side in (-1, 1):
        sheet.disc(x + side * half * 0.6, y - half * 0.4, half * 0.14, ink.paper)


def _masts(sheet: Sheet, vanish: int, horizon: int) -> None:
    ink = sheet.inks
    for side in (-1, 1):
        for k in range(4):
            share = math.pow(0.5, k)
            x, foot, height = vanish + side * 620 * share, horizon + 330 * share, 640 * share
            sheet.line(
                f"M{x:.0f},{foot:.0f}V{foot - height:.0f}H{x - side * 190 * share:.0f}", ink.near, max(3, 16 * share)
            )
        sheet.line(f"M{vanish},{horizon}L{vanish + side * 760},{horizon - 620}", ink.near, 3)
