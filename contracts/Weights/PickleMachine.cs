using System.Numerics;

namespace Motion.Contracts;

/// <summary>What a pickle may ask for beyond plain values.</summary>
internal interface IPickleWorld
{
    /// <summary>A class or function by its full name; nothing is called by this.</summary>
    TorchObject Global(string name);

    /// <summary>REDUCE and NEWOBJ: what the named function would give for these arguments.</summary>
    TorchObject Call(string name, IReadOnlyList<TorchObject> arguments);

    /// <summary>BUILD: the object that the target becomes when it is given this state.</summary>
    TorchObject Build(TorchObject target, TorchObject state);

    /// <summary>BINPERSID: what is stored outside the pickle.</summary>
    TorchObject Persistent(TorchObject id);
}

/// <summary>
/// Interprets the opcodes of binary pickles (protocols 2 to 5) and executes nothing: an opcode builds a list, a tuple, a dictionary or a
/// number, or asks the world, which knows a handful of names. Memory is bounded by the pickle's length times a constant.
/// </summary>
/// <remarks>Opcodes: CPython, Lib/pickletools.py.</remarks>
internal sealed class PickleMachine
{
    private readonly PickleInput _input;
    private readonly IPickleWorld _world;
    private readonly Dictionary<long, TorchObject> _memo = [];
    private readonly Stack<List<TorchObject>> _marked = new();
    private List<TorchObject> _stack = [];

    private PickleMachine(PickleInput input, IPickleWorld world) => (_input, _world) = (input, world);

    /// <summary>Reads one pickle, up to and including its STOP.</summary>
    /// <exception cref="InvalidDataException">No pickle, or an opcode of protocol 0, whose texts are Python code.</exception>
    /// <exception cref="EndOfStreamException">The pickle is cut off.</exception>
    public static TorchObject Read(PickleInput input, IPickleWorld world)
    {
        var machine = new PickleMachine(input, world);
        while (machine.Step(input.Byte())) { }

        return machine.Pop();
    }

    private bool Step(byte opcode)
    {
        switch (opcode)
        {
            case 0x80: // PROTO
                var protocol = _input.Byte();
                return protocol <= 5 ? true : throw new InvalidDataException($"the pickle is of protocol {protocol}; 2 to 5 are read");
            case 0x95: // FRAME
                _input.Int64();
                return true;
            case (byte)'.': // STOP
                return false;
            case (byte)'(': // MARK
                _marked.Push(_stack);
                _stack = [];
                return true;
            case (byte)'0': // POP
                Pop();
                return true;
            case (byte)'1': // POP_MARK
                PopMark();
                return true;
            case (byte)'2': // DUP
                Push(Top());
                return true;
            default:
                if (!StepValue(opcode) && !StepContainer(opcode) && !StepMemo(opcode) && !StepWorld(opcode))
                {
                    throw new InvalidDataException(
                        $"the pickle has the opcode 0x{opcode:x2}, which is of no binary protocol from 2 to 5 or means Python code"
                    );
                }

                return true;
        }
    }

    private bool StepValue(byte opcode)
    {
        TorchObject? value = opcode switch
        {
            (byte)'N' => new TorchObject.None(),
            0x88 => new TorchObject.Boolean(true),
            0x89 => new TorchObject.Boolean(false),
            (byte)'J' => new TorchObject.Integer(_input.Int32()), // BININT
            (byte)'K' => new TorchObject.Integer(_input.Byte()), // BININT1
            (byte)'M' => new TorchObject.Integer(_input.UInt16()), // BININT2
            0x8a => new TorchObject.Integer(new BigInteger(_input.Bytes(_input.Byte()))), // LONG1: little-endian two's complement
            0x8b => new TorchObject.Integer(new BigInteger(_input.Bytes(_input.Int32()))), // LONG4
            (byte)'G' => new TorchObject.Number(_input.Double()), // BINFLOAT
            (byte)'X' => new TorchObject.Text(_input.Text((uint)_input.Int32())), // BINUNICODE
            0x8c => new TorchObject.Text(_input.Text(_input.Byte())), // SHORT_BINUNICODE
            0x8d => new TorchObject.Text(_input.Text(_input.Int64())), // BINUNICODE8
            (byte)'T' => new TorchObject.Text(_input.ByteText(_input.Int32())), // BINSTRING, Python 2
            (byte)'U' => new TorchObject.Text(_input.ByteText(_input.Byte())), // SHORT_BINSTRING
            (byte)'B' => new TorchObject.Bytes(_input.Bytes((uint)_input.Int32())), // BINBYTES
            (byte)'C' => new TorchObject.Bytes(_input.Bytes(_input.Byte())), // SHORT_BINBYTES
            0x8e or 0x96 => new TorchObject.Bytes(_input.Bytes(_input.Int64())), // BINBYTES8, BYTEARRAY8
            _ => null,
        };
        if (value is not null)
        {
            Push(value);
        }

        return value is not null;
    }

