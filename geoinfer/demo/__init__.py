"""Photographs that the project makes itself, with the truth beside them, to show and to check the whole job."""
