"""What the lab can run."""

from __future__ import annotations

CASE, ABLATION = "case", "ablation"
TRIALS = ("two distances", "one behind the other")
TASKS = (CASE, ABLATION, *TRIALS)
"""Cases as `geoinfer.lab.cases` draws them; the same without each rule; and the trials of `geoinfer.lab.trials`."""
