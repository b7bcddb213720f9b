using VpsAdmin.FaultServer;

namespace VpsAdmin.Faults.Tests;

/// <summary>A script that cannot be played, or says what will never happen, is refused before: with the place, and what is right there.</summary>
public sealed class FaultScriptTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpsadmin-script-").FullName;

    [Theory]
    [InlineData("""{ "files": [{ "cut_at": 5 }] }""", "files[0].cut_at: nobody knows this word; known here are status, retry_after,")]
    [InlineData("""{ "files": [null] }""", "files[0]: null is not an object with status,")]
    [InlineData("""{ "files": {} }""", "files: {} is not a list")]
    [InlineData("""{ "files": [{}, { "status": "gone" }] }""", "files[1].status: \"gone\" is not a whole number")]
    [InlineData("""{ "files": [{ "hang_up": 1 }] }""", "files[0].hang_up: 1 is not true or false")]
    [InlineData("""{ "files": [{ "hang_up": null }] }""", "files[0].hang_up: null is not true or false")]
    [InlineData("""{ "files": [{ "cut": "half" }] }""", "files[0].cut: \"half\" is not one of Close, Reset, Short")]
    [InlineData("""{ "files": [{ "cut": 2 }] }""", "files[0].cut: 2 is not one of Close, Reset, Short")]
    [InlineData("""{ "files": [{ "status": 9999 }] }""", "files[0].status: 9999 is not 200 to 599")]
    [InlineData("""{ "files": [{ "piece": -1 }] }""", "files[0].piece: -1 is not 1 or more")]
    [InlineData("""{ "files": [{ "delay": -0.5 }] }""", "files[0].delay: -0.5 is not 0 to 86400")]
    [InlineData("""{ "files": [{ "shrink_to": -1 }] }""", "files[0].shrink_to: -1 is not 0 or more")]
    [InlineData("""{ "files": [{ "retry_after": "5\r\nX: y" }] }""", "files[0].retry_after: a header of HTTP has only printable characters")]
    [InlineData("""{ "every_file": { "corrupt_at": -1 } }""", "every_file.corrupt_at: -1 is not 0 or more")]
    [InlineData("""{ "api": [{ "call": "FETCH", "status": 500 }] }""", "api[0].call: 'FETCH' is no call: a method in capitals and a path without version")]
    [InlineData("""{ "api": [{ "call": "get /vpses", "status": 500 }] }""", "api[0].call: 'get /vpses' is no call")]
    [InlineData("""{ "api": [{ "call": "GET /v7.0/vpses", "status": 500 }] }""", "api[0].call: 'GET /v7.0/vpses' is no call")]
    [InlineData("""{ "api": [{ "call": "GET /vpses", "times": -1, "status": 500 }] }""", "api[0].times: -1 is not 0 or more")]
    [InlineData("""{ "api": [{ "call": "GET /vpses" }] }""", "api[0]: nothing goes wrong: say status,")]
    [InlineData("""{ "api": [{ "status": 204 }] }""", "api[0].status: with this status nothing can be said")]
    [InlineData("""{ "zfs": [{ "command": "receive" }] }""", "zfs[0]: 'does' is missing")]
    [InlineData("""{ "zfs": [{ "command": "receive", "does": "Nothing" }] }""", "zfs[0].does: \"Nothing\" is not one of Fail, Hang,")]
    [InlineData("""{ "zfs": [{ "command": "zfs receive", "does": "Fail" }] }""", "zfs[0].command: 'zfs receive' is no subcommand of zfs")]
    [InlineData("""{ "zfs": [{ "command": "receive", "does": "Fail", "exit_code": 256 }] }""", "zfs[0].exit_code: 256 is not 0 to 255")]
    public void What_is_wrong_with_faults_is_told_with_its_place(string script, string problem) =>
        RequireRefused($$"""{ "snapshots": [], {{script[1..]}}""", problem);

    [Theory]
    [InlineData("""{ "format": "tarball" }""", ".format: 'tarball' is not one of archive, stream, incremental_stream")]
    [InlineData("""{ "size": -1 }""", ".size: -1 is not 0 to 1000000000")]
    [InlineData("""{ "size": 99999999999 }""", ".size: 99999999999 is not a whole number up to 2147483647")]
    [InlineData("""{ "grow": 0 }""", ".grow: 0 is not 1 or more")]
    [InlineData("""{ "file": "none.dat.gz" }""", "none.dat.gz'; without this word one is made up")]
    [InlineData("""{ "cut_stream": 5 }""", ".cut_stream: an archive that is made up is no stream")]
    [InlineData("""{ "format": "stream", "file": "script.json", "cut_stream": 5 }""", "script.json' is not compressed with gzip")]
    [InlineData("""{ "bomb": 3, "cut_gzip": 5 }""", ".bomb: it is the whole file: without file, cut_stream and cut_gzip")]
    [InlineData("""{ "from": "a" }""", ".from: only an incremental_stream has a base")]
    [InlineData("""{ "format": "incremental_stream", "from": "b" }""", ".from: with incremental_stream it is the name of a snapshot further up")]
    public void What_is_wrong_with_an_export_is_told_with_its_place(string export, string problem) =>
        RequireRefused($$"""{ "snapshots": [{ "name": "a", "exports": [{{export}}] }] }""", $"snapshots[0].exports[0]", problem);

    [Theory]
    [InlineData("""[]""", "The script: [] is not an object with snapshots,")]
    [InlineData("""{}""", "The script: 'snapshots' is missing")]
    [InlineData("""{ "snapshots": [], "snapshots": [] }""", "snapshots: it is there twice")]
    [InlineData("""{ "snapshots": [null] }""", "snapshots[0]: null is not an object with name,")]
    [InlineData("""{ "snapshots": [{ "name": "a" }, { "name": "a" }] }""", "snapshots[1].name: another snapshot is 'a' already")]
    [InlineData("""{ "snapshots": [{ "name": "a", "exports": [{}, {}] }] }""", "snapshots[0].exports[1]: the snapshot has another export")]
    [InlineData("{\n \"snapshots\": ]", "is no JSON: line 2:")]
    public void What_is_wrong_with_the_whole_is_told(string script, string problem) => RequireRefused(script, problem);

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once() => RequireRefused(
        """{ "snapshots": [], "files": [{ "status": 1 }, {}, { "piece": 0 }], "api": [{ "call": "x", "delay": -1 }] }""",
        "files[0].status", "files[2].piece", "api[0].call", "api[0].delay");

    [Fact]
    public void Comments_and_commas_too_many_are_no_error()
    {
        var script = Read("""
            {
              // Nothing of it.
              "snapshots": [{ "name": "a", "exports": [{ "from": null, }], },],
            }
            """);
        Assert.Single(script.Snapshots);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private FaultScript Read(string text)
    {
        var path = Path.Combine(_folder, "script.json");
        File.WriteAllText(path, text);
        return FaultScript.Read(path);
    }

    private void RequireRefused(string script, params string[] problems)
    {
        var message = Assert.Throws<InvalidDataException>(() => Read(script)).Message;
        Assert.All(problems, problem => Assert.Contains(problem, message, StringComparison.Ordinal));
        Assert.DoesNotContain("System.", message, StringComparison.Ordinal);
        Assert.DoesNotContain(".NET", message, StringComparison.Ordinal);
    }
}
