using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Tests.Wire;

public sealed class ObjectReaderTests
{
    [Theory]
    [InlineData("2026-11-23T04:03:27Z", "2026-11-23T04:03:27")]
    [InlineData("2026-11-23T04:03:27+00:00", "2026-11-23T04:03:27")]
    [InlineData("2026-11-23T04:03:27+0000", "2026-11-23T04:03:27")]
    [InlineData("2026-11-23T04:03:27+02:00", "2026-11-23T02:03:27")]
    [InlineData("2026-11-23T04:03:27-0130", "2026-11-23T05:33:27")]
    [InlineData("2026-11-23T04:03:27.500Z", "2026-11-23T04:03:27.5")]
    [InlineData("2026-11-23T04:03", "2026-11-23T04:03:00")]
    [InlineData("2026-11-23", "2026-11-23T00:00:00")]
    public void Times_of_every_generation_are_read_as_utc(string text, string utc)
    {
        var time = Reader($$"""{"at":"{{text}}"}""").Time("at");

        Assert.Equal(DateTime.Parse(utc, System.Globalization.CultureInfo.InvariantCulture), time.DateTime);
        Assert.Equal(TimeSpan.Zero, time.Offset);
    }

    [Theory]
    [InlineData("\"March 5\"")]
    [InlineData("\"2026-03-02 00:00:00 UTC\"")]
    [InlineData("\"2026-13-01T00:00:00Z\"")]
    [InlineData("1700000000")]
    public void Other_times_are_refused(string json)
    {
        var e = Assert.Throws<ProtocolException>(() => Reader($$"""{"at":{{json}}}""").Time("at"));

        Assert.StartsWith("The server sent a thing whose 'at' is not", e.Message);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("\"5\"")]
    [InlineData("5.5")]
    [InlineData("99999999999999999999")]
    [InlineData("true")]
    [InlineData("[]")]
    [InlineData("{}")]
    public void An_id_is_a_positive_whole_number(string json) =>
        Assert.Contains("'id'", Assert.Throws<ProtocolException>(() => Reader($$"""{"id":{{json}}}""").Id("id")).Message);

    [Fact]
    public void What_is_missing_is_named() =>
        Assert.Equal("The server sent a thing without 'id'.", Assert.Throws<ProtocolException>(() => Reader("""{"id":null}""").Id("id")).Message);

    [Fact]
    public void Names_are_bounded_and_have_no_control_characters()
    {
        Assert.Equal("abc", Reader("""{"n":"abc"}""").Name("n", 3));
        Assert.Throws<ProtocolException>(() => Reader("""{"n":"abcd"}""").Name("n", 3));
        Assert.Throws<ProtocolException>(() => Reader("""{"n":"a\u001b"}""").Name("n", 3));
        Assert.Throws<ProtocolException>(() => Reader("""{"n":""}""").Name("n", 3));
        Assert.Throws<ProtocolException>(() => Reader("""{"n":5}""").Name("n", 3));
        Assert.Null(Reader("{}").OptionalName("n", 3));
    }

    [Fact]
    public void Text_for_people_is_cleaned_and_cut()
    {
        Assert.Equal("a b", Reader("""{"t":"a\u001b\n b\n"}""").OptionalText("t", 10));
        Assert.Equal("abc…", Reader("""{"t":"abcdef"}""").OptionalText("t", 3));
        Assert.Null(Reader("""{"t":""}""").OptionalText("t", 3));
    }

    [Theory]
    [InlineData("""{"id":3,"door":"blue"}""", "blue")]
    [InlineData("""{"id":3,"door":7}""", "7")]
    [InlineData("""{"id":3,"label":"other"}""", null)]
    [InlineData("""{"id":3,"door":{"x":1}}""", null)]
    [InlineData("""{"id":3,"door":null,"_meta":{"resolved":false}}""", null)]
    public void An_association_has_the_described_label_or_none(string json, string? label)
    {
        var output = new ParametersDescription
        {
            Parameters = new Dictionary<string, ParameterDescription> { ["room"] = new() { Type = "Resource", ValueId = "id", ValueLabel = "door" } },
        };
        var reader = new ObjectReader("thing", new JsonObject { ["room"] = JsonNode.Parse(json) }, output);

        Assert.Equal((3, label), reader.Association("room"));
    }

    [Theory]
    [InlineData("3")]
    [InlineData("[]")]
    [InlineData("""{"id":-3}""")]
    [InlineData("{}")]
    public void An_association_without_an_id_is_refused(string json) =>
        Assert.Contains("room", Assert.Throws<ProtocolException>(() => Reader($$"""{"room":{{json}}}""").Association("room")).Message);

    [Theory]
    [InlineData("https://a.example/x y?z=1")]
    [InlineData("http://127.0.0.1:8080/x")]
    public void An_address_is_http(string url) => Assert.Equal(new Uri(url), Reader($$"""{"u":"{{url}}"}""").WebAddress("u"));

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("file:///etc/passwd")]
    [InlineData("/relative")]
    [InlineData("//host/path")]
    [InlineData("ftp://host/")]
    [InlineData("http://")]
    [InlineData("")]
    public void Another_address_is_refused(string url) =>
        Assert.Contains("'u'", Assert.Throws<ProtocolException>(() => Reader($$"""{"u":"{{url}}"}""").WebAddress("u")).Message);

    private static ObjectReader Reader(string json) => new("thing", JsonNode.Parse(json)!.AsObject());
}