    private bool StepContainer(byte opcode)
    {
        switch (opcode)
        {
            case (byte)']': // EMPTY_LIST
                Push(new TorchObject.List(new List<TorchObject>()));
                return true;
            case (byte)'l': // LIST
                Push(new TorchObject.List(PopMark()));
                return true;
            case (byte)'a': // APPEND
                Append([Pop()]);
                return true;
            case (byte)'e': // APPENDS
                Append(PopMark());
                return true;
            case (byte)')': // EMPTY_TUPLE
                Push(new TorchObject.Tuple([]));
                return true;
            case (byte)'t': // TUPLE
                Push(new TorchObject.Tuple(PopMark()));
                return true;
            case 0x85 or 0x86 or 0x87: // TUPLE1, TUPLE2, TUPLE3
                var items = new TorchObject[opcode - 0x84];
                for (var i = items.Length - 1; i >= 0; i--)
                {
                    items[i] = Pop();
                }

                Push(new TorchObject.Tuple(items));
                return true;
            case (byte)'}': // EMPTY_DICT
                Push(NewDictionary());
                return true;
            case (byte)'d': // DICT
                var dictionary = NewDictionary();
                AddPairs(dictionary, PopMark());
                Push(dictionary);
                return true;
            case (byte)'s': // SETITEM
                var value = Pop();
                var key = Pop();
                AddPairs(Top(), [key, value]);
                return true;
            case (byte)'u': // SETITEMS
                var pairs = PopMark();
                AddPairs(Top(), pairs);
                return true;
            case 0x8f: // EMPTY_SET
                Push(new TorchObject.Set(new List<TorchObject>()));
                return true;
            case 0x90: // ADDITEMS
                var members = PopMark();
                Items<TorchObject.Set>(Top()).AddRange(members);
                return true;
            case 0x91: // FROZENSET
                Push(new TorchObject.Set(PopMark()));
                return true;
            default:
                return false;
        }
    }

    private bool StepMemo(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'q': // BINPUT
                _memo[_input.Byte()] = Top();
                return true;
            case (byte)'r': // LONG_BINPUT
                _memo[(uint)_input.Int32()] = Top();
                return true;
            case 0x94: // MEMOIZE
                _memo[_memo.Count] = Top();
                return true;
            case (byte)'h': // BINGET
                Push(Remembered(_input.Byte()));
                return true;
            case (byte)'j': // LONG_BINGET
                Push(Remembered((uint)_input.Int32()));
                return true;
            default:
                return false;
        }
    }

    private bool StepWorld(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'c': // GLOBAL
                Push(_world.Global($"{_input.Line()}.{_input.Line()}"));
                return true;
            case 0x93: // STACK_GLOBAL
                var (name, module) = (Pop(), Pop());
                Push(_world.Global($"{AsText(module)}.{AsText(name)}"));
                return true;
            case (byte)'R' or 0x81: // REDUCE, NEWOBJ
                var arguments = Pop();
                Push(Called(Pop(), arguments));
                return true;
            case 0x92: // NEWOBJ_EX
                Pop(); // arguments by name: no name that is known here takes any
                var unnamed = Pop();
                Push(Called(Pop(), unnamed));
                return true;
            case (byte)'b': // BUILD
                var state = Pop();
                Push(_world.Build(Pop(), state));
                return true;
            case (byte)'Q': // BINPERSID
                Push(_world.Persistent(Pop()));
                return true;
            default:
                return false;
        }
    }

    private TorchObject Called(TorchObject called, TorchObject arguments) =>
        (called, arguments) switch
        {
            (TorchObject.Opaque(var of), TorchObject.Tuple) => new TorchObject.Opaque(of),
            (TorchObject.Name(var name), TorchObject.Tuple(var items)) => _world.Call(name, items),
            (_, TorchObject.Tuple) => throw new InvalidDataException("the pickle calls something that has no name"),
            _ => throw new InvalidDataException("the pickle calls something without a tuple of arguments"),
        };

    private void Append(List<TorchObject> items)
    {
        if (Top() is not TorchObject.Opaque)
        {
            Items<TorchObject.List>(Top()).AddRange(items);
        }
    }

    private static TorchObject.Dictionary NewDictionary() => new(new List<KeyValuePair<TorchObject, TorchObject>>());

    private static void AddPairs(TorchObject target, List<TorchObject> keysAndValues)
    {
        var items = target switch
        {
            TorchObject.Dictionary { Items: List<KeyValuePair<TorchObject, TorchObject>> known } => known,
            TorchObject.Opaque opaque => opaque.Items,
            _ => null,
        };
        if (items is null || keysAndValues.Count % 2 != 0)
        {
            throw new InvalidDataException("the pickle puts items into something other than a dictionary, or a key without a value");
        }

        for (var i = 0; i < keysAndValues.Count; i += 2)
        {
            items.Add(KeyValuePair.Create(keysAndValues[i], keysAndValues[i + 1]));
        }
    }

    private static List<TorchObject> Items<T>(TorchObject target) =>
        (target, typeof(T) == typeof(TorchObject.Set)) switch
        {
            (TorchObject.List { Items: List<TorchObject> items }, false) => items,
            (TorchObject.Set { Items: List<TorchObject> items }, true) => items,
            _ => throw new InvalidDataException($"the pickle adds to something other than a {typeof(T).Name.ToLowerInvariant()}"),
        };

    private static string AsText(TorchObject value) =>
        value is TorchObject.Text(var text)
            ? text
            : throw new InvalidDataException("the pickle names something with a value that is no text");

    private void Push(TorchObject value) => _stack.Add(value);

    private TorchObject Top() => _stack.Count > 0 ? _stack[^1] : throw new InvalidDataException("the pickle takes from an empty stack");

    private TorchObject Pop()
    {
        var top = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private List<TorchObject> PopMark()
    {
        var items = _stack;
        _stack = _marked.TryPop(out var below) ? below : throw new InvalidDataException("the pickle has no mark where it needs one");
        return items;
    }

    /// <summary>Python gives an object its state in place; here what was remembered before that leads to what became of it.</summary>
    private TorchObject Remembered(long index) =>
        !_memo.TryGetValue(index, out var value)
            ? throw new InvalidDataException($"the pickle recalls value {index}, which it never remembered")
        : value is TorchObject.Unbuilt { Became: { } built } ? built
        : value;
}
