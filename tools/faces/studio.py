"""The photographer: a body in a room or before a white wall, and its picture (Blender)."""

import os
import random

import bpy
import numpy as np
from mathutils import Vector

from body import turn

METRES = 0.1  # MakeHuman's unit is the decimetre


def to_scene(points):
    """y up and looking along +z becomes z up and looking along -y, in metres."""
    return np.stack([points[:, 0], -points[:, 2], points[:, 1]], 1) * METRES


def clear():
    bpy.ops.wm.read_factory_settings(use_empty=True)


def make_mesh(name, points, faces, uvs, material, subdivisions=0):
    mesh = bpy.data.meshes.new(name)
    used = sorted({v for corners, _ in faces for v in corners})
    index = {v: i for i, v in enumerate(used)}
    mesh.from_pydata(to_scene(points[used]).tolist(), [],
                     [[index[v] for v in corners] for corners, _ in faces])
    layer = mesh.uv_layers.new(name="uv")
    flat = np.array([uvs[u] for _, corner_uvs in faces for u in corner_uvs])
    layer.data.foreach_set("uv", flat.astype(np.float32).ravel())
    mesh.polygons.foreach_set("use_smooth", [True] * len(faces))
    mesh.materials.append(material)
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.collection.objects.link(thing)
    if subdivisions:
        modifier = thing.modifiers.new("smooth", "SUBSURF")
        modifier.levels = modifier.render_levels = subdivisions
    return thing


class Shader:
    """A material's node tree with the few nodes that faces need."""

    def __init__(self, name):
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.surface = self.tree.nodes["Principled BSDF"]
        self.output = self.tree.nodes["Material Output"]

    def node(self, kind, inputs=(), **settings):
        node = self.tree.nodes.new(kind)
        for key, value in settings.items():
            setattr(node, key, value)
        for key, value in dict(inputs).items():
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, node.inputs[key])
            else:
                node.inputs[key].default_value = value
        return node

    def set(self, **inputs):
        for key, value in inputs.items():
            socket = self.surface.inputs[key.replace("_", " ")]
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, socket)
            else:
                socket.default_value = value

    def picture(self, path):
        image = bpy.data.images.load(path, check_existing=True)
        return self.node("ShaderNodeTexImage", image=image, interpolation="Cubic")

    def mix(self, mode, share, first, second):
        """Blend two colours; returns the socket of the result."""
        node = self.node("ShaderNodeMixRGB", {"Fac": share, "Color1": first, "Color2": second},
                         blend_type=mode)
        return node.outputs["Color"]


def mean_brightness(path):
    """Mean luminance of a picture's opaque part, to bring every hair texture to one scale."""
    pixels = np.array(bpy.data.images.load(path, check_existing=True).pixels).reshape(-1, 4)
    shown = pixels[pixels[:, 3] > 0.5]
    return float((shown[:, :3] @ [0.3, 0.6, 0.1]).mean())


def plain(name, colour, roughness=0.6, glow=0.0):
    shader = Shader(name)
    shader.set(Base_Color=(*colour, 1), Roughness=roughness)
    if glow:
        shader.set(Emission=(*colour, 1), Emission_Strength=glow)
    return shader.material


