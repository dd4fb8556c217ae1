"""Scenes under a roof: the aisle of a data hall, a workbench and a hall with robots."""

import math

from masthead.demo.drawing import HEIGHT, WIDTH, Sheet


def server_aisle(sheet: Sheet) -> None:
    ink, x, y = sheet.inks, sheet.between(480, 720), sheet.between(340, 430)
    sheet.box(0, 0, WIDTH, HEIGHT, ink.near)
    sheet.shape([(0, HEIGHT), (WIDTH, HEIGHT), (x + 70, y + 80), (x - 70, y + 80)], ink.mid)
    sheet.shape([(0, 0), (WIDTH, 0), (x + 70, y - 130), (x - 70, y - 130)], ink.mid, fill_opacity=0.45)
    sheet.box(x - 70, y - 130, 140, 210, ink.light)
    for side, outer in ((-1, 0), (1, WIDTH)):
        racks = 6
        for k in range(racks):
            near, far = (1 - k / racks) ** 1.7, (1 - (k + 0.9) / racks) ** 1.7
            _rack(sheet, (x + side * 70, y), (outer, near, far))
    for k in range(5):
        share = (k / 4) ** 1.8
        lamp = y - 130 - (y - 150) * share
        sheet.box(x - 24 - 150 * share, lamp, 48 + 300 * share, 3 + 12 * share, ink.paper)


def _rack(sheet: Sheet, back, front) -> None:
    """One rack front between two depths of the aisle, with its rows of small lights."""
    ink, (x, y), (outer, near, far) = sheet.inks, back, front
    a, b = x + (outer - x) * near, x + (outer - x) * far

    def level(share, depth):
        top, foot = (y - 130) * (1 - depth), y + 80 + (HEIGHT - y - 80) * depth
        return top + (foot - top) * share

    sheet.shape(
        [(a, level(0, near)), (b, level(0, far)), (b, level(1, far)), (a, level(1, near))],
        ink.near,
        stroke=ink.mid,
        stroke_width=4,
    )
    for k in range(1, 15):
        share, lit = k / 15, sheet.rng.random()
        fill = ink.light if lit < 0.3 else ink.paper if lit < 0.55 else ink.mid
        start, stop = a + (b - a) * 0.12, a + (b - a) * sheet.rng.uniform(0.4, 0.88)
        sheet.line(
            f"M{start:.0f},{level(share, near + (far - near) * 0.12):.0f}L{stop:.0f},"
            f"{level(share, near + (far - near) * 0.6):.0f}",
            fill,
            3 + 9 * near,
        )


def bench(sheet: Sheet) -> None:
    ink, table = sheet.inks, sheet.between(560, 600)
    sheet.dots(table, lambda x, y: 0.12 + 0.5 * math.hypot(x - 600, y - 100) / 700)
    board = sheet.between(120, 170)
    sheet.box(150, board, 900, table - board - 90, ink.mid)
    for k in range(sheet.between(6, 8)):
        _hanging_tool(sheet, 210 + k * 115, board + 50)
    for x in (sheet.between(260, 420), sheet.between(760, 920)):
        sheet.line(f"M{x},0V70", ink.near, 5)
        sheet.shape([(x - 16, 66), (x + 16, 66), (x + 76, 124), (x - 76, 124)], ink.light)
    sheet.box(0, table, WIDTH, 46, ink.near)
    sheet.box(0, table + 46, WIDTH, HEIGHT, ink.far)
    for x in (90, 500, 1010):
        sheet.box(x, table + 46, 60, HEIGHT, ink.near)
    for k in range(3):
        sheet.box(620, table + 70 + k * 62, 330, 50, ink.mid)
        sheet.box(750, table + 88 + k * 62, 70, 12, ink.paper)
    x = sheet.between(180, 330)
    sheet.path(f"M{x},{table}v-40h30v-50h-70v-40h210v40h-60v50h40v40z", ink.light)
    sheet.box(x + 560, table - 90, 150, 90, ink.paper, stroke=ink.near, stroke_width=7)
    sheet.line(f"M{x + 590},{table - 90}v-34h90v34M{x + 560},{table - 50}h150", ink.near, 7)


