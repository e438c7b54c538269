"""Documents that do nothing where they are printed: in a terminal, in the log of a build, inside a web page.

The runner of GitHub Actions reads the log: a line that begins with two colons is a command to it, behind blanks too, and
the older form, `##[`, anywhere in a line. What a parser reads of a document is the same with the escapes and without.
"""

from __future__ import annotations

import json
import re

from goalkeeper.unseen import UNSEEN

_COMMAND = re.compile(r"^(\s*):(?=:)", re.MULTILINE)


def quiet(text: str) -> str:
    """Text without anything that the runner would take for a command."""
    return _COMMAND.sub(r"\1: ", text).replace("##[", "# #[")


def quiet_markup(text: str) -> str:
    """The same for XML and HTML, in references that a parser reads as the signs."""
    return _COMMAND.sub(r"\1&#58;", text).replace("##[", "##&#91;")


def quiet_json(text: str) -> str:
    """JSON that is no command, ends no script of a page, and has its escapes for what is not seen."""
    text = text.replace("##[", "#\\u0023[") if "#" in text else text
    text = text.replace("</", "<\\/").replace("<!--", "<\\u0021--") if "<" in text else text
    if text.isascii() and "\x7f" not in text:
        return text
    return UNSEEN.sub(lambda found: found[0] if found[0] == "\n" else json.dumps(found[0])[1:-1], text)
