"""Fits the constants of riffscope anew: see README.md. Nothing here is in the wheel, and nothing writes into it.

One package for each group of constants, each with a `fit` that is run as ``python -m training.key.fit SET [SET ...]``;
`training.common` holds what they share, `training.beats` trains the beat network.
"""
