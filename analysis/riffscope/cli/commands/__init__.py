"""The commands of riffscope, one file each: `riffscope.cli.command.discover` finds them."""