def _hanging_tool(sheet: Sheet, x: int, y: int) -> None:
    ink, length = sheet.inks, sheet.between(110, 190)
    sheet.disc(x, y - 14, 6, ink.near)
    kind = sheet.pick("hammer", "spanner", "saw", "driver")
    if kind == "hammer":
        sheet.box(x - 6, y, 12, length, ink.paper)
        sheet.box(x - 34, y, 68, 30, ink.near)
    elif kind == "spanner":
        sheet.line(f"M{x},{y + 30}V{y + length}", ink.paper, 15)
        sheet.path(f"M{x - 24},{y - 6}v26q24,34 48,0v-26l-14,0v20h-20v-20z", ink.paper)
        sheet.disc(x, y + length, 20, ink.mid, stroke=ink.paper, stroke_width=12)
    elif kind == "saw":
        sheet.shape([(x - 12, y + 50), (x + 44, y + 50), (x + 14, y + length + 50), (x - 4, y + length + 50)], ink.near)
        sheet.box(x - 16, y, 62, 54, ink.light, rx=14)
    else:
        sheet.box(x - 13, y, 26, 76, ink.light, rx=10)
        sheet.box(x - 5, y + 70, 10, length - 60, ink.near)


def robot_hall(sheet: Sheet) -> None:
    ink, floor = sheet.inks, sheet.between(610, 660)
    pitch = sheet.pick(240, 300, 400)
    sheet.box(0, 0, WIDTH, floor, ink.far)
    for x in range(-pitch, WIDTH, pitch):
        sheet.shape([(x, 250), (x, 60), (x + pitch, 250)], ink.near)
        sheet.shape([(x + 14, 232), (x + 14, 96), (x + pitch * 0.72, 232)], ink.paper)
        sheet.line(f"M{x + pitch * 0.25:.0f},60V250M{x + pitch * 0.5:.0f},120V250", ink.near, 6)
    sheet.box(0, 246, WIDTH, 16, ink.near)
    sheet.dots(floor, lambda _, y: 0.55 - 0.5 * (y - 262) / (floor - 262), top=270)
    for k in range(sheet.between(1, 3)):
        _robot(sheet, 190 + k * 380 + sheet.between(-60, 60), floor, sheet.rng.uniform(0.85, 1.15))
    sheet.box(0, floor, WIDTH, HEIGHT - floor, ink.near)
    sheet.box(0, floor - 46, WIDTH, 26, ink.mid)
    for x in range(30, WIDTH, 74):
        sheet.disc(x, floor - 8, 16, ink.mid, stroke=ink.near, stroke_width=6)
    for x in range(sheet.between(0, 80), WIDTH, sheet.pick(210, 260)):
        sheet.box(x, floor - 118, 120, 72, sheet.pick(ink.near, ink.mid, ink.paper), stroke=ink.near, stroke_width=5)
        sheet.line(f"M{x + 24},{floor - 118}v-16h22v16M{x + 74},{floor - 118}v-16h22v16", ink.near, 5)


def _robot(sheet: Sheet, x: float, floor: int, scale: float) -> None:
    ink, swing = sheet.inks, sheet.between(-22, 22)
    place = f"translate({x:.0f},{floor}) scale({scale:.2f})"
    sheet.shape([(-70, 0), (-44, -110), (44, -110), (70, 0)], ink.near, transform=place)
    sheet.line(
        f"M0,-110L{-60 + swing},-300L{130 + swing},-356",
        ink.light,
        46,
        transform=place,
        stroke_linejoin="round",
        stroke_linecap="round",
    )
    sheet.line(f"M{130 + swing},-356L{196 + swing},-250", ink.light, 28, transform=place, stroke_linecap="round")
    sheet.line(f"M{170 + swing},-226l26,-26l30,24m-30,-24v-10", ink.near, 12, transform=place)
    for a, b, radius in ((0, -110, 34), (-60 + swing, -300, 30), (130 + swing, -356, 24)):
        sheet.disc(a, b, radius, ink.near, transform=place)
        sheet.disc(a, b, radius * 0.4, ink.paper, transform=place)
