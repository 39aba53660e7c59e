//! What a reader sees of a model's Markdown.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser};

use super::checker::{check, is_within};
use super::outgoing_parts;
use crate::reply::split::Part;

/// The only message that the Markdown gives, checked.
fn message(markdown: &str) -> Part {
    let mut parts = messages(markdown);
    assert_eq!(parts.len(), 1, "{markdown}");
    parts.remove(0)
}

/// All messages that the Markdown gives, checked.
fn messages(markdown: &str) -> Vec<Part> {
    let parts = outgoing_parts(markdown);
    for part in &parts {
        check(part);
    }
    parts
}

fn html(markdown: &str) -> String {
    message(markdown).html
}

#[test]
fn text_without_a_visible_character_gives_no_message() {
    for markdown in ["", " ", "\n\n \t\r\n", "\u{200b}", "\u{a0}\u{feff}", "\0", "    \n    \n"] {
        assert_eq!(outgoing_parts(markdown), [], "{markdown:?}");
    }
}

#[test]
fn formatting_that_telegram_has_is_kept() {
    for (markdown, expected) in [
        ("plain", "plain"),
        ("a **b** *c* ~~d~~ `e`", "a <b>b</b> <i>c</i> <s>d</s> <code>e</code>"),
        ("**a *b* c**", "<b>a <i>b</i> c</b>"),
        ("**a `b` c**", "<b>a </b><code>b</code><b> c</b>"),
        ("***a***", "<b><i>a</i></b>"),
        ("1 < 2 & \"3\" > &amp;", "1 &lt; 2 &amp; &quot;3&quot; &gt; &amp;"),
        ("one\ntwo  \nthree\\\nfour", "one\ntwo\nthree\nfour"),
        ("one\n\n\n\ntwo", "one\n\ntwo"),
        (
            "```rust\nfn a() {}\n\n  b\n```",
            "<pre><code class=\"language-rust\">fn a() {}\n\n  b</code></pre>",
        ),
        ("```\na\n```\nb", "<pre>a</pre>\n\nb"),
        ("```c++\n\tx\n", "<pre><code class=\"language-c++\">    x</code></pre>"),
        ("    x < y", "<pre>x &lt; y</pre>"),
        ("> a\n> **b**", "<blockquote>a\n<b>b</b></blockquote>"),
        ("> a\n\nb\n\n> c", "<blockquote>a</blockquote>\n\nb\n\n<blockquote>c</blockquote>"),
        ("> ```\n> a\n> ```", "<blockquote><pre>a</pre></blockquote>"),
    ] {
        assert_eq!(html(markdown), expected, "{markdown}");
    }
}

#[test]
fn what_telegram_has_not_becomes_readable_text() {
    for (markdown, expected) in [
        ("# A *b*\ntext\n## C\n\n- d", "<b>A <i>b</i></b>\ntext\n\n<b>C</b>\n• d"),
        ("a\n\n---\n\nb", "a\n\n──────────\n\nb"),
        ("a:\n- b\n  - c\n    d\n- e\n\nf", "a:\n\n• b\n  • c\n    d\n• e\n\nf"),
        ("3. a\n4. b\n   - c", "3. a\n4. b\n   • c"),
        ("- a\n\n  b\n- c", "• a\n\n  b\n\n• c"),
        ("- - a", "• \n  • a"),
        ("-\n- a", "• \n• a"),
        ("- [x] a\n- [ ] b\n\n1. [x] c", "☑ a\n☐ b\n\n1. ☑ c"),
        ("1. a\n   ```\n   b\n   ```\n2. c", "1. a\n<pre>b</pre>\n2. c"),
        ("- a\n  > b", "• a\n<blockquote>  b</blockquote>"),
        ("> a\n> > b\n> > c", "<blockquote>a\n\n&gt; b\n&gt; c</blockquote>"),
        ("| a | b |\n|--|-:|\n| **c** | 1 |", "<pre>a | b\n--+--\nc | 1</pre>"),
        ("<b>a</b> <br>", "&lt;b&gt;a&lt;/b&gt; &lt;br&gt;"),
        ("a\n\n<div>\n *b*\n</div>\n\nc", "a\n\n&lt;div&gt;\n *b*\n&lt;/div&gt;\n\nc"),
        ("[^1] and $x$ \\* ||y||", "[^1] and $x$ * ||y||"),
    ] {
        assert_eq!(html(markdown), expected, "{markdown}");
    }
}

