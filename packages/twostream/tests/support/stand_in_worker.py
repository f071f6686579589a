"""A worker of `serve` without networks, which does what the name of an upload says."""

from __future__ import annotations

import os
import threading
import time

from twostream.serving.tasks import Done, Loaded, Refused


def work(pipe, run, predict, limits):
    answer = threading.Lock()
    if run == "none":
        os._exit(3)
    pipe.send(
        ("loaded", Loaded(classes=("a",), streams=("spatial",), side_by_side=2, description=""))
    )
    stopped = set()

    def say(*message):
        with answer:
            pipe.send(message)

    def one(number, task):
        match task.name.partition("."):
            case ("crash", _, _):
                time.sleep(0.05)
                os._exit(1)
            case ("bug", _, _):
                say("bug", number, "Traceback")
            case ("refuse", _, status):
                say("done", number, Refused(status=int(status), reason="for a reason"))
            case ("hang", _, _):
                time.sleep(1000)
            case ("slow", _, _):
                while number not in stopped:
                    say("progress", number, 1.0, 100.0)
                    time.sleep(0.05)
                say("done", number, Refused(status=504, reason="stopped"))
            case _:
                say("done", number, Done(result=f'{{"source": "{task.name}"}}'))

    while True:
        try:
            message = pipe.recv()
        except EOFError:
            return
        if message[0] == "stop":
            stopped.add(message[1])
        else:
            threading.Thread(target=one, args=message[1:], daemon=True).start()
