"""How the Cyrillic head was trained: corpus, rendering, training, evaluation. See README.md beside this file."""
