"""Trained weights, one file per model: what it is for, where it comes from, under which licence, how to run it.

Others' weights are fetched only when the user asks (`store.get`, `store.add`). A module that defines a `CARD` is a
model that `store` knows; there is no list to keep.
"""
