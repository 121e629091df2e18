"""The beat network: songs to learn from, the network, its training, its export and its figures."""
