"""Evaluations to take along: workbooks whose formulas can be followed, reports for paper."""
