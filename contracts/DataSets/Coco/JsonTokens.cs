using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Motion.DataSets;

/// <summary>
/// The tokens of a JSON document of any length, read from a stream through one buffer: memory is that of the longest token, whatever the file
/// claims. A file, a pipe and a socket are read alike.
/// </summary>
/// <remarks>
/// Takes what Python's json module writes for numbers that are none (NaN, Infinity, -Infinity) as tokens in place of a value, so that their place
/// can be named and their item be left out. Texts are checked to be UTF-8 as they pass, those that are skipped too.
/// </remarks>
internal ref struct JsonTokens
{
    private const int FirstBytes = 1 << 18;
    private const int MostBytes = 1 << 27;
    private const int LongestLiteral = 9; // -Infinity
    private const int ShownBytes = 40;

    private static readonly SearchValues<byte> BetweenTokens = SearchValues.Create(" \t\r\n,:"u8);

    private readonly Stream _stream;
    private readonly Action<long>? _progress;
    private byte[] _buffer = new byte[FirstBytes];
    private int _from;               // where the reader started in the buffer
    private int _filled;
    private bool _final;
    private JsonReaderState _state;  // of the reader at _from
    private Utf8JsonReader _reader;
    private string? _literal;        // what stands in the file where the buffer has a quoted stand-in
    private bool _badText;
    private long _read;

    /// <param name="stream">Read to its end, not disposed.</param>
    /// <param name="progress">Told how many bytes have been read.</param>
    public JsonTokens(Stream stream, Action<long>? progress = null)
    {
        (_stream, _progress) = (stream, progress);
        while (!_final && _filled < 3)
        {
            Fill();
        }

        _from = JsonFiles.MarkLength(_buffer.AsSpan(0, _filled));
        Restart();
    }

    public readonly JsonTokenType Type => _reader.TokenType;

    /// <summary>How many objects and arrays are open around the token; an opening or closing bracket counts as outside its own.</summary>
    public readonly int Depth => _reader.CurrentDepth;

    /// <summary>Bytes that the stream has given so far.</summary>
    public readonly long BytesRead => _read;

    /// <summary>Whether all bytes have been used up; after an exception: whether it is that there are no more.</summary>
    public readonly bool AtEnd => _final && _from + _reader.BytesConsumed >= _filled - TrailingBlanks;

    private readonly int TrailingBlanks => _filled - _from - _buffer.AsSpan(_from, _filled - _from).TrimEnd(" \t\r\n"u8).Length;

    /// <summary>The next token; false at the end of the document.</summary>
    /// <exception cref="JsonException">No JSON, or cut off.</exception>
    public bool Read()
    {
        _literal = null;
        while (true)
        {
            try
            {
                if (_reader.Read())
                {
                    _badText |= Type is JsonTokenType.String or JsonTokenType.PropertyName && !Utf8.IsValid(_reader.ValueSpan);
                    return true;
                }
            }
            catch (JsonException) when (QuoteLiteral())
            {
                continue;
            }

            if (_final)
            {
                return false;
            }

            Refill();
        }
    }

    /// <summary>Passes over the value that begins at this token; stays where it is if the token is a whole value or a closing bracket.</summary>
    public void Skip()
    {
        if (Type is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
        {
            return;
        }

        var depth = Depth;
        while (Read() && Depth > depth)
        {
            // all that is inside
        }
    }

    /// <summary>The name of a member, as bytes; valid until the next token. Empty for names with escapes, which none that is asked for has.</summary>
    public readonly ReadOnlySpan<byte> Name => _reader.ValueIsEscaped ? [] : _reader.ValueSpan;

    /// <summary>A whole number, also where written as 5.0 or 5e0.</summary>
    public readonly bool TryWhole(out long value)
    {
        value = 0;
        if (Type != JsonTokenType.Number)
        {
            return false;
        }

        if (_reader.TryGetInt64(out value))
        {
            return true;
        }

        var isWhole = _reader.TryGetDouble(out var number) && Math.Abs(number) <= 1L << 53 && Math.Floor(number) == number;
        value = isWhole ? (long)number : 0;
        return isWhole;
    }

    /// <summary>A finite number.</summary>
    public readonly bool TryNumber(out double value)
    {
        value = 0;
        return Type == JsonTokenType.Number && _reader.TryGetDouble(out value) && double.IsFinite(value);
    }

    /// <summary>The text of a string token without escapes; false where it is not Unicode.</summary>
    /// <param name="scratch">Used where the text has escapes; grown as needed.</param>
    /// <param name="text">Valid until the next token.</param>
    public readonly bool TryText(ref byte[] scratch, out ReadOnlySpan<byte> text)
    {
        text = _reader.ValueSpan;
        if (!_reader.ValueIsEscaped)
        {
            return true;
        }

        if (scratch.Length < text.Length)
        {
            scratch = new byte[Math.Max(text.Length, 2 * scratch.Length)];
        }

        try
        {
            text = scratch.AsSpan(0, _reader.CopyString(scratch));
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Whether, since it was last asked, a text went by that is not UTF-8.</summary>
    public bool TakeBadText()
    {
        var bad = _badText;
        _badText = false;
        return bad;
    }

    /// <summary>The token as an error message shows it.</summary>
    public readonly string Show() => Type switch
    {
        JsonTokenType.StartArray => "an array",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.String when _literal is not null => _literal,
        JsonTokenType.String => $"the text \"{Shown()}\"",
        _ => Shown(),
    };

    private readonly string Shown() => _reader.ValueSpan is { Length: > ShownBytes } long_ ? Encoding.UTF8.GetString(long_[..ShownBytes]) + "..." : Encoding.UTF8.GetString(_reader.ValueSpan);

    private void Restart() => _reader = new Utf8JsonReader(_buffer.AsSpan(_from, _filled - _from), _final, _state);

    /// <summary>More of the stream behind what has not been used; the reader goes on where it is.</summary>
    private void Refill()
    {
        _from += (int)_reader.BytesConsumed;
        _state = _reader.CurrentState;
        var rest = _filled - _from;
        if (rest > _buffer.Length / 2)
        {
            var larger = rest < MostBytes / 2 ? 2 * _buffer.Length : throw new JsonException($"a value is longer than {MostBytes >> 21} MiB");
            Array.Resize(ref _buffer, larger);
        }

        _buffer.AsSpan(_from, rest).CopyTo(_buffer);
        (_from, _filled) = (0, rest);
        Fill();
        Restart();
    }

    private void Fill()
    {
        var read = _stream.Read(_buffer.AsSpan(_filled));
        (_filled, _read, _final) = (_filled + read, _read + read, read == 0);
        _progress?.Invoke(_read);
    }

    /// <summary>
    /// Where the reader stopped at NaN or an infinity: puts a text of the same length in its place and goes back before it. True where reading can go on.
    /// </summary>
    private bool QuoteLiteral()
    {
        var probe = new Utf8JsonReader(_buffer.AsSpan(_from, _filled - _from), _final, _state);
        while (true)
        {
            var before = probe;
            try
            {
                if (!probe.Read())
                {
                    return false;
                }
            }
            catch (JsonException)
            {
                (_from, _state) = (_from + (int)before.BytesConsumed, before.CurrentState);
                return QuoteHere();
            }
        }
    }

    private bool QuoteHere()
    {
        var rest = _buffer.AsSpan(_from, _filled - _from);
        var start = rest.IndexOfAnyExcept(BetweenTokens);
        if (start < 0)
        {
            return false;
        }

        if (rest.Length - start < LongestLiteral && !_final)
        {
            Restart();
            Refill(); // the word may be cut by the end of the buffer
            return true;
        }

        foreach (var literal in (ReadOnlySpan<string>)["NaN", "Infinity", "-Infinity"])
        {
            if (rest.Length - start >= literal.Length && Encoding.ASCII.GetString(rest.Slice(start, literal.Length)) == literal)
            {
                var standIn = rest.Slice(start, literal.Length);
                standIn.Fill((byte)'-');
                (standIn[0], standIn[^1], _literal) = ((byte)'"', (byte)'"', literal);
                Restart();
                return true;
            }
        }

        return false;
    }
}
