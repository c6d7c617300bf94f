"""Markdown whose HTML is known: blocks of plain words, and hostile values among them."""

from __future__ import annotations

import html
from collections.abc import Callable
from random import Random

from material import SCRIPTS

_BEGIN = '<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n'
_END = "</body></html>\n"
_WORDS = "the coffee machine is on fire again".split() + SCRIPTS + ["🎈", "👨‍👩‍👧‍👦", "e\u0301"]
Block = tuple[str, str]  # the Markdown, the HTML


def words(random: Random) -> str:
    return " ".join(random.choice(_WORDS) for _ in range(random.randint(1, 12)))


_BLOCKS: list[Callable[[str, str], Block]] = [
    lambda a, b: (a, f"<p>{a}</p>"),
    lambda a, b: (f"## {a}", f"<h2>{a}</h2>"),
    lambda a, b: (f"{a} **{b}**\n*{a}*", f"<p>{a} <strong>{b}</strong>\n<em>{a}</em></p>"),
    lambda a, b: (f"* {a}\n* {b}\n\n***", f"<ul>\n<li>{a}</li>\n<li>{b}</li>\n</ul>\n<hr />"),
    lambda a, b: (f"[{a}](https://example.test/?a=1&b=2)",
                  f'<p><a href="https://example.test/?a=1&amp;b=2">{a}</a></p>'),
    lambda a, b: (f"> {a}\n\n{b}", f"<blockquote>\n<p>{a}</p>\n</blockquote>\n<p>{b}</p>"),
    lambda a, b: (f'```\n<b> & "{a}"\n```',
                  f"<pre><code>&lt;b&gt; &amp; &quot;{a}&quot;\n</code></pre>"),
    lambda a, b: (f'<div class="x">\n<b>{a}</b>\n</div>', f'<div class="x">\n<b>{a}</b>\n</div>'),
    lambda a, b: (f"|{a}|{b}|\n|-|-|\n|{b}|~~{a}~~|\n",
                  "<table>\n<thead>\n<tr>\n"
                  f"<th>{a}</th>\n<th>{b}</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n"
                  f"<td>{b}</td>\n<td><del>{a}</del></td>\n</tr>\n</tbody>\n</table>"),
]


def document(random: Random, tag: str, value: str, content_ids: list[str]) -> Block:
    """A document that shows the value and all pictures."""
    blocks = [random.choice(_BLOCKS)(words(random), words(random))
              for _ in range(random.randint(1, 5))]
    blocks += [(f"![{one}](cid:{one})", f'<p><img src="cid:{one}" alt="{one}" /></p>')
               for one in content_ids]
    shown = html.escape(value, quote=False).replace('"', "&quot;")
    blocks.append((f"so {tag} says", f"<p>so {shown} says</p>"))
    random.shuffle(blocks)
    source = "\n\n".join(markdown for markdown, _ in blocks) + "\n"
    return source, _BEGIN + "".join(f"{made}\n" for _, made in blocks) + _END
