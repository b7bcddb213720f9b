using VpsAdmin.Transfer.Pump;

namespace VpsAdmin.Transfer.Tests.Pump;

public sealed class DecisionTests
{
    public static TheoryData<string, int, long?, long?, long?, long?, long, bool, int> Heads()
    {
        var rows = new TheoryData<string, int, long?, long?, long?, long?, long, bool, int>();
        void Row(string why, ResponseHead head, long position, bool ready, HeadVerdict verdict) =>
            rows.Add(why, head.Status, head.Length, head.RangeFrom, head.RangeTo, head.Total, position, ready, (int)verdict);

        Row("the first bytes", new(200, 100), 0, false, HeadVerdict.Append);
        Row("the first bytes, chunked", new(200), 0, true, HeadVerdict.Append);
        Row("an empty file", new(200, 0), 0, true, HeadVerdict.Append);
        Row("range ignored (BUG-6)", new(200, 100), 40, true, HeadVerdict.SkipThenAppend);
        Row("range ignored, length unknown", new(200), 40, true, HeadVerdict.SkipThenAppend);
        Row("range ignored, nothing more, complete", new(200, 40), 40, true, HeadVerdict.AtEnd);
        Row("range ignored, nothing more yet", new(200, 40), 40, false, HeadVerdict.NothingNew);
        Row("range ignored, file shorter", new(200, 39), 40, true, HeadVerdict.Shrunk);
        Row("the range", new(206, 60, 40, 99, 100), 40, true, HeadVerdict.Append);
        Row("the range, total unknown", new(206, null, 40, 99), 40, true, HeadVerdict.Append);
        Row("a piece of the range", new(206, 10, 40, 49, 100), 40, false, HeadVerdict.Append);
        Row("a range from elsewhere", new(206, 60, 41, 100, 101), 40, true, HeadVerdict.WrongRange);
        Row("no Content-Range", new(206, 60), 40, true, HeadVerdict.WrongRange);
        Row("length and range disagree", new(206, 59, 40, 99, 100), 40, true, HeadVerdict.WrongRange);
        Row("range beyond the total", new(206, 60, 40, 99, 99), 40, true, HeadVerdict.WrongRange);
        Row("not there yet", new(404), 0, false, HeadVerdict.NothingNew);
        Row("ready and not there (BUG-23)", new(404), 0, true, HeadVerdict.Missing);
        Row("gone after bytes", new(404), 40, false, HeadVerdict.Missing);
        Row("gone, by 410", new(410), 40, true, HeadVerdict.Missing);
        Row("all here and ready (BUG-5)", new(416, null, null, null, 40), 40, true, HeadVerdict.AtEnd);
        Row("all here, more to come", new(416, null, null, null, 40), 40, false, HeadVerdict.NothingNew);
        Row("file shorter", new(416, null, null, null, 39), 40, false, HeadVerdict.Shrunk);
        Row("file shorter, and ready", new(416, null, null, null, 39), 40, true, HeadVerdict.Shrunk);
        Row("416 though there is more", new(416, null, null, null, 41), 40, true, HeadVerdict.TryAgain);
        Row("416 without a length, ready", new(416), 40, true, HeadVerdict.AtEnd);
        Row("416 without a length", new(416), 40, false, HeadVerdict.NothingNew);
        Row("416 to a request without a range", new(416, null, null, null, 0), 0, true, HeadVerdict.Refused);
        foreach (var status in (int[])[408, 425, 429, 500, 502, 503, 504])
            Row("cannot now", new(status), 40, true, HeadVerdict.TryAgain);
        foreach (var status in (int[])[301, 302, 303, 307, 308])
            Row("elsewhere", new(status), 0, false, HeadVerdict.Redirect);
        foreach (var status in (int[])[204, 304, 400, 401, 403, 405])
            Row("refused", new(status), 0, false, HeadVerdict.Refused);
        return rows;
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void The_head_of_an_answer_decides(
        string why, int status, long? length, long? from, long? to, long? total, long position, bool ready, int verdict)
    {
        Assert.NotEmpty(why);
        Assert.Equal((HeadVerdict)verdict, Decision.OfHead(new ResponseHead(status, length, from, to, total), position, ready));
    }

    [Theory]
    [InlineData(50L, 100L, true, (int)BodyVerdict.AskOn)]
    [InlineData(50L, 100L, false, (int)BodyVerdict.AskOn)]
    [InlineData(100L, 100L, true, (int)BodyVerdict.AtEnd)]
    [InlineData(100L, 100L, false, (int)BodyVerdict.NothingNew)]
    [InlineData(100L, null, true, (int)BodyVerdict.AtEnd)]
    [InlineData(100L, null, false, (int)BodyVerdict.NothingNew)]
    public void The_end_of_a_body_is_the_end_of_the_file_only_when_ready_was_seen_before(long position, long? total, bool ready, int verdict) =>
        Assert.Equal((BodyVerdict)verdict, Decision.OfBody(position, total, ready));
}
