"""Kinds of claims, one file each: what a kind asks of the measurements, and how it rules on them.

Conventions: a number is an `Estimate` with its 90% range; a ruling is inconclusive where the
limit lies within the range. Source: own.
"""
