"""Finds values that could be changed after they were made, where everything is meant to be fixed."""

from dataclasses import is_dataclass
from types import ModuleType


def changeable(module: ModuleType) -> list[str]:
    """The dataclasses that this module defines and that are not frozen."""
    found = {name: each for name, each in vars(module).items() if is_dataclass(each)}
    return [
        name
        for name, each in found.items()
        if each.__module__ == module.__name__ and not each.__dataclass_params__.frozen
    ]
