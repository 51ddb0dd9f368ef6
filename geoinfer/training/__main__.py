"""``python -m geoinfer.training``: see `geoinfer.training.train`."""

from geoinfer.training.train import main

main()
