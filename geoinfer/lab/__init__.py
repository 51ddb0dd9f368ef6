"""Calibration lab: simulated cases whose truth is known, and how well the belief does on them.

The simulator (`ground`, `spots`, `plates`, `reader`, `cases`) is independent of what it tests: it knows the gazetteer's
public data and the standards of road signs, and imports nothing of the likelihoods, the belief, the positions or the
border hypothesis. Only `judge` asks `geoinfer.Case`, as a user would.
"""
