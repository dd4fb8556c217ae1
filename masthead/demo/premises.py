"""Scenes of built places seen from outside: quay, forecourt, substation, roofs, works and data hall."""

from masthead.demo.drawing import HEIGHT, WIDTH, Sheet
from masthead.demo.stencils import car, charger, container, crane, pylon


def quay(sheet: Sheet) -> None:
    ink, edge = sheet.inks, sheet.between(600, 650)
    sheet.sky(edge - 150)
    for k in range(sheet.between(2, 4)):
        crane(sheet, 170 + k * 320 + sheet.between(-40, 40), edge, sheet.between(430, 560), ink.near)
    for column in range(14):
        for row in range(sheet.between(1, 4)):
            fill = sheet.pick(ink.light, ink.mid, ink.near, ink.far, ink.mid)
            container(sheet, 20 + column * 84, edge - row * 43, 80, fill)
    sheet.box(0, edge, WIDTH, 46, ink.near)
    for x in range(60, WIDTH, 190):
        sheet.box(x, edge + 8, 26, 52, ink.mid)
    sheet.water(edge + 46, ink.mid)


def stacks(sheet: Sheet) -> None:
    ink, ground = sheet.inks, sheet.between(690, 740)
    sheet.sky(560)
    width, gap = sheet.pick(180, 210, 250), sheet.between(2, 3)
    columns = WIDTH // width + 2
    for column in range(columns):
        for row in range(sheet.pick(1, 2, 3, 4) if column != gap else 1):
            fill = sheet.pick(ink.light, ink.mid, ink.near, ink.far, ink.mid)
            container(sheet, column * (width + 6) - 70, ground - row * (width * 0.52 + 5), width, fill)
    x, hang = gap * (width + 6) - 70, sheet.between(190, 330)
    sheet.box(0, 34, WIDTH, 40, ink.near)
    for k in range(0, WIDTH, 60):
        sheet.line(f"M{k},74l30,-40l30,40", ink.paper, 4, stroke_opacity=0.4)
    for cable in (20, width * 0.4, width * 0.6, width - 20):
        sheet.line(f"M{x + width * 0.5 + (cable - width * 0.5) * 0.6:.0f},74L{x + cable:.0f},{hang - 16}", ink.near, 4)
    sheet.box(x - 4, hang - 16, width + 8, 18, ink.near)
    container(sheet, x, hang + width * 0.52, width, ink.light)
    sheet.box(0, ground, WIDTH, HEIGHT - ground, ink.near)
    for k in range(0, WIDTH, 130):
        sheet.box(k, ground + 34, 70, 8, ink.light)