#[test]
fn links_lead_where_telegram_lets_them_and_are_shown_elsewhere() {
    for (markdown, expected, plain) in [
        ("[a](https://e.org/?b&c)", "<a href=\"https://e.org/?b&amp;c\">a</a>", "a (https://e.org/?b&c)"),
        ("[a **b** `c`](http://e.org)", "<a href=\"http://e.org/\">a <b>b</b> c</a>", "a b c (http://e.org)"),
        ("**[a](tg://user?id=1)**", "<a href=\"tg://user?id=1\"><b>a</b></a>", "a (tg://user?id=1)"),
        ("<https://e.org>", "<a href=\"https://e.org/\">https://e.org</a>", "https://e.org"),
        ("[](https://e.org)", "<a href=\"https://e.org/\">https://e.org</a>", "https://e.org"),
        ("![a](https://e.org/i)", "<a href=\"https://e.org/i\">a</a>", "a (https://e.org/i)"),
        ("[a]\n\n[A]: https://e.org", "<a href=\"https://e.org/\">a</a>", "a (https://e.org)"),
        (
            "[![a](https://e.org/i)](https://e.org)",
            "<a href=\"https://e.org/\">a (https://e.org/i)</a>",
            "a (https://e.org/i) (https://e.org)",
        ),
        ("[a](javascript:b)", "a (javascript:b)", "a (javascript:b)"),
        ("[a](http://localhost:1)", "a (http://localhost:1)", "a (http://localhost:1)"),
        ("[a](mailto:b@e.org)", "a (b@e.org)", "a (b@e.org)"),
        ("<b@e.org>", "b@e.org", "b@e.org"),
        ("[a](#b) [c]()", "a c", "a c"),
        (
            "| [![a](/i)](https://e.org) |\n|-|",
            "<pre>a (/i)</pre>\n\n<a href=\"https://e.org/\">a (/i)</a>",
            "a (/i)\n\na (/i) (https://e.org)",
        ),
        (
            "| [a](https://e.org) |\n|-|\n| [b](/c) |",
            "<pre>a\n-\nb</pre>\n\n<a href=\"https://e.org/\">a</a>\nb (/c)",
            "a\n-\nb\n\na (https://e.org)\nb (/c)",
        ),
    ] {
        let part = message(markdown);
        assert_eq!((&*part.html, &*part.plain), (expected, plain), "{markdown}");
    }
}

#[test]
fn what_markdown_would_swallow_is_shown() {
    for (markdown, expected) in [
        ("[Bob]: Yes.", "[Bob]: Yes."),
        ("[Bob]: Yes.\n[Ann]: No.\nThey [ann] laugh", "[Bob]: Yes.\nThey ann (No.) laugh"),
        ("a\n\n[1]: https://e.org", "a\n\n[1]: https://e.org"),
        ("- a\n- b\n\n[1]: https://e.org", "• a\n• b\n\n[1]: https://e.org"),
        ("```rust a.rs\nb\n```", "a.rs\n\nb"),
        ("```Well, I think", "Well, I think"),
        ("```rust\n```", "```rust\n```"),
        ("<!-- a -->", "<!-- a -->"),
        ("|a|b|\n|-|-|\n|c|\n|d || e | f |\n", "a | b\n--+---------\nc\nd |  | e | f"),
        ("> |a|b|\n> |-|-|\n> |c|d|e\n> |f|g|\n", "a | b\n--+------\nc | d | e\nf | g"),
    ] {
        assert_eq!(message(markdown).plain, expected, "{markdown}");
    }
}

#[test]
fn a_long_answer_with_code_keeps_every_line_and_reopens_its_code() {
    let code: Vec<String> = (0..300).map(|line| format!("    let v{line} = a < b && {line} > 0;")).collect();
    let prose = "Some **bold words** and ünïcödé 👩‍👩‍👧. ".repeat(100);
    let markdown = format!("# Title\n\n{prose}\n\n```rust\n{}\n```\n\n{prose}\n", code.join("\n"));
    let parts = outgoing_parts(&markdown);
    assert!(parts.len() <= 5, "{}", parts.len());
    let seen: Vec<String> = parts.iter().map(check).collect();
    let lines: Vec<&str> =
        seen.iter().flat_map(|text| text.lines()).filter(|l| l.contains("let v")).collect();
    assert_eq!(lines, code);
    for part in parts.iter().filter(|part| part.html.contains("let v")) {
        assert!(part.html.contains("<pre><code class=\"language-rust\">    let v"), "{}", part.html);
    }
}

#[test]
fn a_blank_line_in_code_is_no_better_place_for_a_cut_than_another_line() {
    let lines = "let x = 1;\n".repeat(200);
    let parts = messages(&format!("```\n{lines}\n{lines}\n```"));
    assert!(parts[0].plain.len() > 4000);
}

#[test]
fn deep_lists_are_not_indented_off_the_screen() {
    let list: String = (0..20).map(|depth| "  ".repeat(depth) + "- a\n").collect();
    let text = message(&list).plain;
    assert!(text.ends_with("\n                • a"), "{text}");
}

#[test]
fn a_cut_link_leads_on_in_the_next_message() {
    let parts = outgoing_parts(&format!("[{}](https://e.org)", "word ".repeat(1000)));
    assert_eq!(parts.len(), 2);
    for part in &parts {
        check(part);
        assert!(part.html.starts_with("<a href=\"https://e.org/\">word"), "{}", part.html);
        assert!(part.plain.ends_with("word (https://e.org)"), "{}", part.plain);
    }
}

