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
            Whole(Candidate.Own("the transfer core", Scenarios.Save, url, source.Sha256, source.Bytes.ToString(System.Globalization.CultureInfo.InvariantCulture), target)),
        ]).RunAsync(rounds, cancel).ConfigureAwait(false);

        var half = size / 2;
        Candidate Resumed(string script) => Candidate.Shell($"`{script.Replace("\"$1\"", "URL", StringComparison.Ordinal).Replace("\"$2\"", "f", StringComparison.Ordinal)}`", script, url, target) with
        {
            Prepare = async token =>
            {
                await Clear(target).ConfigureAwait(false);
                await Candidate.Shell("half", "head -c \"$1\" \"$2\" > \"$3\"", half.ToString(System.Globalization.CultureInfo.InvariantCulture), served, target).RunAsync(token).ConfigureAwait(false);
            },
        };
        await new Comparison("Resume in the middle", size,
        [
            Resumed("curl -sSC - -o \"$2\" \"$1\" && sha256sum \"$2\"") with { Prints = source.Sha256 },
            Resumed("curl -sSC - -o \"$2\" \"$1\"") with { Name = "the tail alone, by curl, not verified" },
            Candidate.Own("the transfer core", Scenarios.Save, url, source.Sha256, source.Bytes.ToString(System.Globalization.CultureInfo.InvariantCulture), target) with
            {
                Prepare = async token =>
                {
                    await Clear(target).ConfigureAwait(false);
                    await Candidate.Own("half", Scenarios.Interrupt, url, source.Sha256, source.Bytes.ToString(System.Globalization.CultureInfo.InvariantCulture), target).RunAsync(token).ConfigureAwait(false);
                },
            },
        ]).RunAsync(rounds, cancel).ConfigureAwait(false);
        await Clear(target).ConfigureAwait(false);
    }

    private static Task Clear(string target)
    {
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(target)!, Path.GetFileName(target) + "*"))
            File.Delete(file);
        return Task.CompletedTask;
    }
}
