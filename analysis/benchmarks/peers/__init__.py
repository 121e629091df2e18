"""What people chain together today, in riffscope's JSON: yardsticks, never dependencies.

Each script runs on its own in an environment that has what it needs, and nothing here imports it. The first words of
its docstring, up to the colon, name its column in the table of figures.
"""
