"""Changing the registry: the only way in for the apps above."""

from openconsular.citizens.actions.synthetic import load_synthetic

__all__ = ["load_synthetic"]
