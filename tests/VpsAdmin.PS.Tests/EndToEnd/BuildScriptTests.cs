using System.Text.RegularExpressions;
using VpsAdmin.Lab;
using VpsAdmin.PS.Tests.Engine;
using VpsAdmin.PS.Tests.Help;

namespace VpsAdmin.PS.Tests.EndToEnd;

/// <summary>The tasks of build.ps1 are the commands that CONTRIBUTING.md names for people without pwsh.</summary>
public sealed partial class BuildScriptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();


    public static TheoryData<string> Tasks => [.. Commands.Keys];

    /// <summary>By task.</summary>
    private static IReadOnlyDictionary<string, string[]> Commands { get; } = ParsedDocument.Read(Path.Combine(Repository.Root, "CONTRIBUTING.md")).Rows("What you need")
        .ToDictionary(static r => r.Text(0), static r => r.Spans(1).Where(static c => c.Contains("dotnet ", StringComparison.Ordinal)).ToArray());

    [Fact]
    public void Every_task_has_its_line() =>
        Assert.Equal(Names().Match(File.ReadAllText(Path.Combine(Repository.Root, "build.ps1"))).Groups["name"].Captures.Select(static c => c.Value).Order(), Commands.Keys.Order());

    [Theory]
    [MemberData(nameof(Tasks))]
    public async Task A_task_runs_what_its_line_says(string task)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A dotnet that notes what it is asked for is a script of sh.");
        // A copy, whose folder has the package that is published, and a dotnet that notes what it is asked for.
        File.Copy(Path.Combine(Repository.Root, "build.ps1"), _folder.File("build.ps1"));
        Directory.CreateDirectory(_folder.File("out"));
        await File.WriteAllTextAsync(_folder.File("out/VpsAdmin.1.2.3.nupkg"), "", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(_folder.File("bin"));
        await ProgramFile.WriteAsync(_folder.File("bin/dotnet"), $"#!/bin/sh\necho \"${{VPSADMIN_FAULTS:+VPSADMIN_FAULTS=$VPSADMIN_FAULTS }}dotnet $*\" >>'{_folder.File("asked")}'\n");

        var (code, output, error) = await Pwsh.RunAsync(["-File", _folder.File("build.ps1"), "-Task", task, "-Feed", "FEED"],
            new Dictionary<string, string> { ["PATH"] = $"{_folder.File("bin")}:{Environment.GetEnvironmentVariable("PATH")}" });

        Assert.True(code == 0, output + error);
        var asked = (await File.ReadAllLinesAsync(_folder.File("asked"), TestContext.Current.CancellationToken)).Select(l => l.Replace(_folder.Path + "/", "", StringComparison.Ordinal).Replace(_folder.Path, ".", StringComparison.Ordinal)).ToList();
        Assert.Equal(Commands[task].Length, asked.Count);
        Assert.All(asked.Zip(Commands[task]), static pair => Assert.Empty(Missing(pair.First, pair.Second.Replace("<version>", "1.2.3", StringComparison.Ordinal))));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Words that are not there in their order. The script says besides which solution and which configuration.</summary>
    private static IEnumerable<string> Missing(string asked, string told)
    {
        var words = new Queue<string>(asked.Split(' '));
        foreach (var word in told.Split(' '))
        {
            while (words.Count > 0 && words.Peek() != word)
                words.Dequeue();
            if (!words.TryDequeue(out _))
                yield return word;
        }
    }

    [GeneratedRegex(@"\[ValidateSet\((?:'(?<name>\w+)'(?:, )?)+\)\]")]
    private static partial Regex Names();
}
