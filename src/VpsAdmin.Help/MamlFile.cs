using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace VpsAdmin.Help;

/// <summary>The help file of a module's assembly: one element for each cmdlet.</summary>
internal static class MamlFile
{
    public static string Of(IEnumerable<CmdletHelp> cmdlets)
    {
        XNamespace root = "http://msh";
        return Text(new XElement(root + "helpItems", new XAttribute("schema", "maml"), cmdlets.Select(MamlWriter.Write)));
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
