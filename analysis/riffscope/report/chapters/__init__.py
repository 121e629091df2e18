"""The chapters of a song's report, one file each; `riffscope.report.chapter` finds them."""
