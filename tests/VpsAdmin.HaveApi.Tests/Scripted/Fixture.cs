using System.Text.Json.Nodes;

namespace VpsAdmin.Scripted;

internal static class Fixture
{
    /// <summary>A file of the folder Fixtures.</summary>
    public static JsonObject Read(string name)
    {
        using var file = typeof(Fixture).Assembly.GetManifestResourceStream(name) ?? throw new FileNotFoundException(name);
        return JsonNode.Parse(file)!.AsObject();
    }
}
