using System.Globalization;

namespace VpsAdmin.Server.Web;

/// <summary>Names the resource file of the pages' texts, <c>Texts.resx</c>: what a page says is looked up by its English words.</summary>
public sealed class Texts
{
    /// <summary>For browsers and screen readers. Where nothing was chosen the texts are their English names.</summary>
    internal static string Language => CultureInfo.CurrentUICulture is { Name.Length: > 0 } chosen ? chosen.TwoLetterISOLanguageName : "en";
}
