"""Make the invented residents' pictures. Run by Blender, see README.md."""

import os
import sys

import numpy as np
from PIL import Image

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import body
import develop
import identity
import people
import studio

# Head pose (yaw to the person's left, chin up, tip to the left; degrees) and expression.
FRAMES = {
    "portrait": ((0, 0, 0), {}),
    "selfie": (None, {"mouth-corner-puller": 0.35}),
    "left": ((24, 0, 0), {}),
    "right": ((-24, 0, 0), {}),
    "up": ((0, 17, 0), {}),
    "down": ((0, -17, 0), {}),
    "blink": ((0, 0, 0), {"eye-left-closure": 1.0, "eye-right-closure": 1.0}),
    "mouth": ((0, 0, 0), {"mouth-open": 0.75}),
}


SAMPLES = 8


def macro(person):
    return body.macro_targets(person["woman"], person["age"], person["asian"], person["weight"],
                              person["muscle"])


def features_of(person):
    own = identity.draw_features(person["seed"], person["spread"])
    own.update(person["features"])
    if person["age"] > 45:
        own["head/head-age-more"] = (person["age"] - 45) / 30
        own.pop("head/head-age-less", None)
    return own


def eyes_of(library, vertices):
    """Middle between the eyeballs."""
    both = [vertices[sorted({v for c, _ in library.groups[g] for v in c})].mean(0)
            for g in ("helper-l-eye", "helper-r-eye")]
    return (both[0] + both[1]) / 2


def photograph(library, person, frame, path, size, samples):
    """One picture as a PNG without background, and for the selfie its room beside it."""
    pose, expression = FRAMES[frame]
    weights = macro(person) | features_of(person)
    neutral = body.shape(library, weights)
    for name, weight in expression.items():
        weights["expression/units/asian/" + name] = weight
    vertices = body.shape(library, weights)
    draw = np.random.RandomState(person["seed"])
    own_pose = draw.uniform((-5, -4, -4), (5, 4, 4))
    turned = own_pose if pose is None else np.array(pose) + own_pose * 0.3 * (frame != "portrait")
    pivot = neutral[library.joints["neck02____head"]].mean(0)
    eyes = eyes_of(library, neutral)
    studio.clear()
    studio.dress(library, vertices, eyes, pivot, turned, person)
    eyes = studio.to_scene(eyes[None])[0]
    if frame == "portrait":
        studio.studio_light(eyes)
        studio.camera(eyes, 1.6, 0.0, 0.0, 150, 0.035)
        studio.shoot(path, size, samples, ("Standard", "None"), -0.2)
        return
    place = (draw.uniform(0.5, 0.6), draw.uniform(-0.03, 0.02), draw.uniform(-0.03, 0.03))
    exposure = draw.uniform(-0.3, 0.1)
    look = ("Filmic", "Medium High Contrast")
    studio.room_light(eyes, person["seed"])
    studio.camera(eyes, *place, 50, 0.05)
    studio.shoot(path, size, samples, look, exposure)
    if frame == "selfie":
        studio.clear()
        studio.living_room(eyes, person["seed"])
        studio.room_light(eyes, person["seed"])
        studio.camera(eyes, *place, 50, 0.05)
        studio.shoot(path.replace("selfie", "room"), (size[0] // 2, size[1] // 2), samples, look,
                     exposure)


def develop_all(renders, out, number):
    """Every JPEG of one person out of the renders; resident 1 also gives the attacks."""
    os.makedirs(out, exist_ok=True)
    room = Image.open(os.path.join(renders, "room.png"))
    for turn, frame in enumerate(FRAMES):
        path = os.path.join(renders, frame + ".png")
        if not os.path.exists(path):
            continue
        render, to = Image.open(path), os.path.join(out, frame + ".jpg")
        if frame == "portrait":
            develop.portrait(render, to)
        else:
            develop.selfie(render, room, to, 100 * number + turn)
    if number == 1:
        attack = os.path.join(os.path.dirname(out), "attack")
        os.makedirs(attack, exist_ok=True)
        shown = Image.open(os.path.join(out, "selfie.jpg"))
        develop.printed(shown, os.path.join(attack, "print.jpg"))
        develop.screened(shown, os.path.join(attack, "screen.jpg"))


def main():
    package, work, out = sys.argv[sys.argv.index("--") + 1:][:3]
    library = body.Library(package)
    chosen = os.environ.get("PEOPLE", ",".join(map(str, people.PEOPLE))).split(",")
    for number in (int(n) for n in chosen):
        person = people.PEOPLE[number]
        name = f"{number:02d}" if number else "lookalike"
        renders = os.path.join(work, name)
        os.makedirs(renders, exist_ok=True)
        for frame in FRAMES:
            if number or frame != "portrait":
                photograph(library, person, frame, os.path.join(renders, frame + ".png"),
                           (358, 441) if frame == "portrait" else (480, 600), SAMPLES)
        develop_all(renders, os.path.join(out, name), number)


main()
