"""Evaluation (综合评价): what areas, departments and posts are graded by, and how (domain sheet 6.3-6.8).

`histories` counts, `measures` names the rates, `scheme` holds a city's rules, `score` grades and ranks, `span` knows
the periods. All is computed from cases and their journals as they stood at one moment; nothing is typed by hand.
"""
