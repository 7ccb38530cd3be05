"""Stores of evaluation: cases with their entries as they stood, packaged schemes, locked results."""
