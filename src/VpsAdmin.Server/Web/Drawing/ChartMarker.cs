using System.Globalization;

namespace VpsAdmin.Server.Web.Drawing;

/// <summary>What a value of a chart is drawn as: each series has a shape of its own, for those who do not tell its color from others.</summary>
internal static class ChartMarker
{
    /// <summary>Around nothing, within five to each side: a disc, a square, two triangles, a rhombus and a cross.</summary>
    private static readonly string[] Shapes =
    [
        "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z", "m-4-4h8v8h-8z", "m0-5l5 9h-10z", "m0 5l5-9h-10z", "m0-5l5 5l-5 5l-5-5z", "m-1.5-5h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5v-3h3.5z",
    ];

    /// <returns>Data of an SVG path.</returns>
    public static string Path(int series, double x, double y) => string.Create(CultureInfo.InvariantCulture, $"M{x:0.#} {y:0.#}{Shapes[series % Shapes.Length]}");
}
