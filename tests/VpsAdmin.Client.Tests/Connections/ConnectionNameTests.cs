using VpsAdmin.Client.Connections;

namespace VpsAdmin.Client.Tests.Connections;

public sealed class ConnectionNameTests
{
    [Theory]
    [InlineData("https://api.vpsfree.cz/", "api.vpsfree.cz")]
    [InlineData("https://api.example.org:8443/base", "api.example.org:8443")]
    [InlineData("http://[::1]:9292/", "::1:9292")]
    public void A_connection_without_a_name_has_that_of_its_server(string uri, string name)
    {
        Assert.Equal(name, ConnectionName.Of(new Uri(uri)));
        Assert.True(ConnectionName.IsValid(name));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("-Forget")]
    [InlineData("*")]
    [InlineData("a/b")]
    [InlineData("a\n")]
    public void What_is_not_one_word_at_a_prompt_is_no_name(string? name) => Assert.False(ConnectionName.IsValid(name));

    [Fact]
    public void A_name_is_not_longer_than_people_read() => Assert.False(ConnectionName.IsValid(new string('a', 101)));
}
