"""What mkdocstrings is told of value classes: it knows dataclasses, and ours are made by `riffscope.model.value`.

Each field and each member of an enumeration goes into the Attributes section of its class, described or not.
"""

import importlib
from typing import Any

import griffe

from riffscope.docstrings import FieldText, fields_in_words


class Values(griffe.Extension):  # type: ignore[misc]
    """Completes the docstrings of classes."""

    def on_class_members(self, *, cls: Any, **_: Any) -> None:
        """List what a class holds, in the order of the code."""
        held = [one for one in cls.members.values() if one.is_attribute and one.name[0] != "_" and not one.is_alias]
        held = [one for one in held if "property" not in one.labels]
        if not held or cls.docstring is None:
            return
        said = fields_in_words(getattr(importlib.import_module(cls.module.path), cls.name))
        lines = ["Attributes", "----------"]
        for one in held:
            text = one.docstring.value if one.docstring else said.get(one.name, FieldText()).text
            lines += [f"{one.name} : {one.annotation or one.value}", *([f"    {text}"] if text else [])]
            one.docstring = None  # said once
        before = cls.docstring.value.partition("\nAttributes\n")[0]
        cls.docstring.value = "\n".join([before.rstrip(), "", *lines])
