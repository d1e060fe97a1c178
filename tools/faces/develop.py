"""From a render to what a camera hands over: room behind, sensor noise, JPEG. And the attacks."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

LARGEST_BYTES = 30 * 1000
SELFIE = (640, 800)


def as_array(image):
    return np.asarray(image.convert("RGB")).astype(np.float32)


def as_image(array):
    return Image.fromarray(np.clip(array + 0.5, 0, 255).astype(np.uint8))


def before(person, background):
    """Lay a render with alpha over a background of any size."""
    person = person.convert("RGBA")
    background = background.convert("RGBA").resize(person.size, Image.BICUBIC)
    return Image.alpha_composite(background, person).convert("RGB")


def sensor(image, strength, seed):
    """Noise as a small sensor leaves it: soft, and more of it in the shadows."""
    draw = np.random.RandomState(seed)
    pixels = as_array(image)
    grain = draw.normal(0, strength, pixels.shape[:2] + (1,))
    grain = grain + draw.normal(0, strength / 2, pixels.shape)
    return as_image(pixels + grain * (1.3 - pixels.mean(2, keepdims=True) / 255))


def save(image, path):
    """As good a JPEG as the size limit allows."""
    for quality in range(90, 20, -2):
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality, optimize=True)
        if file.tell() <= LARGEST_BYTES:
            break
    with open(path, "wb") as out:
        out.write(file.getvalue())


def portrait(render, path):
    image = before(render, Image.new("RGB", render.size, (250, 250, 250)))
    save(image.filter(ImageFilter.GaussianBlur(0.5)), path)


def selfie(render, room, path, seed):
    room = room.convert("RGB").filter(ImageFilter.GaussianBlur(4))
    image = before(render, room).resize(SELFIE, Image.BICUBIC)
    image = image.filter(ImageFilter.GaussianBlur(0.4))
    save(sensor(image, 3.0, seed), path)


def solve_perspective(target, source):
    """Coefficients for Image.transform that bring `source` corners onto `target` corners."""
    rows, wanted = [], []
    for (x, y), (u, v) in zip(target, source):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    return np.linalg.solve(np.array(rows, float), np.array(wanted, float))


def lay(sheet, scene, corners):
    """Put a flat sheet into a scene so that its corners come to lie on the given points."""
    width, height = sheet.size
    plan = solve_perspective(corners, [(0, 0), (width, 0), (width, height), (0, height)])
    mask = Image.new("L", sheet.size, 255).transform(scene.size, Image.PERSPECTIVE, plan,
                                                     Image.BICUBIC)
    moved = sheet.transform(scene.size, Image.PERSPECTIVE, plan, Image.BICUBIC)
    return Image.composite(moved, scene, mask)


def halftone(image, cell):
    """Four inks as dots on a screen of lines, each ink at its own angle."""
    ink = 1 - as_array(image) / 255
    black = ink.min(2, keepdims=True) * 0.7
    inks = np.concatenate([(ink - black) / (1 - black + 1e-6), black], 2)
    y, x = np.mgrid[0:ink.shape[0], 0:ink.shape[1]].astype(np.float32)
    out = np.ones_like(ink)
    soak = [(0.0, 1, 1), (1, 0.05, 1), (1, 1, 0.1), (0.1, 0.1, 0.1)]
    for number, degrees in enumerate((15, 75, 0, 45)):
        turn = np.radians(degrees)
        u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
        screen = (np.cos(2 * np.pi * u / cell) + np.cos(2 * np.pi * v / cell)) / 4 + 0.5
        dots = np.clip((inks[..., number] - screen) * 4 + 0.5, 0, 1)[..., None]
        out *= 1 - dots * (1 - np.array(soak[number], np.float32) * 0.9)
    return as_image(out * 255)


def table(size, seed):
    """A wooden table top, seen from above."""
    draw = np.random.RandomState(seed)
    grain = draw.normal(0, 1, (size[1] // 40 + 2, size[0]))
    grain = np.asarray(Image.fromarray(grain.astype(np.float32)).resize(size, Image.BICUBIC))
    return as_image(np.array([128, 92, 60], np.float32) + grain[..., None] * 9)


def finger(scene, tip, root, width):
    """A finger that holds a sheet: a rounded stroke, shaded to its edges, with a nail."""
    layer = Image.new("RGBA", scene.size, (0, 0, 0, 0))
    brush = ImageDraw.Draw(layer)
    for step, shade in enumerate((0.72, 0.85, 0.95, 1.0)):
        thin = width * (1 - 0.22 * step)
        colour = tuple(int(c * shade) for c in (222, 170, 140)) + (255,)
        brush.line([root, tip], colour, int(thin))
        brush.ellipse([tip[0] - thin / 2, tip[1] - thin / 2, tip[0] + thin / 2,
                       tip[1] + thin / 2], colour)
    nail = width * 0.3
    brush.ellipse([tip[0] - nail, tip[1] - nail, tip[0] + nail, tip[1] + nail],
                  (238, 196, 178, 255))
    scene.paste(layer.filter(ImageFilter.GaussianBlur(2)), (0, 0),
                layer.filter(ImageFilter.GaussianBlur(2)))


def printed(picture, path):
    """The attack with a colour print held before the camera."""
    sheet = Image.new("RGB", (1160, 1400), (246, 243, 232))
    sheet.paste(halftone(picture.convert("RGB").resize((1080, 1320), Image.LANCZOS), 5.0), (40, 40))
    flat = as_array(sheet) * 0.82 + np.array([44, 40, 28], np.float32)  # ink is not black
    scene = table((1280, 1600), 5)
    corners = [(150, 170), (1130, 130), (1190, 1480), (110, 1430)]
    scene = lay(as_image(flat), scene, corners)
    finger(scene, (165, 860), (-60, 980), 130)
    finger(scene, (1135, 900), (1340, 1030), 130)
    light = np.linspace(1.06, 0.82, 1280, dtype=np.float32)[None, :, None]
    scene = as_image(as_array(scene) * light).filter(ImageFilter.GaussianBlur(1.6))
    save(sensor(scene.resize((640, 800), Image.LANCZOS), 3.5, 6), path)


def screened(picture, path):
    """The attack with a telephone that shows the selfie."""
    shown = as_array(picture.convert("RGB").resize((1000, 1250), Image.LANCZOS))
    x = np.arange(1000)
    stripes = np.stack([(x % 3 == channel) * 0.75 + 0.5 for channel in range(3)], 1)
    rows = 0.86 + 0.14 * (np.arange(1250) % 3 != 0)
    lit = shown * stripes[None] * rows[:, None, None] * np.array([0.93, 1.0, 1.12])
    sheet = Image.new("RGB", (1080, 1480), (8, 8, 10))
    sheet.paste(as_image(lit * 0.95 + 10), (40, 90))
    ImageDraw.Draw(sheet).rounded_rectangle((400, 34, 680, 52), 9, (28, 28, 32))
    scene = as_image(as_array(table((1280, 1600), 9)) * 0.35)
    corners = [(140, 80), (1120, 130), (1150, 1500), (110, 1530)]
    scene = as_array(lay(sheet, scene, corners))
    v, u = np.mgrid[0:1600, 0:1280].astype(np.float32)
    beat = np.sin(2 * np.pi * (u * 0.021 + v * 0.004)) * np.sin(2 * np.pi * (v * 0.017 - u * 0.003))
    inside = (u > 180) & (u < 1090) & (v > 190) & (v < 1400)
    scene *= 1 + (0.05 * beat * inside)[..., None]
    glare = np.exp(-(((u - 880) / 210) ** 2 + ((v - 330) / 120) ** 2)) * inside
    scene += glare[..., None] * np.array([120, 125, 130], np.float32)
    image = as_image(scene).resize((640, 800), Image.BILINEAR)
    save(sensor(image, 3.5, 10), path)