def skin(path, person):
    """The package's skin, tinted, with the mottling and pores that its 512 pixels cannot hold."""
    shader = Shader("skin")
    place = shader.node("ShaderNodeTexCoord").outputs["Object"]
    place = shader.node("ShaderNodeVectorMath", {0: place, 1: (person["seed"] * 0.37,) * 3},
                        operation="ADD").outputs[0]
    colour = shader.picture(path).outputs["Color"]
    colour = shader.node("ShaderNodeHueSaturation", {
        "Saturation": person["saturation"], "Value": person["value"], "Color": colour,
        "Hue": person["hue"]}).outputs["Color"]
    for scale, strength, shade in ((45, person["mottling"], (0.72, 0.52, 0.46, 1)),
                                   (260, 0.35 * person["mottling"], (0.6, 0.45, 0.4, 1))):
        noise = shader.node("ShaderNodeTexNoise", {"Vector": place, "Scale": scale, "Detail": 4})
        ramp = shader.node("ShaderNodeMapRange", {
            "Value": noise.outputs["Fac"], "From Min": 0.45, "From Max": 0.75,
            "To Min": 0, "To Max": strength})
        colour = shader.mix("MULTIPLY", ramp.outputs["Result"], colour, shade)
    spots = shader.node("ShaderNodeTexVoronoi", {"Vector": place, "Scale": 34})
    near = shader.node("ShaderNodeMapRange", {
        "Value": spots.outputs["Distance"], "From Min": 0.03, "From Max": 0.09,
        "To Min": person["spots"], "To Max": 0})
    colour = shader.mix("MULTIPLY", near.outputs["Result"], colour, (0.45, 0.3, 0.24, 1))
    pores = shader.node("ShaderNodeTexNoise", {"Vector": place, "Scale": 900, "Detail": 3})
    creases = shader.node("ShaderNodeTexNoise", {
        "Vector": place, "Scale": 120, "Detail": 6, "Distortion": 1.5})
    bump = shader.node("ShaderNodeBump", {
        "Strength": 0.25, "Distance": 0.0006, "Height": pores.outputs["Fac"]})
    bump = shader.node("ShaderNodeBump", {
        "Strength": person["creases"], "Distance": 0.0015, "Height": creases.outputs["Fac"],
        "Normal": bump.outputs["Normal"]})
    shader.set(Base_Color=colour, Normal=bump.outputs["Normal"],
               Roughness=person["roughness"], Specular=0.4)
    return shader.material


def strands(path, tint, share=1.0):
    """Hair, brows, lashes: the picture's pattern in the person's own colour, cut out by alpha."""
    shader = Shader("strands")
    picture = shader.picture(path)
    gain = 1.0 / max(mean_brightness(path), 0.01)
    grey = shader.node("ShaderNodeRGBToBW", {"Color": picture.outputs["Color"]}).outputs[0]
    grey = shader.node("ShaderNodeMath", {0: grey, 1: gain}, operation="MULTIPLY").outputs[0]
    grey = shader.node("ShaderNodeMath", {0: grey, 1: 0.7}, operation="POWER").outputs[0]
    alpha = shader.node("ShaderNodeMath", {0: picture.outputs["Alpha"], 1: share},
                        operation="MULTIPLY").outputs[0]
    shader.set(Base_Color=shader.mix("MULTIPLY", 1.0, grey, (*tint, 1)), Alpha=alpha,
               Roughness=0.5, Specular=0.35)
    return shader.material


def eyeball(path):
    """Iris and white under a clear, wet cornea (where the picture's alpha is nought)."""
    shader = Shader("eye")
    picture = shader.picture(path)
    colour = shader.node("ShaderNodeHueSaturation", {
        "Saturation": 0.8, "Value": 0.95, "Color": picture.outputs["Color"]}).outputs["Color"]
    colour = shader.mix("MULTIPLY", 1.0, colour, (1.0, 0.91, 0.84, 1))
    shader.set(Base_Color=colour, Roughness=0.08, Specular=0.6)
    clear_part = shader.node("ShaderNodeMixShader", {
        "Fac": 0.025, 1: shader.node("ShaderNodeBsdfTransparent").outputs[0],
        2: shader.node("ShaderNodeBsdfGlossy", {"Roughness": 0.02}).outputs[0]})
    both = shader.node("ShaderNodeMixShader", {
        "Fac": picture.outputs["Alpha"], 1: clear_part.outputs[0],
        2: shader.surface.outputs[0]})
    shader.tree.links.new(both.outputs[0], shader.output.inputs["Surface"])
    return shader.material


def textured(path, tint, roughness=0.75):
    shader = Shader("cloth")
    picture = shader.picture(path)
    shader.set(Base_Color=shader.mix("MULTIPLY", 1.0, picture.outputs["Color"], (*tint, 1)),
               Alpha=picture.outputs["Alpha"], Roughness=roughness, Specular=0.2)
    return shader.material


