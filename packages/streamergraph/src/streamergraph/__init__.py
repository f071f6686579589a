"""From who is in which Twitch chat to an explorable graph of streamers and communities.

Every verb of the command line is a function of `streamergraph.verbs`, with the same arguments.
"""

__version__ = "0.1.0"
