"""The verb `serve`: reports and the graph in a browser of this machine."""

from __future__ import annotations

from pathlib import Path

from streamergraph.verbs.paths import InputPath, checks_paths


@checks_paths
def serve(folder: InputPath, *, port: int = 8765, token: bool = False) -> None:
    """Serve reports, pictures and tables of a folder to this machine; pages follow their files.

    Nothing of a store is served, no key, no credentials, no database. A page that is open loads
    anew when `run` has written it anew. Ctrl-C ends it.

    Parameters
    ----------
    folder
        What `run` wrote (OUT), or any folder of reports and pictures.
    port
        Port at 127.0.0.1; 0 takes any that is free.
    token
        Serve only whoever opens the address with the token that is printed: other users of this
        machine see nothing.
    """
    from streamergraph.events import say
    from streamergraph.serving.published import published_files
    from streamergraph.serving.server import make_server

    folder = Path(folder)
    server = make_server(folder, port=port, with_token=token)
    try:
        say(f"{len(published_files(folder))} files of {folder} at {server.address} (Ctrl-C ends)")
        server.serve_forever()
    finally:
        server.server_close()
