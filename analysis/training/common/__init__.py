"""What the scripts share: labelled songs, a cache of their features, ways of fitting, and the report."""
