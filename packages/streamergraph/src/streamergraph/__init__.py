"""From who is in which Twitch chat to an explorable graph of streamers and communities.

Every verb of the command line is a function with the same arguments, in a module of its name:
``from streamergraph.verbs.process import process``. It prints nothing, and raises
`streamergraph.errors.StreamergraphError` for what the command line says in one line.
"""

__version__ = "0.1.0"
