"""The documentation site: `make docs` builds it into ``build/docs``.

``pages/`` is written by hand. What the code itself says is written from it at every build, by the modules of
``generated/``: each has a function `pages` from nothing to Markdown by path, and is found by walking the package.
"""
