# Imitates torch.save with CPython's own pickler, for protocols and containers that the 1.13 files do not have.
import collections, pickle, struct, sys, types, zipfile
torch = types.ModuleType('torch'); utils = types.ModuleType('torch._utils')
class FloatStorage: pass
FloatStorage.__module__ = 'torch'; torch.FloatStorage = FloatStorage
def _rebuild_tensor_v2(*a): pass
_rebuild_tensor_v2.__module__ = 'torch._utils'; utils._rebuild_tensor_v2 = _rebuild_tensor_v2
class Size(tuple):
    def __reduce__(self): return (Size, (tuple(self),))
Size.__module__ = 'torch'; torch.Size = Size
class device:
    def __init__(self, *a): self.a = a
    def __reduce__(self): return (device, self.a)
device.__module__ = 'torch'; torch.device = device
torch._utils = utils; sys.modules['torch'] = torch; sys.modules['torch._utils'] = utils
for f in (FloatStorage, Size, device, _rebuild_tensor_v2): f.__qualname__ = f.__name__
class Ref:
    def __init__(self, key, n): self.key, self.n = key, n
class Tensor:
    def __init__(self, key, n, off, size, stride): self.args = (Ref(key, n), off, size, stride, False, collections.OrderedDict())
    def __reduce__(self): return (_rebuild_tensor_v2, self.args)
class P(pickle.Pickler):
    def persistent_id(self, o):
        if isinstance(o, Ref): return ('storage', FloatStorage, o.key, 'cpu', o.n)
import io
def save(name, obj, protocol, storages):
    b = io.BytesIO(); P(b, protocol).dump(obj)
    with zipfile.ZipFile(name, 'w', zipfile.ZIP_STORED) as z:
        def put(n, d):
            i = zipfile.ZipInfo(n); z.writestr(i, d)
        put('archive/data.pkl', b.getvalue()); put('archive/byteorder', 'little')
        for k, v in storages.items(): put('archive/data/' + k, struct.pack('<%df' % len(v), *v))
        put('archive/version', '3\n')
s = {'0': [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], '1': [-0.5]}
def obj():
    d = collections.OrderedDict()
    d['w'] = Tensor('0', 6, 0, (2, 3), (3, 1)); d['w_t'] = Tensor('0', 6, 0, (3, 2), (1, 3)); d['b'] = Tensor('1', 1, 0, (), ())
    dd = collections.defaultdict(list); dd['k'].append(1)
    l = [1, 2]
    return {'state_dict': d, 'counter': collections.Counter({3: 2}), 'default': dd, 'set': {7}, 'frozen': frozenset([8]), 'bytes': b'\x00\xff', 'size': Size((4, 5)),
            'device': device('cuda', 1), 'long text': 'x' * 300, 'ints': [0, 255, 256, 65535, 65536, -1, 2**31, -2**31 - 1, 2**63, 2**70, -2**70], 'twice': [l, l],
            'floats': [0.1, float('inf'), -0.0], 'none': None, 'tuples': [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)], 'type': float}
for p in (2, 3, 4, 5): save('containers_protocol%d.pth' % p, obj(), p, s)
