"""Who the invented people are: traits by hand, features drawn from a seed."""

import random

# Features that a face may vary in. "-less|-more" names a pair of opposite targets; a name that
# begins with "l-" has a twin "r-" that gets the same weight.
FEATURES = """
head/head-age-less|more head/head-angle-in|out head/head-diamond head/head-fat
head/head-invertedtriangular head/head-oval head/head-rectangular head/head-round
head/head-scale-horiz-less|more head/head-scale-vert-less|more head/head-square
head/head-triangular head/head-skinny
forehead/forehead-nubian-less|more forehead/forehead-scale-vert-less|more
forehead/forehead-temple-in|out forehead/forehead-trans-depth-backward|forward
eyebrows/eyebrows-angle-down|up eyebrows/eyebrows-trans-depth-less|more
eyebrows/eyebrows-trans-vert-less|more
eyes/l-eye-bag-in|out eyes/l-eye-bag-min|max eyes/l-eye-corner1-down|up
eyes/l-eye-corner2-down|up eyes/l-eye-epicanthus-in|out eyes/l-eye-eyefold-angle-down|up
eyes/l-eye-eyefold-concave|convex eyes/l-eye-eyefold-down|up eyes/l-eye-height1-min|max
eyes/l-eye-height2-min|max eyes/l-eye-height3-min|max eyes/l-eye-move-down|up
eyes/l-eye-move-in|out eyes/l-eye-push1-in|out eyes/l-eye-push2-in|out
eyes/l-eye-size-small|big
nose/nose-compression-compress|uncompress nose/nose-curve-concave|convex
nose/nose-flaring-decr|incr nose/nose-greek-lessgreek|moregreek nose/nose-height-min|max
nose/nose-hump-lesshump|morehump nose/nose-nostril-width-min|max
nose/nose-nostrils-angle-down|up nose/nose-point-down|up nose/nose-point-width-less|more
nose/nose-scale-depth-decr|incr nose/nose-scale-horiz-decr|incr nose/nose-scale-vert-decr|incr
nose/nose-septumangle-decr|incr nose/nose-trans-vert-down|up nose/nose-volume-point|potato
nose/nose-width1-min|max nose/nose-width2-min|max nose/nose-width3-min|max
mouth/mouth-angles-down|up mouth/mouth-cupidsbow-decr|incr mouth/mouth-dimples-in|out
mouth/mouth-laugh-lines-in|out mouth/mouth-lowerlip-height-min|max
mouth/mouth-lowerlip-volume-deflate|inflate mouth/mouth-lowerlip-width-min|max
mouth/mouth-philtrum-volume-decrease|increase mouth/mouth-scale-depth-decr|incr
mouth/mouth-scale-horiz-decr|incr mouth/mouth-scale-vert-decr|incr
mouth/mouth-trans-backward|forward mouth/mouth-trans-down|up
mouth/mouth-upperlip-height-min|max mouth/mouth-upperlip-volume-deflate|inflate
mouth/mouth-upperlip-width-min|max
chin/chin-bones-in|out chin/chin-cleft-in|out chin/chin-height-min|max
chin/chin-jaw-drop-less|more chin/chin-prognathism-less|more chin/chin-prominent-less|more
chin/chin-triangle chin/chin-width-min|max
cheek/l-cheek-bones-in|out cheek/l-cheek-inner-deflate|inflate cheek/l-cheek-trans-vert-down|up
cheek/l-cheek-volume-deflate|inflate
ears/l-ear-size-small|big ears/l-ear-wing-in|out ears/l-ear-lobe-min|max
ears/l-ear-height-min|max
neck/neck-scale-horiz-less|more neck/neck-double-less|more
""".split()

# Features that make a caricature sooner than the others.
WHOLE = ("head/", "forehead/", "neck/")

ASYMMETRIES = ["asym/asym-brown-1", "asym/asym-cheek-1", "asym/asym-eye-1", "asym/asym-eye-4",
               "asym/asym-jaw-1", "asym/asym-mouth-1", "asym/asym-nose-1", "asym/asym-nose-3",
               "asym/asym-temple-1"]


def opposite_names(feature):
    """("nose-point-down", "nose-point-up") of "nose-point-down|up"; one name stays alone."""
    if "|" not in feature:
        return feature, None
    first, second = feature.split("|")
    return first, first.rsplit("-", 1)[0] + "-" + second


def draw_features(seed, spread):
    """Feature weights in [-1, 1], the same for the same seed on every machine."""
    draw = random.Random(seed)
    out = {}
    for feature in FEATURES:
        own = spread * (0.35 if feature.startswith(WHOLE) else 0.45 if "angle" in feature else 1)
        value = max(-1.0, min(1.0, draw.gauss(0, own)))
        first, second = opposite_names(feature)
        if second is None and value < 0:
            continue
        name = first if value < 0 or second is None else second
        for twin in (name, name.replace("/l-", "/r-")):
            out[twin] = abs(value)
    for name in ASYMMETRIES:
        out[name + draw.choice(["-l", "-r"])] = abs(draw.gauss(0, 0.25))
    return out

