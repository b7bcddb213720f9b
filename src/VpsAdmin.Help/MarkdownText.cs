using Markdig;
using Markdig.Syntax;

namespace VpsAdmin.Help;

/// <summary>Markdown as forges read it, where tables and front matter are no text.</summary>
internal static class MarkdownText
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseYamlFrontMatter().UsePreciseSourceLocation().Build();

    public static MarkdownDocument Parse(string text) => Markdown.Parse(text, Pipeline);
}
