using Microsoft.Playwright;
using ZXing;
using ZXing.Common;
using ZXing.QrCode;

namespace VpsAdmin.Web.Tests.Browsing;

/// <summary>Reads a code as a phone's camera does: from what the browser shows.</summary>
internal static class QrCodeReader
{
    /// <summary>Pictures from elsewhere are not allowed on the server's pages: so on an empty one.</summary>
    private const string Brightness =
        """
        async (png) => {
          const picture = new Image();
          picture.src = "data:image/png;base64," + png;
          await picture.decode();
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [picture.width, picture.height];
          const drawing = canvas.getContext("2d");
          drawing.drawImage(picture, 0, 0);
          const points = drawing.getImageData(0, 0, picture.width, picture.height).data;
          return { width: picture.width, height: picture.height, green: Array.from({ length: points.length / 4 }, (_, i) => points[4 * i + 1]) };
        }
        """;

    /// <returns>Null: there is no code to be read.</returns>
    public static async Task<string?> ReadAsync(ILocator code)
    {
        var png = Convert.ToBase64String(await code.ScreenshotAsync());
        await using var context = await code.Page.Context.Browser!.NewContextAsync();
        var seen = await (await context.NewPageAsync()).EvaluateAsync<Picture>(Brightness, png);
        var source = new PlanarYUVLuminanceSource([.. seen.Green.Select(static g => (byte)g)], seen.Width, seen.Height, 0, 0, seen.Width, seen.Height, reverseHoriz: false);
        return new QRCodeReader().decode(new BinaryBitmap(new HybridBinarizer(source)))?.Text;
    }

    private sealed class Picture
    {
        public int Width { get; set; }
        public int Height { get; set; }
        public int[] Green { get; set; } = [];
    }
}
