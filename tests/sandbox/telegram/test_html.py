"""HTML is read as Telegram reads it, and complained about in its words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.telegram.entities import utf16_length
from sandbox.telegram.errors import ApiError
from sandbox.telegram.texts import formatted, message_text


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>a</b>b", "ab", [("bold", 0, 1)]),
        ("<strong>a<em>b</em></strong>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("😀<code>x</code>", "😀x", [("code", 2, 1)]),
        ("&lt;b&gt; &amp; &quot;x&quot; &#39; &#x41; &nbsp;", '<b> & "x" \' A &nbsp;', []),
        ('<a href="https://x.org/?a=1&amp;b=2">l</a>', "l", [("text_link", 0, 1)]),
        ("<a href='nowhere'>l</a>", "l", []),
        ('<pre><code class="language-python">x = 1</code></pre>', "x = 1", [("pre", 0, 5)]),
        ('<span class="tg-spoiler">s</span><tg-spoiler>t</tg-spoiler>', "st", [("spoiler", 0, 1), ("spoiler", 1, 1)]),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", 0, 1)]),
        ("  <b> a </b>  ", "a", [("bold", 0, 1)]),
        ("<B>x</B>", "x", [("bold", 0, 1)]),
        ("<b></b>x", "x", []),
        ("a < b", None, 'Unsupported start tag "" at byte offset 2'),
        ("é<script>x</script>", None, 'Unsupported start tag "script" at byte offset 2'),
        ("<b>x", None, 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", None, "Unexpected end tag at byte offset 1"),
        ("<b><i>x</b></i>", None, 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<b", None, "Unclosed start tag"),
        ("<span>x</span>", None, 'Tag "span" must have class "tg-spoiler"'),
    ],
)
def test_documented_and_broken_markup(source: str, text: str | None, entities: object):
    if text is None:
        with pytest.raises(ApiError) as refused:
            formatted(source, "HTML", None)
        assert refused.value.code == 400
        assert refused.value.description.startswith(f"Bad Request: can't parse entities: {entities}")
    else:
        got, found = formatted(source, "HTML", None)
        assert got == text
        assert [(entity["type"], entity["offset"], entity["length"]) for entity in found] == entities


@given(st.text(alphabet="<>/b&a;= \"'i\n😀é-", max_size=40))
def test_anything_is_parsed_or_refused_with_entities_inside_the_text(source: str):
    try:
        content = message_text(source, "html", None)
    except ApiError:
        return
    for entity in content.get("entities", []):
        assert 0 <= entity["offset"] < entity["offset"] + entity["length"] <= utf16_length(content["text"])


@given(st.text(min_size=1, max_size=50).filter(lambda text: text.strip() == text and text != ""))
def test_an_escaped_text_comes_back_as_it_was(text: str):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert message_text(escaped, "HTML", None)["text"] == text


def test_markdown_is_said_not_to_be_modelled():
    with pytest.raises(ApiError) as refused:
        formatted("*x*", "MarkdownV2", None)
    assert refused.value.code == 501
