"""Evaluation: WDL values, expressions compiled once, commands, JSON."""
