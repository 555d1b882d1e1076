"""The calls of CallOverhead.cs from Python: a line "name, microseconds a call" for each, the best of four hundred runs."""
import timeit

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
x, y = torch.ones(4), torch.ones(4)
image, weight = torch.ones(1, 1, 2, 2), torch.ones(1, 1, 1, 1)
leaf = torch.ones(4, requires_grad=True)

calls = {
    "add": lambda: x.add(y),
    "add_": lambda: x.add_(y),
    "mul by a number": lambda: x.mul(2.0),
    "reshape": lambda: x.reshape(2, 2),
    "cat of two": lambda: torch.cat([x, y]),
    "conv2d 1x1": lambda: F.conv2d(image, weight),
    "add, with autograd": lambda: leaf.add(y),
}
for name, call in calls.items():
    timeit.timeit(call, number=20_000)
    print(f"{name}\t{min(timeit.repeat(call, number=1_000, repeat=400)) / 1_000 * 1e6:.3f}")