def trimmed(proxy, points, eyes):
    """The hair's faces without those that hang before the eyes: a card needs both of them."""
    def hides_face(corners):
        x, y, z = points[list(corners)].mean(0) - eyes
        return abs(x) < 0.62 and y < 0.42 and z > -0.35
    return [(c, u) for c, u in proxy.faces if not hides_face(c)]


def dress(library, vertices, eyes, pivot, pose, person):
    """Build every mesh of the person; the head turned, the shoulders left where they are."""
    share = library.head_share

    def hang(kind, name, material, subdivisions=0):
        proxy = library.proxy(kind, name)
        points = proxy.fit(vertices)
        faces = trimmed(proxy, points, eyes) if kind == "hair" else proxy.faces
        points = turn(points, proxy.follow(share), pivot, pose)
        make_mesh(name, points, faces, proxy.uvs, material(proxy), subdivisions)
        return proxy

    def own_picture(proxy, number=0):
        return os.path.join(proxy.folder, proxy.pictures[number])

    brown = next(i for i, p in enumerate(library.proxy("eyes", "HighPolyEyes").pictures)
                 if "brown_eye" in p)
    hang("eyes", "HighPolyEyes", lambda p: eyeball(own_picture(p, brown)), 1)
    hang("teeth", "Teeth_Base", lambda p: textured(own_picture(p), (0.8, 0.76, 0.7), 0.3))
    if person["woman"]:
        hang("eyelashes", "eyelashes02",
             lambda p: strands(own_picture(p), (0.01, 0.008, 0.007), 0.8))
    hang("eyebrows", person["brows"],
         lambda p: strands(own_picture(p), person["brow_tint"], person["brow_share"]))
    if person["hair"]:
        hang("hair", person["hair"], lambda p: strands(own_picture(p), person["hair_tint"]))
    def cloth(proxy):
        if person["clothes_plain"]:
            return plain("cloth", person["clothes_tint"], 0.85)
        return textured(own_picture(proxy), person["clothes_tint"])

    hidden = hang("clothes", person["clothes"], cloth).hides
    lowest = pivot[1] - 4.0
    faces = [(c, u) for c, u in library.groups["body"]
             if not hidden[list(c)].all() and vertices[list(c), 1].min() > lowest]
    material = skin(os.path.join(library.folder, "skins", person["skin"]), person)
    make_mesh("body", turn(vertices, share, pivot, pose), faces, library.uvs, material, 1)


def box(name, low, high, material):
    x, y, z = zip(low, high)
    corners = [(a, b, c) for a in x for b in y for c in z]
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(corners, [], [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6),
                                   (0, 2, 6, 4), (1, 5, 7, 3)])
    mesh.materials.append(material)
    bpy.context.collection.objects.link(bpy.data.objects.new(name, mesh))


