"""Things that stand in several of the demo's pictures; each is drawn with its foot at (x, y) and a size in pixels."""

from masthead.demo.drawing import Sheet


def turbine(sheet: Sheet, x: float, y: float, size: float, ink: str) -> None:
    turn = sheet.between(0, 119)
    sheet.shape(
        [(x - size * 0.022, y), (x - size * 0.01, y - size), (x + size * 0.01, y - size), (x + size * 0.022, y)], ink
    )
    blade = (
        f"M0,0C{size * 0.05:.1f},{-size * 0.2:.1f} {size * 0.03:.1f},{-size * 0.45:.1f} 0,{-size * 0.62:.1f}"
        f"C{-size * 0.02:.1f},{-size * 0.4:.1f} {-size * 0.03:.1f},{-size * 0.2:.1f} 0,0"
    )
    for angle in (turn, turn + 120, turn + 240):
        sheet.path(blade, ink, transform=f"translate({x:.0f},{y - size:.0f}) rotate({angle})")
    sheet.disc(x, y - size, size * 0.03, ink)


def pylon(sheet: Sheet, x: float, y: float, size: float, ink: str) -> None:
    def at(dx, dy):
        return f"{x + size * dx:.0f},{y - size * dy:.0f}"

    mast = f"M{at(-0.13, 0)}L{at(-0.03, 0.8)} {at(-0.03, 1)} {at(0.03, 1)} {at(0.03, 0.8)} {at(0.13, 0)}"
    arms = f"M{at(-0.2, 0.88)}L{at(0.2, 0.88)}M{at(-0.26, 0.74)}L{at(0.26, 0.74)}"
    arms += f"M{at(-0.2, 0.88)}L{at(0, 0.96)} {at(0.2, 0.88)}"
    struts = f"M{at(-0.1, 0.25)}L{at(0.06, 0.55)}M{at(0.1, 0.25)}L{at(-0.06, 0.55)}M{at(-0.06, 0.55)}L{at(0.04, 0.74)}"
    sheet.line(mast + arms + struts, ink, max(3, size / 70))


def house(sheet: Sheet, x: float, y: float, width: float, roof: str, wall: str) -> None:
    height = width * 0.42
    sheet.box(x, y - height, width, height, wall)
    sheet.shape(
        [
            (x - 8, y - height),
            (x + width * 0.24, y - height * 1.9),
            (x + width * 0.76, y - height * 1.9),
            (x + width + 8, y - height),
        ],
        roof,
    )


def spruce(sheet: Sheet, x: float, y: float, size: float, ink: str) -> None:
    sheet.box(x - size * 0.025, y - size * 0.12, size * 0.05, size * 0.13, ink)
    for k in range(4):
        half, top, foot = size * (0.24 - k * 0.048), y - size * (0.46 + k * 0.18), y - size * (0.1 + k * 0.19)
        sheet.shape([(x - half, foot), (x, top), (x + half, foot)], ink)


def crane(sheet: Sheet, x: float, y: float, size: float, ink: str) -> None:
    """A quay crane: two legs, a boom over the water to the left, stays from the top."""

    def at(dx, dy):
        return f"{x + size * dx:.0f},{y - size * dy:.0f}"

    sheet.line(
        f"M{at(0, 0)}L{at(0, 0.8)} {at(0.13, 0.8)} {at(0.13, 0)}M{at(-0.36, 0.76)}L{at(0.5, 0.76)}"
        f"M{at(0.065, 0.8)}L{at(0.065, 1)} {at(-0.32, 0.77)}M{at(0.065, 1)}L{at(0.48, 0.77)}"
        f"M{at(0, 0.3)}L{at(0.13, 0.3)}",
        ink,
        size / 38,
    )
    sheet.box(x - size * 0.2, y - size * 0.76, size * 0.05, size * 0.06, ink)


def container(sheet: Sheet, x: float, y: float, width: float, ink: str) -> None:
    height = width * 0.52
    sheet.box(x, y - height, width, height, ink)
    for k in range(6):
        sheet.box(
            x + width * (0.09 + k * 0.15),
            y - height * 0.86,
            width * 0.036,
            height * 0.72,
            sheet.inks.paper,
            fill_opacity=0.26,
        )


CAR_BODIES = {
    "saloon": (
        "M0,120C6,66 60,64 128,56C190,2 262,-18 384,-16C470,-14 520,22 574,56C660,62 704,74 712,120z",
        "M168,54C206,14 262,4 336,4v50z M356,4C442,4 478,20 520,54H356z",
    ),
    "hatch": (
        "M0,120C4,70 40,60 108,52C170,-22 240,-44 400,-42C540,-42 640,-22 668,40C690,54 706,80 706,120z",
        "M150,48C196,-8 250,-22 348,-22v70z M368,-22C470,-22 560,-14 596,48H368z",
    ),
    "van": ("M0,120C0,74 20,52 84,42L170,-70Q180,-96 214,-96H690Q712,-96 712,-70V120z", "M116,40L190,-62H290V40z"),
}


def car(sheet: Sheet, x: float, y: float, scale: float, body: str) -> None:
    outline, windows = CAR_BODIES[sheet.pick(*CAR_BODIES)]
    place = f"translate({x:.0f},{y - 172 * scale:.0f}) scale({scale:g})"
    sheet.path(outline, body, transform=place)
    sheet.path(windows, sheet.inks.near, transform=place)
    sheet.line("M340,60H690", sheet.inks.near, 4, transform=place, stroke_opacity=0.35)
    for wheel in (152, 562):
        for radius, ink in ((56, sheet.inks.near), (42, sheet.inks.paper), (16, sheet.inks.near)):
            sheet.disc(wheel, 118, radius, ink, transform=place)


def charger(sheet: Sheet, x: float, y: float, size: float, ink: str) -> None:
    width = size * 0.32
    sheet.box(x, y - size, width, size, ink, rx=size * 0.05)
    sheet.box(x + width * 0.17, y - size * 0.92, width * 0.66, size * 0.22, sheet.inks.paper, rx=size * 0.02)
    sheet.path(
        "M18,0 0,28h14l-6,20 20,-30h-14z",
        sheet.inks.light,
        transform=f"translate({x + width * 0.36:.0f},{y - size * 0.9:.0f}) scale({size / 290:.2f})",
    )
    sheet.box(x + width * 0.72, y - size * 0.6, width * 0.2, size * 0.2, sheet.inks.near, rx=size * 0.02)
