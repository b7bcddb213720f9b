using System.Globalization;

namespace VpsAdmin.Benchmarks;

/// <summary>A verified download to a file, whole and from the middle.</summary>
internal static class Downloads
{
    public static async Task RunAsync(long size, int rounds, string folder, CancellationToken cancel)
    {
        var served = Path.Combine(folder, "served");
        await RandomFile.WriteAsync(served, size, cancel).ConfigureAwait(false);
        var server = await FileServer.StartAsync(served, cancel).ConfigureAwait(false);
        await using var _ = server.ConfigureAwait(false);
        var source = server.Source;
        var (url, target) = (source.Url.AbsoluteUri, Path.Combine(folder, "saved"));
        var ruby = Path.Combine(AppContext.BaseDirectory, "download.rb");

        Candidate Whole(Candidate candidate) => candidate with { Prepare = _ => Clear(target) };
        Candidate Curl(string script) => Whole(Candidate.Shell($"`{script.Replace("\"$1\"", "URL", StringComparison.Ordinal).Replace("\"$2\"", "f", StringComparison.Ordinal)}`", script, url, target));
        await new Comparison("Download to a file", size,
        [
            Curl("curl -sS \"$1\" | tee \"$2\" | sha256sum") with { Prints = source.Sha256 },
            Curl("curl -sSo \"$2\" \"$1\""),
            Curl("curl -sSo \"$2\" \"$1\" && sha256sum \"$2\"") with { Prints = source.Sha256 },
            Curl("curl -sS \"$1\" | tee \"$2\" | openssl dgst -sha256") with { Prints = source.Sha256 },
            Whole(new Candidate("Ruby: Net::HTTP, Digest::SHA256 and a file", ["ruby", ruby, url, target], Prints: source.Sha256)),
            Whole(Candidate.Own("the transfer core", Scenarios.Save, url, source.Sha256, Text(source.Bytes), target)),
        ]).RunAsync(rounds, cancel).ConfigureAwait(false);

        await CompareResumesAsync(source, served, target, rounds, cancel).ConfigureAwait(false);
        await Clear(target).ConfigureAwait(false);
    }

    /// <summary>As fast as the machine goes, and as a line of 1 Gbit/s lets it: what is there is hashed while the rest arrives.</summary>
    private static async Task CompareResumesAsync(Source source, string served, string target, int rounds, CancellationToken cancel)
    {
        var (url, bytes, half) = (source.Url.AbsoluteUri, Text(source.Bytes), Text(source.Bytes / 2));

        Candidate Curl(string options, string script, string? name = null) => Candidate.Shell(name ?? $"`{string.Format(CultureInfo.InvariantCulture, script, options, "f", "URL")}`", string.Format(CultureInfo.InvariantCulture, script, options, "\"$2\"", "\"$1\""), url, target) with
        {
            Prepare = async token =>
            {
                await Clear(target).ConfigureAwait(false);
                await Candidate.Shell("half", "head -c \"$1\" \"$2\" > \"$3\"", half, served, target).RunAsync(token).ConfigureAwait(false);
            },
        };
        Candidate Core(string scenario) => Candidate.Own("the transfer core", scenario, url, source.Sha256, bytes, target) with
        {
            Prepare = async token =>
            {
                await Clear(target).ConfigureAwait(false);
                await Candidate.Own("half", Scenarios.Interrupt, url, source.Sha256, bytes, target).RunAsync(token).ConfigureAwait(false);
            },
        };
        Comparison Resumes(string title, string options, string scenario) => new(title, source.Bytes,
        [
            Curl(options, "curl {0} -o {1} {2} && sha256sum {1}") with { Prints = source.Sha256 },
            Curl(options, "curl {0} -o {1} {2}", "the tail alone, by curl, not verified"),
            Core(scenario),
        ]);
        await Resumes("Resume in the middle", "-sSC -", Scenarios.Save).RunAsync(rounds, cancel).ConfigureAwait(false);
        await Resumes("Resume in the middle, at 1 Gbit/s", $"-sSC - --limit-rate {Text(Scenarios.GigabitBytes)}", Scenarios.SaveAtGigabit).RunAsync(rounds, cancel).ConfigureAwait(false);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static Task Clear(string target)
    {
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(target)!, Path.GetFileName(target) + "*"))
            File.Delete(file);
        return Task.CompletedTask;
    }
}
