"""The queue of cases at a desk: an empty grid by case number, filled and changed by transactions (`work-list.js`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_ag_grid as dag

from components.case_list import THEME

ROW_PX = 40
_RENDERERS = {"left": "ListLeft", "what": "ListWhat", "marks": "ListMarks", "level_word": "ListLevel"}


def case_queue(grid_id: str, columns: Sequence[tuple[str, str, int]], *, nothing: str) -> dag.AgGrid:
    """`columns`: (field, heading, share of the width); rows stand by their `order`. `nothing`: of an empty list."""
    hidden = {"field": "order", "hide": True, "sort": "asc", "sortable": True}
    return dag.AgGrid(
        id=grid_id,
        columnDefs=[hidden, *(_column(*column) for column in columns)],
        rowData=[],
        getRowId="params.data.case_no",
        defaultColDef={
            "resizable": True,
            "sortable": False,
            "suppressMovable": True,
            "minWidth": 60,
            "cellDataType": False,  # nothing to infer from no rows: it would hide them until it had
        },
        rowClassRules={"is-late": "params.data.late", "is-current": "params.data.current"},
        dashGridOptions={
            "rowHeight": ROW_PX,
            "headerHeight": ROW_PX,
            "animateRows": False,
            "suppressScrollOnNewData": True,
            "localeText": {"noRowsToShow": nothing, "noMatchingRows": nothing},
            "theme": {"function": THEME},
        },
        className="work-list",
        dangerously_allow_code=False,
    )


def _column(field: str, heading: str, flex: int) -> dict[str, Any]:
    known = {"cellRenderer": _RENDERERS[field]} if field in _RENDERERS else {"tooltipField": field}
    return {"field": field, "headerName": heading, "flex": flex, **known}
