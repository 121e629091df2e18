"""Measures how well riffscope measures: annotated songs, scores by task, and what each run cost.

Each task of music information retrieval has its file in `benchmarks.tasks`; `benchmarks.mixes` renders songs of which
everything is known; `benchmarks.measure` asks riffscope, scores its answers and keeps the figures that the project's
README shows. Only riffscope's command line and its JSON are used, so other programs are measured the same way.
"""
