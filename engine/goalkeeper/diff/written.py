"""What stands in goal files, in short, as they would have it."""

from __future__ import annotations

import json
from typing import Any

from goalkeeper.model_base import Written

MOST = 120
"""So long at most is what is shown of a value."""


def shown(value: Any) -> str | None:
    """A value in short, as the file would have it."""
    if value is None:
        return None
    plain = value.model_dump(by_alias=True, exclude_unset=True, mode="json") if isinstance(value, Written) else value
    text = plain if isinstance(plain, str) else json.dumps(_dumped(plain), ensure_ascii=False)
    return text if len(text) <= MOST else f"{text[: MOST - 3]}..."


def _dumped(value: Any) -> Any:
    match value:
        case Written():
            return value.model_dump(by_alias=True, exclude_unset=True)
        case dict():
            return {str(key): _dumped(one) for key, one in value.items()}
        case list() | tuple():
            return [_dumped(one) for one in value]
        case _:
            return value
