using System.Globalization;
using System.Text;
using QRCoder;

namespace VpsAdmin.Server.Web.Drawing;

/// <summary>A text as a code for the camera of a phone.</summary>
/// <param name="Size">Modules of a side, with the four of the quiet zone around them.</param>
/// <param name="Path">Dark modules as the data of an SVG path, a module being one wide.</param>
public sealed record QrCode(int Size, string Path)
{
    /// <summary>Bears 15 % of damage: more than a screen does to it, and a code that a phone reads from afar.</summary>
    private const QRCodeGenerator.ECCLevel Correction = QRCodeGenerator.ECCLevel.M;

    public static QrCode Of(string text)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, Correction);
        var path = new StringBuilder();
        for (var row = 0; row < code.ModuleMatrix.Count; row++)
            AddRow(path, row, code.ModuleMatrix[row]);
        return new(code.ModuleMatrix.Count, path.ToString());
    }

    /// <summary>Neighbours in one piece, so that no seam is seen between them.</summary>
    private static void AddRow(StringBuilder path, int row, System.Collections.BitArray modules)
    {
        for (var begin = 0; begin < modules.Count; begin++)
        {
            if (!modules[begin])
                continue;
            var end = begin + 1;
            while (end < modules.Count && modules[end])
                end++;
            path.Append(CultureInfo.InvariantCulture, $"M{begin} {row}h{end - begin}v1H{begin}z");
            begin = end;
        }
    }
}
