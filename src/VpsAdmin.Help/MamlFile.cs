using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace VpsAdmin.Help;

/// <summary>The help file of a module's assembly: one element for each cmdlet, in the order of their names.</summary>
internal static class MamlFile
{
    /// <param name="pages">Folder of pages in PlatyPS's Markdown, a cmdlet each.</param>
    /// <exception cref="FormatException">A page is not of that form; the message names it.</exception>
    public static string OfPages(string pages)
    {
        XNamespace root = "http://msh";
        var items = Directory.GetFiles(pages, "*.md").Order(StringComparer.Ordinal).Select(static f => MamlWriter.Write(CmdletHelpReader.Read(f)));
        return Text(new XElement(root + "helpItems", new XAttribute("schema", "maml"), items));
    }

    private static string Text(XElement root)
    {
        var text = new StringBuilder();
        var settings = new XmlWriterSettings { Indent = true, NewLineChars = "\n", OmitXmlDeclaration = true };
        using (var writer = XmlWriter.Create(text, settings))
            root.WriteTo(writer);
        return $"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{text}\n";
    }
}
