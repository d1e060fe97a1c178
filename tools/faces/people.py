"""The ten residents and the lookalike: what each looks like. Rows are those of sandbox/people.tsv."""

BLACK, DARK, BROWN = (0.010, 0.008, 0.007), (0.022, 0.014, 0.010), (0.05, 0.028, 0.016)
SALTED, GREY, WHITE = (0.06, 0.056, 0.054), (0.16, 0.155, 0.15), (0.42, 0.41, 0.4)

# Default traits of a row.
USUAL = {"asian": 1.0, "weight": 0.0, "muscle": 0.0, "spread": 0.5, "hue": 0.5,
         "saturation": 0.95, "value": 0.95, "mottling": 0.3, "spots": 0.25, "creases": 0.1,
         "roughness": 0.48, "brow_share": 1.0, "clothes_plain": False, "features": {}}


def both_eyes(**features):
    """Features of the eyes that a seed left too narrow to see a blink."""
    return {f"eyes/{side}-eye-{name.replace('_', '-')}": value
            for side in "lr" for name, value in features.items()}


OPEN_EYES = both_eyes(height1_min=0, height2_min=0, height3_min=0, height1_max=0.5,
                      height2_max=0.7, height3_max=0.5, size_small=0, push1_in=0, push2_in=0)


def row(skin_age, **traits):
    """One person's traits. The three skins are called young, middleage and old."""
    person = dict(USUAL, **traits)
    sex = "female" if person["woman"] else "male"
    number = "3" if skin_age == "young" else "2"
    person["skin"] = (f"{skin_age}_asian_{sex}/textures/"
                      f"{skin_age}_lightskinned_{sex}_diffuse{number}.png")
    person.setdefault("brow_tint", person["hair_tint"])
    if skin_age == "old":  # that picture is sunburnt
        person["saturation"] *= 0.8
        person["value"] *= 1.12
    return person


PEOPLE = {
    # The lookalike of resident 4: his age, skin and build, but another draw of features, so that
    # the comparison is unsure.
    0: row("young", woman=False, age=34, seed=4003, hair="short04", hair_tint=BLACK,
           brows="eyebrow012", clothes="male_casualsuit01", clothes_tint=(0.9, 0.8, 0.7),
           muscle=0.3, features=OPEN_EYES),
    1: row("young", woman=True, age=40, seed=1008, hair="bob01", hair_tint=DARK,
           brows="eyebrow001", clothes="female_elegantsuit01", clothes_tint=(0.9, 0.8, 0.8),
           weight=-0.3, saturation=0.8),
    2: row("old", woman=False, age=72, seed=2002, hair="short02", hair_tint=WHITE,
           brows="eyebrow008", clothes="male_casualsuit01", clothes_tint=(0.7, 0.7, 0.8),
           creases=0.5, spots=0.6, brow_tint=GREY, weight=-0.5),
    3: row("old", woman=True, age=66, seed=3008, hair="ponytail01", hair_tint=GREY,
           brows="eyebrow010", clothes="female_elegantsuit01", clothes_tint=(0.5, 0.4, 0.6),
           creases=0.35, weight=0.5, brow_tint=SALTED),
    4: row("young", woman=False, age=34, seed=4021, spread=0.62, hair="short01", hair_tint=BLACK,
           brows="eyebrow004", clothes="male_casualsuit06", clothes_tint=(0.5, 0.55, 0.6),
           clothes_plain=True, muscle=0.3,
           features=OPEN_EYES),
    5: row("old", woman=False, age=70, seed=5021, spread=0.62, hair=None, hair_tint=WHITE,
           brows="eyebrow005", clothes="male_casualsuit05", clothes_tint=(0.8, 0.8, 0.8),
           creases=0.45, spots=0.8, weight=0.6, asian=0.8, brow_tint=GREY, value=0.85),
    6: row("middleage", woman=True, age=52, seed=6004, hair="bob02", hair_tint=BLACK,
           brows="eyebrow007", clothes="female_elegantsuit01", clothes_tint=(0.3, 0.5, 0.5),
           creases=0.2, weight=0.2, asian=0.9),
    7: row("old", woman=False, age=60, seed=7002, hair="short04", hair_tint=SALTED,
           brows="eyebrow009", clothes="male_elegantsuit01", clothes_tint=(1, 1, 1),
           creases=0.35, weight=0.3, value=0.8, saturation=1.05),
    8: row("young", woman=True, age=30, seed=8005, hair="long01", hair_tint=BROWN,
           brows="eyebrow002", clothes="male_casualsuit06", clothes_tint=(0.6, 0.3, 0.3),
           clothes_plain=True,
           weight=-0.2, mottling=0.2, value=1.0),
    9: row("middleage", woman=False, age=50, seed=9023, spread=0.62, hair="afro01",
           hair_tint=DARK,
           brows="eyebrow012", clothes="male_casualsuit03", clothes_tint=(0.6, 0.8, 0.9),
           muscle=-0.4, asian=0.7, features=OPEN_EYES),
    10: row("middleage", woman=True, age=58, seed=10004, hair="Braid01", hair_tint=SALTED,
            brows="eyebrow006", clothes="male_casualsuit01", clothes_tint=(0.9, 0.5, 0.6),
            creases=0.3, weight=0.9, value=0.85),
}
