"""pycocotools on files, for compare-evaluate.sh.
  evaluate_peer.py make FOLDER              writes gt.json, dt.json (boxes and masks): as large as COCO val2017, made up
  evaluate_peer.py run FOLDER bbox|segm     reads and evaluates as people do; prints the twelve numbers to 17 digits"""
import contextlib
import json
import math
import os
import random
import sys

from pycocotools import mask as masks
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

IMAGES, OBJECTS, DETECTIONS, CLASSES, WIDTH, HEIGHT = 5_000, 36_781, 200_000, 80, 640, 480


def outline(draw, x, y, w, h, corners=14):
    """A closed line of some corners inside a box, as annotators draw."""
    turns = [2 * math.pi * k / corners for k in range(corners)]
    radii = [0.75 + 0.25 * draw.random() for _ in turns]
    points = [(x + w / 2 * (1 + r * math.cos(t)), y + h / 2 * (1 + r * math.sin(t))) for t, r in zip(turns, radii)]
    return [round(min(max(v, 0), limit), 2) for px, py in points for v, limit in ((px, WIDTH), (py, HEIGHT))]


def box(draw):
    w, h = (min(s, 10 + abs(draw.gauss(0, s / 4))) for s in (WIDTH - 1, HEIGHT - 1))
    return draw.uniform(0, WIDTH - w), draw.uniform(0, HEIGHT - h), w, h


def run_lengths(polygon):
    rle = masks.frPyObjects([polygon], HEIGHT, WIDTH)[0]
    return {"size": [HEIGHT, WIDTH], "counts": rle["counts"].decode()}, rle


def make(folder):
    draw = random.Random(1)
    classes = [draw.choices(range(1, CLASSES + 1), [1 / k for k in range(1, CLASSES + 1)])[0] for _ in range(OBJECTS)]
    truths, by_image = [], {}
    for number, kind in enumerate(classes, 1):
        x, y, w, h = box(draw)
        polygon = outline(draw, x, y, w, h)
        _, rle = run_lengths(polygon)
        truth = {"id": number, "image_id": draw.randint(1, IMAGES), "category_id": kind, "bbox": [round(v, 2) for v in (x, y, w, h)],
                 "area": float(masks.area(rle)), "iscrowd": 0, "segmentation": [polygon]}
        truths.append(truth)
        by_image.setdefault(truth["image_id"], []).append(truth)
    found = []
    for number in range(DETECTIONS):
        image = number % IMAGES + 1
        near = by_image.get(image)
        if near and draw.random() < 0.6:
            like = draw.choice(near)
            x, y, w, h = (v + draw.gauss(0, 4) for v in like["bbox"])
            x, y, w, h, kind, score = max(x, 0), max(y, 0), max(w, 4), max(h, 4), like["category_id"], draw.betavariate(4, 2)
        else:
            (x, y, w, h), kind, score = box(draw), draw.randint(1, CLASSES), draw.betavariate(1, 5)
        text, _ = run_lengths(outline(draw, x, y, w, h))
        found.append({"image_id": image, "category_id": kind, "bbox": [round(v, 2) for v in (x, y, w, h)], "score": round(score, 6), "segmentation": text})
    write(folder, "gt.json", {"images": [{"id": k, "width": WIDTH, "height": HEIGHT, "file_name": f"{k:012}.jpg"} for k in range(1, IMAGES + 1)],
                              "annotations": truths, "categories": [{"id": k, "name": f"class {k}"} for k in range(1, CLASSES + 1)]})
    write(folder, "dt-bbox.json", [{key: value for key, value in item.items() if key != "segmentation"} for item in found])
    write(folder, "dt-segm.json", [{key: value for key, value in item.items() if key != "bbox"} for item in found])


def write(folder, name, value):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "w") as file:
        json.dump(value, file)


def run(folder, kind):
    with open(os.devnull, "w") as quiet, contextlib.redirect_stdout(quiet):
        truth = COCO(os.path.join(folder, "gt.json"))
        evaluation = COCOeval(truth, truth.loadRes(os.path.join(folder, f"dt-{kind}.json")), kind)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    print(" ".join(f"{value:.17g}" for value in evaluation.stats))


if __name__ == "__main__":
    make(sys.argv[2]) if sys.argv[1] == "make" else run(*sys.argv[2:4])