def forecourt(sheet: Sheet) -> None:
    ink, ground, roof = sheet.inks, sheet.between(560, 610), sheet.between(150, 220)
    sheet.sky(ground - 40)
    sheet.hill(ground - 30, 46, ink.far)
    sheet.box(0, ground, WIDTH, HEIGHT - ground, ink.near)
    step = sheet.pick(240, 290, 340)
    covered = sheet.toss(0.6)
    if covered:
        for x in range(140, WIDTH, step * 2):
            sheet.shape([(x, ground), (x + 30, ground), (x + 46, roof + 20), (x - 16, roof + 20)], ink.mid)
        sheet.shape([(-20, roof + 40), (WIDTH + 20, roof - 20), (WIDTH + 20, roof + 24), (-20, roof + 84)], ink.near)
        for x in range(0, WIDTH, 100):
            y = roof + 38 - x * 0.05
            sheet.shape(
                [(x, y), (x + 88, y - 4), (x + 78, y - 34), (x - 10, y - 30)], ink.light if x % 300 == 0 else ink.mid
            )
    for x in range(60, WIDTH, step):
        charger(sheet, x, ground + 20, sheet.between(230, 280), ink.mid)
    for k in range(WIDTH // step):
        sheet.shape(
            [
                (40 + k * step, ground + 60),
                (52 + k * step, ground + 60),
                (k * step - 60, HEIGHT),
                (k * step - 86, HEIGHT),
            ],
            ink.paper,
            fill_opacity=0.5,
        )
    first = sheet.between(90, 210)
    car(sheet, first, ground + 150, 0.74, ink.light)
    if sheet.toss(0.7):
        car(sheet, first + 590, ground + 110, 0.56, ink.far)
    sheet.line(f"M{first + 60},{ground - 100}q-90,120 10,170", ink.light, 8)


def charger_close(sheet: Sheet) -> None:
    ink, x, ground = sheet.inks, sheet.between(130, 250), sheet.between(650, 700)
    sheet.sky(ground)
    sheet.hill(ground - 90, 50, ink.mid, fill_opacity=0.5)
    sheet.box(0, ground, WIDTH, HEIGHT - ground, ink.near)
    size = sheet.between(500, 590)
    charger(sheet, x, ground + 40, size, ink.mid)
    right = x + size * 0.3
    car(sheet, sheet.between(560, 640), ground + 70, 1.32, ink.light)
    hang, plug = (
        ground - size * 0.42,
        f"{right + 190:.0f},{ground + 20}S{right + 230:.0f},{ground - 130} 690,{ground - 60}",
    )
    cable = f"M{right:.0f},{hang:.0f}C{right + 150:.0f},{hang + 10:.0f} {right + 60:.0f},{ground + 40} {plug}"
    sheet.line(cable, ink.near, 18)
    sheet.line(cable, ink.paper, 4)
    if sheet.toss():
        pylon(sheet, sheet.between(480, 600), ground - 60, 300, ink.mid)


def substation(sheet: Sheet) -> None:
    ink, ground = sheet.inks, sheet.between(600, 660)
    sheet.sky(ground - 40)
    sheet.hill(ground - 50, 40, ink.far)
    beam, step = sheet.between(170, 260), sheet.pick(250, 310, 400)
    for x in range(60, WIDTH + step, step):
        sheet.line(f"M{x - 34},{ground}L{x},{beam - 60} {x + 34},{ground}", ink.near, 9)
        for y in range(beam + 60, ground, 90):
            sheet.line(f"M{x - 22},{y}h44", ink.near, 5)
    sheet.box(-20, beam, WIDTH + 40, 20, ink.near)
    for x in range(60 + step // 4, WIDTH + step, step // 2):
        for k in range(6):
            sheet.box(x - 18 + 2 * (k % 2), beam + 20 + k * 17, 36 - 4 * (k % 2), 11, ink.light)
        sheet.line(f"M{x},{beam + 120}Q{x + 30},{ground - 220} {x + 10},{ground - 150}", ink.near, 4)
    for x in range(sheet.between(20, 120), WIDTH, step):
        sheet.box(x, ground - 150, step * 0.56, 160, ink.mid)
        for k in range(6):
            sheet.box(x + step * (0.04 + k * 0.085), ground - 130, step * 0.04, 120, ink.near, fill_opacity=0.75)
        sheet.box(x + step * 0.1, ground - 182, step * 0.36, 34, ink.mid, rx=14)
    sheet.box(0, ground, WIDTH, HEIGHT - ground, ink.near)
    for x in range(-40, WIDTH, 44):
        sheet.line(f"M{x},{HEIGHT}l44,-90M{x + 44},{HEIGHT}l-44,-90", ink.paper, 2, stroke_opacity=0.35)


def solar_roofs(sheet: Sheet) -> None:
    ink, top = sheet.inks, sheet.between(400, 470)
    sheet.sky(top)
    rows = ((ink.mid, ink.far), (ink.near, ink.mid), (ink.far, ink.near))
    for row, (roof, wall) in enumerate(rows):
        x = -sheet.between(40, 160)
        while x < WIDTH:
            width = sheet.between(210, 320) + row * 30
            _solar_house(sheet, (x, top + row * 170, width), roof, wall)
            x += width + sheet.pick(0, 0, 26)


def _solar_house(sheet: Sheet, place, roof: str, wall: str) -> None:
    """A house with its foot below the sheet: gable to the street, or eaves to it and perhaps panels."""
    ink, (x, eaves, width), pitch = sheet.inks, place, sheet.between(84, 120)
    sheet.box(x, eaves, width, HEIGHT - eaves + 20, wall)
    if sheet.toss(0.3):
        sheet.shape([(x, eaves), (x + width / 2, eaves - pitch), (x + width, eaves)], wall)
        sheet.line(f"M{x - 6},{eaves + 6}L{x + width / 2:.0f},{eaves - pitch}L{x + width + 6},{eaves + 6}", roof, 18)
    else:
        if sheet.toss(0.6):
            sheet.box(x + width * sheet.pick(0.2, 0.7), eaves - pitch - 30, 26, 60, wall, stroke=roof, stroke_width=4)
        sheet.shape(
            [(x - 8, eaves + 8), (x + 26, eaves - pitch), (x + width - 26, eaves - pitch), (x + width + 8, eaves + 8)],
            roof,
        )
        if sheet.toss(0.7):
            glass = ink.mid if roof == ink.far else ink.paper
            _panels(sheet, (x + 34, x + width - 34), (eaves - 12, eaves + 18 - pitch), glass)
    for k in range(int(width / 62)):
        sheet.box(x + 22 + k * 62, eaves + 34, 30, 46, ink.light if sheet.toss(0.25) else ink.paper, fill_opacity=0.88)


def _panels(sheet: Sheet, span, rise, glass: str) -> None:
    ink, (left, right), (foot, ridge) = sheet.inks, span, rise
    height, columns, lit = foot - ridge, int((right - left) / 38), sheet.between(0, 9)
    for row in range(2):
        low, high = foot - row * height / 2, foot - (row + 0.86) * height / 2
        for k in range(columns):
            a, b = left + k * (right - left) / columns, left + (k + 0.88) * (right - left) / columns
            lean = 7 * (1 - 2 * k / columns)
            sheet.shape(
                [
                    (a + row * lean, low),
                    (b + row * lean, low),
                    (b + (row + 1) * lean, high),
                    (a + (row + 1) * lean, high),
                ],
                ink.light if (k + row * 3) % 10 == lit else glass,
            )


def building_site(sheet: Sheet) -> None:
    ink = sheet.inks
    sheet.sky(620)
    x = sheet.between(-60, 0)
    while x < WIDTH:
        width, floors = sheet.pick(180, 240, 300), sheet.between(3, 8)
        _block(sheet, x, width, floors)
        x += width + sheet.pick(0, 0, 40)
    mast, top, reach = sheet.between(330, 840), sheet.between(70, 150), sheet.between(330, 520)
    lattice = "".join(f"M{mast},{y}l32,36l-32,36" for y in range(top + 40, 740, 72))
    sheet.line(f"M{mast},{HEIGHT}V{top}M{mast + 32},{HEIGHT}V{top}{lattice}", ink.near, 6)
    sheet.line(
        f"M{mast - reach},{top + 40}H{mast + 210}M{mast + 16},{top - 50}L{mast - reach + 60},{top + 40}"
        f"M{mast + 16},{top - 50}L{mast + 200},{top + 40}M{mast + 16},{top - 50}V{top + 40}",
        ink.near,
        8,
    )
    sheet.box(mast + 140, top + 40, 70, 60, ink.near)
    hook = mast - reach + sheet.between(70, 180)
    sheet.line(f"M{hook},{top + 40}V{top + 190}m-50,36l50,-36l50,36", ink.near, 4)
    sheet.box(hook - 60, top + 224, 120, 26, ink.light)
    sheet.box(0, 740, WIDTH, 60, ink.near)


def _block(sheet: Sheet, x: int, width: int, floors: int) -> None:
    ink, storey = sheet.inks, 74
    top, unfinished = 740 - floors * storey, sheet.toss(0.35)
    wall = sheet.pick(ink.mid, ink.far, ink.near)
    if unfinished:
        for k in range(floors + 1):
            sheet.box(x, top + k * storey, width, 12, ink.near)
        for column in range(4):
            sheet.box(x + 6 + column * (width - 24) / 3, top - 30, 12, 770 - top, ink.near)
        return
    sheet.box(x, top, width, 760 - top, wall)
    pane = ink.near if wall == ink.far else ink.paper
    for floor in range(floors):
        for k in range(width // 60):
            sheet.box(
                x + 18 + k * 60,
                top + 20 + floor * storey,
                28,
                38,
                ink.light if sheet.toss(0.14) else pane,
                fill_opacity=0.88,
            )


def chimneys(sheet: Sheet) -> None:
    ink, ground = sheet.inks, sheet.between(590, 630)
    sheet.sky(ground - 40, sun=sheet.toss())
    first, step = sheet.between(90, 220), sheet.between(110, 170)
    for k in range(sheet.between(2, 4)):
        x, top = first + k * step, sheet.between(130, 300)
        sheet.shape([(x, ground + 20), (x + 14, top), (x + 66, top), (x + 80, ground + 20)], ink.mid)
        sheet.box(x + 12, top + 30, 56, 24, ink.light)
        sheet.clouds(x + 44, top - 24, 24)
    sheet.box(0, ground, WIDTH, HEIGHT - ground, ink.near)
    radius = sheet.between(76, 100)
    for k in range(sheet.between(2, 4)):
        x = 740 + k * radius * 2.15
        sheet.line(f"M{x - radius * 0.6:.0f},{ground}v-60M{x + radius * 0.6:.0f},{ground}v-60", ink.near, 9)
        sheet.disc(x, ground - radius - 20, radius, (ink.far, ink.mid)[k % 2], stroke=ink.near, stroke_width=6)
        sheet.line(f"M{x - radius:.0f},{ground - radius - 20}h{2 * radius}", ink.near, 4)
    sheet.line(f"M0,{ground + 90}H520V{ground - 40}H{WIDTH}", ink.light, 26)
    sheet.line(f"M0,{ground + 136}H600V{ground + 20}H{WIDTH}", ink.paper, 12)


def silos(sheet: Sheet) -> None:
    ink, ground, first = sheet.inks, sheet.between(650, 700), sheet.between(60, 160)
    sheet.sky(ground - 40)
    sheet.hill(ground - 40, 30, ink.far)
    count, width, top = sheet.between(2, 4), sheet.between(120, 160), sheet.between(210, 300)
    for k in range(count):
        x = first + k * (width + 10)
        sheet.box(x, top, width, ground - top, ink.mid)
        sheet.box(x + width * 0.72, top, width * 0.28, ground - top, ink.near, fill_opacity=0.45)
        sheet.shape([(x, top), (x + width * 0.5, top - 50), (x + width, top)], ink.near)
        sheet.box(x, top + 60, width, 8, ink.paper, fill_opacity=0.7)
    end = first + count * (width + 10)
    sheet.line(f"M{end - 60},{top - 70}L{WIDTH + 20},{ground - 60}", ink.near, 34)
    sheet.line(f"M{end - 60},{top - 70}L{WIDTH + 20},{ground - 60}", ink.light, 10)
    for x in range(end + 120, WIDTH, 170):
        y = top - 70 + (x - end + 60) / (WIDTH + 80 - end) * (ground - 60 - top + 70)
        sheet.line(f"M{x - 26},{ground}L{x},{y:.0f}L{x + 26},{ground}", ink.near, 8)
    column = sheet.between(960, 1080)
    sheet.box(column, 110, 76, ground - 110, ink.paper, stroke=ink.near, stroke_width=7, rx=36)
    for y in range(180, ground, 76):
        sheet.box(column - 14, y, 104, 12, ink.near)
    sheet.clouds(column + 50, 70, 22, puffs=3)
    sheet.box(0, ground, WIDTH, HEIGHT - ground, ink.near)
    sheet.line(f"M0,{ground + 50}H{WIDTH}", ink.light, 16)


def cooled_hall(sheet: Sheet) -> None:
    ink, ground, roof = sheet.inks, sheet.between(610, 660), sheet.between(330, 400)
    sheet.sky(ground - 40)
    sheet.hill(ground - 60, 40, ink.far)
    pylon(sheet, sheet.between(80, 170), ground, 420, ink.mid)
    left = sheet.between(230, 320)
    for k in range(sheet.between(3, 5)):
        x = left + 40 + k * 170
        sheet.box(x, roof - 76, 140, 80, ink.mid)
        sheet.mark("ellipse", cx=x + 70, cy=roof - 78, rx=54, ry=14, fill=ink.paper, stroke=ink.near, stroke_width=5)
        if sheet.toss():
            sheet.clouds(x + 70, roof - 110, 22, puffs=4)
    sheet.box(left, roof, WIDTH, ground - roof, ink.near)
    pitch = sheet.pick(34, 46, 60)
    for x in range(left + 20, WIDTH, pitch):
        lit = sheet.rng.random()
        sheet.box(
            x, roof + 40, pitch * 0.55, ground - roof - 110, ink.light if lit < 0.16 else ink.mid, fill_opacity=0.9
        )
    sheet.box(left, ground - 44, WIDTH, 10, ink.far)
    sheet.box(0, ground, WIDTH, HEIGHT - ground, ink.mid)
    for x in range(-20, WIDTH, 120):
        sheet.shape(
            [(x, HEIGHT), (x + 50, HEIGHT), (x + 110, ground + 70), (x + 80, ground + 70)], ink.paper, fill_opacity=0.4
        )
