using System.Text;

namespace Motion.Contracts;

/// <summary>
/// Text from files and other programs as a terminal, a log or a page may show it: no letter of it speaks to the terminal, begins a line
/// that is not ours, or turns the reading direction of what stands beside it. Letter for letter, so that widths stay.
/// </summary>
public static class Legible
{
    private const char InItsPlace = '?';

    /// <summary>One line.</summary>
    public static string Line(string text) => Each(text, keepLines: false);

    /// <summary>Several lines, as we laid them out; tabs stay too.</summary>
    public static string Lines(string text) => Each(text, keepLines: true);

    /// <summary>JSON whose texts may hold such letters: they become escapes, which mean the same.</summary>
    public static string Json(string json)
    {
        var text = new StringBuilder(json.Length);
        foreach (var letter in json)
        {
            _ =
                IsLegible(letter, keepLines: true) || char.IsSurrogate(letter)
                    ? text.Append(letter)
                    : text.Append(null, $"\\u{(int)letter:x4}");
        }

        return text.ToString();
    }

    private static string Each(string text, bool keepLines)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!IsWhole(text, i, keepLines))
            {
                return Replaced(text, keepLines);
            }
        }

        return text;
    }

    private static string Replaced(string text, bool keepLines) =>
        string.Create(
            text.Length,
            (text, keepLines),
            static (letters, from) =>
            {
                for (var i = 0; i < letters.Length; i++)
                {
                    var letter = from.text[i];
                    letters[i] = IsWhole(from.text, i, from.keepLines) ? letter : InItsPlace;
                }
            }
        );

    private static bool IsWhole(string text, int at, bool keepLines) =>
        char.IsHighSurrogate(text[at]) ? at + 1 < text.Length && char.IsLowSurrogate(text[at + 1])
        : char.IsLowSurrogate(text[at]) ? at > 0 && char.IsHighSurrogate(text[at - 1])
        : IsLegible(text[at], keepLines);

    private static bool IsLegible(char letter, bool keepLines) =>
        letter switch
        {
            '\n' or '\t' => keepLines,
            < '\x20' or (>= '\x7F' and <= '\x9F') => false,
            // reading direction
            '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') => false,
            '\u2028' or '\u2029' => false, // ends of lines and paragraphs
            _ => true,
        };
}
