"""The sections of a scorecard for its JSON."""

from __future__ import annotations

from typing import Any, assert_never

from goalkeeper.reporters import json_parts
from goalkeeper.scorecard import Channel, Channels, Group, Groups, PlannedLine, Said, Section, Volume, Worksheet


def plain(section: Section) -> dict[str, Any]:
    """A section as the published schema has it."""
    match section:
        case Groups():
            groups = [_group(group) for group in section.groups]
            found: dict[str, Any] = {"section": section.section, "groups": groups}
            if section.section == "stages":
                found |= {"window": json_parts.window(section.window), "notes": list(section.notes)}
            return found
        case Channels():
            return {
                "section": "channels",
                "by": section.by,
                "formula": section.formula,
                "unit": section.unit,
                "window": json_parts.window(section.window),
                "channels": [_channel(channel) for channel in section.channels],
                "notes": list(section.notes),
            }
        case Worksheet():
            return {"section": "worksheet", "goals": [_line(line) for line in section.lines]}
        case _:
            assert_never(section)


def _group(group: Group) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": group.name,
        "outcome": group.outcome,
        "rules": [_said(said) for said in group.rules],
    }
    if group.volume is not None:
        found |= {"goals": list(group.goals), "volume": _volume(group.volume)}
    return found


def _said(said: Said) -> dict[str, Any]:
    return {
        "goal": said.goal,
        "rule": said.rule.rule,
        "kpi": said.rule.kpi,
        "stage": said.stage,
        "outcome": said.rule.outcome,
        "state": said.rule.worst.state,
    }


def _volume(volume: Volume) -> dict[str, Any]:
    share = {
        "next_stage": volume.next_stage,
        "next_name": volume.next_name,
        "share": json_parts.number(volume.share),
        **json_parts.reason(volume.share, "share_reason"),
    }
    return {
        "name": volume.name,
        "value": json_parts.number(volume.value),
        **json_parts.reason(volume.value),
        **(share if volume.next_name is not None else {}),
    }


def _channel(channel: Channel) -> dict[str, Any]:
    inputs = [{"name": name, "value": json_parts.number(value), "unit": unit} for name, value, unit in channel.inputs]
    return {
        "name": channel.name,
        "value": json_parts.number(channel.value),
        **json_parts.reason(channel.value),
        "inputs": inputs,
    }


def _line(line: PlannedLine) -> dict[str, Any]:
    return {
        "goal": line.goal,
        "name": line.name,
        "outcome": line.outcome,
        "why": line.why,
        "measures": list(line.measures),
        "sign_of_success": line.sign_of_success,
        "owner": line.owner,
        "declared": json_parts.day(line.declared),
        "window": json_parts.window(line.window),
    }
