"""Reports: a document of blocks, rendered as PDF or HTML."""
