"""The authors' code of RAFT-small or GMA on python3-torch: CPU seconds a pair (median) and peak MiB of the process.
Wants einops (pip) for GMA; scipy, which inference does not call, is left out.
usage: flow_peer.py raft-small|gma FOLDER-OF-THEIR-REPOSITORY HEIGHT WIDTH PAIRS. One thread, 12 iterations, fresh weights."""
import argparse
import resource
import statistics
import sys
import time

network, folder, height, width, pairs = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
sys.path.insert(0, folder + "/core")
import types

import torch

sys.modules["scipy"] = types.ModuleType("scipy")
sys.modules["scipy"].interpolate = None
torch.set_num_threads(1)
torch.manual_seed(1)
options = argparse.Namespace(small=True, dropout=0, alternate_corr=False, mixed_precision=False,
                             num_heads=1, position_only=False, position_and_content=False)
if network == "gma":
    from network import RAFTGMA as Network
else:
    from raft import RAFT as Network
model = Network(options).eval()
first, second = (255 * torch.rand(1, 3, height, width) for _ in range(2))
seconds = []
with torch.no_grad():
    for _ in range(pairs + 1):
        begin = time.process_time()
        model(first, second, iters=12, test_mode=True)
        seconds.append(time.process_time() - begin)
print(f"{statistics.median(seconds[1:]):.3f}\t{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")
