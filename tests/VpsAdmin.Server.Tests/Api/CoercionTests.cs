using System.Text.Json.Nodes;
using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Tests.Api;

public sealed class CoercionTests
{
    [Theory]
    [InlineData(ParameterType.String)]
    [InlineData(ParameterType.Text)]
    public void Text_with_a_NUL_is_refused_as_not_every_database_can_keep_it(ParameterType type) => Refused(type, "\"a\\u0000b\"", "not a valid string");

    [Theory]
    [InlineData("12", 12L)]
    [InlineData("-3", -3L)]
    [InlineData("12.0", 12L)]
    [InlineData("1e2", 100L)]
    [InlineData("9007199254740993.0", 9007199254740993L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("\"12\"", 12L)]
    [InlineData("\"+5\"", 5L)]
    [InlineData("\"-5\"", -5L)]
    [InlineData("\" 42 \"", 42L)]
    public void Integers_are_read(string json, long expected) => Assert.Equal(expected, Read(ParameterType.Integer, json));

    [Theory]
    [InlineData("1.5")]
    [InlineData("9223372036854775808")]
    [InlineData("1e30")]
    [InlineData("1e400")]
    [InlineData("\"12.0\"")]
    [InlineData("\"\"")]
    [InlineData("\"12\\u0000\"")]
    [InlineData("\"١٢\"")]
    [InlineData("\"0x10\"")]
    [InlineData("\"1_000\"")]
    [InlineData("\"abc\"")]
    [InlineData("true")]
    [InlineData("[1]")]
    [InlineData("{}")]
    public void What_is_no_integer_is_refused(string json) => Refused(ParameterType.Integer, json, "not a valid integer");

    [Theory]
    [InlineData("1", 1.0)]
    [InlineData("1.5", 1.5)]
    [InlineData("\"1e3\"", 1000.0)]
    [InlineData("\"-.5\"", -0.5)]
    [InlineData("\"+2\"", 2.0)]
    [InlineData("\" 1.5\"", 1.5)]
    public void Floats_are_read(string json, double expected) => Assert.Equal(expected, Read(ParameterType.Float, json));

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"NaN\"")]
    [InlineData("\"Infinity\"")]
    [InlineData("\"1e999\"")]
    [InlineData("1e999")]
    [InlineData("\"1,5\"")]
    [InlineData("true")]
    [InlineData("[]")]
    public void What_is_no_finite_float_is_refused(string json) => Refused(ParameterType.Float, json, "not a valid float");

    [Theory]
    [InlineData(true, "true", "1", "\"1\"", "\"t\"", "\"T\"", "\"true\"", "\"True\"", "\"y\"", "\"yes\"", "\"YES\"", "\" true \"")]
    [InlineData(false, "false", "0", "\"0\"", "\"f\"", "\"false\"", "\"FALSE\"", "\"n\"", "\"no\"", "\"No\"")]
    public void Booleans_are_read(bool expected, params string[] forms) =>
        Assert.All(forms, json => Assert.Equal(expected, Read(ParameterType.Boolean, json)));

    [Theory]
    [InlineData("2")]
    [InlineData("-1")]
    [InlineData("1.0")]
    [InlineData("\"\"")]
    [InlineData("\"on\"")]
    [InlineData("[true]")]
    public void What_is_no_boolean_is_refused(string json) => Refused(ParameterType.Boolean, json, "not a valid boolean");

    [Theory]
    [InlineData("2026-03-02", "2026-03-02T00:00:00.0000000+00:00")]
    [InlineData("2026-03-02T04:05Z", "2026-03-02T04:05:00.0000000+00:00")]
    [InlineData("2026-03-02T04:05:06Z", "2026-03-02T04:05:06.0000000+00:00")]
    [InlineData("2026-03-02T04:05:06.789Z", "2026-03-02T04:05:06.7890000+00:00")]
    [InlineData("2026-03-02T04:05:06.123456789Z", "2026-03-02T04:05:06.1234568+00:00")]
    [InlineData("2026-03-02T01:30:00+01:00", "2026-03-02T00:30:00.0000000+00:00")]
    [InlineData("2026-03-02T01:30:00+0100", "2026-03-02T00:30:00.0000000+00:00")]
    [InlineData("2026-03-02T01:30-0230", "2026-03-02T04:00:00.0000000+00:00")]
    public void Datetimes_are_read_as_UTC(string text, string expected) =>
        Assert.Equal(expected, ((DateTimeOffset)Read(ParameterType.Datetime, $"\"{text}\"")!).ToString("O", null));

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"2026-03-02T04:05:06\"")]
    [InlineData("\"2026-03-02 04:05:06Z\"")]
    [InlineData("\"2026-3-2\"")]
    [InlineData("\"2026-02-30\"")]
    [InlineData("\"2026-03-02T25:00Z\"")]
    [InlineData("\"2026-03-02T04:05:06+99:00\"")]
    [InlineData("\"20260302\"")]
    [InlineData("\"now\"")]
    [InlineData("\"2026-03-02\\n\"")]
    [InlineData("1772409600")]
    public void What_is_no_ISO_8601_time_is_refused(string json) => Refused(ParameterType.Datetime, json, "not in ISO 8601 format:");

    [Theory]
    [InlineData("\"a\"", "a")]
    [InlineData("\"\"", "")]
    [InlineData("5", "5")]
    [InlineData("1.50", "1.50")]
    [InlineData("true", "true")]
    public void Any_scalar_is_text(string json, string expected)
    {
        Assert.Equal(expected, Read(ParameterType.String, json));
        Assert.Equal(expected, Read(ParameterType.Text, json));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    public void Structures_are_no_text(string json) => Refused(ParameterType.String, json, "not a valid string");

    [Theory]
    [InlineData("5", 5L)]
    [InlineData("\"5\"", 5L)]
    [InlineData("\"007\"", 7L)]
    [InlineData("\" 7\"", 7L)]
    public void Ids_are_read(string json, long expected) => Assert.Equal(expected, Read(ParameterType.Resource, json));

    [Theory]
    [InlineData("-5")]
    [InlineData("5.0")]
    [InlineData("\"+5\"")]
    [InlineData("\"\"")]
    [InlineData("\"99999999999999999999\"")]
    [InlineData("true")]
    [InlineData("{\"id\":5}")]
    public void What_is_no_id_is_refused(string json) => Refused(ParameterType.Resource, json, "not a valid id");

    [Fact]
    public void Custom_values_stay_as_they_are() => Assert.Equal("""{"a":[1,null]}""", ((JsonNode)Read(ParameterType.Custom, """{"a":[1,null]}""")!).ToJsonString());

    private static object? Read(ParameterType type, string json)
    {
        var coerced = Coercion.Coerce(type, JsonNode.Parse(json)!);
        Assert.Null(coerced.Problem);
        return coerced.Value;
    }

    private static void Refused(ParameterType type, string json, string problem) =>
        Assert.Equal(Coerced.Failed(problem), Coercion.Coerce(type, JsonNode.Parse(json)!));
}
