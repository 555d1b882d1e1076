"""OpenCV's dense inverse search on the pairs of a folder: the lines of DisPairs.cs. Grey pictures come in; making them is not measured."""
import os
import sys
import time

import cv2
import numpy as np

cv2.setNumThreads(1)
folder = sys.argv[1]
presets = {"ultrafast": cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST, "fast": cv2.DISOPTICAL_FLOW_PRESET_FAST, "medium": cv2.DISOPTICAL_FLOW_PRESET_MEDIUM}


def true_flow(path):
    data = open(path, "rb").read()
    width, height = np.frombuffer(data, np.int32, 2, 4)
    return np.frombuffer(data, np.float32, offset=12).reshape(height, width, 2)


for pair in sorted(name for name in os.listdir(folder) if os.path.isdir(os.path.join(folder, name))):
    first, second = (cv2.cvtColor(cv2.imread(os.path.join(folder, pair, f"frame{i}.png")), cv2.COLOR_BGR2GRAY) for i in (1, 2))
    truth = true_flow(os.path.join(folder, pair, "flow.flo"))
    known = (np.abs(truth) < 1e9).all(-1)
    for name, preset in presets.items():
        search = cv2.DISOpticalFlow_create(preset)
        taken = []
        for _ in range(36):
            before = time.process_time()
            flow = search.calc(first, second, None)
            taken.append(time.process_time() - before)
        error = np.sqrt(((flow - truth) ** 2).sum(-1))[known].mean()
        print(f"{pair}\t{name}\t{error:.4f}\t{1000 * np.median(taken[5:]):.2f}")
