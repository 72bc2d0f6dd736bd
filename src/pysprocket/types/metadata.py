"""What `parameter_meta` describes.

In: a `parameter_meta` section and the names it can be about. Out: diagnostics for entries about nothing. Source: WDL
specification, "Metadata Sections", "Struct Definition".
"""

from __future__ import annotations

from collections.abc import Collection

from pysprocket.syntax import nodes
from pysprocket.types.findings import Findings


def check_parameter_meta(findings: Findings, section: nodes.MetaSection | None, known: Collection[str]) -> None:
    """Warn of entries that are about no input or output of a task or workflow: no engine refuses them."""
    for entry in section.entries if section else ():
        if entry.name.name not in known:
            message = f"`parameter_meta` describes `{entry.name.name}`, but there is no such input or output"
            findings.leniency("UnknownParameter", message, entry.name, help=_remedy(findings, entry, known))


def check_member_meta(findings: Findings, section: nodes.MetaSection | None, members: Collection[str]) -> None:
    """Report entries that are about no member of the struct."""
    for entry in section.entries if section else ():
        if entry.name.name not in members:
            message = f"`parameter_meta` describes `{entry.name.name}`, but the struct has no such member"
            findings.error("UnknownParameter", message, entry.name, help=_remedy(findings, entry, members))


def _remedy(findings: Findings, entry: nodes.MetaEntry, known: Collection[str]) -> str:
    return findings.suggestion(entry.name.name, known) or "remove it, or move it to `meta`"
