using System.Globalization;
using System.Net;
using Motion.Contracts;

namespace Motion.Report.Page;

/// <summary>Text and numbers as the page writes them.</summary>
internal static class Html
{
    /// <summary>Text from data, safe between tags and inside quoted attributes.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(Legible.Lines(text));

    /// <summary>A whole number with thin groups: 12 345.</summary>
    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', '\u202f');

    public static string Counted(long count, string one, string many) => $"{Count(count)} {(count == 1 ? one : many)}";

    /// <summary>An average precision as it is quoted: 0.312 is 31.2; undefined (-1) is a dash.</summary>
    public static string Ap(double ap) => ap < 0 ? "–" : Fixed(100 * ap, 1);

    public static string Fixed(double number, int digits) => number.ToString($"F{digits}", CultureInfo.InvariantCulture);

    /// <summary>Coordinates: one digit behind the point, and none if it is zero.</summary>
    public static string Pixel(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>Three significant digits: 0.0123, 4.57, 12 300, 5e-5.</summary>
    public static string Short(double number) =>
        Math.Abs(number) switch
        {
            0 => "0",
            < 1e-3 => number.ToString("0.##e0", CultureInfo.InvariantCulture),
            < 1000 => number.ToString("G3", CultureInfo.InvariantCulture),
            < 1e6 => Count((long)Math.Round(number)),
            _ => number.ToString("0.##e0", CultureInfo.InvariantCulture),
        };

    /// <summary>Seconds for people: 42 s, 5 min, 3 h 20 min.</summary>
    public static string Duration(double seconds) =>
        seconds switch
        {
            < 120 => $"{Fixed(seconds, seconds < 10 ? 1 : 0)} s",
            < 5940 => $"{Fixed(seconds / 60, 0)} min",
            _ => $"{Math.Floor(seconds / 3600):F0} h {Math.Floor(seconds % 3600 / 60):F0} min",
        };

    public static string Jpeg(byte[] bytes) => "data:image/jpeg;base64," + Convert.ToBase64String(bytes);
}