def lamp(place, target, size, power, colour=(1, 1, 1)):
    light = bpy.data.lights.new("lamp", "AREA")
    light.size, light.energy, light.color = size, power, colour
    thing = bpy.data.objects.new("lamp", light)
    thing.location = place
    thing.rotation_euler = (Vector(target) - Vector(place)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.collection.objects.link(thing)


def ambient(colour, strength):
    world = bpy.data.worlds.new("world")
    bpy.context.scene.world = world
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs[0].default_value = (*colour, 1)
    world.node_tree.nodes["Background"].inputs[1].default_value = strength


def studio_light(eyes):
    """Even light, as at the counter where identity cards are made; the white comes later."""
    x, y, z = eyes
    ambient((1, 1, 1), 0.6)
    for side in (-1, 1):
        lamp((x + side * 0.8, y - 1.3, z + 0.4), eyes, 0.9, 14)


def living_room(eyes, seed):
    """A room that no two people share: wall, window, shelf with books, a picture, a lamp."""
    draw = random.Random(seed)
    x, y, z = eyes
    back = y + draw.uniform(1.2, 2.0)
    side = draw.choice([-1, 1])
    wall = [draw.uniform(0.35, 0.75)] * 3
    wall[draw.randrange(3)] *= draw.uniform(0.75, 0.95)
    box("wall", (x - 5, back, z - 3), (x + 5, back + 0.1, z + 3), plain("wall", wall, 0.9))
    wood = plain("wood", (0.25, 0.13, 0.06), 0.5)
    for shelf in range(4):
        height = z - 0.75 + 0.42 * shelf
        low, high = sorted((x + side * 0.3, x + side * 1.8))
        box("board", (low, back - 0.3, height), (high, back, height + 0.025), wood)
        at = low + 0.02
        while at < high - 0.1:
            width = draw.uniform(0.02, 0.07)
            colour = [draw.uniform(0.02, 0.6) for _ in range(3)]
            if draw.random() < 0.75:
                box("book", (at, back - 0.24, height + 0.025),
                    (at + width, back - 0.02, height + draw.uniform(0.2, 0.34)),
                    plain("book", colour))
            at += width + 0.003
    middle = x - side * draw.uniform(0.6, 0.9)
    box("frame", (middle - 0.28, back - 0.04, z - 0.1), (middle + 0.28, back, z + 0.65),
        plain("frame", (0.05, 0.05, 0.05)))
    box("pane", (middle - 0.24, back - 0.05, z - 0.06), (middle + 0.24, back - 0.04, z + 0.61),
        plain("pane", [draw.uniform(0.3, 0.8) for _ in range(3)], 0.2, draw.uniform(0, 1.2)))
    lamp((x, back - 0.6, z + 1.6), (x, back, z), 1.0, draw.uniform(15, 40), (1.0, 0.86, 0.7))


def room_light(eyes, seed):
    """A window on one side, a lamp on the other."""
    draw = random.Random(-seed)
    x, y, z = eyes
    side = draw.choice([-1, 1])
    ambient((0.9, 0.95, 1.0), draw.uniform(0.3, 0.5))
    cool, warm = (0.85, 0.93, 1.0), (1.0, 0.86, 0.7)
    lamp((x - side * 1.4, y - draw.uniform(0.5, 1.2), z + 0.5), eyes, 1.0,
         draw.uniform(24, 36), cool)
    lamp((x + side * 1.0, y - 1.0, z + draw.uniform(0.2, 0.9)), eyes, 0.6,
         draw.uniform(5, 11), warm)


def camera(eyes, distance, height, aside, lens, aim_down):
    """Looks at a point below the eyes; lens as for 36 mm film, the long side upright."""
    data = bpy.data.cameras.new("camera")
    data.lens, data.sensor_width, data.sensor_fit = lens, 36, "VERTICAL"
    data.sensor_height = 36
    data.clip_start = 0.01
    thing = bpy.data.objects.new("camera", data)
    x, y, z = eyes
    thing.location = (x + aside, y - distance, z + height)
    aim = Vector((x, y, z - aim_down)) - Vector(thing.location)
    thing.rotation_euler = aim.to_track_quat("-Z", "Y").to_euler()
    bpy.context.collection.objects.link(thing)
    bpy.context.scene.camera = thing


def shoot(path, size, samples, look, exposure):
    """Render to a PNG; where nobody stands it is transparent."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device, scene.cycles.samples = "CPU", samples
    scene.cycles.use_denoising = False
    scene.cycles.use_adaptive_sampling, scene.cycles.adaptive_threshold = True, 0.05
    scene.cycles.adaptive_min_samples = 6
    scene.cycles.max_bounces, scene.cycles.transparent_max_bounces = 1, 12
    scene.cycles.sample_clamp_indirect = 2.0
    scene.render.film_transparent = True
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
    scene.view_settings.view_transform, scene.view_settings.look = look
    scene.view_settings.exposure = exposure
    scene.render.image_settings.file_format = "PNG"
    scene.render.filepath = path
    scene.render.use_persistent_data = False
    bpy.ops.render.render(write_still=True)
