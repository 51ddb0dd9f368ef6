"""Run geoinfer as ``python -m geoinfer``."""

from geoinfer.cli import main

main()
