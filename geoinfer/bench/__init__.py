"""Benchmarks that come with the package: ``python -m geoinfer.bench.reading``."""
