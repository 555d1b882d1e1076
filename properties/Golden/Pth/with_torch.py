"""PyTorch's side of properties/Forward/PythonTorchLaws.cs. Wants python3-torch (1.13 or later).

    with_torch.py outputs CHECKPOINT.pth RAFT.pth INPUTS.pth OUTPUTS.pth    networks in plain functional code, from weights written here
    with_torch.py sums FILE.pth                                             names, types, shapes and CRC-32 of what torch.load gives
    with_torch.py save FOLDER                                               files of torch.save, with their sums
"""
import collections
import json
import math
import os
import sys
import zlib

import torch
import torch.nn.functional as F

torch.set_num_threads(1)


def load(path):
    """As a user does, and as newer versions of PyTorch do by themselves; both must agree."""
    plain, careful = torch.load(path), torch.load(path, weights_only=True)
    assert type(plain) is collections.OrderedDict and list(plain) == list(careful)
    assert all(plain[name].dtype == careful[name].dtype for name in plain)
    return plain


def bits(tensor):
    whole = tensor.detach().contiguous()
    whole = whole.view(torch.int16) if whole.dtype in (torch.bfloat16, torch.float16) else whole
    return whole.numpy().tobytes()


def sums(tensors):
    return {name: [str(t.dtype)[6:], list(t.shape), f"{zlib.crc32(bits(t)):08x}"] for name, t in tensors.items()}


def small_net(w, x):
    """The small backbone and its four stages."""
    def normed(name, x, stride, padding):
        y = F.conv2d(x, w[name + ".weight"], None, stride, padding)
        return F.group_norm(y, math.gcd(32, y.shape[1]), w[name + ".norm.weight"], w[name + ".norm.bias"], 1e-5)

    scope = "backbone.bottom_up."
    x = F.relu(normed(scope + "stem.conv1", x, 2, 1))
    for stage in (2, 3, 4, 5):
        block = f"{scope}res{stage}.0."
        y = normed(block + "conv2", F.relu(normed(block + "conv1", x, 2, 1)), 1, 1)
        x = F.relu(y + normed(block + "shortcut", x, 2, 0))
    return x


def head(w, x):
    """One level of the FCOS head: class logits and box regression of level 0."""
    scope = "proposal_generator.fcos_head."

    def tower(name, x):
        layer = 0
        while f"{scope}{name}.{layer}.weight" in w:
            x = F.conv2d(x, w[f"{scope}{name}.{layer}.weight"], w[f"{scope}{name}.{layer}.bias"], padding=1)
            x = F.relu(F.group_norm(x, math.gcd(32, x.shape[1]), w[f"{scope}{name}.{layer + 1}.weight"], w[f"{scope}{name}.{layer + 1}.bias"], 1e-5))
            layer += 3
        return x

    def last(name, x):
        return F.conv2d(x, w[f"{scope}{name}.weight"], w[f"{scope}{name}.bias"], padding=1)

    return last("cls_logits", tower("cls_tower", x)), F.relu(last("bbox_pred", tower("bbox_tower", x)) * w[scope + "scales.0.scale"])


def feature_network(w, x):
    """RAFT-small's: bottlenecks with instance norm."""
    def conv(name, x, stride=1):
        kernel = w[name + ".weight"]
        return F.conv2d(x, kernel, w[name + ".bias"], stride, (kernel.shape[2] // 2, kernel.shape[3] // 2))

    def step(name, x, stride=1):
        return F.relu(F.instance_norm(conv(name, x, stride)))

    x = step("fnet.conv1", x, 2)
    for layer, first in ((1, 1), (2, 2), (3, 2)):
        for block, stride in ((0, first), (1, 1)):
            name = f"fnet.layer{layer}.{block}."
            y = step(name + "conv3", step(name + "conv2", step(name + "conv1", x), stride))
            x = F.relu(y + (x if stride == 1 else F.instance_norm(conv(name + "downsample.0", x, stride))))
    return conv("fnet.conv2", x)


def outputs(checkpoint, raft, inputs, target):
    model, given = load(checkpoint), load(inputs)
    with torch.no_grad():
        logits, boxes = head(model, given["level"])
        torch.save({"res5": small_net(model, given["picture"]), "logits": logits, "boxes": boxes, "features": feature_network(load(raft), given["frames"])}, target)


def save(folder):
    torch.manual_seed(7)
    base = torch.randn(4, 6)
    tensors = collections.OrderedDict(
        half=torch.randn(3, 5).half(), bfloat=torch.randn(2, 3).bfloat16(), double=torch.randn(2), long=torch.tensor([2**40, -1]), int=torch.arange(5, dtype=torch.int32),
        short=torch.tensor([300], dtype=torch.int16), char=torch.tensor([-128, 127], dtype=torch.int8), byte=torch.arange(9, dtype=torch.uint8), bool=torch.tensor([True, False]),
        base=base, row=base[1], column=base[:, 2], every_other=base[::2, 1::2], turned=base.t(), expanded=torch.randn(3, 1).expand(3, 4), zero_d=torch.tensor(1.5),
        none=torch.zeros(0, 3), parameter=torch.nn.Parameter(torch.randn(2, 2)), channels_last=torch.randn(1, 2, 3, 4).contiguous(memory_format=torch.channels_last))
    parallel = torch.nn.DataParallel(torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4)))
    optimizer = torch.optim.SGD(parallel.parameters(), lr=0.1, momentum=0.9)
    parallel.module(torch.randn(2, 3, 8, 8)).sum().backward()
    optimizer.step()
    training = {"model": parallel.module.state_dict(), "optimizer": optimizer.state_dict(), "iteration": 3, "scheduler": {"milestones": collections.Counter([60000, 80000])}}
    expected = {}
    for name, content, weights in (("tensors", tensors, tensors), ("parallel", parallel.state_dict(), parallel.module.state_dict()), ("training", training, parallel.module.state_dict())):
        for suffix, zipped in (("", True), ("_legacy", False)):
            torch.save(content, os.path.join(folder, f"{name}{suffix}.pth"), _use_new_zipfile_serialization=zipped)
            expected[f"{name}{suffix}.pth"] = sums(weights)
    print(json.dumps(expected))


if sys.argv[1] == "outputs":
    outputs(*sys.argv[2:])
elif sys.argv[1] == "sums":
    print(json.dumps(sums(load(sys.argv[2]))))
else:
    save(sys.argv[2])
