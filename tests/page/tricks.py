"""What hostile mail tries. TRAP stands for the address of a listener that nobody may talk to."""

from __future__ import annotations

MARKUP = """<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>"'>{{7*7}}</title>"""

# Tries to run or to fetch something as soon as it is shown.
AT_ONCE = {
    "scripts": """
        <script>top.pwned = parent.pwned = window.pwned = 1; fetch("TRAP/script")</script>
        <script src="TRAP/external.js"></script><script type="module" src="TRAP/module.js"></script>
        <svg onload="top.pwned = 1"><script>top.pwned = 1</script></svg>""",
    "handlers": """
        <body onload="top.pwned = 1"><img src="x" onerror="top.pwned = 1; location = 'TRAP/error'">
        <details open ontoggle="top.pwned = 1">x</details><style onload="top.pwned = 1"></style>
        <input autofocus onfocus="top.pwned = 1"><marquee onstart="top.pwned = 1">x</marquee>
        <video><source onerror="top.pwned = 1"></video>""",
    "refresh": '<meta http-equiv="refresh" content="0; url=TRAP/refresh">',
    "refresh to a script": '<meta http-equiv="refresh" content="0; url=javascript:top.pwned=1">',
    "pictures": """
        <img src="TRAP/1.png"><img srcset="TRAP/2.png 1x"><input type="image" src="TRAP/3.png">
        <picture><source srcset="TRAP/4.png"><img></picture>
        <video poster="TRAP/5.png" src="TRAP/v.mp4" autoplay></video>
        <audio src="TRAP/a.mp3" autoplay></audio>
        <table background="TRAP/6.png"><tr><td background="TRAP/7.png">x</table>
        <svg><image href="TRAP/8.svg"/><use href="TRAP/9.svg#a"/></svg>
        <div style="background: url(TRAP/10.png); list-style-image: url('TRAP/11.png')">x</div>""",
    "styles": """
        <link rel="stylesheet" href="TRAP/1.css"><style>@import "TRAP/2.css";
        @font-face { font-family: far; src: url(TRAP/far.woff2) }
        body { font-family: far; background: image-set("TRAP/3.png" 1x) }
        p { cursor: url(TRAP/4.cur), auto; mask: url(TRAP/5.svg#m) }</style><p>far</p>""",
    "hints": """
        <link rel="preload" href="TRAP/1" as="image"><link rel="prefetch" href="TRAP/2">
        <link rel="modulepreload" href="TRAP/3.js"><link rel="icon" href="TRAP/4.ico">
        <link rel="manifest" href="TRAP/5.json"><link rel="prerender" href="TRAP/6">
        <script type="speculationrules">{"prefetch": [{"urls": ["TRAP/7"]}]}</script>""",
    "frames": """
        </iframe><script>top.pwned = 1</script><iframe src="TRAP/1"></iframe>
        <iframe srcdoc="<script>top.pwned = 1</script>"></iframe><object data="TRAP/2"></object>
        <embed src="TRAP/3"><iframe src="javascript:top.pwned=1"></iframe>""",
    "a base": '<base href="TRAP/base/"><img src="x.png"><link rel="stylesheet" href="a.css">',
    "our own files": """
        <script src="/app.js"></script><link rel="stylesheet" href="/style.css">
        <iframe src="/"></iframe><object data="/favicon.svg"></object>""",
}

# Makes a browser connect before it has asked the policy.
CONNECTIONS = {
    "a frame": '<iframe src="TRAP/1"></iframe>',
    "a frameset": '<html><frameset><frame src="TRAP/2"></frameset></html>',
    "a hint": '<link rel="preconnect" href="TRAP"><link rel="dns-prefetch" href="TRAP">',
}

_COVER = ('style="position: fixed; inset: 0; width: 100%; height: 100%; font-size: 40px; '
          'background: pink"')
_BUTTON = f"<button {_COVER}>x</button>"

# Waits for a click, wherever it is.
ON_CLICK = {
    "a script": f'<a {_COVER} href="javascript:top.pwned=1">x</a>',
    "a script in top": f'<a {_COVER} target="_top" href="javascript:window.pwned=1">x</a>',
    "the top": f'<a {_COVER} target="_top" href="TRAP/top">x</a>',
    "a new window": f'<a {_COVER} target="_blank" href="TRAP/blank">x</a>',
    "a ping": f'<a {_COVER} target="_top" href="#" ping="TRAP/ping">x</a>',
    "a download": f'<a {_COVER} download href="data:text/html,x">x</a>',
    "a form": f'<form action="TRAP/form"><input name="a" value="b">{_BUTTON}</form>',
    "a form to the api": f'<form method="post" action="/api/messages">{_BUTTON}</form>',
    "a form to a script": f'<form action="javascript:top.pwned=1">{_BUTTON}</form>',
}

# A link that would put something else into the frame.
LINKS = {
    f"to {address}": f'<a {_COVER} href="{address}">the trick</a>'
    for address in ("TRAP/link", "/api/messages/1/html", "/", "data:text/html,other")
}