#[test]
fn a_message_has_no_more_entities_than_telegram_shows() {
    for (markdown, entities) in
        [("**a** b ".repeat(250), 250), (format!("**{}**", "*a* b ".repeat(250).trim()), 251)]
    {
        let parts = messages(&markdown);
        let tags: usize = parts
            .iter()
            .map(|part| part.html.matches("<b>").count() + part.html.matches("<i>").count())
            .sum();
        assert!(parts.len() > 2 && tags >= entities, "{} messages, {tags} tags", parts.len());
    }
    // Telegram cuts the bold text before and after each italic word: two hundred entities of a hundred tags.
    let parts = outgoing_parts(&format!("**{}**", "*a* b ".repeat(60).trim()));
    assert_eq!(parts.len(), 2);
}

#[test]
fn many_long_addresses_are_spread_over_messages() {
    // A letter of two bytes takes six in an address.
    let parts = messages(&format!("[a](https://e.org/{}) ", "ж".repeat(300)).repeat(20));
    assert_eq!(parts.len(), 7);
}

#[test]
fn a_megabyte_of_nasty_markdown_takes_no_more_than_a_moment() {
    let nasty = [
        "[",
        "*",
        ">",
        "> a\n>> b\n",
        "*a **b ",
        "[a](",
        "![",
        "&",
        "<a ",
        "- ",
        "`",
        "|a\n|-\n",
        "e\u{301}\u{301}",
        "[a]: b\n",
    ];
    let fill = |piece: &str| piece.repeat(400_000 / piece.len());
    let depth =
        |piece: &str| (0..1000).fold(String::new(), |text, depth| text + &piece.repeat(depth) + "a\n");
    let mut texts: Vec<String> = nasty.into_iter().map(fill).collect();
    texts.extend([depth(">"), depth("  "), depth("> ")]);
    texts.push(format!("{}{}", "- ".repeat(1000), "\na".repeat(100_000)));
    texts.push(format!("{}a{}", "![".repeat(100_000), "](http://a.b)".repeat(60_000)));
    texts.push(format!("{}a{}", "![".repeat(100_000), "](/)".repeat(100_000)));
    texts.push(format!("a{}", "\u{301}".repeat(2_000_000)));
    texts.push(format!("|{}|b|\n|-:|-|\n{}", "x".repeat(500), "|a|b|\n".repeat(50_000)));
    for text in texts {
        let start = Instant::now();
        let parts = outgoing_parts(&text);
        // A second on a quick machine, in a release build far less; what is quadratic takes minutes.
        assert!(start.elapsed() < Duration::from_secs(20), "{:.40}: {:?}", text, start.elapsed());
        assert!(!parts.is_empty());
    }
}

/// Markdown that a model could write, and then some.
fn markdown() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "*",
        "**",
        "***",
        "_",
        "`",
        "``",
        "```\n",
        "```rust\n",
        "~~~",
        "~~",
        "[",
        "](",
        "]",
        ")",
        "![",
        "](https://e.org/a?b&c)",
        "](javascript:a)",
        "<",
        ">",
        "<b>",
        "</b>",
        "<div>\n",
        "<!--",
        "&amp;",
        "&",
        "&#0;",
        "\\",
        "|",
        "|a|b|\n|-|-:|\n",
        "\n",
        "\n\n",
        "\n> ",
        "> ",
        "\n- ",
        "- ",
        "\n    ",
        "  ",
        "\n1. ",
        "\n- [ ] ",
        "\n# ",
        "\n---\n",
        "\t",
        "\r\n",
        "[a]: b\n",
        "[a]",
        "a",
        "word ",
        "слово ",
        "漢字",
        "👩‍👩‍👧",
        "🇩🇪",
        "🇫",
        "e\u{301}",
        "\u{301}",
        "\u{200d}",
        "\u{200b}",
        "\u{202e}",
        "नमस्ते",
        "\0",
        "\u{7}",
        "https://e.org ",
        "<https://e.org>",
        "a@b.org",
    ]);
    let repeated = (pieces, prop_oneof![9 => 1..3_usize, 1 => 1..700_usize]);
    let piece = prop_oneof![8 => repeated.prop_map(|(piece, times)| piece.repeat(times)), 1 => ".{0,20}"];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_markdown_gives_messages_that_telegram_takes_and_that_hold_all_its_text(markdown in markdown()) {
        let parts = messages(&markdown);
        let plain: String = parts.iter().map(|part| part.plain.as_str()).collect();
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
        let text: String = Parser::new_ext(&markdown, options)
            .filter_map(|event| match event {
                Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => Some(text.to_string()),
                _ => None,
            })
            .collect();
        prop_assert!(is_within(&text, &plain), "{text:?} is not in {plain:?}");
    }

    #[test]
    fn any_string_gives_messages_that_telegram_takes(markdown in "\\PC*") {
        messages(&markdown);
    }
}
