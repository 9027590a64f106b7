"""Stands in for the package psiturk in a study's custom.py."""

__version__ = "3.3.1"

# What the Node server knows about the study; main.py sets it before anything else is imported.
STUDY = {}
